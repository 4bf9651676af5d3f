"""Finding the header row of a sheet and saying what each of its columns is (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.core.text import N_, Message, tr
from app.firms import credit_code
from app.imports.layouts import units
from app.imports.layouts.layout import ColumnNote, Layout, Place
from app.imports.layouts.profile import NAMING, Profile, Spelling
from app.imports.layouts.spelling import folded, plain_header, split_unit
from app.imports.layouts.titles import growth_in, is_qualifier, is_unit, relative, timed, unit_in, unit_of_sheet
from app.sheets.cells import Cell, Row, letters
from app.sheets.numbers import Number, parse_number

SEARCHED_ROWS = 30
FEWEST = 2
MOST_CODE_ROWS = 2
MOST_HEADER_ROWS = 3
MONEY = "万元"
WHOLE = "whole"
"""A unit that a person said of all money of a sheet at once."""
_SAID = {
    "person": N_("按您选定的单位（%(unit)s）读取"),
    WHOLE: N_("按您为整张表选定的单位（%(unit)s）读取"),
    "sheet": N_("按表头上方注明的单位（%(unit)s）读取"),
}
UNIT_UNSAID = N_("表头没有写单位，按%(unit)s读取")
_PARTLY = re.compile(r"^其\s*中\s*[:：]\s*")
_FIRM = re.compile(r".{3,}(有限公司|有限责任公司|股份公司|合伙企业([(（].{2,4}[)）])?)")
_SIDE_BY_SIDE = re.compile(r"[/、()\[\]]|或")
_CODE = re.compile(r"[A-Za-z]{0,5}[-_.]?\d{1,4}(?:[-_.]\d{1,3})?|[甲乙丙丁戊]|代码|指标代码|栏次|序号")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a header means: a column of the profile, the unit it says, the year it says."""

    spelling: Spelling
    year: int | None = None
    shift: int = 0

    @property
    def mark(self) -> tuple[str, int | None, int]:
        """Equal for columns that would state the same figure."""
        return (self.spelling.column.header, self.year, self.shift)


def meaning(text: str, profile: Profile) -> Meaning | None:
    """Return what a header means: as a whole, without 其中 before it, the unit behind it, a year beside it."""
    text = _PARTLY.sub("", text.strip())
    found = _spelled(text, profile)
    if found is not None:
        return Meaning(found)
    rest, year, shift = timed(text)
    if year is None and not shift:
        return None
    found = _spelled(_PARTLY.sub("", rest), profile)
    if found is None or found.column.indicator is None or not found.column.indicator.by_year:
        return None
    return Meaning(found, year, shift)


def _spelled(text: str, profile: Profile) -> Spelling | None:
    whole = profile.spellings.get(plain_header(text))
    if whole is not None:
        return whole
    name, unit = split_unit(text, units.KNOWN)
    found = profile.spellings.get(name)
    if found is None or not unit:
        return _either(text, profile)
    indicator = found.column.indicator
    if indicator is None or units.factor(unit, indicator.unit) is None:
        return None
    return Spelling(found.column, units.in_full(unit))


def _either(text: str, profile: Profile) -> Spelling | None:
    """Return what several names of an identity side by side mean: 组织机构代码/统一社会信用代码, 企业名称（盖章）."""
    parts = [part for part in _SIDE_BY_SIDE.split(plain_header(text)) if part]
    found = {known.column.field: known for part in parts if (known := profile.spellings.get(part)) is not None}
    return found.popitem()[1] if len(parts) > 1 and len(found) == 1 and NAMING & found.keys() else None


def find_layout(head: Sequence[Row], profile: Profile, sheet: str = "", *, at: int | None = None) -> Layout | None:
    """Return the layout by the first row that names most columns; None when no row looks like a header.

    ``head`` are the first rows of the sheet. A header names a firm's name or code and at least one thing more.
    ``at`` is the row of the header where a person has said so.
    """
    best: tuple[int, int] | None = None
    for place, row in enumerate(head[:SEARCHED_ROWS]):
        known = _known_at(head, place, profile)
        fits = row.number == at if at is not None else _names_firm(known) and len(known) >= FEWEST
        if fits and (best is None or len(known) > best[0]) and (at is not None or not firms_in(row)):
            best = (len(known), place)
    if best is None:
        return None
    upper = head[best[1]]
    header, last = _whole_header(head, best[1], profile)
    above = [cell.raw for row in head[: best[1]] for cell in row.cells if isinstance(cell.value, str)]
    unit = unit_in(above) or unit_of_sheet(sheet)
    return _layout(header, profile, (upper.number, last), unit, head[best[1] + 1 :])


