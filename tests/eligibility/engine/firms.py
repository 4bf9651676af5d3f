"""Invented firms for the engine's tests, drawn around the limits, and always consistent with themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from app.facts.catalogue import Indicator, load_catalogue
from app.facts.sheet import FactSheet
from app.rulebooks.criteria import Bound
from app.rulebooks.loader import load_edition
from app.rulebooks.queries import keys_of
from app.rulebooks.schema import Rulebook
from app.rulebooks.walking import items_of

AS_OF = date(2024, 6, 15)
EXPERTS = {"IP1": (0, 8), "IP2": (0, 8), "IP4": (1, 6), "IP5": (0, 2), "RM1": (0, 6), "RM2": (0, 6), "RM3": (0, 4),
           "RM4": (0, 4)}  # fmt: skip
INCIDENTS = (
    "major_safety_incident_dates",
    "major_quality_incident_dates",
    "serious_env_violation_dates",
    "research_dishonesty_dates",
)


def cents(highest: int, *special: str) -> st.SearchStrategy[Decimal]:
    """Amounts to the cent up to ``highest``, and the special ones more often than chance would have them."""
    amounts = st.integers(0, highest * 100).map(lambda number: Decimal(number) / 100)
    return st.one_of(st.sampled_from([Decimal(text) for text in special]), amounts) if special else amounts


money = cents(30000, "0", "4999.99", "5000", "5000.01", "20000", "20000.01", "2300")
spending = cents(2000)
heads = cents(600)
counts = st.integers(0, 20)
some_dates = st.lists(
    st.sampled_from([date(2022, 12, 31), date(2023, 1, 1), date(2023, 6, 15), date(2023, 6, 16), date(2024, 6, 15)]),
    max_size=2,
)


def _yearly(values: st.SearchStrategy[Any], start: int, by_hand: bool) -> st.SearchStrategy[dict[int, Any]]:
    """By hand: the last three years or those since the start; else the years since 2019 with the one that runs."""
    years = range(max(start, 2021), 2024) if by_hand else range(2019, 2025)
    return st.fixed_dictionaries(dict.fromkeys(years, values))


# figures of the two first editions, which hang together (parts are drawn beside their wholes); all others are drawn
# by the catalogue, around every limit that the edition writes
HAND: dict[str, st.SearchStrategy[Any]] = {
    "sales_revenue": money,
    "rd_expense_hnte": spending,
    "rd_expense_hnte_domestic": spending,
    "rd_expense_super": spending,
    "cost_and_expense": money,
    "total_assets": money,
    "total_liabilities": money,
    "employees_month_avg": heads,
    "tech_staff_month_avg": heads,
    "employees_quarter_avg": heads,
    "tech_staff_quarter_avg": heads,
    "total_income": money,
    "non_taxable_income": spending,
    "hitech_income": money,
    "hitech_field_code": st.sampled_from(["8.2.3", "新材料", "9.1"]),
    "registered_country": st.sampled_from(["中国", "中国香港"]),
    "industry_class": st.sampled_from(["C3857", "建筑业", "6510", "批发业", "教育", "农业", "某业"]),
    "hnte_cert_expiry": st.sampled_from(["无", date(2024, 6, 14), date(2024, 6, 15)]),
    **dict.fromkeys(("ip_class1_count", "ip_class2_count", "ip_class2_unused_count", "tech_transfer_count_3y"), counts),
    **dict.fromkeys(INCIDENTS, some_dates),
}
# an amount that may be told beside the figures it follows from is left out: it could contradict them
FOLLOWING = ("net_assets", "application_date", "registration_date", "first_operating_year")
SOME_DAYS = [date(2012, 12, 31), date(2013, 12, 31), date(2014, 1, 1), date(2019, 6, 15), date(2019, 6, 16),
             date(2022, 6, 15), date(2023, 6, 15), date(2023, 6, 16), date(2024, 5, 31), date(2024, 6, 15)]  # fmt: skip


@st.composite
def whole_firms(draw: st.DrawFn, edition: str) -> dict[str, Any]:
    """A firm of which everything is known that the edition asks."""
    rulebook = load_edition(edition)
    start = draw(st.sampled_from([2015, 2021, 2022]))
    facts: dict[str, Any] = {"registration_date": date(start, draw(st.integers(1, 12)), 1)}
    bars = _bars(rulebook)
    for key in sorted(keys_of(rulebook) - set(FOLLOWING)):
        indicator = load_catalogue().get(key)
        values = HAND[key] if key in HAND else _of(indicator, bars)
        facts[key] = draw(_yearly(values, start, key in HAND) if indicator.by_year else values)
    facts["expert"] = {item: draw(points) for item, points in _experts(rulebook).items()}
    return facts


@lru_cache
def _bars(rulebook: Rulebook) -> tuple[Decimal, ...]:
    """Return every number that the edition compares with, without repetitions."""
    found: set[Decimal] = set()

    def look(part: object) -> None:
        if isinstance(part, Bound):
            found.add(part.value)
        elif isinstance(part, tuple):
            for inner in part:
                look(inner)
        elif is_dataclass(part):
            for column in fields(part):
                look(getattr(part, column.name))

    look((rulebook.clauses, rulebook.score))
    return tuple(sorted(found))


def _of(indicator: Indicator, bars: tuple[Decimal, ...]) -> st.SearchStrategy[Any]:
    values = _KINDS.get(indicator.kind, lambda one, _bars: st.just("材料"))(indicator, bars)
    return st.one_of(st.just("无"), values) if indicator.none_allowed else values


def _number(indicator: Indicator, bars: tuple[Decimal, ...]) -> st.SearchStrategy[Any]:
    step = Decimal(1) if indicator.whole else Decimal("0.01")
    lowest = Decimal(-50 if indicator.signed else indicator.minimum or 0)
    near = {bar + step * side for bar in bars for side in (-1, 0, 1)} | {lowest, Decimal(1)}
    fitting = [one for one in near if one >= lowest and (indicator.maximum is None or one <= indicator.maximum)]
    return st.sampled_from(sorted(one for one in fitting if not indicator.whole or one == one.to_integral_value()))


def _option(indicator: Indicator, _bars: tuple[Decimal, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from([option.value for option in indicator.options] or ["甲", "乙"])


def _records(indicator: Indicator, _bars: tuple[Decimal, ...]) -> st.SearchStrategy[Any]:
    columns = {
        "level": st.sampled_from([level.value for level in indicator.levels] or ["甲"]),
        "whole": st.integers(1, 6),
        "date": st.sampled_from(SOME_DAYS),
        "text": st.just("甲"),
    }
    row = st.fixed_dictionaries({column.name: columns[column.kind] for column in indicator.fields})
    return st.lists(row if indicator.fields else st.just({"name": "甲"}), max_size=2)


def _list(indicator: Indicator, _bars: tuple[Decimal, ...]) -> st.SearchStrategy[Any]:
    options = [option.value for option in indicator.options] or ["甲"]
    return st.lists(st.sampled_from(options), max_size=3, unique=True)


_KINDS: dict[str, Callable[[Indicator, tuple[Decimal, ...]], st.SearchStrategy[Any]]] = {
    "number": _number,
    "bool": lambda _one, _bars: st.booleans(),
    "date": lambda _one, _bars: st.sampled_from(SOME_DAYS),
    "dates": lambda _one, _bars: some_dates,
    "text": _option,
    "enum": _option,
    "list": _list,
    "records": _records,
    "year": lambda _one, _bars: st.integers(2015, 2023),
}


@lru_cache
def _experts(rulebook: Rulebook) -> dict[str, st.SearchStrategy[int]]:
    """Points that experts may give whatever the figures say, and decisions of people on clauses."""
    given = {item: st.integers(*band) for item, band in EXPERTS.items()} if rulebook.id == "hnte-2016" else {}
    people = {item: st.integers(0, 1) for clause in rulebook.clauses for item in items_of(clause.test)}
    return given | people


def places(facts: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return every single figure of a firm: (key, None) or (key, year or score item)."""
    found: list[tuple[str, Any]] = []
    for key, value in facts.items():
        found += [(key, year) for year in value] if isinstance(value, dict) else [(key, None)]
    return found


def only(facts: dict[str, Any], kept: set[tuple[str, Any]]) -> dict[str, Any]:
    """Return the firm with nothing known but the kept figures."""
    left: dict[str, Any] = {}
    for key, value in facts.items():
        if isinstance(value, dict):
            left[key] = {inner: item for inner, item in value.items() if (key, inner) in kept}
        elif (key, None) in kept:
            left[key] = value
    return left


@st.composite
def firms_known_in_part(draw: st.DrawFn, edition: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A firm of which less is known, and the same firm of which more is known."""
    facts = draw(whole_firms(edition))
    everything = places(facts)
    known = draw(st.binary(min_size=len(everything), max_size=len(everything)))
    more = {place for place, chance in zip(everything, known, strict=True) if chance > 50}
    less = {place for place, chance in zip(everything, known, strict=True) if chance > 100}
    return only(facts, less), only(facts, more)


def sheet(facts: dict[str, Any]) -> FactSheet:
    return FactSheet.from_plain(facts)
