"""What a person does to a rehearsed batch: writes into cells, takes that back, decides on rows, gives reasons.

Every change is rehearsed at once together with the rows it touches, the sums follow, and nothing typed is lost: the
file's own cells never change, and each thing written stays in ``cell_edit`` with who, when and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.firms import queries as firms
from app.imports import queries, reading, rehearsal
from app.imports.cells.kept import Entries, texts_of
from app.imports.models import BatchState, CellEdit, Decision, ImportBatch, ImportRow
from app.imports.plans.tally import tag, words_of
from app.imports.problem import Problem
from app.imports.service import must_be, subject

LONGEST = 300
LONGEST_CELL = 2_000


@dataclass(frozen=True, slots=True)
class Writing:
    """Somebody writes ``text`` into the cell of a row under a column's letters."""

    row_id: int
    letter: str
    text: str


def write_cell(
    session: Session, batch: ImportBatch, writing: Writing, *, by: Actor, version: int, why: str = ""
) -> ImportRow:
    """Write into one cell. Raises ``Conflict`` when somebody changed the row after the page was opened."""
    must_be(batch, BatchState.STAGED)
    row = queries.row(session, batch, writing.row_id)
    _check_version(row, version)
    if writing.letter not in headers(batch, row.sheet):
        raise Invalid(
            "letter", tr("工作表“%(sheet)s”里没有读取 %(letter)s 列。", sheet=row.sheet, letter=writing.letter)
        )
    _write(session, batch, {row.id: row}, [writing], by=by, why=why)
    return row


def take_back(session: Session, batch: ImportBatch, row_id: int, letter: str, *, by: Actor, version: int) -> None:
    """Let a cell hold again what stood in the file."""
    must_be(batch, BatchState.STAGED)
    row = queries.row(session, batch, row_id)
    _check_version(row, version)
    if letter not in row.edited:
        raise Conflict(tr("这个单元格没有修改过，无需撤回。"))
    writing = Writing(row.id, letter, row.cells.get(letter, ""))
    _write(session, batch, {row.id: row}, [writing], by=by, why=str(tr("撤回修改")))


def repair(session: Session, batch: ImportBatch, *, kind: str, likeness: str, by: Actor) -> int:
    """Write every suggested repair of problems alike; return how many cells. Raises ``Conflict`` when none is left."""
    must_be(batch, BatchState.STAGED)
    wanted = f"{kind}/{likeness}"
    total = 0
    for rows in queries.tagged_chunks(session, batch.id, wanted):
        writings = [
            Writing(row.id, letter_of(one.cell), one.repair)
            for row in rows
            for one in problems_of(row)
            if one.repair and one.cell and tag(one.kind.value, one.alike) == wanted
        ]
        _write(session, batch, {row.id: row for row in rows}, writings, by=by, why=str(tr("采用建议值（同类）")))
        total += len(writings)
    if not total:
        raise Conflict(tr("这一类问题已经处理完，请刷新页面。"))
    return total


def problems_of(row: ImportRow) -> list[Problem]:
    """Return the problems of a row as they were kept."""
    return [Problem.from_json(kept) for kept in row.problems]


def letter_of(cell: str) -> str:
    """Return the column of an address: F of F12."""
    return cell.rstrip("0123456789")


def headers(batch: ImportBatch, sheet: str) -> dict[str, str]:
    """Return the headers of the columns that were read of a sheet, by letter."""
    found = (one for one in batch.report.get("columns", ()) if one["sheet"] == sheet)
    return {one["letter"]: one["header"] for one in found if one["state"] == "used"}


def _check_version(row: ImportRow, version: int) -> None:
    if row.version != version:
        raise Conflict(
            tr("第 %(row)s 行在您打开页面之后已被他人修改，您的修改没有写入；请看过现在的内容再改。", row=row.row)
        )


