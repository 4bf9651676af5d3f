"""Reading data rows by a layout: identity, figures, and a sentence for every cell that is not in order (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.core import clock
from app.core.errors import Invalid
from app.core.text import Message, tr
from app.facts import catalogue
from app.facts.catalogue import Indicator
from app.facts.values import Value
from app.firms import credit_code
from app.firms.taxonomy import ClusterCode, Town
from app.imports import units
from app.imports.entry import Entry, Figure, Named
from app.imports.header import Layout, Place
from app.imports.problem import Kind, Level, Problem
from app.imports.spelling import folded
from app.sheets.cells import Cell, Row
from app.sheets.columns import Column, ColumnKind, read_cell
from app.sheets.numbers import ERRORS, Missing, NotANumber, Number, parse_number

_TOTAL = re.compile(r".{0,12}(合计|小计|总计|共计|累计|合计数|平均值?|total)[:：]?")
_NOTE = re.compile(r"(注|说明|备注|填表|制表|审核人|填报|单位负责人|数据来源|来源)[:：]?")
_SECURITY = re.compile(r"[0-9A-Z]{4,10}\Z")
_LIST = re.compile(r"[、，,;；/\n]+")
SECURITY_DIGITS = 6
LONGEST_SHARE = Decimal("1.5")
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class NoData:
    """A row that holds no firm: blank, a total, a remark. ``problem`` says which."""

    problem: Problem


@dataclass
class _Reading:
    row: int
    named: dict[str, Any] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    retrieved: str = ""
    year: int | None = None

    def tell(self, level: Level, kind: Kind, what: Message, cell: Cell, place: Place) -> None:
        where = tr("第 %(row)s 行『%(header)s』", row=self.row, header=place.column.header)
        self.problems.append(
            Problem(level, kind, tr("%(place)s：%(problem)s", place=where, problem=what), cell.address)
        )


def no_data(row: Row, reason: Message) -> NoData:
    """Mark a row as not being data, with the reason."""
    return NoData(Problem(Level.INFO, Kind.STRUCTURE, tr("第 %(row)s 行：%(why)s", row=row.number, why=reason)))


def read_row(row: Row, layout: Layout, year: int, sheet: str) -> Entry | NoData:
    """Read one row below the header. ``year`` is the fiscal year chosen for the import."""
    if row.is_blank:
        return no_data(row, tr("空行"))
    cells = {cell.column: cell for cell in row.cells}
    blank = {place.number: Cell(sheet, row.number, place.number, None, "") for place in layout.places}
    used = [(place, cells.get(place.number, blank[place.number])) for place in layout.places]
    if sum(not cell.is_blank and folded(cell.raw) == folded(place.header) for place, cell in used) > 1:
        return no_data(row, tr("重复的表头"))
    reading = _Reading(row.number)
    for place, cell in used:
        if place.column.field:
            _FIELDS[place.column.field](reading, cell, place)
    named = Named(**reading.named)
    aside = _aside(row, named, used)
    if aside is not None:
        return aside
    for place, cell in used:
        if place.column.key:
            _figure(reading, cell, place, year)
    _check_year(reading, layout, year)
    _check_identity(reading, named)
    return Entry(
        sheet, row.number, named, tuple(reading.figures), tuple(reading.missing), tuple(reading.problems),
        reading.retrieved,
    )  # fmt: skip


def _aside(row: Row, named: Named, used: list[tuple[Place, Cell]]) -> NoData | None:
    """Return why a row is no data: a total, or a remark without a firm."""
    first = next((cell.raw.strip() for cell in row.cells if not cell.is_blank), "")
    has_code = bool(named.credit_code or named.security_code)
    if not has_code and (_TOTAL.fullmatch(folded(first)) or _TOTAL.fullmatch(folded(named.name))):
        return no_data(row, tr("合计行，不是企业数据"))
    has_figures = any(place.column.key and not place.column.field and not cell.is_blank for place, cell in used)
    if has_figures or has_code:
        return None
    filled = sum(not cell.is_blank for cell in row.cells)
    if named.says_nothing or (filled == 1 and _NOTE.match(first)):
        return no_data(row, tr("说明文字，不是企业数据"))
    return None


def _check_year(reading: _Reading, layout: Layout, year: int) -> None:
    place = layout.place_of("year")
    if place is None or reading.year is None or reading.year == year:
        return
    cell = Cell("", reading.row, place.number, reading.year, str(reading.year))
    problem = tr("是 %(found)s 年的数据，本次导入的是 %(year)s 年；请另选年度单独导入", found=reading.year, year=year)
    reading.tell(Level.ERROR, Kind.YEAR, problem, cell, place)


def _check_identity(reading: _Reading, named: Named) -> None:
    if named.says_nothing and not any(problem.kind is Kind.CODE for problem in reading.problems):
        message = tr("第 %(row)s 行：没有企业名称，也没有代码，无法知道是哪家企业；请补填企业名称", row=reading.row)
        reading.problems.append(Problem(Level.ERROR, Kind.IDENTITY, message))


# ---- identity


def _word(cell: Cell) -> str:
    """Return the text of a cell; a dash or a word like 无 is nothing."""
    if cell.is_blank or cell.problem is not None:
        return ""
    value = cell.value
    text = format(value, "f") if isinstance(value, Decimal) else cell.raw
    text = " ".join(text.replace("\u200b", "").replace("\ufeff", "").split())
    return "" if isinstance(parse_number(text), Missing) else text


def _text_field(name: str, longest: int) -> Callable[[_Reading, Cell, Place], None]:
    def read(reading: _Reading, cell: Cell, place: Place) -> None:
        text = _word(cell)
        if len(text) > longest:
            problem = tr("有 %(n)s 个字，超过 %(longest)s 个字，请核对是否填错了列", n=len(text), longest=longest)
            reading.tell(Level.ERROR, Kind.VALUE, problem, cell, place)
            text = text[:longest]
        reading.named[name] = text

    return read


def _name(reading: _Reading, cell: Cell, place: Place) -> None:
    _text_field("name", LONGEST_NAME)(reading, cell, place)
    text: str = reading.named["name"]
    # blanks inside a Chinese name are layout, those between Latin words belong to it
    reading.named["name"] = re.sub(r"(?<![A-Za-z0-9]) | (?![A-Za-z0-9])", "", text)


def _credit_code(reading: _Reading, cell: Cell, place: Place) -> None:
    text = _word(cell)
    if not text:
        return
    checked = credit_code.check(text)
    if checked.problem is None:
        reading.named["credit_code"] = checked.code
    elif checked.is_warning:
        reading.named["credit_code"] = checked.code
        reading.tell(Level.WARNING, Kind.CHECK_DIGIT, checked.problem, cell, place)
    else:
        reading.tell(Level.ERROR, Kind.CODE, checked.problem, cell, place)


def _security_code(reading: _Reading, cell: Cell, place: Place) -> None:
    text = folded(_word(cell)).upper().split(".")[0]
    if not text:
        return
    if isinstance(cell.value, int | Decimal) and text.isdigit():
        text = text.zfill(SECURITY_DIGITS)  # a number has lost the zeros before it
    if _SECURITY.match(text):
        reading.named["security_code"] = text
    else:
        problem = tr("“%(text)s”不是证券代码，应为 6 位数字，如 002600", text=text)
        reading.tell(Level.ERROR, Kind.CODE, problem, cell, place)


def _former(reading: _Reading, cell: Cell, place: Place) -> None:
    parts = [part.strip()[:LONGEST_NAME] for part in _LIST.split(_word(cell))]
    reading.named["former_names"] = tuple(part for part in parts if part)


_TOWNS = {
    folded(written): town for town in Town for written in (town.label, town.label.rstrip("镇街"), town.label + "道")
}


def _town(reading: _Reading, cell: Cell, place: Place) -> None:
    text = _word(cell)
    if not text:
        return
    town = _TOWNS.get(folded(text).removeprefix("江门市").removeprefix("蓬江区"))
    if town is None:
        known = "、".join(one.label for one in Town)
        problem = tr("“%(text)s”不是本区镇街，可填：%(known)s；不清楚的留空", text=text, known=known)
        reading.tell(Level.ERROR, Kind.TOWN, problem, cell, place)
    reading.named["town"] = town


_CLUSTERS = {folded(code.label + ending): code for code in ClusterCode for ending in ("", "产业", "集群", "产业集群")}


def _cluster(reading: _Reading, cell: Cell, place: Place) -> None:
    found: list[ClusterCode] = []
    for part in _LIST.split(_word(cell)):
        code = _CLUSTERS.get(folded(part))
        if code is not None and code not in found:
            found.append(code)
        elif code is None and part.strip():
            known = "、".join(one.label for one in ClusterCode)
            problem = tr("“%(text)s”不是产业集群的名称，可填：%(known)s；不属于的留空", text=part.strip(), known=known)
            reading.tell(Level.ERROR, Kind.CLUSTER, problem, cell, place)
    reading.named["clusters"] = tuple(found)


def _registered_on(reading: _Reading, cell: Cell, place: Place) -> None:
    day = read_cell(cell, Column("registered_on", place.column.header, ColumnKind.DATE)).value
    if not isinstance(day, date):
        return  # the figure of the same column complains
    if day > clock.today():
        reading.tell(Level.ERROR, Kind.DATE, tr("%(day)s 在今天之后，请核对", day=day.isoformat()), cell, place)
    reading.named["registered_on"] = day


def _year(reading: _Reading, cell: Cell, place: Place) -> None:
    text = _word(cell).removesuffix("年度").removesuffix("年")
    if not text:
        return
    if re.fullmatch(r"(19|20)[0-9]{2}", folded(text)):
        reading.year = int(folded(text))
    else:
        problem = tr("“%(text)s”不是年度，请填四位数，如 2025", text=text)
        reading.tell(Level.ERROR, Kind.YEAR, problem, cell, place)


def _retrieved(reading: _Reading, cell: Cell, _place: Place) -> None:
    reading.retrieved = _word(cell)[:10]


_FIELDS: dict[str, Callable[[_Reading, Cell, Place], None]] = {
    "name": _name,
    "short_name": _text_field("short_name", 60),
    "credit_code": _credit_code,
    "security_code": _security_code,
    "former_name": _former,
    "town": _town,
    "cluster": _cluster,
    "address": _text_field("address", 200),
    "industry": _text_field("industry", 80),
    "registered_on": _registered_on,
    "year": _year,
    "retrieved": _retrieved,
}

# ---- figures


def _figure(reading: _Reading, cell: Cell, place: Place, year: int) -> None:
    indicator = place.column.indicator
    assert indicator is not None
    broken = cell.problem or (cell.raw.strip().upper() if cell.raw.strip().upper() in ERRORS else None)
    if broken is not None:
        problem = tr("公式出错（%(code)s），按缺失处理，不作 0；请改填数值", code=broken)
        reading.tell(Level.WARNING, Kind.FORMULA, problem, cell, place)
        reading.missing.append(indicator.key)
        return
    try:
        value = _value(reading, cell, place, indicator)
    except Invalid as error:
        reading.tell(Level.ERROR, _kind_of(indicator), error.message, cell, place)
        return
    if value is None:
        reading.missing.append(indicator.key)
        reading.tell(Level.INFO, Kind.MISSING, tr("未填写或未披露，按缺失处理，不作 0"), cell, place)
        return
    of_year = year if indicator.by_year else None
    reading.figures.append(Figure(indicator.key, of_year, value, cell.raw, cell.address, place.header))


def _kind_of(indicator: Indicator) -> Kind:
    return {"number": Kind.NUMBER, "date": Kind.DATE, "bool": Kind.YES_NO}.get(indicator.kind, Kind.VALUE)


def _value(reading: _Reading, cell: Cell, place: Place, indicator: Indicator) -> Value | None:
    """Return the value, None when nothing is stated. Raises Invalid with the reason only (no place)."""
    if not cell.is_blank and indicator.kind == "number":
        return _number(cell, place, indicator)
    if not _word(cell) and not isinstance(cell.value, date | bool):
        return None
    raw: object = cell.value if isinstance(cell.value, date | bool) else _word(cell)
    if indicator.kind == "date":
        raw = _day(cell)
    return _parsed(indicator, raw)


def _day(cell: Cell) -> object:
    found = read_cell(cell, Column("", "", ColumnKind.DATE))
    if found.value is None:
        raise Invalid("", tr("“%(text)s”不是日期，请按 2015-03-31 的格式填写", text=cell.raw.strip()))
    return found.value


def _number(cell: Cell, place: Place, indicator: Indicator) -> Value | None:
    if isinstance(cell.value, bool | date):
        raise Invalid("", tr("“%(text)s”不是数字", text=cell.raw))
    if isinstance(cell.value, int | Decimal):
        number = Number(Decimal(cell.value), Decimal(cell.value))
    else:
        parsed = parse_number(cell.raw)
        if isinstance(parsed, Missing):
            return None
        if isinstance(parsed, NotANumber):
            raise Invalid("", parsed.message)
        number = parsed
    return _parsed(indicator, _in_unit(number, place, indicator, cell.raw.strip()))


def _in_unit(number: Number, place: Place, indicator: Indicator, text: str) -> Decimal:
    """Return the number in the catalogue's unit: a unit in the cell counts more than the header's."""
    if number.percent:
        if not indicator.is_ratio:
            raise Invalid("", tr("“%(text)s”是百分比，本列应填数值（单位：%(unit)s）", text=text, unit=indicator.unit))
        return units.converted(number.value, Decimal(1))
    unit = number.unit or place.unit or indicator.unit
    by = units.factor(unit, indicator.unit)
    if by is None:
        raise Invalid(
            "", tr("“%(text)s”的单位不能换算成%(unit)s，请换算后填写", text=text, unit=indicator.unit or tr("无单位"))
        )
    if indicator.is_ratio and not place.unit and abs(number.value) > LONGEST_SHARE:
        raise Invalid("", tr("“%(text)s”没有百分号，不能确定是 %(text)s%% 还是小数；请带上 %% 号", text=text))
    value = units.converted(number.value, by)
    if abs(value) >= units.LARGEST:
        raise Invalid("", tr("“%(text)s”过大，请核对单位", text=text))
    return value


def _parsed(indicator: Indicator, raw: object) -> Value:
    """Check a value against the catalogue; the sentence comes back without the place, which the caller adds."""
    try:
        return catalogue.parse(indicator, raw, place="")
    except Invalid as error:
        raise Invalid("", Message("%(why)s", {"why": _without_place(error.message)})) from None


def _without_place(message: Message) -> Message:
    """The catalogue begins its sentences with ``%(place)s：``; the row's reader has a better place to name."""
    msgid = message.msgid.removeprefix("%(place)s：")
    return Message(msgid, {name: value for name, value in message.params.items() if name != "place"})
