"""Invented firms for the engine's tests, drawn around the limits, and always consistent with themselves."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.facts.sheet import FactSheet

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


def _yearly(values: st.SearchStrategy[Any], start: int) -> st.SearchStrategy[dict[int, Any]]:
    return st.fixed_dictionaries({year: values for year in range(max(start, 2021), 2024)})


@st.composite
def whole_firms(draw: st.DrawFn) -> dict[str, Any]:
    """A firm of which everything is known that either edition asks."""
    start = draw(st.sampled_from([2015, 2021, 2022]))
    yearly = {
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
    }
    facts: dict[str, Any] = {key: draw(_yearly(values, start)) for key, values in yearly.items()}
    facts |= {
        "registration_date": date(start, draw(st.integers(1, 12)), 1),
        "hitech_field_code": draw(st.sampled_from(["8.2.3", "新材料", "9.1"])),
        "is_resident_enterprise": draw(st.booleans()),
        "registered_country": draw(st.sampled_from(["中国", "中国香港"])),
        "product_in_prohibited_catalogue": draw(st.booleans()),
        "in_abnormal_list": draw(st.booleans()),
        "in_serious_dishonesty_list": draw(st.booleans()),
        "hnte_cert_expiry": draw(st.sampled_from(["无", date(2024, 6, 14), date(2024, 6, 15)])),
        "rd_institution_level": draw(st.sampled_from(["无", "市级", "省级"])),
        "sci_award_records": [],
        "standard_lead_records": [],
        "expert": {item: draw(st.integers(*band)) for item, band in EXPERTS.items()},
    }
    for key in ("ip_class1_count", "ip_class2_count", "ip_class2_unused_count", "tech_transfer_count_3y"):
        facts[key] = draw(counts)
    for key in INCIDENTS:
        facts[key] = draw(some_dates)
    return facts


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
def firms_known_in_part(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A firm of which less is known, and the same firm of which more is known."""
    facts = draw(whole_firms())
    everything = places(facts)
    known = draw(st.binary(min_size=len(everything), max_size=len(everything)))
    more = {place for place, chance in zip(everything, known, strict=True) if chance > 50}
    less = {place for place, chance in zip(everything, known, strict=True) if chance > 100}
    return only(facts, less), only(facts, more)


def sheet(facts: dict[str, Any]) -> FactSheet:
    return FactSheet.from_plain(facts)
