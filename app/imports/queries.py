"""Reading imports: batches, their rows, what is held already, what an undo would lose."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from app.access.actor import Actor, Reach
from app.core.bulk import among
from app.core.errors import NotFound
from app.core.paging import Page, SortKey, read_page
from app.core.text import tr
from app.facts.models import Claim, ClaimState
from app.files.models import StoredFile
from app.firms.models import Firm, RosterEntry
from app.firms.queries import visible_to as firm_visible_to
from app.imports.models import BatchMarks, BatchState, CellEdit, ImportBatch, ImportRow, RowOutcome
from app.imports.plans.marks import Marks
from app.imports.plans.plan import Held, Place

CHUNK = 500
WAITING = (BatchState.QUEUED, BatchState.STAGED, BatchState.SUBMITTED)
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows of a batch to show; empty means all."""

    outcome: RowOutcome | None = None
    kind: str = ""
    missing: str = ""
    text: str = ""


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on batches: whoever sees the whole district sees all, others their own."""
    return true() if actor.reach is Reach.DISTRICT else ImportBatch.staged_by == actor.id


def batch(session: Session, batch_id: int, *, for_: Actor, lock: bool = False) -> ImportBatch:
    """Return one batch with its file, or raise ``NotFound``."""
    statement = (
        select(ImportBatch)
        .where(ImportBatch.id == batch_id, visible_to(for_))
        .options(joinedload(ImportBatch.file))
        .execution_options(populate_existing=True)
    )
    if lock:
        statement = statement.with_for_update(of=ImportBatch)
    found = session.scalars(statement).first() if 0 < batch_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(tr("没有找到这个导入批次，可能不在您的管理范围内。"))
    return found


def batches(session: Session, *, for_: Actor, after: str = "", before: str = "") -> Page[ImportBatch]:
    """Return a page of batches, those that wait for somebody first, then newest first."""
    statement = select(ImportBatch).where(visible_to(for_)).options(joinedload(ImportBatch.file))
    turn = case((ImportBatch.state.in_(WAITING), 0), else_=1)
    total = session.scalar(select(func.count()).select_from(ImportBatch).where(visible_to(for_))) or 0
    page = read_page(
        session, statement, [SortKey(turn, "turn", filled=True), SortKey(ImportBatch.id, "id", descending=True)],
        key_of=lambda row: [int(row[0].state not in WAITING), row[0].id],
        total=total, after=after, before=before, size=20,
    )  # fmt: skip
    return Page([row[0] for row in page.items], page.total, page.after, page.before, page.is_capped)


def count_begun(session: Session, user_id: int) -> int:
    """Return how many batches a person brought that are neither imported nor given up."""
    mine = select(func.count()).select_from(ImportBatch).where(
        ImportBatch.staged_by == user_id, ImportBatch.state.in_(WAITING)
    )  # fmt: skip
    return session.scalar(mine) or 0


def earlier(session: Session, of: ImportBatch) -> Sequence[ImportBatch]:
    """Return earlier applied batches of the very same file, newest first."""
    before = ImportBatch.applied_at < of.applied_at if of.applied_at is not None else true()
    same = (StoredFile.sha256 == of.file.sha256, ImportBatch.state == BatchState.APPLIED, ImportBatch.id != of.id)
    return session.scalars(
        select(ImportBatch)
        .join(StoredFile, StoredFile.id == ImportBatch.file_id)
        .where(*same, before)
        .order_by(ImportBatch.id.desc())
        .limit(5)
    ).all()


def data_chunks(
    session: Session, batch_id: int, size: int, *, outcomes: Collection[RowOutcome] = ()
) -> Iterator[Sequence[ImportRow]]:
    """Yield the rows of a batch that hold data, in the order of the file, some at a time."""
    wanted = [ImportRow.batch_id == batch_id]
    if outcomes:
        wanted.append(ImportRow.outcome.in_(outcomes))
    after = 0
    while True:
        found = session.scalars(
            select(ImportRow).where(*wanted, ImportRow.id > after).order_by(ImportRow.id)
            .limit(size).execution_options(populate_existing=True)
        ).all()  # fmt: skip
        if not found:
            return
        after = found[-1].id
        if data := [row for row in found if row.values]:
            yield data
        for row in found:  # a hundred thousand rows are not to be held at once
            session.expunge(row)


def rows_by_id(session: Session, ids: Sequence[int]) -> Sequence[ImportRow]:
    """Return rows by their ids, in the order of the file, as they are in the database now."""
    found: list[ImportRow] = []
    for part in portions(sorted(set(ids))):
        statement = select(ImportRow).where(ImportRow.id.in_(part)).order_by(ImportRow.id)
        found.extend(session.scalars(statement.execution_options(populate_existing=True)))
    return found


def row(session: Session, of: ImportBatch, row_id: int) -> ImportRow:
    """Return a row of a batch as it is now, or raise ``NotFound``."""
    statement = select(ImportRow).where(ImportRow.batch_id == of.id, ImportRow.id == row_id)
    found = session.scalars(statement.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound(tr("这个批次里没有这一行，请刷新页面。"))
    return found


def marks(session: Session, batch_id: int) -> Marks:
    """Return what the rows of a batch may share."""
    kept = select(BatchMarks.pairs).where(BatchMarks.batch_id == batch_id).order_by(BatchMarks.id)
    return Marks.of(session.scalars(kept))


def tagged_chunks(session: Session, batch_id: int, tag: str) -> Iterator[Sequence[ImportRow]]:
    """Yield the rows that have a problem of a kind or likeness, some at a time."""
    return _chunks(session, batch_id, ImportRow.kinds.contains(f",{tag},", autoescape=True))


def problem_chunks(session: Session, batch_id: int) -> Iterator[Sequence[ImportRow]]:
    """Yield the rows about which anything is told and that hold data, some at a time."""
    return _chunks(session, batch_id, ImportRow.kinds != "", ImportRow.outcome != RowOutcome.SKIPPED)


def asking_chunks(session: Session, batch_id: int, kind: str = "") -> Iterator[Sequence[ImportRow]]:
    """Yield the rows with figures that still lack a reason, some at a time."""
    of_kind = ImportRow.kinds.contains(f",{kind},", autoescape=True) if kind else true()
    return _chunks(session, batch_id, ImportRow.asks != "", of_kind)


def _chunks(session: Session, batch_id: int, *conditions: ColumnElement[bool]) -> Iterator[Sequence[ImportRow]]:
    ids = session.scalars(
        select(ImportRow.id).where(ImportRow.batch_id == batch_id, *conditions).order_by(ImportRow.id)
    ).all()
    for part in portions(ids):
        yield rows_by_id(session, part)


def edits(session: Session, row_id: int) -> Sequence[CellEdit]:
    """Return everything written into the cells of a row, newest first."""
    return session.scalars(select(CellEdit).where(CellEdit.row_id == row_id).order_by(CellEdit.id.desc())).all()


def known(session: Session, firm_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return what the register knows of firms in the fields that a table may fill."""
    found: dict[int, dict[str, Any]] = {}
    for part in portions(sorted(set(firm_ids))):
        rows = session.execute(
            select(Firm.id, Firm.town, Firm.address, Firm.industry, Firm.registered_on).where(Firm.id.in_(part))
        )
        found.update((one.id, {**one._asdict(), "roster": set()}) for one in rows)
        for firm_id, year in session.execute(
            select(RosterEntry.firm_id, RosterEntry.year).where(RosterEntry.firm_id.in_(part))
        ):
            found[firm_id]["roster"].add(year)
    return found


