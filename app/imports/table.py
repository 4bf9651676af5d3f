"""A whole file read by a profile: every row of every sheet is accounted for, nothing is lost silently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple, Self

from app.core.bulk import Written
from app.core.errors import Invalid
from app.core.text import N_, Message, tr
from app.imports.cells.entry import Entry
from app.imports.cells.quick import PlainRows
from app.imports.cells.rows import NoData, RowReader, no_data
from app.imports.cells.suspicion import MONEY, usual
from app.imports.layouts.header import find_layout, known_in
from app.imports.layouts.layout import ColumnNote, Layout, spans
from app.imports.layouts.merged import spread
from app.imports.layouts.missed import why_no_table
from app.imports.layouts.profile import NAMING, Profile, profiles
from app.imports.layouts.recognise import Glance, Understood, best_profile, of_their_years, sentence, year_of
from app.imports.layouts.titles import year_in
from app.sheets.cells import Row, Visibility
from app.sheets.limits import Limits
from app.sheets.stream import Head, OpenWorkbook, open_workbook

UPLOAD_LIMITS = Limits(octets=30 * 1024**2)
SAMPLED_ROWS = 200
"""So many rows at the head of a sheet are looked at before any is read: header, magnitudes, years."""
MANY = Decimal("0.1")
"""From this share of its rows on a second year in the year column is meant."""
GENERAL = "annual-firms"
NO_YEAR = N_("认出是“%(title)s”，但标题、年度列、工作表名和文件名里都没有写年度；请选择数据年度后重新读取")


class TableRow(NamedTuple):
    """One row of the file: raw cells by letter, and what was read of it; ``written`` are the cells as JSON."""

    sheet: str
    row: int
    cells: dict[str, str]
    content: Entry | NoData
    written: Written | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of the file in order, what became of the columns, which sheets were read, and by which layouts."""

    rows: tuple[TableRow, ...]
    columns: tuple[ColumnNote, ...]
    sheets: tuple[dict[str, Any], ...]
    layouts: dict[str, Layout]


class OpenTable:
    """A file that is understood and can be read row by row. ``layouts`` is complete after the rows were read."""

    def __init__(self, book: OpenWorkbook, understood: Understood, year: int, layouts: dict[str, Layout]) -> None:
        self._book, self.profile, self.year = book, understood.profile, year
        self.understood = understood
        self.layouts = layouts
        self.expected = sum(head.height for head in book.heads)

    @property
    def columns(self) -> tuple[ColumnNote, ...]:
        """What became of the columns of every sheet that is read."""
        return tuple(note for layout in self.layouts.values() for note in layout.notes)

    @property
    def sheets(self) -> tuple[dict[str, Any], ...]:
        """All sheets with the number of their rows, whether they are read and whether the file hides them."""
        return tuple(
            {
                "name": head.name,
                "rows": head.height,
                "read": head.name in self.layouts,
                "hidden": head.visibility is not Visibility.VISIBLE,
            }
            for head in self._book.heads
        )

    def rows(self) -> Iterator[TableRow]:
        """Give every row of every sheet once, in the order of the file."""
        for head in self._book.heads:
            layout = self.layouts.get(head.name)
            if layout is None:
                yield from self._unread(head)
            else:
                yield from self._read(head, layout)

    @property
    def ends(self) -> dict[str, int]:
        """The last row of the table by sheet, where another one was found below it so far."""
        return {name: layout.until for name, layout in self.layouts.items() if layout.until is not None}

    def end(self, ends: Mapping[str, int]) -> None:
        """Take over where tables end, as another reading of the rows found it."""
        for name, until in ends.items():
            if self.layouts[name].until != until:
                self.layouts[name] = replace(self.layouts[name], until=until)

    def _unread(self, head: Head) -> Iterator[TableRow]:
        for row in self._book.rows(head):
            why = no_data(row.number, _why_unread(head))
            yield TableRow(head.name, row.number, row.texts(), why)

    def _read(self, head: Head, layout: Layout) -> Iterator[TableRow]:
        name = head.name
        reader = RowReader(layout, self.year, name)
        plain = PlainRows(reader)
        for row in spread(self._book.rows(head), layout, head.merged):
            if (seen := plain.look(row)) is not None:
                yield TableRow(name, row.number, seen.cells, seen.content, seen.written)
                continue
            texts, number = row.texts(), row.number
            if number <= layout.last:
                yield TableRow(name, number, texts, _above(number, texts, layout))
                continue
            if layout.until is None and begins_another(row, texts, layout, self.profile):
                layout = self.layouts[name] = replace(layout, until=number - 1)
                reader = RowReader(layout, self.year, name)
                plain = PlainRows(reader)
            yield TableRow(name, number, texts, reader.read(number, texts))

    def close(self) -> None:
        """Let go of the file."""
        self._book.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def open_table(
    content: bytes,
    filename: str,
    *,
    profile: Profile | None = None,
    year: int | None = None,
    layouts: Mapping[str, Layout] | None = None,
    known: Sequence[Profile] = (),
) -> OpenTable:
    """Open a file and understand it; ``profile`` and ``year`` are recognised where they are not given.

    ``layouts`` are those that a person gave: only their sheets are read. ``known`` are saved profiles, tried first.
    Raises ``Invalid``: ``file`` when it is no table or no sheet has a header, ``year`` when no year is said.
    """
    book = open_workbook(content, filename, limits=UPLOAD_LIMITS)
    try:
        glances = glances_at(book)
        if profile is None:
            profile = best_profile(glances, filename, candidates(known))
        if profile is None:
            raise Invalid("file", why_no_table(glances, profiles()[GENERAL]))
        found = of_their_years(glances, dict(layouts) if layouts else _layouts(glances, profile))
        if not found:
            raise Invalid("file", why_no_table(glances, profile))
        said, year_from = (year, "person") if year is not None else year_of(glances, filename, found)
        understood = Understood(profile, said, year_from, sentence(profile, said, list(found.values())))
        if said is None:
            raise Invalid("year", no_year(profile))
        hidden = {head.name: head for head in book.heads}
        learned_from = {
            glance.name: learned(with_hidden(found[glance.name], hidden[glance.name]), glance.head, said, glance.name)
            for glance in glances_at(book, every=True)
            if glance.name in found
        }
        return OpenTable(book, understood, said, learned_from)
    except BaseException:
        book.close()
        raise


