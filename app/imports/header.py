"""Finding the header row of a sheet and saying what each of its columns is (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.core.text import Message, tr
from app.imports import units
from app.imports.problem import message_from_json, message_to_json
from app.imports.profile import NAMING, Profile, ProfileColumn, Spelling
from app.imports.spelling import plain_header, split_unit
from app.sheets.cells import Row, SheetData, letters

SEARCHED_ROWS = 30
FEWEST = 2
MONEY = "万元"
_DECLARED = re.compile(r"单位\s*[:：]\s*(?:人民币)?\s*(元|千元|万元|百万元|亿元)")
_PARTLY = re.compile(r"^其\s*中\s*[:：]\s*")


@dataclass(frozen=True, slots=True)
class Place:
    """A recognised column: its number from 1, the header as written, what it fills, the unit of its numbers.

    ``said_by`` tells where the unit comes from: header, sheet (a line above the header) or profile.
    """

    number: int
    header: str
    column: ProfileColumn
    unit: str
    said_by: str


@dataclass(frozen=True, slots=True)
class ColumnNote:
    """What happened to one column of the file; ``state`` is used, ignored, repeated or unknown."""

    letter: str
    header: str
    state: str
    target: str = ""
    unit: str = ""
    note: Message | None = None
    sheet: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the form in which a batch keeps it."""
        return {
            "letter": self.letter,
            "header": self.header,
            "state": self.state,
            "target": self.target,
            "unit": self.unit,
            "note": message_to_json(self.note) if self.note else None,
            "sheet": self.sheet,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> ColumnNote:
        """Read back what ``as_json`` wrote."""
        return cls(**{**kept, "note": message_from_json(kept["note"]) if kept["note"] else None})


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the header stands (first and last row, from 1) and what the columns are."""

    row: int
    last: int
    places: tuple[Place, ...]
    notes: tuple[ColumnNote, ...]

    def place_of(self, field: str) -> Place | None:
        """Return the column that fills an identity field."""
        return next((place for place in self.places if place.column.field == field), None)


def find_layout(sheet: SheetData, profile: Profile) -> Layout | None:
    """Return the layout by the first row that names most columns; None when no row looks like a header.

    A header names a firm's name or code and at least one thing more.
    """
    best: tuple[int, Row] | None = None
    for number in range(1, min(sheet.height, SEARCHED_ROWS) + 1):
        row = sheet.row(number)
        known = _known(row, profile)
        names_firm = any(spelling.column.field in NAMING for spelling in known.values())
        if names_firm and len(known) >= FEWEST and (best is None or len(known) > best[0]):
            best = (len(known), row)
    if best is None:
        return None
    number = best[1].number
    return _layout(_with_second(sheet, best[1], profile), profile, number, _unit_above(sheet, number - 1))


def _known(row: Row, profile: Profile) -> dict[str, Spelling]:
    texts = [cell.value for cell in row.cells if isinstance(cell.value, str)]
    found = [spelling for text in texts if (spelling := meaning(text, profile)) is not None]
    return {spelling.column.header: spelling for spelling in found}


def _with_second(sheet: SheetData, upper: Row, profile: Profile) -> Row:
    """Return the header as one row: under a merged 主要经济指标 the second row holds the real names."""
    lower = sheet.row(upper.number + 1)
    names_firm = any(spelling.column.field for spelling in _known(lower, profile).values())
    if names_firm or not _known(lower, profile) or any(not isinstance(c.value, str | None) for c in lower.cells):
        return upper
    below = {cell.column: cell for cell in lower.cells if not cell.is_blank}
    return Row(lower.number, tuple(below.get(cell.column, cell) for cell in upper.cells))


def meaning(text: str, profile: Profile) -> Spelling | None:
    """Return what a header means: as a whole, or without the unit behind it and the 其中 before it."""
    text = _PARTLY.sub("", text.strip())
    whole = profile.spellings.get(plain_header(text))
    if whole is not None:
        return whole
    name, unit = split_unit(text, units.KNOWN)
    found = profile.spellings.get(name)
    if found is None or not unit:
        return None
    indicator = found.column.indicator
    if indicator is None or units.factor(unit, indicator.unit) is None:
        return None
    return Spelling(found.column, unit)


def _unit_above(sheet: SheetData, header: int) -> str:
    """Return the unit of money that a line above the header declares: 单位：千元."""
    for number in range(1, header + 1):
        for cell in sheet.row(number).cells:
            found = _DECLARED.search(cell.raw) if isinstance(cell.value, str) else None
            if found is not None:
                return found[1]
    return ""


def _place(number: int, text: str, found: Spelling, sheet_unit: str) -> Place:
    indicator = found.column.indicator
    if found.unit:
        return Place(number, text, found.column, found.unit, "header")
    if sheet_unit and indicator is not None and indicator.unit == MONEY:
        return Place(number, text, found.column, sheet_unit, "sheet")
    return Place(number, text, found.column, found.column.unit, "profile")


def _layout(row: Row, profile: Profile, first: int, sheet_unit: str) -> Layout:
    places: list[Place] = []
    notes: list[ColumnNote] = []
    taken: dict[str, str] = {}
    for cell in row.cells:
        text = cell.raw.strip()
        if not text:
            continue
        letter = letters(cell.column)
        found = meaning(text, profile)
        if found is None:
            notes.append(_not_used(letter, text, profile))
        elif found.column.header in taken:
            note = tr("与 %(letter)s 列重复，只读取 %(letter)s 列", letter=taken[found.column.header])
            notes.append(ColumnNote(letter, text, "repeated", found.column.header, "", note))
        else:
            taken[found.column.header] = letter
            place = _place(cell.column, text, found, sheet_unit)
            places.append(place)
            notes.append(_used(letter, place))
    return Layout(first, row.number, tuple(places), tuple(notes))


def _not_used(letter: str, text: str, profile: Profile) -> ColumnNote:
    name, _unit = split_unit(text, units.KNOWN)
    reason = profile.ignored.get(plain_header(text)) or profile.ignored.get(name)
    if reason:
        return ColumnNote(letter, text, "ignored", note=Message(reason))
    return ColumnNote(letter, text, "unknown", note=tr("没有认出这一列，其中的内容不会导入（原件保留）"))


def _used(letter: str, place: Place) -> ColumnNote:
    indicator = place.column.indicator
    note: Message | None = None
    if indicator is not None and place.said_by == "sheet":
        note = tr("按表头上方注明的单位（%(unit)s）读取", unit=place.unit)
    elif indicator is not None and indicator.unit and place.said_by == "profile":
        if indicator.unit == MONEY:
            note = tr("表头没有写单位，按%(unit)s读取", unit=place.unit)
        elif indicator.is_ratio:
            note = tr("表头没有写单位，百分比须带 % 号或为小数")
    elif indicator is not None and indicator.unit and place.unit != indicator.unit:
        into = tr("小数") if indicator.is_ratio else indicator.unit
        note = tr("由%(unit)s精确换算为%(into)s", unit=place.unit, into=into)
    return ColumnNote(letter, place.header, "used", place.column.header, place.unit, note)


def looked_for(profile: Profile) -> Message:
    """Return the sentence that says which headers a table needs."""
    columns = profile.template_columns()
    named = "、".join(column.header for column in columns if column.field in NAMING)
    figures: Sequence[str] = [column.header for column in columns if column.key and not column.field][:6]
    return tr(
        "没有找到表头：前 %(rows)s 行里须有一行写着%(named)s之一，以及%(figures)s等列名中的至少一个。"
        "请下载空白模板对照列名，或把数据贴到模板里再上传",
        rows=SEARCHED_ROWS,
        named=named,
        figures="、".join(figures),
    )
