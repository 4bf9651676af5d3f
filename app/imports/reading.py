"""The rows of a file as they stream in, and one row read again after a person wrote into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.core.errors import Conflict
from app.core.text import tr
from app.imports.entry import Entry
from app.imports.layout import Layout
from app.imports.models import ImportBatch, ImportRow
from app.imports.profile import profile
from app.imports.rows import NoData, reread
from app.imports.table import TableRow, read_table


class Reading:
    """A file being read: ``rows()`` gives every row once; ``sheets`` and ``columns`` are complete after that."""

    def __init__(self, content: bytes, name: str, profile_id: str, year: int) -> None:
        self._table = read_table(content, name, profile(profile_id), year)
        self.sheets: list[dict[str, Any]] = [dict(one) for one in self._table.sheets]
        self.columns: list[dict[str, Any]] = [note.as_json() for note in self._table.columns]
        self.layouts = {name: layout.as_json() for name, layout in self._table.layouts.items()}

    def rows(self) -> Iterator[TableRow]:
        """Yield the rows in the order of the file."""
        yield from self._table.rows

    @property
    def expected(self) -> int:
        """How many rows the file is thought to have, for the bar of progress."""
        return sum(int(sheet["rows"]) for sheet in self.sheets)


def read_again(batch: ImportBatch, row: ImportRow, texts: Mapping[str, str]) -> Entry | NoData:
    """Read one row from the texts of its cells, by the layout by which its sheet was read."""
    kept = batch.layouts.get(row.sheet)
    if kept is None:
        raise Conflict(tr("工作表“%(sheet)s”没有读取，不能在这里修改；请修改文件后重新上传。", sheet=row.sheet))
    return reread(texts, Layout.from_json(kept), batch.year, row.sheet, row.row)
