"""What the editions say of themselves: complete, cited, dated, and honest about what nobody has checked."""

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


CULTIVATED = {
    "inno-sme-2022": "INNO: G1 G2 G3 D1 D2 D3 D4 SCORE",
    "srdi-2022": "SRDI22: 0 1 2a 2b 3 4D1 4D2 4D3 4D4 4S",
    "srdi-gd-2024": "SRDI22: 0 1 2a 2b 3 4D1 4D2 4D3 4D4 4S",
    "srdi-2026": "SRDI26: 0 1a 1b 2a 2b 2c 3a 3b 4 4X1 4X2 5 6 T U",
    "lg-2022": "LG22: Z1 Z2 Z3 J1 J2 J3 T1 T2 X1a X1b X1c X2 X3 XD1 XD2 L1 P1",
    "lg-2026": "LG26: R1 1a 1b 2a 2b 2c 2d 3a 3b 4 4X 5 6 7",
}
"""Editions of the ladder of small firms with the clauses of the policy pack; INNO-SCORE is its decision rule."""


@pytest.mark.parametrize(("edition", "listed"), CULTIVATED.items())
def test_the_ladder_of_small_firms_holds_every_clause_of_the_policy(edition: str, listed: str) -> None:
    prefix, clauses = listed.split(": ")
    rulebook = load_edition(edition)
    growth = ["SRDIGD25-6"] if rulebook.programme == "specialised_sme" and prefix == "SRDI22" else []
    assert [clause.id for clause in rulebook.clauses] == [f"{prefix}-{one}" for one in clauses.split()] + growth
    silent = [clause.id for clause in rulebook.clauses if not clause.decides]
    assert silent == {"srdi-2022": ["SRDIGD25-6"], "srdi-2026": ["SRDI26-T", "SRDI26-U"]}.get(edition, [])


def test_guangdong_asks_ten_points_more_and_nobody_knows_its_own_items() -> None:
    national, own = load_edition("srdi-2022"), load_edition("srdi-gd-2024")
    assert (national.region, own.region) == ("全国", "广东省")
    assert ("达到60分" in national.clause("SRDI22-4S").text, "达到70分" in own.clause("SRDI22-4S").text) == (True, True)
    for rulebook in (national, own):
        assert rulebook.score is not None
        assert [item.id for item in rulebook.score.items() if item.is_undefined] == ["SRDI22-S9"]
        assert rulebook.has_unverified
    recalled = [clause.id for clause in load_edition("lg-2022").clauses if clause.status == "recalled"]
    assert recalled == ["LG22-XD1", "LG22-XD2", "LG22-L1", "LG22-P1"]


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
