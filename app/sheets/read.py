"""Reading a whole table file at once. For a large one see ``stream``."""

from __future__ import annotations

from app.sheets.cells import SheetData, Workbook
from app.sheets.limits import Limits
from app.sheets.stream import open_workbook


def read_workbook(content: bytes, filename: str = "", *, limits: Limits | None = None) -> Workbook:
    """Return every sheet of ``content`` (.xlsx, .xls, .xlsb, .ods or .csv).

    The kind is told by the content; ``filename`` only names the sheet of a CSV file. Raises ``NotATable`` with the
    reason and the remedy; nothing half-read is ever returned.
    """
    with open_workbook(content, filename, limits=limits) as book:
        sheets = tuple(
            SheetData(
                name=head.name,
                filled=tuple(book.filled_rows(head)),
                visibility=head.visibility,
                merged=head.merged,
                declared_rows=head.declared_rows,
                hidden_rows=head.hidden_rows,
                hidden_columns=head.hidden_columns,
            )
            for head in book.heads
        )
        return Workbook(sheets, book.kind)
