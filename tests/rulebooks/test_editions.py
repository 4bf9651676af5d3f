"""What the two editions say of themselves: complete, cited, dated, and honest about what nobody has checked."""

from __future__ import annotations

from datetime import date

import pytest

from app.rulebooks.loader import edition_ids, load_all, load_edition

HNTE = [
    "HNTE-11-1", "HNTE-11-2", "HNTE-11-3", "HNTE-11-4", "HNTE-11-5a", "HNTE-11-5b", "HNTE-11-5c", "HNTE-11-5d",
    "HNTE-11-5e", "HNTE-11-6", "HNTE-11-7", "HNTE-11-8", "HNTE-9", "HNTE-13", "HNTE-17", "HNTE-19", "HNTE-PUB",
]  # fmt: skip
TECH_SME = [
    "TSME-6-1", "TSME-6-2a", "TSME-6-2b", "TSME-6-2c", "TSME-6-3", "TSME-6-4", "TSME-6-5", "TSME-8-1", "TSME-8-2",
    "TSME-8-3", "TSME-8-4", "TSME-26-INSP", "TSME-26-FRAUD", "TSME-11",
]  # fmt: skip


@pytest.mark.parametrize(("edition", "clauses"), [("hnte-2016", HNTE), ("tech-sme-2017", TECH_SME)])
def test_every_clause_of_the_policy_is_there(edition: str, clauses: list[str]) -> None:
    rulebook = load_edition(edition)
    assert [clause.id for clause in rulebook.clauses] == clauses
    assert all(clause.article and clause.text for clause in rulebook.clauses)
    assert [clause.id for clause in rulebook.clauses if not clause.decides] == [
        clause for clause in clauses if clause.startswith(("HNTE-11-5e", "HNTE-9", "HNTE-13", "HNTE-17", "HNTE-19",
                                                           "HNTE-PUB", "TSME-26", "TSME-11"))
    ]  # fmt: skip


def test_all_editions_load() -> None:
    assert tuple(rulebook.id for rulebook in load_all()) == edition_ids()


@pytest.mark.parametrize("edition", edition_ids())
def test_an_edition_cites_its_documents_and_says_nobody_has_checked_it(edition: str) -> None:
    rulebook = load_edition(edition)
    assert all(policy.number and policy.issued_by for policy in rulebook.policies)
    assert not rulebook.is_checked
    assert rulebook.checked_on is None
    assert rulebook.checked_by == ""


def test_recalled_definitions_are_marked() -> None:
    rulebook = load_edition("hnte-2016")
    assert rulebook.has_unverified
    assert rulebook.definition("HNTE-D3").status == "recalled"
    assert not load_edition("tech-sme-2017").has_unverified


def test_an_edition_is_in_force_from_its_first_day() -> None:
    rulebook = load_edition("tech-sme-2017")
    assert not rulebook.in_force(date(2017, 5, 2))
    assert rulebook.in_force(date(2017, 5, 3))
    assert rulebook.in_force(date(2099, 1, 1))


def test_the_score_tables_add_up() -> None:
    assert {rulebook.score.total for rulebook in load_all() if rulebook.score is not None} == {100}
    hnte = load_edition("hnte-2016").score
    assert hnte is not None
    assert {group.id: group.max for group in hnte.groups} == {"IP": 30, "TR": 30, "RM": 20, "GR": 20}
    assert sum(item.max for item in hnte.groups[0].items) == 32
