"""Figure cells: exact values in the catalogue's unit, and what is to be told where a cell is not in order (pure).

A plain number in a column whose unit is known takes a short way; everything else is read from the cell's text. Both
ways give the same, so that reading a row again from its kept text changes nothing.
"""

from __future__ import annotations

import re
from decimal import Decimal

from app.core.errors import Invalid
from app.core.text import Message, tr
from app.facts import catalogue
from app.facts.catalogue import Indicator
from app.facts.values import Value
from app.imports.cells.days import NoDay, read_day
from app.imports.cells.draft import Draft
from app.imports.cells.entry import Figure
from app.imports.cells.fields import word
from app.imports.cells.plain import PERCENT, PlainColumn
from app.imports.cells.suspicion import ceiling, suspected
from app.imports.layouts import units
from app.imports.layouts.layout import Place
from app.imports.problem import Kind, Level
from app.sheets.numbers import ERRORS, Missing, NotANumber, Number, parse_number
from app.sheets.values import UNCOMPUTED, raw_text

LONGEST_SHARE = Decimal("1.5")
_RANGE = re.compile(r"[<>≤≥＜＞].*\d|\d.*?(?:-|–|—|~|～|至|到)\s*\d.*|.*\d.*(?:以上|以下|左右)\Z")
_ABOUT = re.compile(r"(?:约|大约|近|大概|逾|超)\s*(?P<rest>\d.*)\Z")
_LETTERS = str.maketrans({"O": "0", "o": "0", "I": "1", "l": "1"})

MOST_DIGITS, MOST_DECIMALS = 9, 8
PLAIN_LENGTH = 15
"""Longer texts are looked at one by one: a spreadsheet rounds there (``sheets.values.raw_of``)."""


