"""Sums, means, worst and best years, growth: exact at the bar, and honest about a year that is missing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.eligibility.engine.outcome import Outcome
from tests.eligibility.engine.written import finding

MET, UNMET, UNKNOWN, REVIEW = Outcome.MET, Outcome.UNMET, Outcome.UNKNOWN, Outcome.NEEDS_REVIEW
SUM = '{ over_years = { how = "sum", of = ["rd_expense_audit"], years = 2 }, at_least = 1200 }'
MEAN = '{ over_years = { how = "mean", of = ["rd_expense_audit"], years = 2 }, at_least = 600 }'
LEAST = '{ over_years = { how = "min", of = ["rd_expense_audit"], years = 2 }, at_least = 100 }'
SHARE = (
    '{ over_years = { how = "min", of = ["rd_expense_audit"], to = ["operating_revenue"], years = 2 }, '
    "at_least = 0.03 }"
)
BEST = '{ over_years = { how = "max", of = ["srdi_platform_score"], years = 2, until = "this_year" }, at_least = 60 }'
RISE = '{ growth_rate = { of = ["main_business_revenue"], years = 1, how = "mean" }, at_least = 0.15 }'
MEAN_RISE = '{ growth_rate = { of = ["main_business_revenue"], years = 2, how = "mean" }, at_least = 0.05 }'
COMPOUND = '{ growth_rate = { of = ["operating_revenue"], years = 2, how = "compound" }, at_least = 0.05 }'
quick = settings(max_examples=60, deadline=None)
amounts = st.integers(0, 400_000).map(lambda number: Decimal(number) / 100)


@pytest.mark.parametrize(
    ("test", "facts", "outcome"),
    [
        (SUM, {"rd_expense_audit": {2022: 600, 2023: 600}}, MET),
        (SUM, {"rd_expense_audit": {2022: 600, 2023: "599.99"}}, UNMET),
        (SUM, {"rd_expense_audit": {2021: 900, 2023: 1199}}, UNKNOWN),
        (SUM, {"rd_expense_audit": {2023: 1200}}, MET),
        (SUM, {"rd_expense_audit": {2023: 1199}, "registration_date": "2023-02-01"}, UNMET),
        (SUM, {"rd_expense_audit": {2023: 1199}, "registration_date": "2022-12-31"}, UNKNOWN),
        (MEAN, {"rd_expense_audit": {2022: 0, 2023: 1200}}, MET),
        (MEAN, {"rd_expense_audit": {2022: 0, 2023: "1199.98"}}, UNMET),
        (MEAN, {"rd_expense_audit": {2023: 1199}, "registration_date": "2023-02-01"}, REVIEW),
        (LEAST, {"rd_expense_audit": {2022: 100, 2023: 100}}, MET),
        (LEAST, {"rd_expense_audit": {2022: 5000, 2023: "99.99"}}, UNMET),
        (LEAST, {"rd_expense_audit": {2022: "99.99"}}, UNMET),
        (LEAST, {"rd_expense_audit": {2022: 100}}, UNKNOWN),
        (LEAST, {"rd_expense_audit": {2023: 100}, "first_operating_year": 2023}, REVIEW),
        (SHARE, {"rd_expense_audit": {2022: 3, 2023: 30}, "operating_revenue": {2022: 100, 2023: 1000}}, MET),
        (SHARE, {"rd_expense_audit": {2022: 300, 2023: 30}, "operating_revenue": {2022: 100, 2023: "1000.01"}}, UNMET),
        (SHARE, {"rd_expense_audit": {2023: 2}, "operating_revenue": {2022: 100, 2023: 100}}, UNMET),
        (SHARE, {"rd_expense_audit": {2022: 5, 2023: 5}, "operating_revenue": {2022: 0, 2023: 100}}, REVIEW),
        (SHARE, {"rd_expense_audit": {2022: 5, 2023: 2}, "operating_revenue": {2022: -1, 2023: 100}}, UNMET),
        (SHARE, {"rd_expense_audit": {2022: 5}, "operating_revenue": {2022: 0, 2023: 100}}, UNKNOWN),
        (BEST, {"srdi_platform_score": {2023: 60, 2024: 1}}, MET),
        (BEST, {"srdi_platform_score": {2024: 60}}, MET),
        (BEST, {"srdi_platform_score": {2022: 100, 2024: 59}}, UNKNOWN),
        (BEST, {"srdi_platform_score": {2022: 100, 2023: 59, 2024: "59.9"}}, UNMET),
        (RISE, {"main_business_revenue": {2022: 100, 2023: 115}}, MET),
        (RISE, {"main_business_revenue": {2022: 100, 2023: "114.99"}}, UNMET),
        (RISE, {"main_business_revenue": {2022: 0, 2023: 115}}, REVIEW),
        (RISE, {"main_business_revenue": {2023: 115}}, UNKNOWN),
        (RISE, {"main_business_revenue": {2023: 115}, "registration_date": "2023-01-01"}, REVIEW),
        (MEAN_RISE, {"main_business_revenue": {2021: 100, 2022: 100, 2023: 110}}, MET),
        (MEAN_RISE, {"main_business_revenue": {2021: 100, 2022: 100, 2023: "109.99"}}, UNMET),
        (MEAN_RISE, {"main_business_revenue": {2021: 0, 2022: 100, 2023: 200}}, REVIEW),
        (MEAN_RISE, {"main_business_revenue": {2021: 100, 2023: 200}}, UNKNOWN),
        (COMPOUND, {"operating_revenue": {2021: 10000, 2022: 1, 2023: 11025}}, MET),
        (COMPOUND, {"operating_revenue": {2021: 10000, 2023: "11024.99"}}, UNMET),
        (COMPOUND, {"operating_revenue": {2021: 10000, 2023: -5}}, UNMET),
        (COMPOUND, {"operating_revenue": {2021: 0, 2023: 5}}, REVIEW),
        (COMPOUND, {"operating_revenue": {2021: -3, 2023: 5}}, REVIEW),
        (COMPOUND, {"operating_revenue": {2022: 5, 2023: 5}}, UNKNOWN),
    ],
)
def test_at_the_bar_just_below_it_and_with_a_year_missing(test: str, facts: dict[str, Any], outcome: Outcome) -> None:
    found = finding(test, facts)
    assert found.outcome is outcome, found.explanation
    assert (outcome is UNKNOWN) == bool(found.missing)


@pytest.mark.parametrize(
    ("test", "facts", "says", "gap"),
    [
        (SUM, {2022: 500, 2023: 650}, "2022 年 500 万元、2023 年 650 万元，合计 1,150 万元", 50),
        (MEAN, {2022: 500, 2023: 650}, "差 25 万元研发费用（审计报告口径）（近 2 年合计差 50 万元）", 25),
        (LEAST, {2022: 99, 2023: 650}, "最低 99 万元，不符合不低于 100 万元的要求，差 1 万元", 1),
    ],
)
def test_the_sentence_tells_the_years_and_what_is_short(test: str, facts: dict[int, Any], says: str, gap: int) -> None:
    found = finding(test, {"rd_expense_audit": facts})
    assert says in found.explanation
    assert found.gap == gap


def test_the_worst_year_tells_its_own_shortfall() -> None:
    facts = {"rd_expense_audit": {2022: 29, 2023: 100}, "operating_revenue": {2022: 1000, 2023: 1000}}
    found = finding(SHARE, facts)
    assert (found.actual_text, found.gap, found.gap_unit) == ("2.90%", Decimal(1), "万元")
    assert "差 1 万元（2022 年研发费用（审计报告口径））" in found.explanation


def test_a_compound_rate_is_told_on_its_side_of_the_bar_and_with_the_revenue_it_lacks() -> None:
    found = finding(COMPOUND, {"operating_revenue": {2021: 10000, 2023: "11024.99"}})
    assert found.actual_text == "4.99995%"
    assert found.gap == Decimal("0.01")
    assert finding(COMPOUND, {"operating_revenue": {2021: 10000, 2023: 11025}}).actual_exact == "1/20"
    assert finding(COMPOUND, {"operating_revenue": {2021: 10000, 2023: -1}}).actual_text == "负数（由正转负）"


@quick
@given(first=amounts, last=amounts)
def test_a_compound_rate_is_compared_without_taking_a_root(first: Decimal, last: Decimal) -> None:
    found = finding(COMPOUND, {"operating_revenue": {2021: first + 1, 2023: last}})
    enough = Fraction(last) * 400 >= Fraction(first + 1) * 441
    assert found.outcome is (MET if enough else UNMET)
    if not enough:
        assert found.gap is not None
        closed = finding(COMPOUND, {"operating_revenue": {2021: first + 1, 2023: last + found.gap}})
        assert closed.outcome is MET


@quick
@given(values=st.lists(st.none() | amounts, min_size=2, max_size=2), more=amounts)
@pytest.mark.parametrize("test", [SUM, MEAN, LEAST])
def test_a_year_that_becomes_known_never_overturns_what_was_settled(
    test: str, values: list[Decimal | None], more: Decimal
) -> None:
    years = dict(zip((2022, 2023), values, strict=True))
    before = finding(test, {"rd_expense_audit": years})
    after = finding(test, {"rd_expense_audit": {year: more if one is None else one for year, one in years.items()}})
    assert after.outcome is not UNKNOWN
    assert before.outcome in (UNKNOWN, after.outcome)


@quick
@given(series=st.lists(amounts, min_size=3, max_size=3))
def test_closing_the_gap_of_a_mean_rate_meets_it(series: list[Decimal]) -> None:
    years = {year: one + 1 for year, one in zip((2021, 2022, 2023), series, strict=True)}
    found = finding(MEAN_RISE, {"main_business_revenue": years})
    rates = Fraction(years[2022]) / Fraction(years[2021]) + Fraction(years[2023]) / Fraction(years[2022]) - 2
    assert found.outcome is (MET if rates / 2 >= Fraction(1, 20) else UNMET)
    if found.outcome is UNMET and found.gap is not None and found.gap == round(found.gap, 8):
        years[2023] += found.gap
        assert finding(MEAN_RISE, {"main_business_revenue": years}).outcome is MET


@pytest.mark.parametrize(
    ("first", "last", "exact", "shown"),
    [(100, 81, "-1/10", "-10.00%"), (90, 160, "1/3", "33.33%"), (160, 90, "-1/4", "-25.00%"), (5, 0, "-1", "-100.00%")],
)
def test_a_compound_rate_is_exact_where_its_root_is_a_fraction(first: int, last: int, exact: str, shown: str) -> None:
    found = finding(COMPOUND, {"operating_revenue": {2021: first, 2023: last}})
    assert (found.actual_exact, found.actual_text) == (exact, shown)


def test_the_last_year_closes_the_gap_of_a_mean_over_many_years() -> None:
    test = MEAN_RISE.replace("years = 2", "years = 4").replace("0.05", "0.1")
    years = {2019: 100, 2020: 120, 2021: 120, 2022: 150, 2023: 140}
    found = finding(test, {"main_business_revenue": years})
    assert (found.outcome, found.gap) == (UNMET, Decimal("2.5"))
    assert finding(test, {"main_business_revenue": years | {2023: Decimal("142.5")}}).outcome is MET


def test_a_mean_that_a_person_must_read_is_not_told_as_a_number() -> None:
    told = '{ told = { over_years = { how = "mean", of = ["rd_expense_audit"], years = 2 } }, why = "未定界限" }'
    found = finding(told, {"rd_expense_audit": {2023: 30}, "registration_date": "2023-03-01"})
    assert (found.outcome, found.actual, found.explanation) == (Outcome.NOT_APPLICABLE, None, "未定界限。")


def test_a_sum_with_one_signed_part_has_no_least_value() -> None:
    test = '{ over_years = { how = "sum", of = ["rd_expense_audit", "total_profit"], years = 2 }, at_least = 10 }'
    known = {"rd_expense_audit": {2023: 900}, "total_profit": {2023: 900}}
    found = finding(test, known)
    assert found.outcome is UNKNOWN
    assert [str(place) for place in found.missing] == ["rd_expense_audit[2022]", "total_profit[2022]"]


def test_a_base_may_be_small_but_not_nothing() -> None:
    small = {"rd_expense_audit": {2022: "0.1", 2023: "0.1"}, "operating_revenue": {2022: "0.5", 2023: 1}}
    assert finding(SHARE, small).actual_exact == "1/10"
    assert finding(RISE, {"main_business_revenue": {2022: "0.5", 2023: 1}}).actual_exact == "1"
