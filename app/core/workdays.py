"""Working days of the People's Republic: weekends, days off and make-up days as the State Council published them.

``holidays.csv`` names each day with the paper that says so (国务院办公厅关于部分节假日安排的通知). Beyond the last year
published nothing is known: the answer is None, never a guess.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from importlib import resources

SATURDAY = 5
FARTHEST = 3 * 366


@cache
def _table() -> Mapping[date, bool]:
    """Return ``{day: is it worked}`` for every day that differs from its weekday."""
    text = resources.files("app.core").joinpath("holidays.csv").read_text(encoding="utf-8")
    return {date.fromisoformat(row["date"]): row["kind"] == "work" for row in csv.DictReader(text.splitlines())}


@cache
def published() -> tuple[int, int]:
    """Return the first and the last year whose arrangement is known; a stray day of New Year does not make a year."""
    years = sorted({day.year for day in _table() if day.month > 1 and (day.month, day.day) != (12, 31)})
    return years[0], years[-1]


def is_worked(day: date) -> bool | None:
    """True on a working day, None where the arrangement of the year is not published."""
    first, last = published()
    if not first <= day.year <= last:
        return None
    return _table().get(day, day.weekday() < SATURDAY)


def until(start: date, end: date) -> int | None:
    """Return how many working days lie after ``start`` up to and with ``end``; 0 when ``end`` is not later.

    None as soon as one of the days lies beyond what is published.
    """
    worked = [is_worked(start + timedelta(days=number)) for number in range(1, (end - start).days + 1)]
    return None if None in worked else sum(map(bool, worked))


def weekdays_until(start: date, end: date) -> int:
    """Return how many Mondays to Fridays lie after ``start`` up to and with ``end``: an estimate, to be called one."""
    days = range(1, (end - start).days + 1)
    return sum((start + timedelta(days=number)).weekday() < SATURDAY for number in days)


def after(start: date, count: int) -> date | None:
    """Return the ``count``-th working day after ``start``, None where that lies beyond what is published."""
    day = start
    for _ in range(FARTHEST):
        if count <= 0:
            return day
        day += timedelta(days=1)
        worked = is_worked(day)
        if worked is None:
            return None
        count -= worked
    return None
