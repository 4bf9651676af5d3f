"""Tests of many firms that lead to another test or to a person (pure). Mirrors ``engine.choices``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from app.eligibility.columnar import codes
from app.eligibility.columnar.asked import Asked
from app.eligibility.columnar.codes import Codes, Flags
from app.eligibility.columnar.table import Table, expert, told_by_word
from app.eligibility.engine import choices as exact
from app.eligibility.engine.outcome import Outcome
from app.firms.industries import find
from app.rulebooks import criteria

Checked = Callable[[Asked, criteria.Test], Codes]


def when(asked: Asked, test: criteria.When, checked: Checked) -> Codes:
    """Follow the condition; where it is not settled both branches must agree, else it stays as open as it is."""
    condition, then, otherwise = (checked(asked, one) for one in (test.condition, test.then, test.otherwise))
    open_still = np.where(
        (condition == codes.NEEDS_REVIEW) & (then != codes.UNKNOWN) & (otherwise != codes.UNKNOWN),
        np.uint8(codes.NEEDS_REVIEW),
        np.uint8(codes.UNKNOWN),
    )
    agree = (then == otherwise) & ((then == codes.MET) | (then == codes.UNMET))
    result = np.where(agree, then, open_still)
    result = np.where(condition == codes.MET, then, result)
    return np.where((condition == codes.UNMET) | (condition == codes.NOT_APPLICABLE), otherwise, result)


def by_expert(asked: Asked, test: criteria.ByExpert) -> Codes:
    """A person decides who looks at these figures; until then it needs review, or the figures are missing."""
    known = np.ones(asked.table.size, dtype=bool)
    for key in test.looks_at:
        known &= asked.table.find(key).known
    waiting = np.where(known, np.uint8(codes.NEEDS_REVIEW), np.uint8(codes.UNKNOWN))
    given, decided, fits = _decided(asked.table, test.item)
    asked.table.odd |= given & ~fits
    return np.where(given, decided, waiting)


def in_principle(asked: Asked, test: criteria.InPrinciple, checked: Checked) -> Codes:
    """A firm below the demand is not refused; a person decides."""
    result = checked(asked, test.test)
    given, decided, fits = _decided(asked.table, test.item)
    below = result == codes.UNMET
    asked.table.odd |= below & given & ~fits
    return np.where(below, np.where(given, decided, np.uint8(codes.NEEDS_REVIEW)), result)


def _decided(table: Table, item: str) -> tuple[Flags, Codes, Flags]:
    """Return where a person has decided, how, and where it is one of the two answers there are."""
    score = table.number(expert(item), 0)
    one = 10**score.amount.places
    is_yes, is_no = score.amount.values == one, score.amount.values == 0
    return score.known, codes.said(is_yes), is_yes | is_no


def undefined(asked: Asked, _test: criteria.Undefined) -> Codes:
    """The source does not say."""
    return codes.same(asked.table.size, codes.NEEDS_REVIEW)


def by_industry(asked: Asked, test: criteria.ByIndustry, checked: Checked) -> Codes:
    """Follow the row of the industry; an industry that no row has is not defined."""

    def row_of(value: Any) -> int:
        for place, row in enumerate(test.rows):
            wanted = criteria.InIndustry(test.key, row.codes, row.said)
            if exact.placed(find(str(value)), str(value), wanted)[0] is Outcome.MET:
                return place + 1
        return 0

    column = asked.table.find(test.key)
    asked.table.odd |= column.plain
    rows = asked.table.by_word(test.key, column, row_of, np.int64)
    result = codes.same(asked.table.size, codes.NEEDS_REVIEW)
    for place, row in enumerate(test.rows, start=1):
        result = np.where(rows == place, checked(asked, row.test), result)
    return codes.put(result, ~column.known, codes.UNKNOWN)


def told(asked: Asked, _test: criteria.Told) -> Codes:
    """Nothing is asked of the number."""
    return codes.same(asked.table.size, codes.NOT_APPLICABLE)


def in_industry(asked: Asked, test: criteria.InIndustry) -> Codes:
    """An industry lies in one of the sections or divisions; each different text is looked up once."""

    def lies(value: Any) -> int:
        outcome, _told = exact.placed(find(str(value)), str(value), test)
        return codes.CODE[outcome]

    return told_by_word(asked.table, test.key, lies)
