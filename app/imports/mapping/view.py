"""What the mapping page shows of a file, and what a person chose on it (pure apart from opening the file)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from app.core.errors import Invalid
from app.core.text import Message, tr
from app.imports.layouts.header import FEWEST, SEARCHED_ROWS, find_layout, note_of, with_money
from app.imports.layouts.layout import ColumnNote, Layout, Place
from app.imports.layouts.profile import NAMING, Profile
from app.imports.layouts.recognise import Glance
from app.imports.layouts.spelling import folded, plain_header, split_unit
from app.imports.layouts.units import KNOWN, MONEY_UNITS
from app.imports.mapping.suggest import suggest
from app.imports.mapping.targets import NOTHING, column_of, is_money, target_of, unit_said, units_for, value_of
from app.imports.table import UPLOAD_LIMITS, glances_at
from app.sheets.cells import Visibility, column_number
from app.sheets.stream import open_workbook

SAMPLES = 3
MOST_COLUMNS = 300
"""A wider sheet is cut off on the page, and says so."""
LAST_YEAR = "-1"
ANY_UNIT = (*MONEY_UNITS, "%", "‰")
"""Offered where it is not yet known what a column holds."""


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column: header and sample texts, what it is taken for and why, and the units to choose from."""

    letter: str
    header: str
    samples: Sequence[str]
    target: str
    unit: str
    year: str
    why: Message | None
    units: Sequence[str]
    asks: bool = False
    has_year: bool = True


@dataclass(frozen=True, slots=True)
class SheetView:
    """One sheet: whether it is read, where its header stands, its columns, the unit of money above them."""

    place: int
    name: str
    is_hidden: bool
    is_read: bool
    height: int
    first: int
    last: int
    columns: Sequence[ColumnView]
    is_cut: bool = False
    unit: str = ""
    money_units: Sequence[str] = MONEY_UNITS


@dataclass(frozen=True, slots=True)
class Looked:
    """A file as the page needs it: the beginning of every sheet, which of them are hidden."""

    glances: Sequence[Glance]
    hidden: frozenset[str]
    heights: Mapping[str, int]


def look_at(content: bytes, filename: str) -> Looked:
    """Open a file and take its beginning. Raises ``Invalid`` (``file``) when it is no table."""
    with open_workbook(content, filename, limits=UPLOAD_LIMITS) as book:
        return Looked(
            glances_at(book, every=True),
            frozenset(head.name for head in book.heads if head.visibility is not Visibility.VISIBLE),
            {head.name: head.height for head in book.heads},
        )


def sheets_of(
    looked: Looked, profile: Profile, kept: Mapping[str, Layout], asked: Mapping[str, str]
) -> list[SheetView]:
    """Return all sheets with what is proposed for them.

    ``kept`` are the layouts of the batch; ``asked`` is the query of the page: ``row<place>`` moves a header.
    """
    found: list[SheetView] = []
    for place, glance in enumerate(looked.glances):
        at = asked.get(f"row{place}", "")
        row = int(at) if at.isascii() and at.isdigit() and len(at) < 8 and 0 < int(at) <= len(glance.head) else None
        layout = kept.get(glance.name) if row is None else None
        layout = layout or find_layout(glance.head, profile, glance.name, at=row)
        is_guess = layout is None
        if layout is None and (guess := likely_header(glance)) is not None:
            layout = find_layout(glance.head, profile, glance.name, at=guess)
        hidden = glance.name in looked.hidden
        is_read = glance.name in kept if kept else layout is not None and not hidden and not (is_guess and found)
        found.append(_sheet(place, glance, layout, profile, looked, is_read=is_read))
    return found


def likely_header(glance: Glance) -> int | None:
    """Return the row that looks like a header although no profile knows its names: the first of the fullest with texts
    alone that stands over a row with as much in it."""
    best: tuple[int, int] | None = None
    for row, below in pairwise(glance.head[:SEARCHED_ROWS]):
        filled = [cell for cell in row.cells if not cell.is_blank]
        is_text = all(isinstance(cell.value, str) and not cell.raw.strip().isdigit() for cell in filled)
        follows = 2 * sum(not cell.is_blank for cell in below.cells) >= len(filled)
        if len(filled) >= FEWEST and is_text and follows and (best is None or len(filled) > best[0]):
            best = (len(filled), row.number)
    return best[1] if best is not None else None


def _sheet(
    place: int, glance: Glance, layout: Layout | None, profile: Profile, looked: Looked, *, is_read: bool
) -> SheetView:
    hidden, height = glance.name in looked.hidden, looked.heights[glance.name]
    if layout is None:
        return SheetView(place, glance.name, hidden, False, height, 1, 1, ())
    below = [row.texts() for row in glance.head if row.number > layout.last]
    places = {one.letter: one for one in layout.places}
    columns = []
    for note in layout.notes[:MOST_COLUMNS]:
        texts = [texts[note.letter] for texts in below if texts.get(note.letter, "").strip()]
        texts = [text for text in texts if folded(text) != folded(note.header)]  # a header repeated further down
        columns.append(_column(note, places.get(note.letter), texts, profile))
    return SheetView(
        place, glance.name, hidden, is_read, height, layout.row, layout.last, columns,
        is_cut=len(layout.notes) > MOST_COLUMNS, unit=layout.unit,
    )  # fmt: skip


