"""What a judgement looks at: which figure counts now, from when the firm has been at work, up to which day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from app.eligibility.engine.finding import Place
from app.eligibility.engine.measure import fact_text
from app.eligibility.engine.setting import Setting, make_setting
from app.facts.sheet import FactSheet, FactValue
from tests.eligibility.engine.written import finding, rulebook

AS_OF = date(2024, 6, 15)
BOOK = rulebook('{ holds = "own_brand", is = true }')


def setting(**facts: Any) -> Setting:
    return make_setting(BOOK, FactSheet.from_plain(facts), AS_OF, "new")


@pytest.mark.parametrize(
    ("facts", "years", "first", "resting_on"),
    [
        ({}, None, None, []),
        ({"first_operating_year": 2022}, 2, 2022, ["first_operating_year"]),
        ({"registration_date": "2022-05-01"}, 2, 2022, ["registration_date"]),
        ({"first_operating_year": 2023, "registration_date": "2022-05-01"}, 1, 2023, ["first_operating_year"]),
        ({"first_operating_year": 2018, "registration_date": "2022-05-01"}, 2, 2022, ["registration_date"]),
        ({"first_operating_year": 2022, "registration_date": "2022-05-01"}, 2, 2022, ["first_operating_year"]),
        ({"registration_date": "2023-12-31"}, 1, 2023, ["registration_date"]),
        ({"registration_date": "2024-01-01"}, 0, 2024, ["registration_date"]),
        ({"registration_date": "2026-01-01"}, 0, 2026, ["registration_date"]),
        ({"sales_revenue": {2021: "0.01"}}, 3, None, ["sales_revenue[2021]"]),
        ({"sales_revenue": {2021: 0, 2022: 5}}, None, None, []),
        ({"sales_revenue": {2021: 5}, "registration_date": "2023-05-01"}, 1, 2023, ["registration_date"]),
    ],
)
def test_how_long_a_firm_has_operated(
    facts: dict[str, Any], years: int | None, first: int | None, resting_on: list[str]
) -> None:
    found = setting(**facts).operating
    assert (found.years, found.first) == (years, first)
    assert [str(Place(fact.key, fact.year)) for fact in found.facts] == resting_on


def current(*known: tuple[int | None, int]) -> FactValue | None:
    sheet = FactSheet([FactValue("ip_total", year, Decimal(value)) for year, value in known])
    return make_setting(BOOK, sheet, AS_OF, "new").find("ip_total")


def test_the_figure_that_counts_now_bears_no_year_or_this_one_or_the_last() -> None:
    assert current((2022, 1)) is None
    for known, value in (
        ([(2023, 1)], 1),
        ([(2023, 1), (2024, 2)], 2),
        ([(2023, 1), (2024, 2), (None, 3)], 3),
    ):
        found = current(*known)
        assert found is not None
        assert found.value == value
    yearly = setting(employees_total={2022: 5, 2024: 6})
    assert yearly.find("employees_total") is None
    assert yearly.place("employees_total") == Place("employees_total", 2023)
    assert yearly.place("ip_total") == Place("ip_total")


def test_years_are_counted_up_to_the_application_or_the_end_of_the_last_fiscal_year() -> None:
    applied = setting(application_date="2024-05-20")
    assert applied.application is not None
    assert (applied.applied_on, applied.last_year) == (date(2024, 5, 20), 2023)
    assert applied.until("application") == date(2024, 5, 20)
    assert applied.until("last_year_end") == date(2023, 12, 31)
    assert setting().until("application") == AS_OF
    assert setting().application is None


@pytest.mark.parametrize(
    ("founded", "years", "window", "shortened"),
    [
        (None, 3, (2021, 2022, 2023), False),
        ("2021-12-31", 3, (2021, 2022, 2023), False),
        ("2022-01-01", 3, (2022, 2023), True),
        ("2015-01-01", 2, (2022, 2023), False),
        ("2024-01-01", 3, (), True),
    ],
)
def test_the_window_is_shorter_where_the_firm_is_young(
    founded: str | None, years: int, window: tuple[int, ...], shortened: bool
) -> None:
    found = setting(registration_date=founded)
    assert (found.window(years), found.is_shortened(years)) == (window, shortened)


@pytest.mark.parametrize(
    ("years", "founded", "figures", "exact", "resting_on_founding"),
    [
        (1, "2024-01-01", {2023: 4}, "2/5", False),
        (1, "2023-01-01", {2023: 4}, "2/5", False),
        (2, "2023-01-01", {2022: 9, 2023: 4}, "2/5", True),
        (2, "2022-01-01", {2022: 2, 2023: 4}, "3/10", False),
    ],
)
def test_a_ratio_of_one_year_asks_nothing_of_the_firm_s_age(
    years: int, founded: str, figures: dict[int, int], exact: str, resting_on_founding: bool
) -> None:
    test = f'{{ ratio = {{ of = ["total_liabilities"], to = ["total_assets"], years = {years} }}, at_most = 1 }}'
    facts = {
        "registration_date": founded, "total_liabilities": figures, "total_assets": dict.fromkeys(figures, 10)
    }  # fmt: skip
    found = finding(test, facts)
    assert (found.outcome, found.actual_exact) == ("met", exact)
    assert any(fact.key == "registration_date" for fact in found.used) is resting_on_founding


def test_a_denominator_may_be_small_but_not_nothing() -> None:
    test = '{ ratio = { of = ["total_liabilities"], to = ["total_assets"] }, at_most = 1 }'
    found = finding(test, {"total_liabilities": {2023: "0.4"}, "total_assets": {2023: "0.8"}})
    assert (found.outcome, found.actual_exact) == ("met", "1/2")


def test_a_count_is_told_as_it_is() -> None:
    assert [fact_text(Fraction(5)), fact_text(Fraction(5, 2))] == ["5", "2.5"]
