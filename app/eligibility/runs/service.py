"""Begin a run over all firms, judge block after block, complete it. One run knows one moment, judges a block once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import String, cast, delete, func, insert, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Actor
from app.accounts import queries as accounts
from app.audit.service import Subject, record
from app.core import clock
from app.core.db import Database
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import tr
from app.eligibility.columnar import demands, judge, packing
from app.eligibility.columnar.codes import Flags
from app.eligibility.columnar.judge import Judged
from app.eligibility.columnar.table import Spot, Table
from app.eligibility.models import VerdictState
from app.eligibility.runs.models import EligibilityRun, EligibilityRunBlock
from app.facts.snapshot import queries as snapshots
from app.facts.snapshot import service as snapshot_service
from app.facts.snapshot.packing import BLOCK
from app.firms.models import Firm
from app.firms.taxonomy import FirmStatus
from app.jobs import service as jobs
from app.jobs.models import FINISHED, Job
from app.rulebooks import queries as rulebooks
from app.rulebooks.schema import APPLICATION_KINDS, Rulebook

JOB = "eligibility.run_all"
REFUSED = "refused"
DECIDED = {
    demands.ELIGIBLE: VerdictState.ELIGIBLE.value,
    demands.INELIGIBLE: VerdictState.INELIGIBLE.value,
    demands.UNDETERMINED: VerdictState.UNDETERMINED.value,
    demands.NEEDS_REVIEW: VerdictState.NEEDS_REVIEW.value,
    demands.REFUSED: REFUSED,
}

Report = Callable[[str, int, int], None]
"""Told what is being done (``figures`` or ``firms``), how many blocks are through, and how many there are."""


@dataclass(frozen=True)
class Plan:
    """What a run judges by: its editions with their rulebooks, and the columns these may look at."""

    run_id: int
    as_of: date
    kind: str
    books: tuple[tuple[int, Rulebook], ...]
    spots: frozenset[Spot]


def begin(session: Session, as_of: date, *, by: Actor, kind: str = "new") -> EligibilityRun:
    """Add a run over all active firms under every edition that applies here on the day to the kind of application.

    An edition in force that another one takes the place of here (the national one where Guangdong has its own) is not
    judged by: no firm could apply under it. Raises Invalid (``as_of``, ``kind``).
    """
    if kind not in APPLICATION_KINDS:
        raise Invalid("kind", tr("申请类型只能是 new（新申请）或 review（复核），不能是“%(kind)s”。", kind=kind))
    found = [one.edition for one in rulebooks.proposals(session, as_of, kind)]
    chosen = [{"id": one.id, "code": one.code, "title": one.title, "digest": one.digest} for one in found]
    if not chosen:
        raise Invalid("as_of", tr("%(day)s 没有适用的规则版本，请核对判定日期。", day=as_of.isoformat()))
    run = EligibilityRun(as_of=as_of, kind=kind, editions=chosen, created_by=by.id, created_by_name=by.name)
    session.add(run)
    session.flush()
    changes: dict[str, list[Any]] = {"as_of": [None, as_of], "editions": [None, [one["code"] for one in chosen]]}
    record(session, by, Action.ELIGIBILITY_RUN, subject(run), changes=changes)
    return run


def request(session: Session, as_of: date, *, by: Actor, kind: str = "new") -> EligibilityRun:
    """Begin a run and leave the judging to a job. Raises what ``begin`` raises."""
    run = begin(session, as_of, by=by, kind=kind)
    _enqueue(session, run, by)
    return run


def resume(session: Session, run: EligibilityRun, *, by: Actor) -> Job:
    """Go on with a run whose job was cancelled or failed. Raises Conflict while it works or when it is through."""
    if run.is_complete:
        raise Conflict(tr("全部企业已经判定完毕，无需继续。"))
    job = session.get(Job, run.job_id) if run.job_id is not None else None
    if job is not None and job.state not in FINISHED:
        raise Conflict(tr("正在判定，请在后台任务中查看进度。"))
    return _enqueue(session, run, by)


def subject(run: EligibilityRun) -> Subject:
    """Return how the log names a run."""
    return Subject("eligibility_run", run.id, f"全部企业 {run.as_of.isoformat()}")


def _enqueue(session: Session, run: EligibilityRun, by: Actor) -> Job:
    title = f"判定全部企业：{run.as_of.isoformat()}"
    job = jobs.enqueue(session, JOB, title=title, by=by, arguments={"run_id": run.id}, key=f"{JOB}:{run.id}")
    run.job_id = job.id
    session.flush()
    return job


# --- judging --------------------------------------------------------------------------------------------------------


def carry_out(database: Database, run_id: int, report: Report) -> EligibilityRun:
    """Bring the columns up to date and judge what is left of a run; ``report`` may raise to stop between two blocks."""
    snapshot_service.bring_up_to_date(database, lambda done, total: report("figures", done, total))
    with database.session() as session:
        plan = plan_of(session, _run(session, run_id))
    while True:
        with database.transaction() as session:
            run = _run(session, run_id, lock=True)
            if not run.is_complete:
                _see_to_moment(session, run)
            if run.is_complete or run.done >= run.blocks:
                return run if run.is_complete else _complete(session, run)
            block, version, done, total = run.done, run.snapshot, run.done, run.blocks
        report("firms", done, total)
        with database.session() as session:
            held = snapshots.snapshot(session)
            found = judge_block(session, plan, block) if held is not None and held.version == version else None
        if found is None:
            continue  # the columns moved on; the next turn begins the run again
        with database.transaction() as session:
            _store(session, _run(session, run_id, lock=True), block, version, found)


def plan_of(session: Session, run: EligibilityRun) -> Plan:
    """Return what a run judges by."""
    editions = rulebooks.codes(session, [one["id"] for one in run.editions])
    books = tuple((one["id"], rulebooks.rulebook_of(editions[one["id"]])) for one in run.editions)
    spots = judge.wanted([rulebook for _edition, rulebook in books], run.as_of, run.kind)
    return Plan(run.id, run.as_of, run.kind, books, spots)


def judge_block(session: Session, plan: Plan, block: int) -> dict[int, Judged]:
    """Return how the active firms of a block come out, by edition; empty where there are none."""
    found = table_of(session, block, plan.spots, plan.as_of, plan.kind)
    if found is None:
        return {}
    table, present = found
    return {edition_id: judge.judged(table, rulebook, present) for edition_id, rulebook in plan.books}


def table_of(
    session: Session, block: int, spots: frozenset[Spot], as_of: date, kind: str
) -> tuple[Table, Flags] | None:
    """Return the columns of a block with the places of its active firms; None where there are none."""
    first = block * BLOCK
    # joined by the database: sixteen thousand ids reach us as one text, not as so many rows
    joined = session.scalar(
        select(func.aggregate_strings(cast(Firm.id, String), ",")).where(
            Firm.id.between(first, first + BLOCK - 1), Firm.status == FirmStatus.ACTIVE
        )
    )
    if not joined:
        return None
    offsets = np.fromstring(joined, dtype=np.int64, sep=",") - first
    size = (int(offsets.max()) // 8 + 1) * 8
    present = np.zeros(size, dtype=bool)
    present[offsets] = True
    columns = snapshots.columns(session, block, spots)
    return Table(columns, size, as_of, kind, loaded=spots), present


def blocks(session: Session) -> int:
    """Return how many blocks hold all firms there are."""
    return (session.scalar(select(func.coalesce(func.max(Firm.id), 0))) or 0) // BLOCK + 1


def _run(session: Session, run_id: int, *, lock: bool = False) -> EligibilityRun:
    run = session.get(EligibilityRun, run_id, with_for_update=True if lock else None)
    if run is None:
        raise NotFound(tr("没有找到第 %(id)s 次全部判定。", id=run_id))
    return run


def _see_to_moment(session: Session, run: EligibilityRun) -> None:
    """One run knows one moment: where the columns have moved on since its first block, it begins again."""
    held = snapshots.snapshot(session)
    assert held is not None
    if run.snapshot != held.version or not run.blocks:
        session.execute(delete(EligibilityRunBlock).where(EligibilityRunBlock.run_id == run.id))
        run.done, run.firms, run.exact, run.counts = 0, 0, 0, {}
        run.snapshot, run.known_at = held.version, held.known_at
        run.blocks = blocks(session)
    session.flush()


def _store(session: Session, run: EligibilityRun, block: int, version: int, found: dict[int, Judged]) -> None:
    """Keep the results of a block, unless somebody else did or began the run again meanwhile."""
    if run.is_complete or run.done != block or run.snapshot != version:
        return
    rows = []
    counts: dict[str, dict[str, int]] = {key: dict(value) for key, value in run.counts.items()}
    for edition_id, judged in found.items():
        packed = packing.pack(judged)
        rows.append(
            {
                "run_id": run.id, "edition_id": edition_id, "block": block, "size": packed.size,
                "clauses": packed.clauses, "width": packed.width, "data": packed.data,
            }
        )  # fmt: skip
        _add(counts.setdefault(str(edition_id), {}), judged)
        run.exact += int(judged.exact.sum())
    if rows:
        session.execute(insert(EligibilityRunBlock.__table__), rows)  # type: ignore[arg-type]
        run.firms += int((next(iter(found.values())).decision > 0).sum())
    run.done, run.counts = block + 1, counts
    session.flush()


def _add(counts: dict[str, int], judged: Judged) -> None:
    for code, number in enumerate(np.bincount(judged.decision, minlength=len(DECIDED) + 1).tolist()):
        if number and code in DECIDED:
            counts[DECIDED[code]] = counts.get(DECIDED[code], 0) + number


def _complete(session: Session, run: EligibilityRun) -> EligibilityRun:
    run.is_complete, run.completed_at = True, clock.now()
    session.flush()
    by = SYSTEM if run.created_by is None else accounts.user(session, run.created_by).as_actor()
    changes: dict[str, list[Any]] = {"firms": [None, run.firms], "counts": [None, run.counts]}
    record(session, by, Action.ELIGIBILITY_RUN, subject(run), changes=changes, note="全部企业判定完毕")
    return run
