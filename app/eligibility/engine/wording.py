"""Numbers and thresholds in plain official Chinese (pure). Exact: nothing is rounded across a threshold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from app.core.rounding import decimals, grouped, pointed, scaled, telling_places
from app.eligibility.engine.finding import Place, used
from app.facts.sheet import FactValue
from app.rulebooks.criteria import Bound

Exact = Fraction | Decimal | int

_SAID = {">=": "不低于", "<=": "不超过", ">": "超过", "<": "低于"}
_AT_LEAST_COUNT = "不少于"


def amount(value: Exact, unit: str) -> str:
    """Return the number with its unit: 4,200 万元, 66.70 万元, 12 人; a fraction as a percentage: 9.99%."""
    if unit == "比例":
        return _digits(value * 100) + "%"
    text = _digits(value)
    if unit == "万元" and text[-2:-1] == ".":
        text += "0"
    return f"{text} {unit}" if unit else text


def distance(value: Exact, unit: str) -> str:
    """Return how far two numbers lie apart: 66.70 万元, 0.01 个百分点."""
    return f"{_digits(value * 100)} 个百分点" if unit == "比例" else amount(value, unit)


def _digits(value: Exact) -> str:
    """Return the exact digits with thousands separators, at most eight decimals."""
    whole, rest = divmod(value.numerator * 10**8, value.denominator) if isinstance(value, Fraction) else (0, 1)
    if rest == 0:
        return f"{Decimal(whole).scaleb(-8).normalize():,f}"
    return grouped(value, decimals(value, 8))


def percent(value: Exact, against: Exact | None = None) -> str:
    """Return a fraction as a percentage with as many decimals as it takes to stay on its side of ``against``."""
    places = 4 if against is None else telling_places(value, 4, against, 14)
    return pointed(scaled(value, places), places - 2) + "%"


@lru_cache(maxsize=2048)
def threshold(bound: Bound, unit: str) -> str:
    """Return the demand with its edge: 不低于 5%（含 5%）."""
    value = _bar(bound, unit)
    edge = "含" if bound.operator in (">=", "<=") else "不含"
    said = _AT_LEAST_COUNT if bound.operator == ">=" and unit in ("项", "人", "起") else _SAID[bound.operator]
    return f"{said} {value}（{edge} {value}）"


@lru_cache(maxsize=2048)
def demand(bound: Bound, unit: str) -> str:
    """Return the demand alone: 不低于 5%."""
    said = _AT_LEAST_COUNT if bound.operator == ">=" and unit in ("项", "人", "起") else _SAID[bound.operator]
    return f"{said} {_bar(bound, unit)}"


def _bar(bound: Bound, unit: str) -> str:
    if unit == "比例":
        return grouped(bound.exact * 100) + "%"
    return f"{grouped(bound.exact)} {unit}" if unit else grouped(bound.exact)


def told(facts: Iterable[FactValue]) -> str:
    """Return figures as they stand, neither good nor bad: 2023 年营业收入为 9,000 万元、行业为“建筑业”."""
    parts = []
    for fact in facts:
        trace, value = used(fact), fact.value
        if isinstance(value, bool):
            shown = "“是”" if value else "“否”"
        elif isinstance(value, Decimal):
            shown = f" {amount(value, trace.unit)}"
        elif isinstance(value, int):
            shown = f" {value} 年"
        elif isinstance(value, date):
            shown = f" {day(value)}"
        else:
            shown = f"“{value}”" if isinstance(value, str) else "“无”" if not value else f" {len(value)} 项"
        parts.append(f"{trace.label}为{shown}")
    return "、".join(parts)


def years(span: Iterable[int]) -> str:
    """Return a run of fiscal years: 2021—2023 年."""
    found = tuple(span)
    return f"{found[0]} 年" if len(found) == 1 else f"{found[0]}—{found[-1]} 年"


def day(when: date) -> str:
    """Return the date in words: 2024 年 6 月 15 日."""
    return f"{when.year} 年 {when.month} 月 {when.day} 日"


def points(low: Decimal, high: Decimal) -> str:
    """Return points or an interval of points: 12 分, 58—83 分."""
    return f"{low:,f} 分" if low == high else f"{low:,f}—{high:,f} 分"


def lacking(missing: Iterable[Place]) -> str:
    """Return the names of what is missing, years of the same figure together: 2021、2022 年销售收入."""
    by_key: dict[str, list[int]] = {}
    for place in missing:
        by_key.setdefault(place.key, [])
        if place.year is not None:
            by_key[place.key].append(place.year)
    names = []
    for key, found in by_key.items():
        label = Place(key).label
        names.append(f"{'、'.join(str(year) for year in sorted(set(found)))} 年{label}" if found else label)
    return "、".join(names)


def wanting(missing: Iterable[Place]) -> str:
    """Return what is missing as the beginning of a sentence: 缺少 2023 年销售收入."""
    names = lacking(missing)
    return f"缺少 {names}" if names[:1].isdigit() else f"缺少{names}"