def _write(
    session: Session,
    batch: ImportBatch,
    rows: Mapping[int, ImportRow],
    writings: Sequence[Writing],
    *,
    by: Actor,
    why: str,
) -> None:
    now = clock.now()
    told: dict[str, list[Any]] = {}
    for writing in writings:
        row = rows[writing.row_id]
        text = writing.text.strip()[:LONGEST_CELL]
        old = texts_of(row).get(writing.letter, "")
        session.add(
            CellEdit(
                batch_id=batch.id, row_id=row.id, letter=writing.letter, old=old, new=text, why=why.strip()[:LONGEST],
                edited_by=by.id, edited_by_name=by.name, edited_at=now,
            )
        )  # fmt: skip
        told[f"{row.sheet}!{writing.letter}{row.row}"] = [old, text]
        edited = {letter: one for letter, one in row.edited.items() if letter != writing.letter}
        if text != row.cells.get(writing.letter, ""):
            at = clock.local(now).strftime("%Y-%m-%d %H:%M")
            edited[writing.letter] = {"new": text, "by": by.name, "by_id": by.id, "at": at}
        row.edited = edited
    changed = {writing.row_id for writing in writings}
    _count(session, changed)
    fresh = {row_id: reading.read_again(batch, rows[row_id], texts_of(rows[row_id])) for row_id in changed}
    rehearsal.replan(session, batch, sorted(changed), by, fresh)
    record(session, by, Action.IMPORT_EDIT, subject(batch), changes=told, note=why.strip())


def _count(session: Session, row_ids: Iterable[int]) -> None:
    """Note that rows changed: whoever opened them before must look again."""
    session.flush()
    for part in queries.portions(sorted(row_ids)):
        session.execute(
            update(ImportRow).where(ImportRow.id.in_(part)).values(version=ImportRow.version + 1)
            .execution_options(synchronize_session=False)
        )  # fmt: skip


def decide(
    session: Session,
    batch: ImportBatch,
    row_id: int,
    decision: Decision | None,
    *,
    by: Actor,
    version: int,
    firm_id: int | None = None,
    why: str = "",
) -> None:
    """Decide on a whole row: it is this firm, a new firm, or not to be imported; None takes the decision back.

    Raises ``Invalid`` (``firm_id``) without a firm in reach, ``Conflict`` when somebody changed the row meanwhile.
    """
    must_be(batch, BatchState.STAGED)
    row = queries.row(session, batch, row_id)
    _check_version(row, version)
    if not row.values:
        raise Conflict(tr("第 %(row)s 行不是企业数据，没有什么可以决定。", row=row.row))
    if decision is Decision.FIRM:
        if firm_id is None:
            raise Invalid("firm_id", tr("请选择这一行是哪家企业。"))
        firms.firm(session, firm_id, for_=by)
    old = row.decision
    row.decision = decision
    row.decided_firm_id = firm_id if decision is Decision.FIRM else None
    row.decided_by_name, row.decided_why = (by.name, why.strip()[:LONGEST]) if decision else ("", "")
    _count(session, [row.id])
    rehearsal.replan(session, batch, [row.id], by)
    changes: dict[str, list[Any]] = {f"{row.sheet}!{row.row}": [old, decision], "firm": [None, row.decided_firm_id]}
    record(session, by, Action.IMPORT_EDIT, subject(batch), changes=changes, note=why.strip())


class Choice(NamedTuple):
    """A row, the version of it that was looked at, and the firm that it is."""

    row_id: int
    version: int
    firm_id: int


def decide_each(session: Session, batch: ImportBatch, choices: Sequence[Choice], *, by: Actor) -> int:
    """Decide of many rows which firm each is, all or none of them; return how many.

    Raises ``Conflict`` without a choice or when somebody changed one of the rows meanwhile, ``NotFound`` for a firm out
    of reach.
    """
    must_be(batch, BatchState.STAGED)
    rows = {row.id: row for row in queries.rows_by_id(session, [one.row_id for one in choices])}
    meant = [(row, one) for one in choices if (row := rows.get(one.row_id)) is not None and row.batch_id == batch.id]
    if not meant:
        raise Conflict(tr("没有可以一起选定的行，请刷新页面。"))
    firms.chosen(session, [one.firm_id for _row, one in meant], for_=by)
    changes: dict[str, list[Any]] = {}
    for row, one in meant:
        _check_version(row, one.version)
        changes[f"{row.sheet}!{row.row}"] = [row.decided_firm_id, one.firm_id]
        row.decision, row.decided_firm_id = Decision.FIRM, one.firm_id
        row.decided_by_name, row.decided_why = by.name, ""
    changed = [row.id for row, _one in meant]
    _count(session, changed)
    rehearsal.replan(session, batch, changed, by)
    record(session, by, Action.IMPORT_EDIT, subject(batch), changes=changes)
    return len(changed)


