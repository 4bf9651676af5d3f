"""The doubling path decides exactly, also where roots are irrational."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.programmes.doubling import path
from app.programmes.doubling.path import Standing


def test_doubling_in_three_years_needs_26_percent_a_year() -> None:
    needed = path.required_growth(start=Decimal(1000), goal=Decimal(2000), years=3)
    assert needed is not None
    assert needed.quantize(Decimal("0.00001")) == Decimal("0.25992")


def test_exactly_on_the_path_is_on() -> None:
    state = path.standing(Decimal(2000), base=Decimal(1000), multiple=Decimal(4), step=1, steps=2)
    assert state is Standing.ON


def test_one_cent_below_is_near_not_on() -> None:
    state = path.standing(Decimal("1999.999999"), base=Decimal(1000), multiple=Decimal(4), step=1, steps=2)
    assert state is Standing.NEAR


def test_nine_tenths_exactly_is_near_and_less_is_off() -> None:
    near = path.standing(Decimal(1800), base=Decimal(1000), multiple=Decimal(4), step=1, steps=2)
    off = path.standing(Decimal("1799.99"), base=Decimal(1000), multiple=Decimal(4), step=1, steps=2)
    assert (near, off) == (Standing.NEAR, Standing.OFF)


def test_a_year_without_a_figure_is_unknown_not_zero() -> None:
    years = path.years_of(
        base=Decimal(1000), multiple=Decimal(2), baseline_year=2022, years=3,
        actuals={2023: Decimal(1300), 2025: Decimal(2100)}, last_year=2025,
    )  # fmt: skip
    assert [year.standing for year in years] == [Standing.ON, Standing.ON, Standing.UNKNOWN, Standing.ON]
    assert years[3].growth is None, "growth over a gap has no meaning"


def test_negative_revenue_is_off_the_path() -> None:
    assert path.standing(Decimal(-5), base=Decimal(10), multiple=Decimal(2), step=2, steps=2) is Standing.OFF


@given(base=st.integers(1, 10**6), multiple=st.integers(2, 5), steps=st.integers(1, 6), data=st.data())
def test_standing_agrees_with_the_path_shown(base: int, multiple: int, steps: int, data: st.DataObject) -> None:
    step = data.draw(st.integers(0, steps))
    shown = path.expected(base=Decimal(base), multiple=Decimal(multiple), step=step, steps=steps)
    clearly_above = shown + 1
    assert path.standing(clearly_above, base=Decimal(base), multiple=Decimal(multiple), step=step, steps=steps) is (
        Standing.ON
    )
    below = Decimal(int(Fraction(shown) * Fraction(9, 10))) - 1
    assert path.standing(below, base=Decimal(base), multiple=Decimal(multiple), step=step, steps=steps) is Standing.OFF
