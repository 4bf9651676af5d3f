"""The catalogue of indicators: every figure a policy may ask about, with unit, period and calibre (pure).

Keys are those of the policy pack. The calibre (口径) belongs to the key: five R&D expenses, three staff counts and six
counts of intellectual property stand side by side and never replace one another.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from app.core.errors import Invalid
from app.core.text import Message, tr
from app.facts import values
from app.facts.values import Place, Record, Value

KINDS = ("number", "bool", "date", "dates", "text", "enum", "code", "list", "records", "year", "doc")
PERIODS = (
    "static",
    "event",
    "as_of",
    "annual",
    "year_end",
    "last_3_years",
    "cumulative",
    "consecutive",
    "biennial",
    "derived",
)


@dataclass(frozen=True, slots=True)
class Option:
    """One allowed answer, other ways people write it, and what it means where the word alone does not tell.

    Options are listed from the lowest to the highest.
    """

    value: str
    aliases: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecordField:
    """One column of a register: kind is level, whole, date or text."""

    name: str
    label: str
    kind: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """One figure of the catalogue.

    ``unit`` is the unit in which the value is kept (万元, 人, 项, 比例 = a fraction, …; empty when there is none).
    ``other``: the options are offered, and another text is kept as it is written.
    ``by_year`` figures exist once for each fiscal year; ``static`` ones have no year; the others may have one.
    """

    key: str
    label: str
    short: str
    kind: str
    period: str
    group: str
    unit: str = ""
    calibre: str = ""
    hint: str = ""
    source: str = ""
    used_by: tuple[str, ...] = ()
    derived: bool = False
    whole: bool = False
    signed: bool = False
    minimum: int | None = None
    maximum: int | None = None
    none_allowed: bool = False
    other: bool = False
    options: tuple[Option, ...] = ()
    fields: tuple[RecordField, ...] = ()
    levels: tuple[Option, ...] = ()

    @property
    def by_year(self) -> bool:
        """Whether the figure is told separately for each fiscal year."""
        return self.period in ("annual", "year_end")

    @property
    def may_have_year(self) -> bool:
        """Whether a year may stand beside the figure."""
        return self.period != "static" and self.key != "application_date"

    def is_beyond_options(self, value: object) -> bool:
        """Whether the value is a text of its own where options are only offered."""
        return self.other and all(value != option.value for option in self.options)

    @property
    def is_ratio(self) -> bool:
        """Whether the value is a fraction that screens show as a percentage."""
        return self.unit == "比例"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All indicators in the order of the file; look up by key, iterate, or take one screen group."""

    _by_key: Mapping[str, Indicator]

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def __iter__(self) -> Iterator[Indicator]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def get(self, key: str) -> Indicator:
        """Return the indicator. Raises Invalid with the nearest key when there is none."""
        found = self._by_key.get(key)
        if found is None:
            raise Invalid(key, self.unknown(key))
        return found

    def unknown(self, key: str) -> Message:
        """Return the sentence for a key that is not in the catalogue, with the nearest one if there is one."""
        near = difflib.get_close_matches(key, self._by_key, n=1, cutoff=0.75)
        if near:
            return tr(
                "指标目录中没有“%(key)s”，是否应为“%(near)s”（%(label)s）？",
                key=key,
                near=near[0],
                label=self._by_key[near[0]].label,
            )
        return tr("指标目录中没有“%(key)s”，请按指标目录的键名填写。", key=key)

    def groups(self) -> tuple[str, ...]:
        """Return the screen groups in order of first appearance."""
        return tuple(dict.fromkeys(indicator.group for indicator in self))

    def group(self, name: str) -> tuple[Indicator, ...]:
        """Return the indicators of one screen group."""
        return tuple(indicator for indicator in self if indicator.group == name)


@lru_cache(maxsize=1)
def load_catalogue() -> Catalogue:
    """Read catalogue.toml once. Raises ValueError naming the entry when the file is not in order."""
    text = resources.files("app.facts").joinpath("catalogue.toml").read_text(encoding="utf-8")
    by_key: dict[str, Indicator] = {}
    for entry in tomllib.loads(text)["indicator"]:
        indicator = _indicator(entry)
        if indicator.key in by_key:
            raise ValueError(f"catalogue.toml：指标 {indicator.key} 重复")
        by_key[indicator.key] = indicator
    return Catalogue(MappingProxyType(by_key))


def _indicator(entry: dict[str, Any]) -> Indicator:
    plain = dict(entry)
    key = plain.get("key", "?")
    plain.setdefault("short", plain.get("label", ""))
    plain["used_by"] = tuple(plain.get("used_by", ()))
    for name in ("options", "levels"):
        plain[name] = tuple(Option(o["value"], tuple(o["aliases"]), o.get("note", "")) for o in plain.get(name, ()))
    plain["fields"] = tuple(
        RecordField(f["name"], f["label"], f["kind"], tuple(f["aliases"])) for f in plain.get("fields", ())
    )
    try:
        indicator = Indicator(**plain)
    except TypeError as error:
        raise ValueError(f"catalogue.toml：指标 {key} 的栏目有误（{error}）") from None
    if indicator.kind not in KINDS or indicator.period not in PERIODS:
        raise ValueError(f"catalogue.toml：指标 {key} 的 kind 或 period 不在允许的范围内")
    return indicator


def parse(indicator: Indicator, raw: object, *, place: Place | None = None) -> Value:
    """Return the value of one figure read from plain input (YAML, JSON, a spreadsheet cell, a form field).

    ``place`` names the figure in a refusal; by default the indicator's label in 『』. Money is in 万元, ratios are
    fractions ("5.2%" is accepted as text). Raises Invalid with a Chinese sentence naming the place and the remedy.
    """
    where = place or f"『{indicator.label}』"
    try:
        return _READERS[indicator.kind](indicator, raw, where)
    except Invalid as error:
        raise Invalid(indicator.key, error.message) from None