def give_reason(
    session: Session, batch: ImportBatch, row_id: int, key: str, reason: str, *, by: Actor, version: int
) -> None:
    """Say why a figure is as odd as it is; the reason is kept with the figure. Raises ``Invalid`` (``reason``)."""
    must_be(batch, BatchState.STAGED)
    row = queries.row(session, batch, row_id)
    _check_version(row, version)
    if key not in words_of(row.asks) and key not in row.reasons:
        raise Conflict(tr("这个数据不需要说明原因，请刷新页面。"))
    _reasoned(session, batch, [(row, [key])], _checked(reason), by)


def reason_for_all(session: Session, batch: ImportBatch, reason: str, *, by: Actor, kind: str = "") -> int:
    """Give one reason to every figure of a kind (or of all) that still lacks one; return how many figures."""
    must_be(batch, BatchState.STAGED)
    text = _checked(reason)
    total = 0
    entries = Entries(batch)
    for rows in queries.asking_chunks(session, batch.id, kind):
        pairs = [(row, _asked(row, kind, entries)) for row in rows]
        total += sum(len(keys) for _row, keys in pairs)
        _reasoned(session, batch, [(row, keys) for row, keys in pairs if keys], text, by)
    if not total:
        raise Conflict(tr("没有还缺原因的数据，请刷新页面。"))
    return total


def _asked(row: ImportRow, kind: str, entries: Entries) -> list[str]:
    asked = words_of(row.asks)
    if not kind:
        return asked
    cells = {one.cell for one in problems_of(row) if one.kind.value == kind}
    by_cell = entries.keys_by_cell(row)
    return [key for key in asked if any(by_cell.get(cell) == key for cell in cells)]


def _checked(reason: str) -> str:
    if len(reason.strip()) < 2:
        raise Invalid("reason", tr("请写明原因，原因会随数据留存，并可导出用于情况说明。"))
    return reason.strip()[:LONGEST]


def _reasoned(
    session: Session, batch: ImportBatch, pairs: Sequence[tuple[ImportRow, Sequence[str]]], reason: str, by: Actor
) -> None:
    at = clock.local(clock.now()).strftime("%Y-%m-%d %H:%M")
    told: dict[str, list[Any]] = {}
    for row, keys in pairs:
        given = {key: {"text": reason, "by": by.name, "at": at} for key in keys}
        told.update((f"{row.sheet}!{row.row} {key}", [row.reasons.get(key, {}).get("text"), reason]) for key in keys)
        row.reasons = {**row.reasons, **given}
    changed = [row.id for row, _keys in pairs]
    _count(session, changed)
    rehearsal.replan(session, batch, changed, by)
    record(session, by, Action.IMPORT_EDIT, subject(batch), changes=told, note=reason)


def set_policy(session: Session, batch: ImportBatch, policies: Mapping[str, str], *, by: Actor) -> int:
    """Say by column what happens where something is held already; rehearse everything. Return the rows that changed."""
    must_be(batch, BatchState.STAGED)
    old = batch.report.get("policy", {})
    batch.report = {**batch.report, "policy": dict(policies)}
    moved = rehearsal.rehearse_all(session, batch, by)
    changes = {key: [old.get(key), policies.get(key)] for key in sorted({*old, *policies})
               if old.get(key) != policies.get(key)}  # fmt: skip
    record(session, by, Action.IMPORT_EDIT, subject(batch), changes=changes)
    return moved
