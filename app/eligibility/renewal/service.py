"""Look through the newest verdicts of all firms for those overtaken, and judge these anew; nothing decided is touched.

A verdict never changes: judging anew adds one, and lists, nominations and dossiers keep those they rest on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Actor
from app.accounts import queries as accounts
from app.audit.service import Subject, record, record_many
from app.core import clock, collector
from app.core.errors import NotFound
from app.core.text import tr
from app.eligibility import parallel
from app.eligibility.models import Verdict
from app.eligibility.queries import shown
from app.eligibility.renewal import anew
from app.eligibility.renewal.anew import Case, Renewed, Stands
from app.eligibility.renewal.models import EligibilityRenewal, RenewedVerdict
from app.facts import queries as facts
from app.firms import queries as firms
from app.firms.models import Firm
from app.firms.taxonomy import FirmStatus
from app.jobs import service as jobs
from app.jobs.models import FINISHED, Job
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition

JOB = "eligibility.renew"
AT_ONCE = 50
"""Firms looked at in one transaction."""


def begin(session: Session, *, by: Actor) -> EligibilityRenewal:
    """Begin to look through all verdicts, as of today."""
    upper = session.scalar(select(func.coalesce(func.max(Verdict.id), 0))) or 0
    total = session.scalar(select(func.count(Verdict.firm_id.distinct())).join(Firm).where(*_meant(upper))) or 0
    found = EligibilityRenewal(as_of=clock.today(), upper=upper, total=total, created_by=by.id, created_by_name=by.name)
    session.add(found)
    session.flush()
    record(session, by, Action.ELIGIBILITY_RENEW, subject(found), changes={"firms": [None, total]})
    return found


def request(session: Session, *, by: Actor) -> EligibilityRenewal:
    """Begin and leave the work to a job; one that is under way, or was stopped today, goes on instead."""
    last = unfinished(session)
    if last is None:
        last = begin(session, by=by)
    job = session.get(Job, last.job_id) if last.job_id is not None else None
    if job is None or job.state in FINISHED:
        last.job_id = jobs.enqueue(
            session, JOB, title=f"复判过时的判定：{last.as_of.isoformat()}", by=by, arguments={"renewal_id": last.id},
            key=f"{JOB}:{last.id}",
        ).id  # fmt: skip
        session.flush()
    return last


def unfinished(session: Session) -> EligibilityRenewal | None:
    """Return the newest look of today that is not through."""
    last = session.scalars(select(EligibilityRenewal).order_by(EligibilityRenewal.id.desc()).limit(1)).first()
    return last if last is not None and not last.is_complete and last.as_of == clock.today() else None


def subject(found: EligibilityRenewal) -> Subject:
    """Return how the log names a look through all verdicts."""
    return Subject("eligibility_renewal", found.id, f"复判过时的判定 {found.as_of.isoformat()}")


def renew_next(session: Session, found: EligibilityRenewal) -> bool:
    """Look at the verdicts of the next firms; complete the renewal after the last. Return whether it is complete."""
    if found.is_complete:
        return True
    statement = select(Verdict.firm_id).join(Firm).where(*_meant(found.upper), Verdict.firm_id > found.reached)
    firm_ids = session.scalars(statement.distinct().order_by(Verdict.firm_id).limit(AT_ONCE)).all()
    if firm_ids:
        with collector.paused():
            _renew(session, found, firm_ids)
        found.reached, found.done = firm_ids[-1], found.done + len(firm_ids)
        session.flush()
    if len(firm_ids) == AT_ONCE:
        return False
    found.is_complete, found.completed_at = True, clock.now()
    session.flush()
    changes: dict[str, list[Any]] = {"firms": [None, found.done], "counts": [None, found.counts]}
    record(session, _by(session, found), Action.ELIGIBILITY_RENEW, subject(found), changes=changes, note="复判完毕")
    return True


def _by(session: Session, found: EligibilityRenewal) -> Actor:
    return SYSTEM if found.created_by is None else accounts.user(session, found.created_by).as_actor()


def _meant(upper: int) -> tuple[Any, ...]:
    return Verdict.id <= upper, Firm.status == FirmStatus.ACTIVE, shown()


def _renew(session: Session, found: EligibilityRenewal, firm_ids: Sequence[int]) -> None:
    held = rulebooks.editions(session)
    cases = _cases(session, found, firm_ids)
    last = max([found.as_of, *(one.as_of for one in cases)])
    sheets = facts.fact_sheets(session, firm_ids, last)
    stands = anew.standing(cases, sheets, held, _editions(session, cases, held), found.as_of)
    kept = _kept_sheets(session, anew.to_compare(stands))
    overtaken = [one for one in (anew.with_reason(basis, kept.get(basis.case.id)) for basis in stands) if one]
    made = [one for one in parallel.in_two(anew.judged, overtaken) if one is not None]
    _keep(session, found, made)


def _cases(session: Session, found: EligibilityRenewal, firm_ids: Sequence[int]) -> list[Case]:
    """Return the newest verdict of each firm, edition and kind of application."""
    newest = (
        select(func.max(Verdict.id))
        .join(Edition, Edition.id == Verdict.edition_id)
        .where(Verdict.firm_id.in_(firm_ids), Verdict.id <= found.upper, shown())
        .group_by(Verdict.firm_id, Edition.code, Verdict.kind)
    )
    rows = session.execute(
        select(
            Verdict.id, Verdict.firm_id, Verdict.edition_id, Verdict.as_of, Verdict.kind, Verdict.sheet_digest,
            Verdict.state, Verdict.shortfall, Verdict.obstacles, Verdict.score_low, Verdict.score_high,
        )
        .where(Verdict.id.in_(newest))
        .order_by(Verdict.id)
    )  # fmt: skip
    return [Case(row[0], row[1], row[2], row[3], row[4], row[5], Stands(*row[6:])) for row in rows]


def _editions(session: Session, cases: Sequence[Case], held: Sequence[Edition]) -> Mapping[int, Edition]:
    known = {one.id: one for one in held}
    return known | rulebooks.codes(session, [one.edition_id for one in cases if one.edition_id not in known])


def _kept_sheets(session: Session, verdict_ids: Sequence[int]) -> dict[int, list[Any]]:
    rows = session.execute(select(Verdict.id, Verdict.sheet).where(Verdict.id.in_(verdict_ids)))
    return {verdict_id: sheet for verdict_id, sheet in rows}


def _keep(session: Session, found: EligibilityRenewal, made: Sequence[Renewed]) -> None:
    counts = dict(found.counts)
    now = clock.now()
    new: list[tuple[Renewed, Verdict | None]] = []
    for one in made:
        verdict = None
        if one.row is not None:
            verdict = Verdict(edition_id=one.edition_id, judged_by=found.created_by, judged_at=now, **one.row)
            session.add(verdict)
        new.append((one, verdict))
        for key in (one.why.value, *(("changed",) if one.changed else ()), *(("refused",) if verdict is None else ())):
            counts[key] = counts.get(key, 0) + 1
    session.flush()
    session.add_all(_line(found, one, verdict) for one, verdict in new)
    found.counts = counts
    session.flush()
    _log(session, found, [(one, verdict) for one, verdict in new if verdict is not None and one.changed])


def _line(found: EligibilityRenewal, one: Renewed, verdict: Verdict | None) -> RenewedVerdict:
    return RenewedVerdict(
        renewal_id=found.id,
        firm_id=one.firm_id,
        old_id=one.old_id,
        new_id=None if verdict is None else verdict.id,
        why=one.why,
        before=one.before,
        after=None if verdict is None else verdict.state,
        refused=one.refused,
        told=one.told,
    )


def _log(session: Session, found: EligibilityRenewal, changed: Sequence[tuple[Renewed, Verdict]]) -> None:
    """Tell each change of verdict in the firm's own log."""
    names = firms.names(session, [one.firm_id for one, _verdict in changed])
    entries: list[tuple[Subject, Mapping[str, Sequence[Any]]]] = [
        (
            Subject("verdict", verdict.id, f"{names[one.firm_id]} · {one.title}", one.firm_id),
            {"state": [one.before, verdict.state], "as_of": [None, verdict.as_of], "reason": [None, verdict.reason]},
        )
        for one, verdict in changed
    ]
    record_many(session, _by(session, found), Action.ELIGIBILITY_RENEW, entries)


def renewal(session: Session, renewal_id: int, *, lock: bool = False) -> EligibilityRenewal:
    """Return one look through all verdicts, or raise ``NotFound``."""
    found = None
    if 0 < renewal_id < 2**31:
        found = session.get(EligibilityRenewal, renewal_id, with_for_update=True if lock else None)
    if found is None:
        raise NotFound(tr("没有找到这次复判。"))
    return found