def _column(note: ColumnNote, place: Place | None, texts: Sequence[str], profile: Profile) -> ColumnView:
    samples = [text.strip()[:40] for text in texts[:SAMPLES]]
    if place is not None:
        year = str(place.year or "") if not place.shift else LAST_YEAR
        choices = units_for(place.column.indicator)
        return ColumnView(
            note.letter, note.header, samples, target_of(place.column), place.unit, year, note.note, choices, note.asks,
            has_year=place.column.indicator is not None and place.column.indicator.by_year,
        )  # fmt: skip
    if note.state != "unknown":
        return ColumnView(note.letter, note.header, samples, NOTHING, "", "", note.note, ANY_UNIT)
    found = suggest(note.header, texts[:20], profile)
    if found is None:
        return ColumnView(note.letter, note.header, samples, NOTHING, "", "", note.note, ANY_UNIT)
    unit = split_unit(note.header, KNOWN)[1]
    why = tr("建议：%(why)s", why=found.why) if found.is_sure else tr("可能是，请确认：%(why)s", why=found.why)
    target = found.target if found.is_sure else NOTHING
    return ColumnView(note.letter, note.header, samples, target, unit, "", why, ANY_UNIT, asks=True)


def layouts_from(looked: Looked, profile: Profile, sent: Mapping[str, str]) -> dict[str, Layout]:
    """Return the layouts that a person chose. Raises ``Invalid`` (``columns``) naming sheet and column."""
    chosen: dict[str, Layout] = {}
    for place, glance in enumerate(looked.glances):
        if f"read{place}" not in sent:
            continue
        at = sent.get(f"row{place}", "")
        row = int(at) if at.isascii() and at.isdigit() and len(at) < 8 else 0
        layout = find_layout(glance.head, profile, glance.name, at=row)
        if layout is None:
            why = tr("工作表“%(sheet)s”没有第 %(row)s 行，请核对表头在第几行", sheet=glance.name, row=at)
            raise Invalid("columns", why)
        money = sent.get(f"money{place}", "")
        chosen[glance.name] = _chosen(glance.name, layout, place, sent, money if money in MONEY_UNITS else "")
    if not chosen:
        raise Invalid("columns", tr("请至少勾选一张要读取的工作表。"))
    return chosen


def _chosen(sheet: str, layout: Layout, number: int, sent: Mapping[str, str], money: str) -> Layout:
    """``money`` is the unit said of the whole sheet; beside it what is said of single columns of money counts not."""
    known = {place.letter: place for place in layout.places}
    places: list[Place] = []
    notes: list[ColumnNote] = []
    taken: dict[tuple[str, str], str] = {}
    for note in layout.notes:
        name = f"{number}{note.letter}"
        target = value_of(sent.get(f"to{name}", NOTHING), header=note.header)
        if not target:
            told = tr("已选择不导入这一列")
            notes.append(ColumnNote(note.letter, note.header, "ignored", note=told, sheet=sheet))
            continue
        year = sent.get(f"year{name}", "")
        other = taken.setdefault((target, year), note.letter)
        if other != note.letter:
            why = tr(
                "工作表“%(sheet)s”的 %(one)s 列和 %(two)s 列对应同一项目，请只留一列",
                sheet=sheet,
                one=other,
                two=note.letter,
            )
            raise Invalid("columns", why)
        unit = "" if money and is_money(target) else sent.get(f"unit{name}", "")
        place = _place(note, target, unit, year, known.get(note.letter), layout.unit)
        places.append(place)
        notes.append(replace(note_of(place), sheet=sheet, asks=False))
    if not any(place.column.field in NAMING for place in places):
        raise Invalid("columns", tr("工作表“%(sheet)s”须有一列对应企业名称、信用代码或证券代码。", sheet=sheet))
    found = replace(layout, places=tuple(places), notes=tuple(notes))
    return with_money(found, money) if money else found


def _place(note: ColumnNote, target: str, unit: str, year: str, known: Place | None, sheet_unit: str) -> Place:
    """Where nobody chose a unit, what the file says counts: the header's own, else that above the table."""
    unit, said = (unit, "person") if unit else unit_said(note.header, target, sheet_unit)
    column = column_of(target, unit, header=note.header)
    said = known.said_by if known is not None and known.unit == column.unit else said
    shift = -1 if year == LAST_YEAR else 0
    fixed = int(year) if len(year) == 4 and year.isascii() and year.isdigit() and year.startswith("20") else None
    return Place(column_number(note.letter), note.header, column, column.unit, said, fixed, shift)


def mapping_of(layouts: Mapping[str, Layout]) -> dict[str, dict[str, Any]]:
    """Return layouts as a saved profile keeps them: by header as compared, without a year, which differs every year."""
    kept: dict[str, dict[str, Any]] = {}
    for layout in layouts.values():
        places = {place.letter: place for place in layout.places}
        for note in layout.notes:
            place = places.get(note.letter)
            if place is not None and (place.year or place.shift):
                continue
            name, unit = split_unit(note.header, KNOWN)
            written = name if unit else plain_header(note.header)
            kept.setdefault(written, {
                "target": target_of(place.column) if place else NOTHING,
                "label": place.column.header if place else note.header,
                "unit": place.unit if place else "",
                "says_unit": bool(unit) or bool(place and place.said_by == "person"),
            })  # fmt: skip
    return kept
