"""The worked cases of all editions: every limit just below, at and just above, missing data, experts' bands."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import Judgement
from app.eligibility.engine.trial import tried
from app.rulebooks.cases import Case
from app.rulebooks.loader import edition_ids, load_edition
from tests.rulebooks.worked import cases_of

CASES = [case for edition in edition_ids() for case in cases_of(edition)]
ENOUGH = {"hnte-2016": 120, "tech-sme-2017": 70, "srdi-2022": 140, "srdi-2026": 90, "lg-2022": 80, "lg-2026": 80}


def judged(case: Case) -> Judgement:
    return evaluate(load_edition(case.edition), case.sheet(), case.as_of, case.kind)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.edition}: {case.name}")
def test_the_edition_judges_its_worked_case(case: Case) -> None:
    assert [str(one) for one in tried(load_edition(case.edition), case)] == []


@pytest.mark.parametrize("edition", edition_ids())
def test_each_deciding_clause_has_a_met_an_unmet_and_an_unknown_case(edition: str) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for case in cases_of(edition):
        for clause, outcome in case.expected.get("expect", {}).items():
            seen[clause].add(outcome)
    for clause in load_edition(edition).clauses:
        if clause.decides:
            lacking = {"met", "unmet", "unknown"} - seen[clause.id]
            assert not lacking, f"{edition} 条款 {clause.id} 缺少算例：{'、'.join(sorted(lacking))}"


@pytest.mark.parametrize("edition", [one for one in edition_ids() if load_edition(one).score is not None])
def test_each_score_item_has_a_case_for_every_band(edition: str) -> None:
    """Bands which figures choose: each must be the outcome of some case (experts' bands are ranges of points)."""
    score = load_edition(edition).score
    assert score is not None
    reached: dict[str, set[str]] = defaultdict(set)
    for case in cases_of(edition):
        if "refused" in case.expected:
            continue
        judgement = judged(case)
        assert judgement.score is not None
        for group in judgement.score.groups:
            for item in group.items:
                reached[item.id].add(item.band)
    for item in score.items():
        if item.measure is not None or item.by_conditions:
            lacking = {band.label for band in item.bands} - reached[item.id]
            assert not lacking, f"{edition} 评分项 {item.id} 没有算例落入：{'、'.join(lacking)}"


@pytest.mark.parametrize(("edition", "enough"), ENOUGH.items())
def test_there_are_enough_cases(edition: str, enough: int) -> None:
    assert len(cases_of(edition)) >= enough


@pytest.mark.parametrize("edition", edition_ids())
def test_every_finding_can_be_read_out_and_a_judgement_survives_storing(edition: str) -> None:
    for case in cases_of(edition):
        if "refused" in case.expected:
            continue
        judgement = judged(case)
        for found in judgement.findings:
            assert found.explanation.endswith("。")
            assert "None" not in found.explanation
            assert (found.outcome.value != "unknown") or found.missing, f"{case.name} {found.clause}"
        assert len(judgement.reason) <= 400
        assert Judgement.from_json(json.loads(json.dumps(judgement.to_json()))) == judgement
