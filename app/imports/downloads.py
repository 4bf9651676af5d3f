"""What goes out of a batch besides the original: the marked workbook, the reasons for large changes."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.core.text import tr
from app.facts import display
from app.facts.keeping import indicator_of
from app.files import service as files
from app.files.store import FileStore
from app.firms import queries as firms
from app.imports import queries, repairs
from app.imports.cells.kept import Entries
from app.imports.models import ImportBatch
from app.imports.plans.plan import best
from app.imports.problem import Level
from app.imports.table import UPLOAD_LIMITS
from app.sheets.annotate import annotate
from app.sheets.annotated.mark import Mark
from app.sheets.columns import Column
from app.sheets.write import Watermark, write_table

MOST_MARKS = 20_000


def marked(session: Session, store: FileStore, batch: ImportBatch, say: Callable[[object], str]) -> bytes:
    """Return the file as it was uploaded, the cells that are not in order coloured and commented."""
    marks: list[Mark] = []
    for rows in queries.problem_chunks(session, batch.id):
        for row in rows:
            first = next(iter(repairs.headers(batch, row.sheet)), "A")
            for one in repairs.problems_of(row):
                if one.level is Level.INFO:
                    continue
                address = one.cell or f"{first}{row.row}"
                text = row.cells.get(repairs.letter_of(address), "")
                advice = f"{one.repair}（{say(one.why)}）" if one.repair and one.why else one.repair
                marks.append(Mark(row.sheet, address, text, say(one.message), advice, one.level is Level.ERROR))
        if len(marks) > MOST_MARKS:
            break
    return annotate(files.content_of(store, batch.file), batch.file.name, marks[:MOST_MARKS], limits=UPLOAD_LIMITS)


def reasons(session: Session, batch: ImportBatch, *, watermark: Watermark) -> bytes:
    """Return the reasons given for odd figures, with this year's and last year's value, as a table."""
    rows = queries.reasoned_rows(session, batch.id)
    names = firms.names(session, [row.firm_id for row in rows if row.firm_id is not None])
    years = {batch.year, batch.year - 1}
    held = queries.held(session, [row.firm_id for row in rows if row.firm_id is not None], years)
    records = []
    entries = Entries(batch)
    for row in rows:
        for figure in entries.of(row).figures:
            given = row.reasons.get(figure.key)
            if given is None or figure.year is None:
                continue
            indicator = indicator_of(figure.key, figure.year)
            last = best(held.get((row.firm_id or 0, figure.key, figure.year - 1), ()))
            records.append(
                {
                    "firm": names.get(row.firm_id or 0, row.name),
                    "indicator": indicator.short,
                    "year": str(figure.year),
                    "now": display.with_unit(indicator, figure.value),
                    "last": str(display.show_columns(indicator, *last.columns)) if last else "",
                    "reason": given["text"],
                    "by": given["by"],
                    "place": f"{row.sheet}!{figure.cell}",
                }
            )
    columns = [
        Column("firm", str(tr("企业")), width=36), Column("indicator", str(tr("指标")), width=20),
        Column("year", str(tr("年度")), width=8), Column("now", str(tr("本年数值")), width=20),
        Column("last", str(tr("上年数值")), width=20), Column("reason", str(tr("变动原因")), width=60),
        Column("by", str(tr("填写人")), width=12), Column("place", str(tr("原表位置")), width=20),
    ]  # fmt: skip
    return write_table(columns, records, created=watermark.at, sheet=str(tr("变动原因说明")), watermark=watermark)
