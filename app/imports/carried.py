"""What persons did to the rows of a batch survives reading its file again.

It is kept aside in the report of the batch, by sheet and row, while the rows are made anew, and put back where the row
is read again. What finds no row stays aside, is told on the page, and comes back with the next way of reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.facts.sheet import decimal_text, plain_value
from app.firms.models import Firm
from app.imports import queries, reading, rehearsal
from app.imports.cells.entry import Entry, Figure
from app.imports.cells.kept import Entries, texts_of
from app.imports.cells.rows import NoData
from app.imports.models import CellEdit, Decision, ImportBatch, ImportRow

ASIDE = "carried"
STAYS = ("policy", ASIDE)
"""Parts of the report that persons made: reading the file again does not make them anew."""

Kept = dict[str, Any]


def set_aside(session: Session, batch: ImportBatch) -> list[Kept]:
    """Return what persons did to the rows, with what an earlier reading found no row for."""
    edits: dict[int, list[Kept]] = {}
    for one in session.scalars(select(CellEdit).where(CellEdit.batch_id == batch.id).order_by(CellEdit.id)):
        edits.setdefault(one.row_id, []).append(_edit(one))
    typed = select(CellEdit.row_id).where(CellEdit.batch_id == batch.id)
    worked = or_(ImportRow.id.in_(typed), ImportRow.decision.is_not(None), ImportRow.version > _first(batch))
    entries = Entries(batch)
    rows = session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id, worked).order_by(ImportRow.id))
    found = {(row.sheet, row.row): _kept(row, edits.get(row.id, []), entries) for row in rows}
    earlier = {(one["sheet"], one["row"]): one for one in batch.report.get(ASIDE, ())}
    return [*{**earlier, **found}.values()]


def _first(batch: ImportBatch) -> int:
    return first_version(batch.attempt)


def first_version(attempt: int) -> int:
    """Return the version of a row that nobody changed: a page opened before the file was read again never fits."""
    return 1 + 10_000 * (max(attempt, 1) - 1)


def _edit(one: CellEdit) -> Kept:
    return {
        "letter": one.letter, "old": one.old, "new": one.new, "why": one.why, "edited_by": one.edited_by,
        "edited_by_name": one.edited_by_name, "edited_at": one.edited_at.isoformat(),
    }  # fmt: skip


def _kept(row: ImportRow, edits: Sequence[Kept], entries: Entries) -> Kept:
    figures = entries.of(row).figures if row.reasons else ()
    return {
        "sheet": row.sheet,
        "row": row.row,
        "edited": row.edited,
        "edits": edits,
        "decision": row.decision.value if row.decision else "",
        "firm": row.decided_firm_id,
        "by": row.decided_by_name,
        "why": row.decided_why,
        "reasons": row.reasons,
        "figures": [_said(one) for one in figures if one.key in row.reasons],
    }


def _said(figure: Figure) -> list[Any]:
    """Return key, year and value of a figure: a reason is one for this value only."""
    value = figure.value
    return [figure.key, figure.year, decimal_text(value) if isinstance(value, Decimal) else plain_value(value)]


def put_back(session: Session, batch: ImportBatch, by: Actor) -> None:
    """Put back what was kept aside for rows that were read again, and rehearse those rows."""
    kept = {(one["sheet"], one["row"]): one for one in batch.report.get(ASIDE, ())}
    if not kept:
        return
    rows = _rows_at(session, batch, {number for _sheet, number in kept})
    there = {place: row for place, row in rows.items() if place in kept and row.sheet in batch.layouts}
    firms = _standing(session, [kept[place]["firm"] for place in there])
    fresh: dict[int, Entry | NoData] = {}
    for place, row in there.items():
        row.edited = {letter: one for letter, one in kept[place]["edited"].items()
                      if one["new"] != row.cells.get(letter, "")}  # fmt: skip
        content = reading.read_again(batch, row, texts_of(row))
        if row.edited:
            fresh[row.id] = content
        _restore(row, kept[place], content, firms)
        row.version += 1
        session.add_all(CellEdit(batch_id=batch.id, row_id=row.id, **_typed(one)) for one in kept[place]["edits"])
    session.flush()
    changed = sorted(row.id for row in there.values())
    if changed:
        rehearsal.replan(session, batch, changed, by, fresh)
    batch.report = {**batch.report, ASIDE: [one for place, one in kept.items() if place not in there]}


def _rows_at(session: Session, batch: ImportBatch, numbers: set[int]) -> dict[tuple[str, int], ImportRow]:
    found: dict[tuple[str, int], ImportRow] = {}
    for part in queries.portions(sorted(numbers)):
        rows = session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.row.in_(part)))
        found.update(((row.sheet, row.row), row) for row in rows)
    return found


def _standing(session: Session, ids: Sequence[int | None]) -> set[int]:
    wanted = sorted({one for one in ids if one is not None})
    return {
        one for part in queries.portions(wanted) for one in session.scalars(select(Firm.id).where(Firm.id.in_(part)))
    }


def _restore(row: ImportRow, kept: Kept, content: Entry | NoData, firms: set[int]) -> None:
    if isinstance(content, NoData):
        return
    if kept["decision"] and (kept["firm"] is None or kept["firm"] in firms):
        row.decision, row.decided_firm_id = Decision(kept["decision"]), kept["firm"]
        row.decided_by_name, row.decided_why = kept["by"], kept["why"]
    said = [_said(one) for one in content.figures]
    held = {one[0] for one in kept["figures"] if one in said}
    row.reasons = {key: one for key, one in kept["reasons"].items() if key in held}


def _typed(edit: Mapping[str, Any]) -> Kept:
    return {**edit, "edited_at": datetime.fromisoformat(edit["edited_at"])}