def firms_by_id(session: Session, ids: Sequence[int]) -> Sequence[Firm]:
    """Return firms as they are in the database now."""
    found: list[Firm] = []
    for part in portions(ids):
        statement = select(Firm).where(Firm.id.in_(part)).order_by(Firm.id)
        found.extend(session.scalars(statement.execution_options(populate_existing=True)))
    return found


def all_rows(session: Session, batch_id: int) -> Sequence[ImportRow]:
    """Return all rows of a batch in the order of the file."""
    return session.scalars(select(ImportRow).where(ImportRow.batch_id == batch_id).order_by(ImportRow.id)).all()


def rows(session: Session, of: ImportBatch, wanted: RowFilter, *, after: str = "", before: str = "") -> Page[ImportRow]:
    """Return a page of the rows that are wanted, in the order of the file."""
    conditions = _conditions(of.id, wanted)
    statement = select(ImportRow).where(*conditions)
    total = session.scalar(select(func.count()).select_from(ImportRow).where(*conditions)) or 0
    page = read_page(
        session, statement, [SortKey(ImportRow.id, "id")],
        key_of=lambda row: [row[0].id], total=total, after=after, before=before,
    )  # fmt: skip
    return Page([row[0] for row in page.items], page.total, page.after, page.before, page.is_capped)


