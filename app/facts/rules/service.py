"""Carry out a rule that a person looked through: what it takes is accepted with the rule as its reason, piece by piece.

Each piece is one transaction; a run that is broken off goes on after the last piece.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor, Reach
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import tr
from app.facts import review
from app.facts import service as facts
from app.facts.filtering import QueueFilter
from app.facts.models import RuleRun
from app.facts.rules import sifting
from app.facts.rules.law import PERCENTS, Rule, Why, written
from app.jobs import service as jobs

JOB = "facts.accept_by_rule"
LARGEST_ID = 2**31 - 1
MOST_SHOWN = 20


def subject(run: RuleRun) -> Subject:
    """Return the run as the log names it."""
    return Subject("rule_run", run.id, str(written(Rule(run.rule), percent_of(run))))


def percent_of(run: RuleRun) -> int:
    """Return the per cent that a run calls a small change."""
    return int(run.chosen["percent"])


def begin(
    session: Session, chosen: QueueFilter, rule: Rule, percent: int, *, upper: int, note: str, by: Actor
) -> RuleRun:
    """Note the run and queue it. Raises Invalid (``note``, ``percent``), Refused (a firm), Conflict while one runs."""
    review.refuse_firms(by)
    if not note.strip():
        raise Invalid("note", tr("请写明为什么可以按这条规则核定，说明会与每个核定值一并留存。"))
    if percent not in PERCENTS:
        raise Invalid("percent", tr("请从列表中选择变动比例。"))
    run = RuleRun(
        rule=rule.value,
        chosen={
            "percent": percent,
            "filter": chosen.as_plain(),
            "total": sifting.how_many(session, chosen, upper=upper, for_=by),
        },
        upper=upper,
        note=note.strip(),
        started_by=by.id,
        started_by_name=by.name,
        left={},
    )
    session.add(run)
    session.flush()
    job = jobs.enqueue(
        session, JOB, title=f"按规则核定：{subject(run).label}", by=by, arguments={"run_id": run.id},
        key=f"{JOB}:{by.id}",
    )  # fmt: skip
    if job.arguments.get("run_id") != run.id:
        raise Conflict(tr("您已有一次按规则核定正在执行，请等它完成后再开始。"))
    run.job_id = job.id
    session.flush()
    record(session, by, Action.FACT_BY_RULE, subject(run), changes={"upper": [None, upper]}, note=run.note)
    return run


def run_of(session: Session, run_id: int, *, for_: Actor) -> RuleRun:
    """Return a run: one's own, or any for who reaches the whole district. Raises NotFound."""
    run = session.get(RuleRun, run_id) if 0 < run_id <= LARGEST_ID else None
    whole = not for_.is_firm and for_.reach is Reach.DISTRICT
    if run is None or not (whole or (run.started_by is not None and run.started_by == for_.id)):
        raise NotFound
    return run


def latest(session: Session, *, for_: Actor) -> Sequence[RuleRun]:
    """Return the last runs that the person may see, newest first."""
    mine = [] if for_.reach is Reach.DISTRICT else [RuleRun.started_by == for_.id]
    return session.scalars(select(RuleRun).where(*mine).order_by(RuleRun.id.desc()).limit(MOST_SHOWN)).all()


def carry_on(session: Session, run: RuleRun, *, by: Actor) -> bool:
    """Accept the next piece; return whether the run is through."""
    if run.finished_at is not None:
        return True
    rule, percent = Rule(run.rule), percent_of(run)
    chosen = QueueFilter.from_plain(run.chosen["filter"])
    rows = sifting.piece(session, chosen, upper=run.upper, for_=by, after=run.reached)
    left = Counter({Why(code): count for code, count in run.left.items()})
    taken: list[int] = []
    for claim, why in sifting.sift(session, rows, rule, percent, reviewer=by.id):
        if why is None:
            taken.append(claim.id)
        else:
            left[why] += 1
    report = facts.accept_many(session, taken, by=by, reason=reason_of(run), rule_run_id=run.id)
    left[Why.OVERTAKEN] += len(report.refused)
    run.accepted += len(report.accepted)
    run.confirmed += len(report.confirmed)
    run.left = {why.value: count for why, count in left.items() if count}
    if rows:
        run.reached = rows[-1].id
    if len(rows) < sifting.AT_ONCE:
        _finish(session, run, by)
    session.flush()
    return run.finished_at is not None


def progress(run: RuleRun) -> tuple[int, int]:
    """Return how many claims were looked at so far and how many there were at the preview."""
    return run.accepted + run.confirmed + sum(run.left.values()), int(run.chosen.get("total", 0))


def reason_of(run: RuleRun) -> str:
    """Return the reason that stands on every fact accepted by the run."""
    return f"按规则核定（第 {run.id} 次）：{written(Rule(run.rule), percent_of(run))}。说明：{run.note}"


def _finish(session: Session, run: RuleRun, by: Actor) -> None:
    run.finished_at = clock.now()
    told: Mapping[str, Any] = {
        "accepted": [None, run.accepted],
        "confirmed": [None, run.confirmed],
        "left": [None, sum(run.left.values())],
    }
    record(session, by, Action.FACT_BY_RULE, subject(run), changes=dict(told), note=run.note)
