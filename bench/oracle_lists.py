"""Tests about lists, registers and contests as SQL, for the oracle. A value is a JSON text, NULL where unknown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.rulebooks import criteria as c

NAME, LEVEL, EXPIRY = (f"json_extract(value, '$.{field}')" for field in ("name", "level", "expiry"))


def any_listed(value: str) -> str:
    return f"CASE WHEN {value} IS NULL THEN 3 WHEN {value} = '[]' THEN 4 ELSE 1 END"


def lists(value: str, wanted: str) -> str:
    holds = f"EXISTS (SELECT 1 FROM json_each({value}) WHERE value = '{wanted}')"
    return f"CASE WHEN {value} IS NULL THEN 3 WHEN {holds} THEN 1 ELSE 4 END"


def record_named(value: str, test: c.RecordNamed) -> str:
    """An entry of another name or level is none; one whose name or level is not told may be it."""
    return _best(
        value,
        f"CASE WHEN {NAME} IS NOT NULL AND NOT ({_mentions(test.named)}) THEN 4 "
        f"WHEN {LEVEL} IS NOT NULL AND {LEVEL} NOT IN ({_texts(test.levels)}) THEN 4 "
        f"WHEN {NAME} IS NULL OR {LEVEL} IS NULL THEN 3 ELSE 1 END",
    )


def record_valid(value: str, test: c.RecordValid, as_of: date) -> str:
    """A day decides; a year alone only where every day of it comes out the same. Other honours are for a person."""
    year = f"CAST({EXPIRY} AS INTEGER)"
    lasts = (
        f"(CASE WHEN {EXPIRY} IS NULL THEN 3 WHEN length({EXPIRY}) = 4 THEN CASE WHEN {year} = {as_of.year} THEN 3 "
        f"WHEN {year} > {as_of.year} THEN 1 ELSE 4 END WHEN {EXPIRY} >= '{as_of}' THEN 1 ELSE 4 END)"
    )
    return _best(
        value,
        f"CASE WHEN {lasts} = 4 THEN 4 WHEN {NAME} IS NOT NULL AND ({_mentions(test.named)}) THEN {lasts} "
        f"WHEN {lasts} = 1 AND {NAME} IS NOT NULL THEN 2 ELSE 3 END",
    )


def ranked(columns: dict[int, str], test: c.Ranked, as_of: date, scale: int) -> str:
    """``columns`` are the ranks by year (0: without one). A year that the window cuts in two leaves it open."""
    first = _years_before(as_of, test.years)
    met, open_still = [], []
    for year, column in columns.items():
        good = f"{column} <= {test.at_most * scale}"
        if year in (0, as_of.year) or first <= date(year, 1, 1) < as_of:
            met.append(good)
        elif year == first.year:
            open_still.append(good)
    told = " AND ".join(f"{column} IS NULL" for column in columns.values())
    opened = f"WHEN {' OR '.join(open_still)} THEN 3 " if open_still else ""
    return f"CASE WHEN {told} THEN 3 WHEN {' OR '.join(met) or '0'} THEN 1 {opened}ELSE 4 END"


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return date(day.year - years, 3, 1)


def _best(value: str, one: str) -> str:
    each = f"(SELECT {one} AS outcome FROM json_each({value}))"
    ranks = " ".join(f"WHEN sum(outcome = {rank}) THEN {rank}" for rank in (1, 3, 2))
    return f"CASE WHEN {value} IS NULL THEN 3 ELSE (SELECT CASE {ranks} ELSE 4 END FROM {each}) END"


def _mentions(words: Sequence[str]) -> str:
    return " OR ".join(f"instr({NAME}, '{word}')" for word in words)


def _texts(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)