def candidates(known: Sequence[Profile]) -> list[Profile]:
    """Return the profiles to try: saved ones, the general one, the special ones."""
    general = profiles()[GENERAL]
    return [*known, general, *(one for one in profiles().values() if one is not general)]


def no_year(profile: Profile) -> Message:
    """Return the sentence for a file in which nothing says its year."""
    return tr(NO_YEAR, title=profile.title)


def glances_at(book: OpenWorkbook, *, every: bool = False) -> list[Glance]:
    """Return the beginning of every sheet that a person sees, or of all."""
    return [
        Glance(head.name, list(islice(book.rows(head), SAMPLED_ROWS)))
        for head in book.heads
        if every or head.visibility is Visibility.VISIBLE
    ]


def _layouts(glances: Sequence[Glance], profile: Profile) -> dict[str, Layout]:
    found = {glance.name: find_layout(glance.head, profile, glance.name) for glance in glances}
    return {name: layout for name, layout in found.items() if layout is not None}


def with_hidden(layout: Layout, head: Head) -> Layout:
    """Return the layout with what the sheet hides, its notes naming the sheet."""
    notes = tuple(
        replace(_unseen(note) if note.letter in head.hidden_columns and note.state == "used" else note, sheet=head.name)
        for note in layout.notes
    )
    places = layout.places
    if head.is_1904:
        places = tuple(replace(place, is_1904=True) for place in places)
    return replace(layout, hidden=spans(head.hidden_rows), notes=notes, places=places)


def _unseen(note: ColumnNote) -> ColumnNote:
    told = tr("这一列在表格中被隐藏；%(note)s", note=note.note) if note.note else tr("这一列在表格中被隐藏")
    return replace(note, note=told, asks=True)


def read_table(content: bytes, filename: str, profile: Profile | None, year: int | None) -> Table:
    """Read a file at once. Raises ``Invalid`` (``file``) when it is no table or no sheet has a header."""
    with open_table(content, filename, profile=profile, year=year) as table:
        rows = tuple(table.rows())
        return Table(rows, table.columns, table.sheets, table.layouts)


def learned(layout: Layout, head: Sequence[Row], year: int, sheet: str) -> Layout:
    """Return the layout with the usual magnitude of its columns and whether its rows are of several years."""
    numbers: dict[tuple[str, str], list[Decimal]] = {}
    years: Counter[int] = Counter()
    reader = RowReader(replace(layout, many_years=True), year, sheet)
    plain = PlainRows(reader)
    for row in head:
        if row.number <= layout.last:
            continue
        seen = plain.look(row)
        entry = seen.content if seen is not None else reader.read(row.number, row.texts())
        if not isinstance(entry, Entry):
            continue
        years[entry.year or year] += 1
        for figure in entry.figures:
            if isinstance(figure.value, Decimal):
                numbers.setdefault((figure.key, figure.header), []).append(figure.value)
    places = [
        replace(place, usual=usual(numbers.get((place.column.key, place.header), ())))
        if place.column.indicator is not None and place.column.indicator.unit == MONEY
        else place
        for place in layout.places
    ]
    titled = any(year_in(text) for row in head if row.number < layout.row for text in row.texts().values())
    second = sorted(years.values())[-2] if len(years) > 1 else 0
    many = not titled and second >= MANY * sum(years.values())
    return replace(layout, places=tuple(places), many_years=many)


def begins_another(row: Row, texts: Mapping[str, str], layout: Layout, profile: Profile) -> bool:
    """Whether a row is the header of another table: it names a firm's column and things of its own."""
    if len(texts) < 2 or any(len(text) > 60 or text[:1].isdigit() for text in texts.values()):
        return False
    if any(not isinstance(cell.value, str) for cell in row.cells if not cell.is_blank):
        return False
    known = known_in(row, profile).values()
    if not any(one.spelling.column.field in NAMING for one in known):
        return False
    own = {place.column.header for place in layout.places}
    headers = {place.header for place in layout.places}
    same = sum(text.strip() in headers for text in texts.values())
    shared = sum(one.spelling.column.header in own for one in known)
    return same < 2 and shared < max(2, len(layout.places) // 2)


def _above(number: int, texts: Mapping[str, str], layout: Layout) -> NoData:
    if number >= layout.row:
        return no_data(number, tr("表头"))
    return no_data(number, tr("表头上方的标题或说明") if texts else tr("空行"))


def _why_unread(head: Head) -> Message:
    if head.visibility is not Visibility.VISIBLE:
        return tr("隐藏的工作表“%(sheet)s”，没有读取；需要导入的请在“对应关系”中勾选这张表", sheet=head.name)
    return tr("工作表“%(sheet)s”里没有可识别的表头，没有读取", sheet=head.name)