def _known_at(head: Sequence[Row], place: int, profile: Profile) -> dict[tuple[str, int | None, int], Meaning]:
    """Return what a row means as a header, with the row below where by itself it names a firm and nothing more."""
    known = known_in(head[place], profile)
    if len(known) < FEWEST and _names_firm(known):
        return known_in(_joined_rows(head, place, profile)[0], profile)
    return known


def known_in(row: Row, profile: Profile) -> dict[tuple[str, int | None, int], Meaning]:
    """Return what the texts of a row mean as headers."""
    texts = [cell.value for cell in row.cells if isinstance(cell.value, str) and len(cell.value) <= 60]
    found = [known for text in texts if (known := meaning(text, profile)) is not None]
    return {known.mark: known for known in found}


def firms_in(row: Row) -> int:
    """Return how many firms stand in a row, by full name or else by a valid code: a row with any is no header."""
    texts = [cell.value.strip() for cell in row.cells if isinstance(cell.value, str)]
    named = sum(_FIRM.fullmatch(text) is not None for text in texts)
    return named or sum(credit_code.check(text).problem is None for text in texts if text)


def _names_firm(known: Mapping[tuple[str, int | None, int], Meaning]) -> bool:
    return any(one.spelling.column.field in NAMING for one in known.values())


def _whole_header(head: Sequence[Row], place: int, profile: Profile) -> tuple[Row, int]:
    """Return the header as one row, and its last row: a second row of names and a row of codes belong to it."""
    header, place = _joined_rows(head, place, profile)
    last = head[place].number
    for row in head[place + 1 : place + 1 + MOST_CODE_ROWS]:  # codes of the columns, then 甲 乙 1 2 3
        if not _is_codes(row, header, profile):
            break
        last = row.number
    return header, last


def _joined_rows(head: Sequence[Row], place: int, profile: Profile) -> tuple[Row, int]:
    """Return a header with the rows of names below it as one row, and the place of the last of them."""
    header = head[place]
    for at, lower in enumerate(head[place + 1 : place + MOST_HEADER_ROWS], start=place + 1):
        joined = _with_second(header, lower, profile)
        if joined is None:
            break
        header, place = joined, at
    return header, place


def _with_second(upper: Row, lower: Row, profile: Profile) -> Row | None:
    """Return two rows of a header as one: under a merged 主要经济指标 the second row holds the real names.

    Under a merged 营业收入 it may hold years or units only; then both together are the name.
    """
    texts = [cell for cell in lower.cells if not cell.is_blank]
    names_firm = any(one.spelling.column.field in NAMING for one in known_in(lower, profile).values())
    if (
        not texts
        or names_firm
        or _named_below(upper, texts, profile)
        or any(not isinstance(cell.value, str) and not _is_year(cell) for cell in texts)
    ):
        return None
    told = sum(meaning(cell.raw, profile) is not None or is_qualifier(cell.raw) for cell in texts)
    if (2 * told < len(texts) and not _stands_under(upper, texts, profile)) or any(
        isinstance(parse_number(cell.raw), Number) and not is_qualifier(cell.raw) for cell in texts
    ):
        return None
    below = {cell.column: cell for cell in texts}
    joined: list[Cell] = []
    group = ""
    for cell in upper.cells:
        group = cell.raw if not cell.is_blank else group
        under = below.get(cell.column)
        text = cell.raw if under is None else _joined(group, under.raw, profile)
        joined.append(Cell(cell.sheet, lower.number, cell.column, text, text))
    reach = {cell.column for cell in upper.cells}
    joined += [cell for column, cell in sorted(below.items()) if column not in reach]
    return Row(lower.number, tuple(joined))


def _named_below(upper: Row, texts: Sequence[Cell], profile: Profile) -> bool:
    """Whether something stands below a header of names or codes: then the row is about a firm."""
    columns = {cell.column for cell in texts if not is_qualifier(cell.raw)}
    known = (meaning(cell.raw, profile) for cell in upper.cells if cell.column in columns)
    return any(one is not None and one.spelling.column.field in NAMING for one in known)


