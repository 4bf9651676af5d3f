"""Judge a list again from what was known when each firm was judged, piece by piece, and keep every difference."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, func, insert, select, type_coerce
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor, Reach
from app.accounts import queries as accounts
from app.audit.service import Subject, record
from app.core import clock, collector
from app.core.digest import sha256_hex
from app.core.errors import Conflict, Invalid
from app.core.text import N_, tr
from app.eligibility import parallel
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.models import EligibilityList, Verdict
from app.eligibility.replay.comparing import JUDGEMENT, LISTED, Found, Kept, Reason, compare, row
from app.eligibility.replay.models import Difference, EligibilityReplay, ReplayDifference
from app.facts import moments
from app.firms import formerly
from app.firms.taxonomy import FirmStatus
from app.jobs import service as jobs
from app.jobs.models import FINISHED, Job
from app.rulebooks import queries as rulebooks
from app.rulebooks.schema import Rulebook

JOB = "eligibility.replay"
AT_ONCE = 250
YES, NO = N_("是"), N_("否")


@dataclass(frozen=True, slots=True)
class _Again:
    """A firm judged again: the digest of what came out (empty where it cannot be judged), and what differs."""

    kept: Kept
    digest: str
    found: Found | None


def begin(session: Session, about: EligibilityList, *, by: Actor) -> EligibilityReplay:
    """Begin a replay of a list. Raises Conflict when the list is not complete."""
    if not about.is_complete:
        raise Conflict(tr("清单还没有生成完毕，完成后才能重演。"))
    total = (session.scalar(select(func.count()).where(Verdict.list_id == about.id)) or 0) + len(_refused(about))
    found = EligibilityReplay(list_id=about.id, total=total, created_by=by.id, created_by_name=by.name)
    session.add(found)
    session.flush()
    record(session, by, Action.ELIGIBILITY_REPLAY, subject(about), changes={"firms": [None, total]})
    return found


def request(session: Session, about: EligibilityList, *, by: Actor) -> EligibilityReplay:
    """Begin a replay and leave the judging to a job; one that is under way already is returned. Raises Conflict."""
    last = newest(session, about.id)
    if last is not None and not last.is_complete:
        job = session.get(Job, last.job_id) if last.job_id is not None else None
        if job is None or job.state in FINISHED:
            _enqueue(session, last, about, by)
        return last
    found = begin(session, about, by=by)
    _enqueue(session, found, about, by)
    return found


def newest(session: Session, list_id: int) -> EligibilityReplay | None:
    """Return the newest replay of a list."""
    return session.scalars(
        select(EligibilityReplay)
        .where(EligibilityReplay.list_id == list_id)
        .order_by(EligibilityReplay.id.desc())
        .limit(1)
    ).first()


def subject(about: EligibilityList) -> Subject:
    """Return how the log names the list of a replay."""
    return Subject("eligibility_list", about.id, about.title)


def replay_next(session: Session, found: EligibilityReplay) -> bool:
    """Judge the next firms of a replay again; complete it after the last. Return whether it is complete."""
    if found.is_complete:
        return True
    about = session.get_one(EligibilityList, found.list_id)
    rows = _kept(session, found)
    if rows:
        with collector.paused():
            _compare(session, found, about, rows)
        found.reached = rows[-1].firm_id
        found.done += len(rows)
        session.flush()
    if len(rows) == AT_ONCE:
        return False
    _end(session, found, about)
    return True


def _enqueue(session: Session, found: EligibilityReplay, about: EligibilityList, by: Actor) -> None:
    job = jobs.enqueue(
        session, JOB, title=f"重演资格清单：{about.title}", by=by, arguments={"replay_id": found.id},
        key=f"{JOB}:{found.id}",
    )  # fmt: skip
    found.job_id = job.id
    session.flush()


def _kept(session: Session, found: EligibilityReplay) -> Sequence[Kept]:
    rows = session.execute(
        select(
            Verdict.id, Verdict.firm_id, Verdict.judged_at, type_coerce(Verdict.judgement, Text), Verdict.digest,
            type_coerce(Verdict.sheet, Text), Verdict.sheet_digest,
        )
        .where(Verdict.list_id == found.list_id, Verdict.firm_id > found.reached)
        .order_by(Verdict.firm_id)
        .limit(AT_ONCE)
    )  # fmt: skip
    return [Kept(*row) for row in rows]


def _compare(session: Session, found: EligibilityReplay, about: EligibilityList, rows: Sequence[Kept]) -> None:
    rulebook = rulebooks.rulebook_of(rulebooks.edition(session, about.edition_id))
    past = moments.past(session, [one.firm_id for one in rows])

    def again(part: Sequence[Kept]) -> list[_Again]:
        return [_judged(one, rulebook, about, past) for one in part]

    made = parallel.in_two(again, rows)
    digest, of_list = found.digest, found.list_digest
    for one in made:
        digest = sha256_hex(f"{digest}|{one.kept.firm_id}:{one.digest}")
        of_list = sha256_hex(f"{of_list}|{one.kept.firm_id}:{one.kept.digest}")
    found.digest, found.list_digest = digest, of_list
    different = [one for one in made if one.found is not None]
    found.same += len(made) - len(different)
    _keep(session, found, [(one.kept.firm_id, one.kept.id, one.found) for one in different if one.found is not None])


def _judged(kept: Kept, rulebook: Rulebook, about: EligibilityList, past: moments.Past) -> _Again:
    sheet = past.sheet(kept.firm_id, about.as_of, kept.judged_at)
    try:
        judgement = evaluate(rulebook, sheet, about.as_of, about.kind)
    except Invalid as error:
        told = row(JUDGEMENT, json.loads(kept.judgement)["reason"], str(error.message), Reason.FOLLOWS)
        return _Again(kept, "", Found(Difference.REFUSED, [told]))
    text = json.dumps(judgement.to_json(), ensure_ascii=False, separators=(",", ":"))
    return _Again(kept, sha256_hex(text), compare(kept, text, sheet, past))


def _keep(session: Session, found: EligibilityReplay, differences: Sequence[tuple[int, int | None, Found]]) -> None:
    rows = [
        {"replay_id": found.id, "firm_id": firm_id, "verdict_id": verdict_id, "kind": one.kind, "told": one.told}
        for firm_id, verdict_id, one in differences
    ]
    if rows:
        session.execute(insert(ReplayDifference), rows)


# --- what no verdict tells: firms that could not be judged, and which firms were meant -------------------------------


def _end(session: Session, found: EligibilityReplay, about: EligibilityList) -> None:
    refused = _refused(about)
    different = _refused_again(session, about, refused)
    found.done += len(refused)
    found.same += len(refused) - len(different)
    _keep(session, found, [*different, *_range(session, about)])
    found.is_complete, found.completed_at = True, clock.now()
    session.flush()
    by = accounts.acting(session, found.created_by)
    changes: dict[str, list[Any]] = {"firms": [None, found.done], "same": [None, found.same]}
    record(session, by, Action.ELIGIBILITY_REPLAY, subject(about), changes=changes, note="重演完毕")


def _refused(about: EligibilityList) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = about.scope.get("refused", [])
    return found


def _refused_again(
    session: Session, about: EligibilityList, refused: Sequence[dict[str, Any]]
) -> list[tuple[int, int | None, Found]]:
    """Return the firms that could not be judged then and can be now, or not for the same reason."""
    if not refused:
        return []
    ids = [int(one["firm"]) for one in refused]
    rulebook = rulebooks.rulebook_of(rulebooks.edition(session, about.edition_id))
    past = moments.past(session, ids)
    # a firm was looked at together with its neighbours on the list
    judged = session.execute(select(Verdict.firm_id, Verdict.judged_at).where(Verdict.list_id == about.id)).all()
    found: list[tuple[int, int | None, Found]] = []
    for one in refused:
        firm_id = int(one["firm"])
        moment = min(judged, key=lambda near: abs(near[0] - firm_id), default=(0, about.created_at))[1]
        try:
            said = evaluate(rulebook, past.sheet(firm_id, about.as_of, moment), about.as_of, about.kind).reason
        except Invalid as error:
            said = str(error.message)
        if said != one["reason"]:
            told = row(JUDGEMENT, one["reason"], said, Reason.FOLLOWS)
            found.append((firm_id, None, Found(Difference.REFUSED, [told])))
    return found


def _range(session: Session, about: EligibilityList) -> list[tuple[int, int | None, Found]]:
    """Return firms that the register of then puts on the list and that are not, or the other way round.

    Whom a person of one town or portfolio reached is not known for the past: there only strangers are named.
    """
    register = formerly.register_at(session, about.created_at)
    towns = set(about.scope.get("towns", []))
    meant = {
        firm_id
        for firm_id, one in register.items()
        if one.status == FirmStatus.ACTIVE.value and (not towns or one.town in towns)
    }
    listed = set(about.scope["firms"])
    whole = accounts.acting(session, about.created_by).reach is Reach.DISTRICT
    found: list[tuple[int, int | None, Found]] = []
    for firm_id in sorted(listed - meant | ((meant - listed) if whole else set())):
        on_list, then = firm_id in listed, register.get(firm_id)
        status = FirmStatus(then.status).label if then else ""
        told = row(LISTED, YES if on_list else NO, status, Reason.REGISTER)
        found.append((firm_id, None, Found(Difference.RANGE, [told])))
    return found
