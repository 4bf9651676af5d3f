"""An independent oracle, SQL generated from the words of the editions, says the same as the columnar executor."""

from __future__ import annotations

import sqlite3
from datetime import date

import numpy as np
import pytest

from app.eligibility.columnar import judge
from app.eligibility.columnar.table import Table
from app.rulebooks.loader import edition_ids, load_edition
from app.rulebooks.schema import Rulebook
from bench import wide
from bench.crowd import Crowd
from tests.eligibility.columnar.written import every_criterion

AS_OF = date(2026, 3, 1)
FIRMS = 200


def told_apart(rulebook: Rulebook, count: int, seed: int, kind: str = "new") -> list[str]:
    """Return where the columnar executor and the oracle differ."""
    spots = judge.wanted([rulebook], AS_OF, kind)
    columns = Crowd([rulebook], spots, AS_OF, count, seed).columns()
    table = Table(columns, count, AS_OF, kind, loaded=spots)
    found = judge.judged(table, rulebook, np.ones(count, dtype=bool))
    connection = sqlite3.connect(":memory:")
    wide.table_of(connection, sorted(spots))
    wide.fill(connection, sorted(spots), columns, 0, count)
    wide.judged(connection, rulebook, AS_OF, kind)
    wrong = []
    for place, decision, outcomes, low, high in connection.execute("SELECT * FROM result"):
        mine = int(found.decision[place])
        if mine != decision_code(decision):
            wrong.append(f"{place}: decision {mine}, oracle {decision}")
        if decision == REFUSED:
            continue
        digits = "".join(map(str, found.outcomes[:, place].tolist()))
        if digits != outcomes:
            clauses = [
                one.id for one, left, right in zip(rulebook.clauses, digits, outcomes, strict=True) if left != right
            ]
            wrong.append(f"{place}: {clauses}")
        if found.low is not None and found.high is not None and (found.low[place], found.high[place]) != (low, high):
            wrong.append(f"{place}: {found.low[place]}—{found.high[place]}, oracle {low}—{high}")
    connection.close()
    return wrong


REFUSED = 5


def decision_code(outcome: int) -> int:
    """The oracle says how all demands came out together: met, needs review, unknown, unmet; or refused."""
    return {1: 1, 2: 2, 3: 3, 4: 4, REFUSED: 5}[outcome]


@pytest.mark.parametrize("code", edition_ids())
def test_the_oracle_agrees_on_editions(code: str) -> None:
    rulebook = load_edition(code)
    assert told_apart(rulebook, FIRMS, seed=23, kind=rulebook.kinds[-1]) == []


@pytest.mark.parametrize("kind", ["new", "review"])
def test_the_oracle_agrees_on_every_criterion_it_has_words_for(kind: str) -> None:
    assert told_apart(every_criterion(to_the_oracle=True), FIRMS, seed=29, kind=kind) == []
