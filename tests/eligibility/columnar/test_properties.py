"""What holds for everybody, under every edition: looked at for thousands of firms at once by the columnar executor."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from app.eligibility.columnar import codes, demands, judge
from app.eligibility.columnar.judge import Judged
from app.eligibility.columnar.table import Spot, Table
from app.facts.catalogue import load_catalogue
from app.facts.keeping import indicator_of
from app.facts.sheet import EXPERT
from app.facts.snapshot.packing import Column, unknown
from app.rulebooks.loader import edition_ids, load_edition
from app.rulebooks.schema import Rulebook
from bench.crowd import Crowd
from tests.eligibility.columnar.test_agreement import day_of

FIRMS = 2_000
editions = pytest.mark.parametrize("code", edition_ids())
ALWAYS = ("registration_date", "first_operating_year", "application_date")


def drawn(rulebook: Rulebook, seed: int) -> tuple[dict[Spot, Column], frozenset[Spot], date]:
    day = day_of(rulebook)
    spots = judge.wanted([rulebook], day, rulebook.kinds[0])
    return Crowd([rulebook], spots, day, FIRMS, seed).columns(), spots, day


def judged(rulebook: Rulebook, columns: dict[Spot, Column], spots: frozenset[Spot], day: date) -> Judged:
    table = Table(columns, FIRMS, day, rulebook.kinds[0], loaded=spots)
    return judge.judged(table, rulebook, np.ones(FIRMS, dtype=bool))


def without(column: Column, where: np.ndarray) -> Column:
    known = column.known & ~where
    wordy = None if column.wordy is None else column.wordy & known
    return Column(known, np.where(known, column.values, 0), column.places, wordy, column.words)


def stands_in(key: str, year: int) -> bool:
    return key == "net_assets" or (year > 0 and not indicator_of(key).by_year)


@editions
def test_adding_information_turns_no_settled_clause_into_unknown_or_into_its_opposite(code: str) -> None:
    rulebook = load_edition(code)
    whole, spots, day = drawn(rulebook, seed=41)
    # what stands in another figure's stead is no addition: a direct amount, a current figure told for a year
    more = {spot: unknown(FIRMS) if stands_in(*spot) else column for spot, column in whole.items()}
    random = np.random.default_rng(5)
    # nor is a figure from before the firm was there: without it nothing is missing
    started, begun = Table(more, FIRMS, day, rulebook.kinds[0]).begun()

    def taken(year: int) -> np.ndarray:
        return (random.random(FIRMS) < 0.1) & ~(started & (year > 0) & (year < begun))

    less = {spot: column if spot[0] in ALWAYS else without(column, taken(spot[1])) for spot, column in more.items()}
    before, after = judged(rulebook, less, spots, day), judged(rulebook, more, spots, day)
    fair = (before.decision != demands.REFUSED) & (after.decision != demands.REFUSED)
    for place, clause in enumerate(rulebook.clauses):
        if clause.decides:
            was, now = before.outcomes[place], after.outcomes[place]
            settled = (was == codes.MET) | (was == codes.UNMET)
            assert not (fair & settled & (now == codes.UNKNOWN)).any(), clause.id
            turned = ((was == codes.MET) & (now == codes.UNMET)) | ((was == codes.UNMET) & (now == codes.MET))
            assert not (fair & turned).any(), clause.id


@editions
def test_a_figure_that_the_edition_does_not_name_never_changes_anything(code: str) -> None:
    rulebook = load_edition(code)
    columns, spots, day = drawn(rulebook, seed=43)
    named = {key for key, _year in spots}
    strange = [one.key for one in load_catalogue() if one.key not in named and one.kind == "number"]
    noise = Column(np.ones(FIRMS, dtype=bool), np.arange(FIRMS))
    noisy = columns | {(key, day.year - 1): noise for key in strange} | {(EXPERT + "NOBODY-1", 0): noise}
    plain, other = judged(rulebook, columns, spots, day), judged(rulebook, noisy, spots, day)
    assert (plain.outcomes == other.outcomes).all()
    assert (plain.decision == other.decision).all()


@editions
def test_nobody_of_whom_nothing_is_known_is_eligible_or_ineligible(code: str) -> None:
    rulebook = load_edition(code)
    columns, spots, day = drawn(rulebook, seed=47)
    nothing = judged(rulebook, dict.fromkeys(columns, unknown(FIRMS)), spots, day)
    assert set(nothing.decision.tolist()) <= {demands.UNDETERMINED, demands.NEEDS_REVIEW}
    assert not (nothing.outcomes == codes.UNMET).any()


@pytest.mark.parametrize("key", ["rd_expense_hnte", "sales_revenue"])
def test_a_missing_year_is_never_a_smaller_sum(key: str) -> None:
    """Without one of three years the share is unknown, whatever the other two would give."""
    rulebook = load_edition("hnte-2016")
    columns, spots, day = drawn(rulebook, seed=53)
    everybody = np.ones(FIRMS, dtype=bool)
    columns["first_operating_year", 0] = Column(everybody, np.full(FIRMS, 2010))
    columns["registration_date", 0] = Column(everybody, np.full(FIRMS, date(2010, 1, 1).toordinal()))
    for back in (1, 2, 3):
        year = day.year - back
        gone = columns | {(key, year): without(columns[key, year], everybody)}
        found = judged(rulebook, gone, spots, day)
        for place, clause in enumerate(rulebook.clauses):
            if clause.id in ("HNTE-11-5a", "HNTE-11-5b", "HNTE-11-5c"):
                outcomes = set(found.outcomes[place][found.decision != demands.REFUSED].tolist())
                assert outcomes <= {codes.UNKNOWN, codes.NOT_APPLICABLE}, clause.id
