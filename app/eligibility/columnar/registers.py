"""Tests of many firms about lists and registers (pure). Mirrors ``engine.registers``; words are read by its rules."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from app.eligibility.columnar import codes
from app.eligibility.columnar.codes import Codes
from app.eligibility.columnar.table import Table, told_by_word
from app.eligibility.engine import answers as exact_answers
from app.eligibility.engine import registers as exact
from app.eligibility.engine.dates import within, years_after
from app.eligibility.engine.outcome import Outcome, any_of
from app.eligibility.engine.setting import Setting
from app.facts.values import Record
from app.rulebooks import criteria
from app.rulebooks.answers import Lists, NoRecord


def any_listed(table: Table, test: criteria.AnyListed) -> Codes:
    """A list names anything."""
    return told_by_word(table, test.key, lambda value: codes.MET if value else codes.UNMET)


def lists(table: Table, test: Lists) -> Codes:
    """A list of answers names this one."""
    return told_by_word(table, test.key, lambda value: codes.MET if test.value in value else codes.UNMET)


def no_record(table: Table, test: NoRecord) -> Codes:
    """A register holds no entry in which one of the words is mentioned."""
    return told_by_word(table, test.key, lambda value: codes.CODE[exact_answers.mentioned(test, value)[0]])


def record_valid(table: Table, test: criteria.RecordValid) -> Codes:
    """One of the named honours is valid on the day."""
    setting = cast(Setting, SimpleNamespace(as_of=table.as_of))
    return _best(table, test.key, lambda record: exact.validity(setting, test, record))


def record_named(table: Table, test: criteria.RecordNamed) -> Codes:
    """An entry of the name and of one of the levels is held."""
    return _best(table, test.key, lambda record: exact.is_named(test, record))


def _best(table: Table, key: str, state: Any) -> Codes:
    def outcome(value: Any) -> int:
        found = [state(item) for item in value if isinstance(item, Record)]
        return codes.CODE[any_of([*found, Outcome.UNMET])]

    return told_by_word(table, key, outcome)


def ranked(table: Table, test: criteria.Ranked) -> Codes:
    """A good enough rank falls into the last years; a rank without a year was asked for within them."""
    earliest = years_after(table.as_of, -test.years)
    result = codes.same(table.size, codes.UNMET)
    told = np.zeros(table.size, dtype=bool)
    for year in (0, *table.years_of(test.key)):
        column = table.column(test.key, year)
        told |= column.known
        good = column.plain & (column.values <= test.at_most * 10**column.places)
        result = codes.any_of(
            [result, codes.put(codes.same(table.size, codes.UNMET), good, _when(table, year, earliest))]
        )
    return codes.put(result, ~told, codes.UNKNOWN)


def _when(table: Table, year: int, earliest: date) -> int:
    if year in (0, table.as_of.year):
        return codes.MET
    return codes.CODE[within(str(year), earliest, table.as_of)]
