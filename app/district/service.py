"""Work out the ways of a whole district, firm by firm: begin, go on where it stopped, complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Actor
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.district import queries
from app.district.models import DistrictGain, DistrictSurvey
from app.eligibility.gap import queries as gaps
from app.eligibility.gap.models import Intake
from app.eligibility.models import Shortfall
from app.eligibility.reach.levers import Lever, Who
from app.eligibility.reach.plan import Found, Plan, plan
from app.eligibility.reach.probe import judged
from app.eligibility.runs import queries as runs
from app.eligibility.runs.models import EligibilityRun
from app.facts import queries as facts
from app.facts.sheet import FactSheet
from app.jobs import service as jobs
from app.jobs.models import FINISHED, Job
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition

JOB = "district.survey"
AT_ONCE = 10
"""Firms and editions in one transaction: a search takes up to half a second, and others write in between."""


def request(session: Session, run: EligibilityRun, *, by: Actor) -> DistrictSurvey:
    """Begin a survey of a complete run and leave it to a job. Raises Conflict when nobody is short by substance."""
    waiting = [
        [firm_id, standing.edition_id]
        for standing in runs.standings(session, run, for_=SYSTEM)
        for firm_id in standing.short(Shortfall.ONE_SUBSTANCE)
    ]
    if not waiting:
        raise Conflict(tr("这次全部判定里没有只差一项（未达标）的企业，不需要推算。"))
    found = DistrictSurvey(
        run_id=run.id, today=clock.today(), waiting=sorted(waiting), created_by=by.id, created_by_name=by.name
    )
    session.add(found)
    session.flush()
    record(session, by, Action.DISTRICT_SURVEY, subject(found), changes={"pairs": [None, len(waiting)]})
    _enqueue(session, found, by)
    return found


def resume(session: Session, found: DistrictSurvey, *, by: Actor) -> Job:
    """Go on with a survey whose job was cancelled or failed. Raises Conflict while it works or when it is through."""
    if found.is_complete:
        raise Conflict(tr("已经推算完毕，无需继续。"))
    job = session.get(Job, found.job_id) if found.job_id is not None else None
    if job is not None and job.state not in FINISHED:
        raise Conflict(tr("正在推算，请在后台任务中查看进度。"))
    record(session, by, Action.DISTRICT_SURVEY, subject(found), note="继续")
    return _enqueue(session, found, by)


def subject(found: DistrictSurvey) -> Subject:
    """Return how the log names a survey."""
    return Subject("district_survey", found.id, f"可及增量 {found.today.isoformat()}")


def _enqueue(session: Session, found: DistrictSurvey, by: Actor) -> Job:
    title = f"推算可及增量：{found.today.isoformat()}"
    job = jobs.enqueue(session, JOB, title=title, by=by, arguments={"survey_id": found.id}, key=f"{JOB}:{found.id}")
    found.job_id = job.id
    session.flush()
    return job


def go_on(session: Session, survey_id: int) -> DistrictSurvey:
    """Work out the next firms of a survey; complete it after the last."""
    found = queries.survey(session, survey_id, lock=True)
    part = found.waiting[found.done : found.done + AT_ONCE]
    if part and not found.is_complete:
        run = runs.run(session, found.run_id)
        rows = _rows(session, found, run, part)
        if rows:
            session.execute(insert(DistrictGain.__table__), rows)  # type: ignore[arg-type]
        found.done += len(part)
    if found.done >= len(found.waiting) and not found.is_complete:
        found.is_complete, found.completed_at = True, clock.now()
    session.flush()
    return found


def _rows(
    session: Session, found: DistrictSurvey, run: EligibilityRun, part: Sequence[Sequence[int]]
) -> list[dict[str, Any]]:
    sheets = facts.fact_sheets(session, sorted({firm_id for firm_id, _edition in part}), run.as_of)
    editions = rulebooks.codes(session, [edition_id for _firm, edition_id in part])
    intakes = gaps.next_intakes(session, found.today)
    levers = gaps.levers(session)
    rows = [
        _row(found, firm_id, editions[edition_id], sheets[firm_id], run, levers, intakes)
        for firm_id, edition_id in part
    ]
    return [row for row in rows if row is not None]


def _row(
    found: DistrictSurvey, firm_id: int, edition: Edition, sheet: FactSheet, run: EligibilityRun,
    levers: Mapping[str, Lever], intakes: Mapping[str, Intake],
) -> dict[str, Any] | None:  # fmt: skip
    """Return what is kept of one firm; None where its figures can no longer be judged."""
    window = intakes.get(edition.programme)
    rulebook = rulebooks.rulebook_of(edition)
    try:
        made = plan(rulebook, sheet, run.as_of, run.kind, levers=levers, today=found.today,
                    until=window.closes_on if window else None)  # fmt: skip
    except Invalid:
        return None
    first = judged(rulebook, sheet, run.as_of, run.kind)
    clauses = [clause for one in first.obstacles for clause in one.clauses]
    return {
        "survey_id": found.id, "firm_id": firm_id, "edition_id": edition.id,
        "clause": clauses[0] if clauses else "", "short": first.reason[:400],
        "found": made.found, "effort": made.effort, "ready_on": made.ready_on,
        "closes_on": window.closes_on if window else None, "in_time": made.in_time,
        "is_correction": any(step.is_correction for step in made.steps), "turns_year": made.turn is not None,
        "who": _who(made),
        "steps": [step.text for step in made.steps], "why": _why(made)[:400],
    }  # fmt: skip


def _who(made: Plan) -> Who:
    return made.steps[0].who if made.steps else Who.NOBODY


def _why(made: Plan) -> str:
    return "" if made.found is Found.PLAN else "".join(made.spoken)