def _number(indicator: Indicator, raw: object, place: Place) -> Value:
    if indicator.none_allowed and values.is_known_none(raw):
        return ()
    number = values.read_number(raw, place, as_ratio=indicator.is_ratio, unit=indicator.unit)
    if indicator.whole and number != number.to_integral_value():
        raise Invalid("", tr("%(place)s：%(raw)s 不是整数，请填写整数。", place=place, raw=values.shown(number)))
    lowest = indicator.minimum if indicator.minimum is not None else (None if indicator.signed else 0)
    if lowest is not None and number < lowest:
        raise Invalid(
            "",
            tr(
                "%(place)s：%(raw)s 小于 %(lowest)s，请核对。",
                place=place,
                raw=values.shown(number),
                lowest=lowest,
            ),
        )
    if indicator.maximum is not None and number > indicator.maximum:
        raise Invalid(
            "",
            tr(
                "%(place)s：%(raw)s 超过 %(highest)s，比例请按小数填写，如 35%% 填 0.35。",
                place=place,
                raw=values.shown(number),
                highest=indicator.maximum,
            ),
        )
    return number


def _bool(_indicator: Indicator, raw: object, place: Place) -> Value:
    return values.read_bool(raw, place)


def _date(indicator: Indicator, raw: object, place: Place) -> Value:
    if indicator.none_allowed and values.is_known_none(raw):
        return ()
    return values.read_date(raw, place)


def _dates(_indicator: Indicator, raw: object, place: Place) -> Value:
    if values.is_known_none(raw):
        return ()
    items = raw if isinstance(raw, list | tuple) else [raw]
    return tuple(sorted(values.read_date(item, place) for item in items))


def _text(indicator: Indicator, raw: object, place: Place) -> Value:
    text = values.read_text(raw, place)
    return match_option(indicator.options, text) or text


def _enum(indicator: Indicator, raw: object, place: Place) -> Value:
    if raw is False:
        raw = "无"
    text = values.read_text(raw, place)
    if not indicator.options:
        return text
    found = match_option(indicator.options, text)
    if found is None and indicator.other:
        return text
    if found is None:
        choices = "、".join(option.value for option in indicator.options)
        raise Invalid(
            "",
            tr(
                "%(place)s：“%(raw)s”不在可选范围内，可填：%(choices)s。",
                place=place,
                raw=text,
                choices=choices,
            ),
        )
    return found


def match_option(options: tuple[Option, ...], text: str) -> str | None:
    """Return the option that the text means, or None."""
    wanted = text.strip().lower()
    for option in options:
        if wanted == option.value.lower() or wanted in (alias.lower() for alias in option.aliases):
            return option.value
    return None


def _list(indicator: Indicator, raw: object, place: Place) -> Value:
    if values.is_known_none(raw):
        return ()
    items = raw if isinstance(raw, list | tuple) else [raw]
    if indicator.options:
        return tuple(dict.fromkeys(str(_enum(indicator, item, place)) for item in items))
    return tuple(values.read_text(item, place) for item in items)


def _year(_indicator: Indicator, raw: object, place: Place) -> Value:
    return values.read_year(raw, place)


def _records(indicator: Indicator, raw: object, place: Place) -> Value:
    if values.is_known_none(raw):
        return ()
    items = raw if isinstance(raw, list | tuple) else [raw]
    return tuple(
        _record(indicator, item, tr("%(place)s第 %(number)s 项", place=place, number=number))
        for number, item in enumerate(items, start=1)
    )


def _record(indicator: Indicator, raw: object, place: Place) -> Record:
    if not isinstance(raw, Mapping):
        raise Invalid("", tr("%(place)s须分栏填写（如级别、日期），不能只填一个值。", place=place))
    fields: dict[str, Any] = {}
    for name, item in raw.items():
        if item is None:
            continue
        column = _column(indicator, str(name), place)
        if column is None:
            fields[str(name)] = item if isinstance(item, date) else values.read_text(item, place)
        else:
            if column.name in fields:
                raise Invalid(
                    "", tr("%(place)s的“%(column)s”填了两次，请只保留一个。", place=place, column=column.label)
                )
            fields[column.name] = _cell(indicator, column, item, place)
    return Record(tuple(sorted(fields.items())))


def _column(indicator: Indicator, name: str, place: Place) -> RecordField | None:
    for column in indicator.fields:
        if name == column.name or name == column.label or name in column.aliases:
            return column
    if indicator.fields:
        known = "、".join(f"{column.name}（{column.label}）" for column in indicator.fields)
        raise Invalid("", tr("%(place)s没有“%(name)s”这一栏，可填：%(known)s。", place=place, name=name, known=known))
    return None


def _cell(indicator: Indicator, column: RecordField, raw: object, place: Place) -> object:
    where = tr("%(place)s的%(column)s", place=place, column=column.label)
    if column.kind == "date":
        return values.read_day_or_year(raw, where)
    if column.kind == "whole":
        return values.read_rank(raw, where)
    text = values.read_text(raw, where)
    if column.kind != "level":
        return text
    found = match_option(indicator.levels, text)
    if found is None:
        choices = "、".join(option.value for option in indicator.levels)
        raise Invalid(
            "",
            tr(
                "%(place)s：“%(raw)s”不在可选范围内，可填：%(choices)s。",
                place=where,
                raw=text,
                choices=choices,
            ),
        )
    return found


_READERS = {
    "number": _number,
    "bool": _bool,
    "date": _date,
    "dates": _dates,
    "text": _text,
    "enum": _enum,
    "code": _text,
    "list": _list,
    "records": _records,
    "year": _year,
    "doc": _text,
}
