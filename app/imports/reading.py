"""The rows of a file as they stream in, and one row read again after a person wrote into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.core.errors import Conflict
from app.core.text import tr
from app.imports import saved
from app.imports.cells.entry import Entry
from app.imports.cells.rows import NoData, reread
from app.imports.cleaned import Cleaned, cleaned_rows
from app.imports.layouts.layout import Layout
from app.imports.layouts.profile import Profile
from app.imports.models import ImportBatch, ImportRow
from app.imports.table import open_table


@dataclass(frozen=True, slots=True)
class How:
    """How a file is to be read; None and empty where it is to be recognised. ``known`` are the saved profiles."""

    profile: Profile | None
    year: int | None
    layouts: Mapping[str, Layout]
    known: Sequence[Profile]


def how(session: Session, batch: ImportBatch) -> How:
    """Return how the file of a batch is to be read: as a person said, else as it is recognised."""
    return How(
        profile=saved.named(session, batch.profile) if batch.profile else None,
        year=batch.year or None,
        layouts={name: Layout.from_json(kept) for name, kept in batch.layouts.items()},
        known=saved.known(session),
    )


class Reading:
    """A file being read: ``rows()`` gives every row once; ``layouts`` and ``columns`` are complete after that."""

    def __init__(self, content: bytes, name: str, wanted: How) -> None:
        self._table = open_table(
            content, name, profile=wanted.profile, year=wanted.year, layouts=wanted.layouts, known=wanted.known
        )
        self.profile_id, self.year = self._table.profile.id, self._table.year
        self.understood = self._table.understood.as_json()
        self.sheets: list[dict[str, Any]] = [dict(one) for one in self._table.sheets]

    def rows(self) -> Iterator[Cleaned]:
        """Yield the rows in the order of the file."""
        with self._table:
            yield from cleaned_rows(self._table)

    @property
    def columns(self) -> list[dict[str, Any]]:
        """What became of the columns."""
        return [note.as_json() for note in self._table.columns]

    @property
    def layouts(self) -> dict[str, Any]:
        """How each sheet was read."""
        return {name: layout.as_json() for name, layout in self._table.layouts.items()}

    @property
    def expected(self) -> int:
        """How many rows the file is thought to have, for the bar of progress."""
        return self._table.expected


def read_again(batch: ImportBatch, row: ImportRow, texts: Mapping[str, str]) -> Entry | NoData:
    """Read one row from the texts of its cells, by the layout by which its sheet was read."""
    kept = batch.layouts.get(row.sheet)
    if kept is None:
        raise Conflict(tr("工作表“%(sheet)s”没有读取，不能在这里修改；请修改文件后重新上传。", sheet=row.sheet))
    return reread(texts, Layout.from_json(kept), batch.year, row.sheet, row.row)
