"""Do all three judges agree? ``python -m bench.agreement 200000`` compares that many random firm × edition pairs.

Every edition, new applications and reviews, thresholds hit exactly, zero and negative bases, first-year firms, missing
years (``bench.crowd``). The columnar executor is compared with the exact one on every pair, clause by clause; with the
oracle in SQL on the editions that it has words for, on as many firms. Prints a line of JSON; 1 when any differ.
"""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date

import numpy as np

from app.eligibility.columnar import judge
from app.eligibility.columnar.judge import Judged
from app.eligibility.columnar.table import Table
from app.rulebooks.loader import edition_ids, load_edition
from bench import wide
from bench.crowd import Crowd
from bench.oracle_spans import Beyond

DAYS = (date(2026, 6, 30), date(2026, 3, 1), date(2024, 2, 29), date(2023, 3, 1), date(2018, 6, 15))
AT_ONCE = 2_000
REFUSED = 5
Work = tuple[str, str, date, int, int]


def main(pairs: int) -> int:
    """Compare and print."""
    works = list(_works(pairs))
    told: Counter[str] = Counter()
    spoken: set[str] = set()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for (code, *_rest), found in zip(works, pool.imap(_compared, works), strict=True):
            told.update(found)
            spoken |= {code} if found["oracle_pairs"] else set()
    print(json.dumps({**told, "editions": len({work[0] for work in works}), "oracle_speaks_of": sorted(spoken)}))
    return int(any(number for name, number in told.items() if name.endswith("differ")))


def _works(pairs: int) -> Iterator[Work]:
    """Share the pairs out to editions, kinds and days."""
    groups = [
        (code, kind, next((day for day in DAYS if load_edition(code).in_force(day)), DAYS[0]))
        for code in edition_ids()
        for kind in load_edition(code).kinds
    ]
    each = -(-pairs // len(groups))
    for number, (code, kind, day) in enumerate(groups):
        for first in range(0, each, AT_ONCE):
            yield code, kind, day, min(AT_ONCE, each - first), number * 1_000 + first // AT_ONCE


def _compared(work: Work) -> dict[str, int]:
    code, kind, day, count, seed = work
    book = load_edition(code)
    spots = judge.wanted([book], day, kind)
    columns = Crowd([book], spots, day, count, seed).columns()
    table = Table(columns, count, day, kind, loaded=spots)
    everybody = np.ones(count, dtype=bool)
    found = judge.judged(table, book, everybody)
    exact = judge.by_exact_executor(table, book, everybody)
    handed = int(found.exact.sum())
    told = {"pairs": count, "clauses": count * len(book.clauses), "handed_to_the_exact_one": handed,
            "differ": _differ(found, exact), "oracle_pairs": 0, "oracle_differ": 0}  # fmt: skip
    try:
        with sqlite3.connect(":memory:") as connection:
            wide.table_of(connection, sorted(spots))
            wide.fill(connection, sorted(spots), columns, 0, count)
            wide.judged(connection, book, day, kind)
            rows = connection.execute("SELECT * FROM result").fetchall()
    except Beyond:
        return told
    told["oracle_pairs"], told["oracle_differ"] = count, sum(_apart(found, *row) for row in rows)
    return told


def _differ(found: Judged, exact: Judged) -> int:
    """Return for how many firms any clause, the decision, the shortfall or the score differs."""
    apart = (found.outcomes != exact.outcomes).any(axis=0)
    for name in ("decision", "shortfall", "short", "low", "high"):
        left, right = getattr(found, name), getattr(exact, name)
        if left is not None:
            apart |= left != right
    return int(apart.sum())


def _apart(found: Judged, place: int, decision: int, outcomes: str, low: int, high: int) -> bool:
    if int(found.decision[place]) != decision:
        return True
    if decision == REFUSED:
        return False
    same = "".join(map(str, found.outcomes[:, place].tolist())) == outcomes
    if found.low is not None and found.high is not None:
        same = same and (int(found.low[place]), int(found.high[place])) == (low, high)
    return not same


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
