"""Both executors say the same of the same firms: all editions, and every criterion there is."""

from __future__ import annotations

import typing
from datetime import date

import numpy as np
import pytest

from app.eligibility.columnar import judge, packing
from app.eligibility.columnar.table import Table
from app.facts.snapshot.packing import Column
from app.rulebooks import criteria
from app.rulebooks.loader import edition_ids, load_edition
from app.rulebooks.schema import Rulebook
from bench.crowd import Crowd
from tests.eligibility.columnar.written import every_criterion

FIRMS = 60
DAYS = {"hnte-2016": date(2026, 6, 30), "tech-sme-2017": date(2024, 2, 29)}


def day_of(rulebook: Rulebook) -> date:
    """A day on which the edition is in force, in different years and on a 29 February."""
    day = DAYS.get(rulebook.id, date(2026, 3, 1))
    if rulebook.effective_to is not None and day > rulebook.effective_to:
        return rulebook.effective_to
    return max(day, rulebook.effective_from) if rulebook.effective_from else day


def table_of(rulebook: Rulebook, count: int, seed: int, kind: str = "new") -> Table:
    """A crowd drawn around the thresholds of an edition."""
    as_of = day_of(rulebook)
    spots = judge.wanted([rulebook], as_of, kind)
    return Table(Crowd([rulebook], spots, as_of, count, seed).columns(), count, as_of, kind, loaded=spots)


def told_apart(rulebook: Rulebook, table: Table) -> list[str]:
    """Return where the executors differ."""
    everybody = np.ones(table.size, dtype=bool)
    found = judge.judged(table, rulebook, everybody)
    exact = judge.by_exact_executor(table, rulebook, everybody)
    wrong = []
    for name in ("decision", "shortfall", "short", "low", "high"):
        left, right = getattr(found, name), getattr(exact, name)
        if left is not None and (left != right).any():
            wrong.append(f"{name}: {np.flatnonzero(left != right)[:3]}")
    for clause, left, right in zip(rulebook.clauses, found.outcomes, exact.outcomes, strict=True):
        if (left != right).any():
            places = np.flatnonzero(left != right)[:3]
            wrong.append(f"{clause.id}: {places} {left[places]} instead of {right[places]}")
    return wrong


@pytest.mark.parametrize("code", edition_ids())
def test_both_executors_agree_on_every_edition(code: str) -> None:
    rulebook = load_edition(code)
    for kind in rulebook.kinds[:1]:
        assert told_apart(rulebook, table_of(rulebook, FIRMS, seed=len(code), kind=kind)) == []


@pytest.mark.parametrize("kind", ["new", "review"])
def test_both_executors_agree_on_every_criterion(kind: str) -> None:
    rulebook = every_criterion()
    table = table_of(rulebook, 150, seed=11, kind=kind)
    assert told_apart(rulebook, table) == []
    assert table.odd.mean() < 0.1


def test_the_sample_rulebook_uses_every_criterion() -> None:
    used = judge.criteria_of(every_criterion())
    known = {*typing.get_args(criteria.Test), *typing.get_args(criteria.Measure)}
    assert known - used - set(judge.EXACT_ONLY) == set()


def test_every_criterion_has_a_kernel_or_a_reason() -> None:
    known = {*typing.get_args(criteria.Test), *typing.get_args(criteria.Measure)}
    without = known - judge.KERNELS - set(judge.EXACT_ONLY)
    assert without == set()
    assert all(judge.EXACT_ONLY.values())


@pytest.mark.parametrize("code", edition_ids())
def test_hardly_any_firm_needs_the_exact_executor(code: str) -> None:
    rulebook = load_edition(code)
    if judge.reasons(rulebook):
        pytest.skip("、".join(judge.reasons(rulebook).values()))
    table = table_of(rulebook, 4_000, seed=3)
    found = judge.judged(table, rulebook, np.zeros(table.size, dtype=bool))
    assert not found.exact.any()
    assert table.odd.mean() < 0.03


def test_results_lose_nothing_in_bytes() -> None:
    for rulebook in (load_edition("hnte-2016"), every_criterion()):
        table = table_of(rulebook, 203, seed=5)
        found = judge.judged(table, rulebook, np.arange(203) % 7 > 0)
        back = packing.unpack(packing.pack(found))
        for name in ("outcomes", "decision", "shortfall", "short", "low", "high"):
            left, right = getattr(found, name), getattr(back, name)
            assert left is right is None or (left == right).all(), name


def test_a_number_without_room_in_64_bits_is_still_compared_exactly() -> None:
    """9.2×10¹⁰ 万元 over three years times a threshold leaves 64 bits; a step of 10⁻⁸ still decides."""
    rulebook = load_edition("hnte-2016")
    spots = judge.wanted([rulebook], date(2026, 6, 30), "new")
    columns = Crowd([rulebook], spots, date(2026, 6, 30), 3, seed=1).columns()
    known = np.ones(3, dtype=bool)
    sold = 2**63 - 8  # in steps of 10⁻⁸, a multiple of 100 once cut
    sold -= sold % 100
    for year in (2023, 2024, 2025):
        columns["sales_revenue", year] = Column(known, np.full(3, sold), 8)
        columns["rd_expense_hnte", year] = Column(known, np.full(3, sold // 100 * 3), 8)
    spent = np.array([sold // 100 * 3 - 1, sold // 100 * 3, sold // 100 * 3 + 1])
    columns["rd_expense_hnte", 2025] = Column(known, spent, 8)
    columns["first_operating_year", 0] = Column(known, np.full(3, 2010))
    columns["registration_date", 0] = Column(known, np.full(3, date(2010, 1, 1).toordinal()))
    table = Table(columns, 3, date(2026, 6, 30), "new", loaded=spots)
    clause = [one.id for one in rulebook.clauses].index("HNTE-11-5c")
    found = judge.judged(table, rulebook, np.ones(3, dtype=bool))
    assert found.outcomes[clause].tolist() == [4, 1, 1]
    assert told_apart(rulebook, table) == []