def _stands_under(upper: Row, texts: Sequence[Cell], profile: Profile) -> bool:
    """Whether texts below a header are names of columns by where they stand: beside the merge above them is nothing.

    Two or more side by side, the first under a header that no profile knows, the next under the blank of its merge.
    """
    above = {cell.column: cell.raw.strip() for cell in upper.cells}
    columns = [cell.column for cell in texts]
    if len(columns) < FEWEST or any(above.get(one) and meaning(above[one], profile) is not None for one in columns):
        return False
    grouped = [one for one in columns if above.get(one)]
    return bool(grouped) and len(grouped) < len(columns) and columns[0] == grouped[0]


def _is_year(cell: Cell) -> bool:
    return re.fullmatch(r"20[0-4][0-9]", cell.raw) is not None


def _joined(group: str, under: str, profile: Profile) -> str:
    """Return the name of a column from the heading above and the text below: 2024年 over 营业收入 or the reverse.

    A unit in the heading counts for the money below it: 收入（千元） over 营业收入.
    """
    if not is_qualifier(under):
        if is_qualifier(group) and not is_unit(group):
            return f"{group.strip()}{under}"
        unit = split_unit(group, units.KNOWN)[1]
        return f"{under}({unit})" if unit and _is_bare_money(under, profile) else under
    name, qualifier = _PARTLY.sub("", group.strip()), relative(folded(under).strip("()[]"))
    if (grown := growth_in(qualifier)) and (plain := split_unit(name, units.KNOWN)[0]):
        return f"{plain}{grown}"
    if meaning(name, profile) is None and not is_unit(under):
        return f"{under}{name}"
    return f"{qualifier}{name}" if qualifier[:1].isdigit() or "年" in qualifier else f"{name}({qualifier})"


def _is_bare_money(text: str, profile: Profile) -> bool:
    """Whether a text means a figure of money and names no unit of its own."""
    known = meaning(text, profile)
    indicator = known.spelling.column.indicator if known is not None else None
    return indicator is not None and indicator.unit == MONEY and known is not None and not known.spelling.unit


def _is_codes(row: Row, header: Row, profile: Profile) -> bool:
    """Whether a row below the header holds codes of the columns (甲 乙 1 2 3, B101 B102) rather than a firm."""
    filled = [cell for cell in row.cells if not cell.is_blank]
    if len(filled) < FEWEST or any(_CODE.fullmatch(cell.raw.strip()) is None for cell in filled):
        return False
    naming = {
        cell.column
        for cell in header.cells
        if (known := meaning(cell.raw, profile)) is not None and known.spelling.column.field == "name"
    }
    named = [cell for cell in filled if cell.column in naming]
    numbers = [int(cell.raw) for cell in filled if cell.raw.strip().isdigit()]
    in_order = numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True
    return bool(named or in_order) and (in_order or len(numbers) < len(filled))


# ---- what the columns are


def _layout(row: Row, profile: Profile, at: tuple[int, int], sheet_unit: str, below: Sequence[Row]) -> Layout:
    found = {cell.column: known for cell in row.cells if (known := meaning(cell.raw, profile)) is not None}
    chosen = _fullest(found, below)
    places: list[Place] = []
    notes: list[ColumnNote] = []
    for cell in row.cells:
        text = cell.raw.strip()
        known = found.get(cell.column)
        if not text:
            continue
        letter = letters(cell.column)
        if known is None:
            notes.append(_not_used(letter, text, profile))
        elif chosen[known.mark] != cell.column:
            other = letters(chosen[known.mark])
            note = tr("与 %(letter)s 列重复，只读取 %(letter)s 列", letter=other)
            notes.append(ColumnNote(letter, text, "repeated", known.spelling.column.header, "", note))
        else:
            place = _place(cell.column, text, known, sheet_unit)
            places.append(place)
            notes.append(note_of(place, profile))
    return Layout(at[0], at[1], tuple(places), _beside(notes), unit=sheet_unit)


def _beside(notes: Sequence[ColumnNote]) -> tuple[ColumnNote, ...]:
    """Return the notes with a question where a second table stands beside the first: firms and figures once more."""
    again = [note for note in notes if note.state == "repeated"]
    naming = {one.target for one in notes if one.state == "repeated"} & {"企业名称", "统一社会信用代码", "证券代码"}
    if len(again) < FEWEST or again[0].target not in naming:
        return tuple(notes)
    told = tr("从这一列起像是左右并排的另一张表，没有读取；请把它移到单独的工作表后重新上传")
    return tuple(replace(note, note=told, asks=True) if note is again[0] else note for note in notes)


