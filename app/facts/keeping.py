"""How a typed value lies in the two columns of a claim or a fact, and how it is read back (pure).

Numbers lie in ``number`` (exact, sortable); everything else in ``value`` as plain JSON: dates as ISO text, lists,
registers as objects. Reading back is lenient: what was once accepted stays readable when the catalogue is tightened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from app.core.errors import Invalid
from app.core.text import tr
from app.facts import catalogue as catalogues
from app.facts import definitions
from app.facts.catalogue import Indicator, load_catalogue
from app.facts.sheet import EXPERT, plain_value
from app.facts.values import Record, Value

Place = tuple[int, str, int | None]
"""Firm, key, year: where at most one current fact stands."""

Columns = tuple[Decimal | None, Any]

_EXPERT_ITEM = re.compile(r"expert:[A-Za-z0-9_.-]{1,40}\Z")


def indicator_of(key: str, year: int | None = None) -> Indicator:
    """Return the indicator of a key; expert scores (``expert:IP1``) have one of their own.

    An own indicator (``c_…``) is returned as defined for the year: units and choices may differ between years.

    Raises Invalid with the nearest key when there is none.
    """
    if key.startswith(EXPERT):
        if not _EXPERT_ITEM.match(key):
            raise Invalid("key", tr("“%(key)s”不是专家评分项，应写作 expert:IP1 的形式。", key=key))
        item = key[len(EXPERT) :]
        return Indicator(
            key=key, label=f"专家评分 {item}", short=f"专家评分 {item}", kind="number", period="as_of",
            group="专家评分", unit="分", maximum=100,
        )  # fmt: skip
    if definitions.is_own(key):
        return definitions.own(key, year)
    return load_catalogue().get(key)


def stated(key: str, year: int | None) -> Indicator:
    """Return the indicator that somebody states a value of. Raises Invalid for computed and retired own ones."""
    indicator = indicator_of(key, year)
    if definitions.is_own(key):
        if indicator.derived:
            raise Invalid("key", tr("『%(label)s』由系统按公式计算，不能填报。", label=indicator.short))
        retired = definitions.current().retired_on(key)
        if retired is not None:
            raise Invalid(
                "key", tr("『%(label)s』已于 %(day)s 停用，不再填报。", label=indicator.short, day=retired.isoformat())
            )
    return indicator


def firm_may_state(indicator: Indicator) -> bool:
    """Return whether a firm may state this of itself: experts score, a firm does not score itself."""
    return not indicator.key.startswith(EXPERT)


def name_of(key: str, year: int | None) -> str:
    """Return what a person calls a figure: 销售收入 2025 年."""
    short = indicator_of(key, year).short
    return short if year is None else f"{short} {year} 年"


def checked(indicator: Indicator, value: object, *, place: str | None = None) -> Value:
    """Return the value if it fits the indicator. Raises Invalid naming the place and the remedy."""
    if isinstance(value, list | tuple) and any(isinstance(item, Record) for item in value):
        value = [dict(item.fields) if isinstance(item, Record) else item for item in value]
    return catalogues.parse(indicator, value, place=place)


def checked_year(indicator: Indicator, year: int | None, *, latest: int) -> int | None:
    """Return the year if the indicator may bear it. Raises Invalid."""
    label = indicator.short
    if year is None:
        if indicator.by_year:
            raise Invalid("year", tr("『%(label)s』须按年度填报，请选择所属年度。", label=label))
        return None
    if not indicator.may_have_year:
        raise Invalid("year", tr("『%(label)s』不分年度，请不要填写年度。", label=label))
    if not 1900 <= year <= latest:
        raise Invalid("year", tr("『%(label)s』的年度 %(year)s 有误：只能填已经开始的年度。", label=label, year=year))
    return year


def kept(value: Value) -> Columns:
    """Return ``(number, value)`` as the columns hold it; exactly one is set."""
    if isinstance(value, Decimal):
        return value, None
    return None, plain_value(value)


def restored(indicator: Indicator, number: Decimal | None, value: Any) -> Value:
    """Return the typed value of the two columns."""
    if number is not None:
        return number
    if indicator.kind in ("date", "dates"):
        return _dates(indicator.kind, value)
    if indicator.kind == "records" and isinstance(value, list):
        kinds = {field.name: field.kind for field in indicator.fields}
        return tuple(_record(entry, kinds) for entry in value)
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    plain: Value = value
    return plain


def _dates(kind: str, value: Any) -> Value:
    if isinstance(value, list):
        return tuple(date.fromisoformat(item) for item in value)
    day = date.fromisoformat(str(value))
    return day if kind == "date" else (day,)


def _record(entry: dict[str, Any], kinds: dict[str, str]) -> Record:
    return Record(tuple((name, _cell(item, kinds.get(name, "text"))) for name, item in sorted(entry.items())))


def _cell(item: Any, kind: str) -> Decimal | date | str:
    if kind == "date":
        text = str(item)
        return text if len(text) == 4 else date.fromisoformat(text)
    return Decimal(str(item)) if kind == "whole" else str(item)


def are_same(left: Columns, right: Columns) -> bool:
    """Tell whether two kept values are equal; 4200.50 and 4200.5 are."""
    return left[0] == right[0] and left[1] == right[1]


def differing(value: Columns, others: Sequence[Columns]) -> bool:
    """Tell whether any of the others is not equal to the value."""
    return any(not are_same(value, other) for other in others)