class FigureReader:
    """One column, with everything that is the same for all of its cells worked out once."""

    __slots__ = (
        "by", "by_year", "ceiling", "counted", "highest", "indicator", "key", "letter", "lowest", "pattern", "place",
        "plain", "whole",
    )  # fmt: skip

    def __init__(self, place: Place) -> None:
        indicator = place.column.indicator
        assert indicator is not None
        self.place, self.indicator = place, indicator
        self.key, self.letter, self.by_year = indicator.key, place.letter, indicator.by_year
        is_number = indicator.kind == "number"
        self.by = units.factor(place.unit or indicator.unit, indicator.unit) if is_number else None
        lowest = indicator.minimum if indicator.minimum is not None else (None if indicator.signed else 0)
        self.lowest = None if lowest is None else Decimal(lowest)
        self.highest = None if indicator.maximum is None else Decimal(indicator.maximum)
        self.counted = indicator.unit in units.COUNTS
        self.whole = indicator.whole or (self.counted and "平均" not in indicator.label)
        # a share whose header has no unit may be a percentage from 1.5 on: those are looked at closely
        is_bare = indicator.is_ratio and not place.unit
        self.ceiling = min(ceiling(place), LONGEST_SHARE) if is_bare else ceiling(place)
        self.plain = PlainColumn.of(place)
        self.pattern = self._pattern()

    def _pattern(self) -> str:
        """Return what the plain texts of the column look like that need no closer look: digits as Excel writes them.

        Whatever matches is inside of all bounds; the next larger number of digits might not be. Empty when none is.
        """
        if self.plain.by is None or (self.lowest is not None and self.lowest > 0):
            return ""
        if self.by is None or (self.whole and self.by != 1):
            return ""
        decimals = 0 if self.whole else max(0, MOST_DECIMALS - units.decimals(self.by))
        found = self._digits(self.by, decimals)
        if self.indicator.is_ratio:
            found += f"|(?:{self._digits(PERCENT, MOST_DECIMALS - units.decimals(PERCENT))})%"
        return f"(?:{found})?+"

    def _digits(self, by: Decimal, decimals: int) -> str:
        most = self.ceiling if self.highest is None else min(self.ceiling, self.highest)
        digits = next((n for n in range(MOST_DIGITS, 0, -1) if Decimal(10) ** n * by <= most), 0)
        sign = "-?" if self.lowest is None else ""
        part = f"\\.[0-9]{{0,{decimals - 1}}}[1-9]" if decimals else ""
        whole = f"{sign}[1-9][0-9]{{0,{digits - 1}}}(?:{part})?+" if digits else ""
        small = f"{sign}0{part}" if part and by <= most else ""
        return "|".join(one for one in (whole, small, "0") if one)

    def read(self, draft: Draft, text: str, year: int) -> tuple[Figure | None, bool]:
        """Read one cell; an empty text stands for a cell that is not there.

        Return its figure, and whether it is the plain text alone that says so.
        """
        if text and self.pattern and len(text) <= PLAIN_LENGTH and re.fullmatch(self.pattern, text):
            return self._figure(draft, self.plain.value(text), text, year), True
        if self.by is not None and (value := self._plain(text)) is not None:
            return self._figure(draft, value, text, year), False
        return self._read_text(draft, text, year), False

    def _figure(self, draft: Draft, value: Value, raw: str, year: int) -> Figure:
        place = self.place
        of_year = None
        if self.by_year:
            of_year = place.year if place.year is not None else year + place.shift
        return Figure(self.key, of_year, value, raw, f"{self.letter}{draft.row}", place.header)

    def _plain(self, text: str) -> Decimal | None:
        """Return a plain number in the catalogue's unit; None when it must be looked at more closely."""
        assert self.by is not None
        number = units.quickly(text, self.by)
        if number is None or abs(number) >= self.ceiling:
            return None
        if (self.lowest is not None and number < self.lowest) or (self.highest is not None and number > self.highest):
            return None
        return None if self.whole and number != number.to_integral_value() else number

    def _read_text(self, draft: Draft, raw: str, year: int) -> Figure | None:
        text = raw.strip()
        if text.upper() in ERRORS or text == UNCOMPUTED:
            self._broken(draft, text)
            return None
        try:
            value = self._value(draft, text)
        except Invalid as error:
            draft.tell(Level.ERROR, _kind_of(self.indicator), error.message, self.place)
            return None
        except _Told:
            return None
        if value is None:
            draft.missing.append(self.key)
            draft.tell(Level.INFO, Kind.MISSING, _MISSING, self.place)
            return None
        return self._figure(draft, value, raw, year)

    def _broken(self, draft: Draft, text: str) -> None:
        if text == UNCOMPUTED:
            problem = tr("公式没有保存计算结果，读不到数值，不作 0；请在表格软件中打开并保存后重新上传，或改填数值")
            draft.tell(Level.ERROR, Kind.FORMULA, problem, self.place)
        else:
            problem = tr("公式出错（%(code)s），按缺失处理，不作 0；请改填数值", code=text.upper())
            draft.tell(Level.WARNING, Kind.FORMULA, problem, self.place)
        draft.missing.append(self.key)

    def _value(self, draft: Draft, text: str) -> Value | None:
        """Return the value, None when nothing is stated. Raises Invalid with the reason only (no place)."""
        if self.indicator.kind == "number":
            return self._number(draft, text)
        if not word(text):
            return None
        if self.indicator.kind != "date":
            return parsed(self.indicator, word(text))
        found = read_day(text, is_1904=self.place.is_1904)
        if isinstance(found, NoDay):
            if found.repair:
                why = tr("按“年.月.日”读取")
                draft.tell(
                    Level.ERROR, Kind.DATE, found.message, self.place,
                    repair=found.repair, why=why, alike="short-year",
                )  # fmt: skip
                raise _Told
            if not found.is_incomplete:
                raise Invalid("", found.message)
            draft.missing.append(self.key)
            draft.tell(Level.WARNING, Kind.DATE, found.message, self.place)
            raise _Told
        return parsed(self.indicator, found)

    def _number(self, draft: Draft, text: str) -> Value | None:
        found = parse_number(text)
        if isinstance(found, Missing):
            return None
        if isinstance(found, NotANumber):
            self._no_number(draft, text, found)
            raise _Told
        number = self._in_unit(draft, found, text)
        if self.counted and number < 0:
            problem = tr("%(number)s 小于 0，%(what)s不会是负数；请核对", number=text, what=self.indicator.short)
            draft.tell(Level.ERROR, Kind.NEGATIVE, problem, self.place)
            raise _Told
        if self.whole and number != number.to_integral_value():
            raise Invalid("", tr("%(raw)s 不是整数，请填写整数。", raw=raw_text(number)))
        suspicion = suspected(number, found, self.place, text)
        if suspicion is not None:
            draft.tell(
                Level.ERROR, Kind.UNIT_SUSPECT, suspicion.message, self.place, repair=suspicion.repair,
                why=suspicion.why, alike=f"{self.key}:{suspicion.unit}",
            )  # fmt: skip
            raise _Told
        return parsed(self.indicator, number)

    def _no_number(self, draft: Draft, text: str, found: NotANumber) -> None:
        about = _ABOUT.match(text)
        if about is not None:
            problem = tr("“%(text)s”是约数，不是准确数；请填写准确数", text=text)
            draft.tell(
                Level.ERROR, Kind.RANGE, problem, self.place,
                repair=about["rest"], why=tr("去掉“约”字，按所写的数读取"), alike="about",
            )  # fmt: skip
        elif _RANGE.match(text):
            problem = tr("“%(text)s”是范围，不是一个数；请填写准确数", text=text)
            draft.tell(Level.ERROR, Kind.RANGE, problem, self.place)
        else:
            repaired = text.translate(_LETTERS)
            good = repaired != text and isinstance(parse_number(repaired), Number)
            why = tr("把字母 O、I、l 换成数字 0、1") if good else None
            draft.tell(
                Level.ERROR, Kind.NUMBER, found.message, self.place,
                repair=repaired if good else "", why=why, alike="letters" if good else "",
            )  # fmt: skip

    def _in_unit(self, draft: Draft, number: Number, text: str) -> Decimal:
        """Return the number in the catalogue's unit: a unit in the cell counts more than the header's."""
        indicator = self.indicator
        if number.percent:
            if not indicator.is_ratio:
                raise Invalid(
                    "", tr("“%(text)s”是百分比，本列应填数值（单位：%(unit)s）", text=text, unit=indicator.unit)
                )
            return units.converted(number.value, Decimal(1))
        by = units.factor(number.unit or self.place.unit or indicator.unit, indicator.unit)
        if by is None:
            unit = indicator.unit or tr("无单位")
            raise Invalid("", tr("“%(text)s”的单位不能换算成%(unit)s，请换算后填写", text=text, unit=unit))
        if indicator.is_ratio and not self.place.unit and abs(number.value) > LONGEST_SHARE:
            problem = tr("“%(text)s”没有百分号，不能确定是 %(text)s%% 还是小数；请带上 %% 号", text=text)
            draft.tell(
                Level.ERROR, Kind.NUMBER, problem, self.place,
                repair=f"{text}%", why=tr("数值大于 1.5，多为百分数"), alike=f"percent:{self.key}",
            )  # fmt: skip
            raise _Told
        value = units.converted(number.value, by)
        if abs(value) >= units.LARGEST:
            raise Invalid("", tr("“%(text)s”过大，请核对单位", text=text))
        return value


class _Told(Exception):
    """The cell gave no value, and the draft has been told why."""


_MISSING = tr("未填写或未披露，按缺失处理，不作 0")


def _kind_of(indicator: Indicator) -> Kind:
    return {"number": Kind.NUMBER, "date": Kind.DATE, "bool": Kind.YES_NO}.get(indicator.kind, Kind.VALUE)


def parsed(indicator: Indicator, raw: object) -> Value:
    """Check a value against the catalogue; the sentence comes back without the place, which the caller adds."""
    try:
        return catalogue.parse(indicator, raw, place="")
    except Invalid as error:
        raise Invalid("", Message("%(why)s", {"why": _without_place(error.message)})) from None


def _without_place(message: Message) -> Message:
    """The catalogue begins its sentences with ``%(place)s：``; the row's reader has a better place to name."""
    msgid = message.msgid.removeprefix("%(place)s：")
    return Message(msgid, {name: value for name, value in message.params.items() if name != "place"})
