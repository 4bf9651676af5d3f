"""Judge firms and keep the verdicts; draw up eligibility lists. A verdict is never changed: judging again adds one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.accounts import queries as accounts
from app.audit.service import Subject, record
from app.core import clock, collector
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.eligibility import parallel
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.models import EligibilityList, Verdict, VerdictState
from app.eligibility.rows import row_of
from app.facts import queries as facts
from app.facts.sheet import FactSheet
from app.firms import queries as firms
from app.firms.models import Firm
from app.firms.taxonomy import FirmStatus, Town
from app.jobs import service as jobs
from app.jobs.models import FINISHED, Job
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition
from app.rulebooks.schema import Rulebook

JOB = "eligibility.draw_up"
AT_ONCE = 250
"""Firms judged in one transaction of a list: short enough that others can write in between."""


@dataclass(frozen=True)
class Refusal:
    """A firm that could not be judged, because a figure on its sheet is impossible; nothing was stored for it."""

    firm_id: int
    reason: str


def judge(
    session: Session,
    firm_id: int,
    edition: Edition,
    as_of: date,
    *,
    by: Actor,
    kind: str = "new",
    list_id: int | None = None,
) -> Verdict:
    """Judge one firm on the figures held now and keep the verdict.

    Raises NotFound (out of reach), Invalid (``as_of``/``kind`` do not fit the edition, or a figure is impossible).
    """
    firm = firms.firm(session, firm_id, for_=by)
    rulebooks.must_apply(session, edition, as_of, kind)
    now = clock.now()
    sheet = facts.fact_sheet(session, firm_id, as_of)
    judgement = evaluate(rulebooks.rulebook_of(edition), sheet, as_of, kind)
    verdict = Verdict(
        firm_id=firm_id,
        edition_id=edition.id,
        list_id=list_id,
        judged_by=by.id,
        judged_at=now,
        **row_of(judgement, sheet),
    )
    session.add(verdict)
    session.flush()
    record(
        session,
        by,
        Action.ELIGIBILITY_JUDGE,
        Subject("verdict", verdict.id, f"{firm.name} · {edition.title}", firm_id),
        changes={"state": [None, verdict.state], "as_of": [None, as_of], "reason": [None, verdict.reason]},
    )
    return verdict


def judge_many(
    session: Session,
    firm_ids: Sequence[int],
    edition: Edition,
    as_of: date,
    *,
    by: Actor,
    kind: str = "new",
    list_id: int | None = None,
    sheets: Mapping[int, FactSheet] | None = None,
) -> list[Refusal]:
    """Judge many firms in bulk and keep the verdicts; return the firms that could not be judged.

    ``sheets`` are the firms' figures when they were read already, to judge one snapshot under several editions.

    The caller has checked that ``by`` reaches the firms. The log gets one event for the list, not one a firm.
    """
    with collector.paused():
        return _judge_many(session, firm_ids, edition, as_of, by=by, kind=kind, list_id=list_id, sheets=sheets)


def _judge_many(
    session: Session,
    firm_ids: Sequence[int],
    edition: Edition,
    as_of: date,
    *,
    by: Actor,
    kind: str,
    list_id: int | None,
    sheets: Mapping[int, FactSheet] | None,
) -> list[Refusal]:
    rulebooks.must_apply(session, edition, as_of, kind)
    rulebook = rulebooks.rulebook_of(edition)
    now = clock.now()
    held = facts.fact_sheets(session, firm_ids, as_of) if sheets is None else sheets
    common = {"edition_id": edition.id, "list_id": list_id, "judged_by": by.id, "judged_at": now}

    def judged(ids: Sequence[int]) -> list[dict[str, Any] | Refusal]:
        return [_judged(rulebook, firm_id, held[firm_id], as_of, kind) for firm_id in ids]

    found = parallel.in_two(judged, firm_ids)
    rows = [{**one, **common} for one in found if not isinstance(one, Refusal)]
    if rows:
        session.execute(insert(Verdict.__table__), rows)  # type: ignore[arg-type]
    return [one for one in found if isinstance(one, Refusal)]


def _judged(rulebook: Rulebook, firm_id: int, sheet: FactSheet, as_of: date, kind: str) -> dict[str, Any] | Refusal:
    try:
        judgement = evaluate(rulebook, sheet, as_of, kind)
    except Invalid as error:
        return Refusal(firm_id, str(error.message))
    return {"firm_id": firm_id, **row_of(judgement, sheet)}


# --- lists -------------------------------------------------------------------------------------------------------


def draw_up(
    session: Session,
    edition: Edition,
    as_of: date,
    *,
    by: Actor,
    kind: str = "new",
    towns: Sequence[str] = (),
    title: str = "",
) -> EligibilityList:
    """Judge all active firms in reach (of ``towns`` only, if given) at once and return the complete list."""
    found = _new_list(session, edition, as_of, by=by, kind=kind, towns=towns, title=title)
    while not judge_next(session, found, by=by):
        pass
    return found


def request(
    session: Session,
    edition: Edition,
    as_of: date,
    *,
    by: Actor,
    kind: str = "new",
    towns: Sequence[str] = (),
    title: str = "",
) -> EligibilityList:
    """Begin a list and leave the judging to a job; nothing of the list is shown before the job has finished."""
    found = _new_list(session, edition, as_of, by=by, kind=kind, towns=towns, title=title)
    _enqueue(session, found, by)
    return found


def resume(session: Session, found: EligibilityList, *, by: Actor) -> Job:
    """Go on with a list whose job was cancelled or failed; firms judged already are not judged again."""
    if found.is_complete:
        raise Conflict(tr("这份清单已经生成完毕，无需继续。"))
    job = session.get(Job, found.job_id) if found.job_id is not None else None
    if job is not None and job.state not in FINISHED:
        raise Conflict(tr("这份清单正在生成，请在后台任务中查看进度。"))
    return _enqueue(session, found, by)


def judge_next(session: Session, found: EligibilityList, *, by: Actor) -> bool:
    """Judge the next firms of a list; complete it after the last. Return whether it is complete."""
    if found.is_complete:
        return True
    refused: list[dict[str, Any]] = list(found.scope.get("refused", []))
    ids = _waiting(session, found, refused)
    edition = rulebooks.edition(session, found.edition_id)
    part = ids[:AT_ONCE]
    new = judge_many(session, part, edition, found.as_of, by=by, kind=found.kind, list_id=found.id) if part else []
    if new:
        names = firms.names(session, [one.firm_id for one in new])
        refused += [{"firm": one.firm_id, "name": names[one.firm_id], "reason": one.reason} for one in new]
        found.scope = {**found.scope, "refused": refused}
        session.flush()
    if len(ids) > AT_ONCE:
        return False
    _complete(session, found, by)
    return True


def progress(session: Session, found: EligibilityList) -> tuple[int, int]:
    """Return how many of the firms of a list have been dealt with, and how many there are."""
    judged = session.scalar(select(func.count()).where(Verdict.list_id == found.id)) or 0
    return judged + len(found.scope.get("refused", [])), len(found.scope["firms"])


def requester(session: Session, found: EligibilityList, otherwise: Actor) -> Actor:
    """Return who asked for a list, as the job that draws it up acts for them."""
    return otherwise if found.created_by is None else accounts.user(session, found.created_by).as_actor()


def _waiting(session: Session, found: EligibilityList, refused: Sequence[dict[str, Any]]) -> list[int]:
    """Firms are judged in the order of their ids, so the last one says which are still to come."""
    last = session.scalar(select(func.max(Verdict.firm_id)).where(Verdict.list_id == found.id)) or 0
    last = max([last, *(int(one["firm"]) for one in refused)])
    return [firm_id for firm_id in found.scope["firms"] if firm_id > last]


def _new_list(
    session: Session, edition: Edition, as_of: date, *, by: Actor, kind: str, towns: Sequence[str], title: str
) -> EligibilityList:
    rulebooks.must_apply(session, edition, as_of, kind)
    ids = _firms_meant(session, by, towns)
    found = EligibilityList(
        edition_id=edition.id,
        as_of=as_of,
        kind=kind,
        title=(title.strip() or _title(edition, as_of, kind, towns))[:160],
        scope={"towns": sorted(towns), "firms": ids, "excluded": _left_out(session, by, towns)},
        created_by=by.id,
        created_by_name=by.name,
    )
    session.add(found)
    session.flush()
    record(
        session,
        by,
        Action.ELIGIBILITY_DRAW_UP,
        Subject("eligibility_list", found.id, found.title),
        changes={"edition": [None, edition.code], "as_of": [None, as_of], "firms": [None, len(ids)]},
    )
    return found


def _firms_meant(session: Session, by: Actor, towns: Sequence[str]) -> list[int]:
    unknown = [town for town in towns if town not in set(Town)]
    if unknown:
        raise Invalid("towns", tr("没有“%(town)s”这个镇街，请从列表中选择。", town=unknown[0]))
    statement = select(Firm.id).where(firms.visible_to(by), Firm.status == FirmStatus.ACTIVE)
    if towns:
        statement = statement.where(Firm.town.in_(towns))
    ids = list(session.scalars(statement.order_by(Firm.id)))
    if not ids:
        raise Invalid("towns", tr("所选范围内没有存续企业，请先录入或导入企业，或扩大范围。"))
    return ids


def _left_out(session: Session, by: Actor, towns: Sequence[str]) -> list[dict[str, Any]]:
    """Return the firms of the range that are not judged for what the registry says of them now; the list keeps it."""
    statement = select(Firm.id, Firm.name, Firm.status).where(firms.visible_to(by), Firm.status != FirmStatus.ACTIVE)
    if towns:
        statement = statement.where(Firm.town.in_(towns))
    rows = session.execute(statement.order_by(Firm.name_key, Firm.id))
    return [{"firm": number, "name": name, "status": status.value} for number, name, status in rows]


def _title(edition: Edition, as_of: date, kind: str, towns: Sequence[str]) -> str:
    where = "、".join(Town(town).label for town in towns)
    review = "（复核）" if kind == "review" else ""
    return f"{edition.title}{review}资格清单 {as_of.isoformat()}" + (f" · {where}" if where else "")


def _enqueue(session: Session, found: EligibilityList, by: Actor) -> Job:
    job = jobs.enqueue(
        session,
        JOB,
        title=f"生成资格清单：{found.title}",
        by=by,
        arguments={"list_id": found.id},
        key=f"{JOB}:{found.id}",
    )
    found.job_id = job.id
    session.flush()
    return job


def _complete(session: Session, found: EligibilityList, by: Actor) -> None:
    rows = session.execute(
        select(Verdict.state, func.count()).where(Verdict.list_id == found.id).group_by(Verdict.state)
    )
    counted = {state.value: number for state, number in rows}
    found.counts = {state.value: counted.get(state.value, 0) for state in VerdictState}
    found.completed_at = clock.now()
    found.is_complete = True
    session.flush()
    record(
        session,
        by,
        Action.ELIGIBILITY_DRAW_UP,
        Subject("eligibility_list", found.id, found.title),
        changes={"counts": [None, found.counts], "refused": [None, len(found.scope.get("refused", []))]},
        note="清单生成完毕",
    )
