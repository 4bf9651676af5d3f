"""A firm's figures as one immutable sheet: what the judge is given, and what a verdict keeps as its evidence (pure).

Years are fiscal years. A figure that is not on the sheet is unknown; it is never zero and never "no".
Expert scores stand on the sheet under ``expert:ITEM`` (for instance ``expert:IP1``) without a year.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.core.errors import Invalid
from app.core.text import tr
from app.facts import catalogue as catalogues
from app.facts import values
from app.facts.catalogue import Indicator, load_catalogue
from app.facts.values import Record, Value

EXPERT = "expert:"


@dataclass(frozen=True, slots=True)
class FactValue:
    """One figure: catalogue key, fiscal year (None where the figure has none), value in the catalogue's unit.

    ``fact_id`` is the row it was read from, ``source`` the text that tells a person where it came from.
    """

    key: str
    year: int | None
    value: Value
    fact_id: int | None = None
    source: str = ""


class FactSheet:
    """The figures of one firm, looked up by key and year. Never changes after it is made."""

    __slots__ = ("_by_place", "_digest", "_text", "_years")

    def __init__(self, facts: Iterable[FactValue] = ()) -> None:
        """Take the figures. Raises Invalid when one key and year stands there twice."""
        by_place: dict[tuple[str, int | None], FactValue] = {}
        years: dict[str, list[int]] = {}
        for fact in facts:
            place = (fact.key, fact.year)
            if place in by_place:
                raise Invalid(fact.key, tr("%(place)s 重复出现，请只保留一个。", place=place_text(*place)))
            by_place[place] = fact
            if fact.year is not None:
                years.setdefault(fact.key, []).append(fact.year)
        self._by_place = by_place
        self._years = {key: tuple(sorted(found)) for key, found in years.items()}
        self._digest: str | None = None
        self._text: str | None = None

    def __len__(self) -> int:
        return len(self._by_place)

    def get(self, key: str, year: int | None = None) -> FactValue | None:
        """Return the figure of that key and year, or None when it is unknown."""
        return self._by_place.get((key, year))

    def changed(self, facts: Iterable[FactValue] = (), *, without: Iterable[tuple[str, int | None]] = ()) -> FactSheet:
        """Return another sheet with these figures in the place of its own and some left out; this one stays as is."""
        other = FactSheet()
        other._by_place = self._by_place | {(fact.key, fact.year): fact for fact in facts}
        for place in without:
            other._by_place.pop(place, None)
        if other._by_place.keys() == self._by_place.keys():  # other values in the same places
            other._years = self._years
            return other
        years: dict[str, list[int]] = {}
        for key, year in other._by_place:
            if year is not None:
                years.setdefault(key, []).append(year)
        other._years = {key: tuple(sorted(found)) for key, found in years.items()}
        return other

    def expert(self, item: str) -> FactValue | None:
        """Return the experts' score of one item of a score table, or None when they have not scored it."""
        return self._by_place.get((EXPERT + item, None))

    def expert_items(self) -> tuple[str, ...]:
        """Return the items which experts have scored."""
        return tuple(sorted(key[len(EXPERT) :] for key, _year in self._by_place if key.startswith(EXPERT)))

    def years(self, key: str) -> tuple[int, ...]:
        """Return the years for which the figure is known, ascending."""
        return self._years.get(key, ())

    def facts(self) -> tuple[FactValue, ...]:
        """Return all figures, by key and year."""
        return tuple(self._by_place[place] for place in sorted(self._by_place, key=_order))

    def canonical_json(self) -> str:
        """Return the figures as JSON that is the same for the same figures: sorted, compact, numbers as text."""
        if self._text is None:
            entries = [[one.key, one.year, plain_value(one.value), one.fact_id, one.source] for one in self.facts()]
            self._text = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
        return self._text

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal."""
        if self._digest is None:
            self._digest = hashlib.sha256(self.canonical_json().encode()).hexdigest()
        return self._digest

    @classmethod
    def from_canonical(cls, text: str) -> FactSheet:
        """Read a sheet back from its canonical JSON. Raises Invalid when a figure cannot be read."""
        known = load_catalogue()
        facts: list[FactValue] = []
        for key, year, plain, fact_id, source in json.loads(text):
            if key.startswith(EXPERT):
                value: Value = values.read_number(plain, key)
            else:
                value = catalogues.parse(known.get(key), plain)
            facts.append(FactValue(key, year, value, fact_id, source))
        return cls(facts)

    @classmethod
    def from_plain(cls, plain: Mapping[str, object], *, source: str = "") -> FactSheet:
        """Read a sheet from plain input: ``{key: value}``, ``{key: {year: value}}`` and ``{"expert": {item: score}}``.

        A null or a blank is an unknown figure and is left out. Raises Invalid naming the key, the year and the remedy.
        """
        facts: list[FactValue] = []
        for key, raw in plain.items():
            if key == "expert":
                facts.extend(_expert_scores(raw, source))
            elif not _is_blank(raw):
                facts.extend(_figures(load_catalogue().get(str(key)), raw, source))
        return cls(facts)


def _figures(indicator: Indicator, raw: object, source: str) -> Iterable[FactValue]:
    label = f"{indicator.key}『{indicator.label}』"
    if not isinstance(raw, Mapping) or _is_register_entry(indicator, raw):
        if indicator.by_year:
            raise Invalid(
                indicator.key,
                tr(
                    "%(label)s 须按会计年度填写，例如 %(key)s: {2023: %(raw)s}。",
                    label=label,
                    key=indicator.key,
                    raw=values.shown(raw),
                ),
            )
        yield FactValue(indicator.key, None, catalogues.parse(indicator, raw, place=label), source=source)
        return
    if not indicator.may_have_year:
        raise Invalid(indicator.key, tr("%(label)s 不分年度，请直接填写一个值，不要写成按年度的形式。", label=label))
    for year, item in raw.items():
        number = _fiscal_year(indicator, year)
        if not _is_blank(item):
            value = catalogues.parse(indicator, item, place=tr("%(label)s %(year)s 年", label=label, year=number))
            yield FactValue(indicator.key, number, value, source=source)


def _is_blank(raw: object) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip())


def _is_register_entry(indicator: Indicator, raw: Mapping[Any, object]) -> bool:
    """A register with a single entry may be written without a list; its keys are columns, not years."""
    columns = {name for field in indicator.fields for name in (field.name, field.label, *field.aliases)}
    return bool(columns) and any(name in columns for name in raw)


def _fiscal_year(indicator: Indicator, raw: object) -> int:
    try:
        return values.read_year(raw, tr("%(key)s『%(label)s』的年度", key=indicator.key, label=indicator.label))
    except Invalid as error:
        raise Invalid(indicator.key, error.message) from None


def _expert_scores(raw: object, source: str) -> Iterable[FactValue]:
    if raw is None:
        return
    if not isinstance(raw, Mapping):
        raise Invalid("expert", tr("expert（专家评分）须按评分项填写，例如 expert: {IP1: 6}。"))
    for item, score in raw.items():
        if not _is_blank(score):
            number = values.read_number(score, tr("expert 评分项 %(item)s", item=item), unit="分")
            yield FactValue(f"{EXPERT}{item}", None, number, source=source)


def _order(place: tuple[str, int | None]) -> tuple[str, int]:
    return place[0], -1 if place[1] is None else place[1]


def place_text(key: str, year: int | None) -> str:
    """Return how a figure is named in messages and in JSON: ``key[year]``, or the key alone."""
    return key if year is None else f"{key}[{year}]"


def plain_value(value: Value | Record) -> Any:
    """Return the value as JSON can hold it: numbers as exact text, dates as ISO text, records as objects."""
    if isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Record):
        return {name: plain_value(item) for name, item in value.fields}
    if isinstance(value, tuple):
        return [plain_value(item) for item in value]
    return value


def decimal_text(number: Decimal) -> str:
    """Return the shortest plain digits of the number: 4200.50 and 4200.5 are the same text."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
