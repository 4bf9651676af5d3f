"""Mean growth over the last three fiscal years: what it rests on, and the edges that a formula does not see."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from app.eligibility.engine.measure import growth
from app.eligibility.engine.reading import Reading
from app.eligibility.engine.setting import make_setting
from app.facts.sheet import FactSheet
from app.rulebooks.criteria import Growth
from tests.eligibility.engine.written import rulebook

MEASURE = Growth(("total_assets",), ("total_liabilities",), "net_assets", "净资产", "last_two_years", "no_points",
                 "no_points", "review")  # fmt: skip
BOOK = rulebook('{ holds = "own_brand", is = true }')


def grown(*net: int, founded: str = "2015-01-01", **facts: Any) -> Reading:
    """Return the growth of net assets, 100 of liabilities beside them, up to 2023."""
    years = range(2024 - len(net), 2024)
    known = {
        "registration_date": founded,
        "total_assets": {year: 100 + value for year, value in zip(years, net, strict=True)},
        "total_liabilities": dict.fromkeys(years, 100),
    }
    sheet = FactSheet.from_plain(known | facts)
    return growth(make_setting(BOOK, sheet, date(2024, 6, 15), "new"), MEASURE)


@pytest.mark.parametrize(("founded", "resting_on_founding"), [("2021-05-01", False), ("2022-05-01", True)])
def test_growth_rests_on_the_founding_only_where_it_shortens_the_window(
    founded: str, resting_on_founding: bool
) -> None:
    found = grown(1, 2, 4, founded=founded)
    assert found.value == 1
    assert any(fact.key == "registration_date" for fact in found.used) is resting_on_founding


def test_the_first_negative_base_is_the_one_that_is_told() -> None:
    assert grown(0, -10, 5).review == "2022 年净资产为负数，指引未规定算法，须人工判定"
    assert grown(-1, -10, 5).review.startswith("2021 年")


@pytest.mark.parametrize(
    ("net", "value", "review"),
    [
        ((1, 3, -3), Fraction(0), ""),
        ((1, 4, -3), None, "2023 年净资产为负数而公式得出正增长，须人工判定"),
        ((1, 2, -3), Fraction(-3, 4), ""),
        ((1, 3, 0), Fraction(1, 2), ""),
    ],
)
def test_what_ends_below_nothing_has_not_grown(net: tuple[int, ...], value: Fraction | None, review: str) -> None:
    found = grown(*net)
    assert (found.value, found.review) == (value, review)


def test_every_year_in_which_figures_contradict_each_other_is_flagged() -> None:
    assert grown(1, 2, 4, net_assets={2021: 2, 2022: 2, 2023: 5}).flags == (
        "2021 年净资产直接填报数与资产减负债的结果不一致，按后者计算",
        "2023 年净资产直接填报数与资产减负债的结果不一致，按后者计算",
    )
