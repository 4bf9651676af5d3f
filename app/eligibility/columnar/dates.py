"""Tests of many firms about dates and registers (pure). Mirrors ``engine.dates``."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from app.eligibility.columnar import codes
from app.eligibility.columnar.codes import Codes, Flags
from app.eligibility.columnar.table import Days, Table
from app.eligibility.engine import dates as exact
from app.eligibility.engine.outcome import Outcome, any_of
from app.eligibility.engine.setting import Setting
from app.facts.snapshot.packing import Column
from app.facts.values import Record
from app.rulebooks import criteria

Ordinals = npt.NDArray[np.int64]


def none_dated(table: Table, test: criteria.NoneDated) -> Codes:
    """No date of the lists lies in the window, both ends included."""
    first, last, apart = _window(table, test)
    hit = np.zeros(table.size, dtype=bool)
    known = np.ones(table.size, dtype=bool)
    for key in test.keys:
        column = table.column(key)
        known &= column.known
        hit |= _dated_within(table, key, column, first, last)
    result = np.where(hit, np.uint8(codes.UNMET), np.where(known, np.uint8(codes.MET), np.uint8(codes.UNKNOWN)))
    if apart is None:
        return result
    result = codes.put(result, apart.none, codes.NOT_APPLICABLE)
    return codes.put(result, ~apart.known, codes.UNKNOWN)


def _window(table: Table, test: criteria.NoneDated) -> tuple[Ordinals, Ordinals, Days | None]:
    """Return the first and the last day that count, and the days since which it counts where that is the rule."""
    size, as_of = table.size, table.as_of
    if test.calendar_years:
        first = date(as_of.year - test.calendar_years + 1, 1, 1)
        return np.full(size, first.toordinal()), np.full(size, date(as_of.year, 12, 31).toordinal()), None
    if test.since:
        since = table.days(test.since)
        return since.ordinals, np.full(size, as_of.toordinal()), since
    applied_on = table.applied_on()
    if test.years:
        return _years_before(applied_on, test.years), applied_on, None
    return applied_on - test.days, applied_on, None


def _years_before(days: Ordinals, years: int) -> Ordinals:
    """Return the same day so many years earlier; each different day is reckoned once."""
    different, place = np.unique(days, return_inverse=True)
    earlier = [exact.years_after(date.fromordinal(int(day)), -years).toordinal() for day in different]
    return np.array(earlier, dtype=np.int64)[place] if earlier else days


def _dated_within(table: Table, key: str, column: Column, first: Ordinals, last: Ordinals) -> Flags:
    """Tell for which firms a date of their list lies in the window. Every date of every list is looked at once."""
    table.odd |= column.plain
    hit = np.zeros(table.size, dtype=bool)
    if column.wordy is None:
        return hit
    lists = [_ordinals(value) for value in table.words(key, column)]
    lengths = np.array([len(days) for days in lists], dtype=np.int64)
    if not lengths.any():
        return hit
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    flat = np.array([day for days in lists for day in days], dtype=np.int64)
    firms = np.flatnonzero(column.wordy & (lengths[np.where(column.wordy, column.values, 0)] > 0))
    of_firm = lengths[column.values[firms]]
    owners = np.repeat(firms, of_firm)
    within = np.arange(len(owners)) - np.repeat(np.cumsum(of_firm) - of_firm, of_firm)
    days = flat[np.repeat(starts[column.values[firms]], of_firm) + within]
    hit[owners[(first[owners] <= days) & (days <= last[owners])]] = True
    return hit


def _ordinals(value: Any) -> list[int]:
    return [day.toordinal() for day in value if isinstance(day, date)] if isinstance(value, tuple) else []


def valid_on(table: Table, test: criteria.ValidOn) -> Codes:
    """An expiry date is not before the day of judgement; no certificate is a failure."""
    days = table.days(test.key)
    fits = ~days.none & (days.ordinals >= table.as_of.toordinal())
    return codes.put(codes.said(fits), ~days.known, codes.UNKNOWN)


def valid_for(table: Table, test: criteria.ValidFor) -> Codes:
    """A date of issue lies less than so many years back; no certificate: not applicable."""
    days = table.days(test.key)
    result = codes.said(days.ordinals >= _oldest_valid(table.as_of, test.years))
    result = codes.put(result, days.none, codes.NOT_APPLICABLE)
    return codes.put(result, ~days.known, codes.UNKNOWN)


def _oldest_valid(as_of: date, years: int) -> int:
    """Return the earliest day whose anniversary lies after the day of judgement."""
    day = exact.years_after(as_of, -years) - timedelta(days=2)
    while exact.years_after(day, years) <= as_of:
        day += timedelta(days=1)
    return day.toordinal()


def any_record(table: Table, test: criteria.AnyRecord) -> Codes:
    """A register holds an entry that fits. Each different register is read once, by the exact rule."""
    column = table.find(test.key)
    table.odd |= column.plain
    setting = cast(Setting, SimpleNamespace(as_of=table.as_of))

    def outcome(value: Any) -> int:
        entries = value if isinstance(value, tuple) else ()
        states = [exact.record_state(setting, test, item) for item in entries if isinstance(item, Record)]
        return codes.CODE[any_of([*states, Outcome.UNMET])]

    found: Codes = table.by_word(test.key, column, outcome, np.uint8)
    return codes.put(found, ~column.known, codes.UNKNOWN)


def by_day(table: Table, test: criteria.ByDay) -> Codes:
    """Something is done in the year of judgement on or before a day; before that day nothing is owed yet."""
    deadline = date(table.as_of.year, test.month, test.day)
    days = table.days(test.key, table.as_of.year)
    table.odd |= days.none
    open_still = codes.NOT_APPLICABLE if table.as_of <= deadline else codes.UNKNOWN
    return codes.put(codes.said(days.ordinals <= deadline.toordinal()), ~days.known, open_still)


def within_months(table: Table, test: criteria.WithinMonths) -> Codes:
    """One date follows another within so many months; without the first nothing is owed."""
    start, end = table.days(test.start), table.days(test.end)
    fits = ~end.none & (end.ordinals <= _months_after(start, test.months))
    result = codes.put(codes.said(fits), ~(start.known & end.known), codes.UNKNOWN)
    return codes.put(result, start.none, codes.NOT_APPLICABLE)


def _months_after(start: Days, months: int) -> Ordinals:
    """Return the deadline of every firm; each different first day is reckoned once."""
    dated = start.known & ~start.none
    different, place = np.unique(np.where(dated, start.ordinals, 1), return_inverse=True)
    ends = [exact.months_after(date.fromordinal(int(day)), months).toordinal() for day in different]
    return np.array(ends, dtype=np.int64)[place] if ends else start.ordinals


def operating(table: Table, test: criteria.OperatingYears) -> Codes:
    """The firm has operated fewer years than the rule looks back."""
    known, years = table.operating()
    result = np.where(years < test.years, np.uint8(codes.MET), np.uint8(codes.NOT_APPLICABLE))
    return codes.put(result, ~known, codes.UNKNOWN)
