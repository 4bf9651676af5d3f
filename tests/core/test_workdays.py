"""Working days as the State Council published them; beyond the last year nothing is claimed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import workdays

DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 2, 14), True),  # a Saturday worked for 春节
        (date(2026, 2, 16), False),  # a Monday off
        (date(2026, 10, 1), False),
        (date(2026, 11, 26), True),
        (date(2026, 11, 28), False),
        (date(2027, 1, 4), None),
        (date(2022, 12, 30), None),
    ],
)
def test_a_day_is_worked_or_not_or_unknown(day: date, *, worked: bool | None) -> None:
    assert workdays.is_worked(day) is worked


@given(DAYS, DAYS)
def test_counting_adds_up_and_is_unknown_beyond_the_table(start: date, end: date) -> None:
    counted = workdays.until(start, end)
    days = [start + timedelta(days=number) for number in range(1, (end - start).days + 1)]
    assert counted == sum(bool(workdays.is_worked(day)) for day in days)
    assert workdays.until(start, date(2027, 1, 1)) is None


@given(DAYS, st.integers(0, 40))
def test_the_day_after_so_many_working_days_is_one(start: date, count: int) -> None:
    found = workdays.after(start, count)
    if found is None:
        assert workdays.until(start, date(2026, 12, 31)) < count  # type: ignore[operator]
    else:
        assert workdays.until(start, found) == count
        assert count == 0 or workdays.is_worked(found)