def _conditions(batch_id: int, wanted: RowFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [ImportRow.batch_id == batch_id]
    if wanted.outcome is not None:
        conditions.append(ImportRow.outcome == wanted.outcome)
    if wanted.kind:
        conditions.append(ImportRow.kinds.contains(f",{wanted.kind},", autoescape=True))
    if wanted.missing:
        conditions.append(ImportRow.missing.contains(f",{wanted.missing},", autoescape=True))
    if wanted.text:
        conditions.append(ImportRow.name.contains(wanted.text.strip(), autoescape=True))
    return conditions


def portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Divide ids so that no statement has too many parameters."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def held(session: Session, firm_ids: Sequence[int], years: Collection[int]) -> dict[Place, list[Held]]:
    """Return what is said about firms of these years, and of none, and was not withdrawn, oldest first."""
    of_years = or_(Claim.year.is_(None), Claim.year.in_(sorted(years)))
    found: dict[Place, list[Held]] = {}
    for part in among(Claim.firm_id, firm_ids):
        claims = session.execute(
            select(Claim.firm_id, Claim.key, Claim.year, Claim.number, Claim.value, Claim.state)
            .where(part, of_years, Claim.state != ClaimState.WITHDRAWN)
            .order_by(Claim.id)
        )
        for firm_id, key, year, number, value, state in claims:
            found.setdefault((firm_id, key, year), []).append(Held((number, value), state))
    return found


def reachable(session: Session, firm_ids: Sequence[int], actor: Actor) -> frozenset[int]:
    """Return which of the firms a person may see."""
    if actor.reach is Reach.DISTRICT and not actor.is_firm:
        return frozenset(firm_ids)
    found: set[int] = set()
    for part in portions(sorted(set(firm_ids))):
        found.update(session.scalars(select(Firm.id).where(Firm.id.in_(part), firm_visible_to(actor))))
    return frozenset(found)


def failed_rows(session: Session, batch_id: int) -> Sequence[ImportRow]:
    """Return the rows that wait for a person or are refused, in the order of the file."""
    failed = ImportRow.outcome.in_([RowOutcome.REVIEW, RowOutcome.REJECTED])
    return session.scalars(select(ImportRow).where(ImportRow.batch_id == batch_id, failed).order_by(ImportRow.id)).all()


def row_at(session: Session, batch_id: int, sheet: str, number: int) -> ImportRow:
    """Return the row of a batch that stood at a place in the file, or raise ``NotFound``."""
    at = (ImportRow.batch_id == batch_id, ImportRow.sheet == sheet, ImportRow.row == number)
    found = session.scalars(select(ImportRow).where(*at)).first() if 0 < number <= LARGEST_ID else None
    if found is None:
        raise NotFound(tr("这个批次里没有工作表“%(sheet)s”第 %(row)s 行。", sheet=sheet, row=number))
    return found


def first_written(session: Session, batch_id: int, limit: int) -> Sequence[ImportRow]:
    """Return the first rows that would change something."""
    writes = ImportRow.outcome.in_([RowOutcome.NEW, RowOutcome.UPDATED])
    statement = select(ImportRow).where(ImportRow.batch_id == batch_id, writes).order_by(ImportRow.id).limit(limit)
    return session.scalars(statement).all()


def supplements(session: Session, batch_id: int, for_: Actor) -> Sequence[ImportBatch]:
    """Return the batches that bring mended rows of a batch."""
    statement = select(ImportBatch).where(ImportBatch.parent_id == batch_id, visible_to(for_)).order_by(ImportBatch.id)
    return session.scalars(statement).all()


def reasoned_rows(session: Session, batch_id: int) -> Sequence[ImportRow]:
    """Return the rows for whose figures reasons were given."""
    data = [row for rows in _chunks(session, batch_id, ImportRow.kinds != "") for row in rows]
    return [row for row in data if row.reasons]