def _fullest(found: Mapping[int, Meaning], below: Sequence[Row]) -> dict[tuple[str, int | None, int], int]:
    """Return the column to read for every meaning: the first, unless a later one of the same has clearly more."""
    if len({known.mark for known in found.values()}) == len(found):
        return {known.mark: column for column, known in found.items()}
    filled: dict[int, int] = dict.fromkeys(found, 0)
    for row in below:
        for cell in row.cells:
            if cell.column in filled and not cell.is_blank:
                filled[cell.column] += 1
    chosen: dict[tuple[str, int | None, int], int] = {}
    for column, known in sorted(found.items()):
        first = chosen.setdefault(known.mark, column)
        if filled[column] > 2 * filled[first]:
            chosen[known.mark] = column
    return chosen


def _place(number: int, text: str, known: Meaning, sheet_unit: str) -> Place:
    column, unit = known.spelling.column, known.spelling.unit
    indicator = column.indicator
    if unit:
        said_by = "header"
    elif sheet_unit and indicator is not None and indicator.unit == MONEY:
        unit, said_by = sheet_unit, "sheet"
    else:
        unit, said_by = column.unit, "profile"
    return Place(number, text, column, unit, said_by, known.year, known.shift)


def _not_used(letter: str, text: str, profile: Profile) -> ColumnNote:
    name, _unit = split_unit(text, units.KNOWN)
    reason = profile.ignored.get(plain_header(text)) or profile.ignored.get(name)
    if reason:
        return ColumnNote(letter, text, "ignored", note=Message(reason))
    return ColumnNote(letter, text, "unknown", note=tr("没有认出这一列，其中的内容不会导入（原件保留）"))


def note_of(place: Place, profile: Profile | None = None) -> ColumnNote:
    """Say what a column is read as, and who says so; a question where nothing in the file does."""
    column, indicator = place.column, place.column.indicator
    note, asks = _of_unit(place)
    written = plain_header(split_unit(_PARTLY.sub("", place.header.strip()), units.KNOWN)[0])
    vague = profile.vague.get(written) if profile else None
    if vague:
        note, asks = Message(vague), True
    years = tr("%(year)s 年", year=place.year) if place.year else tr("上年") if place.shift else None
    if years is not None:
        note = tr("计入%(years)s%(more)s", years=years, more=tr("；%(note)s", note=note) if note else "")
    unit = place.unit if indicator is not None else ""
    return ColumnNote(
        place.letter, place.header, "used", column.header, unit, note,
        said_by=place.said_by, asks=asks, year=place.year,
    )  # fmt: skip


def _of_unit(place: Place) -> tuple[Message | None, bool]:
    indicator = place.column.indicator
    if indicator is None or not indicator.unit:
        return None, False
    if place.said_by in _SAID:
        return Message(_SAID[place.said_by], {"unit": place.unit}), False
    if place.said_by == "profile":
        if indicator.unit == MONEY:
            return tr(UNIT_UNSAID, unit=place.unit or MONEY), True
        if indicator.is_ratio:
            return tr("表头没有写单位，百分比须带 % 号或为小数"), False
    elif place.unit != indicator.unit:
        into = tr("小数") if indicator.is_ratio else indicator.unit
        return tr("由%(unit)s精确换算为%(into)s", unit=place.unit, into=into), False
    return None, False


def with_unit(layout: Layout, letter: str, unit: str) -> Layout:
    """Return the layout with the unit of one column as a person said it."""
    return _in_units(layout, {letter: (unit, "person")})


def with_money(layout: Layout, unit: str) -> Layout:
    """Return the layout with one unit for all money, but for columns whose header or a person says another."""
    said = {
        place.letter: (unit, WHOLE)
        for place in layout.places
        if place.column.indicator is not None
        and place.column.indicator.unit == MONEY
        and place.said_by not in {"header", "person"}
    }
    return replace(_in_units(layout, said), unit=unit)


def _in_units(layout: Layout, said: Mapping[str, tuple[str, str]]) -> Layout:
    places = tuple(
        replace(place, unit=said[place.letter][0], said_by=said[place.letter][1], usual=None)
        if place.letter in said
        else place
        for place in layout.places
    )
    changed = {place.letter: note_of(place) for place in places if place.letter in said}
    notes = tuple(
        replace(changed[note.letter], sheet=note.sheet) if note.letter in changed and note.state == "used" else note
        for note in layout.notes
    )
    return replace(layout, places=places, notes=notes)
