"""What holds for every firm: more knowledge never unsettles, irrelevant figures never matter, nothing is rounded."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import Judgement
from app.eligibility.engine.outcome import Outcome
from app.facts.catalogue import load_catalogue
from app.facts.sheet import EXPERT, FactSheet
from app.rulebooks.cases import Case
from app.rulebooks.loader import edition_ids, load_edition
from app.rulebooks.queries import keys_of
from tests.eligibility.engine.firms import AS_OF, EXPERTS, cents, firms_known_in_part, only, places, sheet, whole_firms
from tests.rulebooks.worked import cases_of

SETTLED = (Outcome.MET, Outcome.UNMET)
calm = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
scored = pytest.mark.parametrize("edition", [one for one in edition_ids() if load_edition(one).score is not None])
editions = pytest.mark.parametrize("edition", edition_ids())


def judged(edition: str, facts: dict[str, Any]) -> Judgement:
    return evaluate(load_edition(edition), sheet(facts), AS_OF)


@editions
@calm
@given(data=st.data())
def test_more_information_turns_no_settled_clause_into_unknown_or_into_its_opposite(
    edition: str, data: st.DataObject
) -> None:
    less, more = data.draw(firms_known_in_part(edition))
    before, after = judged(edition, less), judged(edition, more)
    for old, new in zip(before.findings, after.findings, strict=True):
        if old.decides and old.outcome in SETTLED:
            assert new.outcome is not Outcome.UNKNOWN, f"{old.explanation} → {new.explanation}"
            assert new.outcome is old.outcome or new.outcome not in SETTLED, f"{old.explanation} → {new.explanation}"


@scored
@calm
@given(data=st.data())
def test_more_information_never_widens_the_score(edition: str, data: st.DataObject) -> None:
    less, more = data.draw(firms_known_in_part(edition))
    less["registration_date"] = more["registration_date"] = "2015-01-01"
    before, after = judged(edition, less).score, judged(edition, more).score
    assert before is not None
    assert after is not None
    assert before.low <= after.low <= after.high <= before.high


@editions
@calm
@given(data=st.data())
def test_with_everything_known_nothing_that_decides_is_unknown(edition: str, data: st.DataObject) -> None:
    """But for a base year of nothing, which policy says is no figure to judge by."""
    for found in judged(edition, data.draw(whole_firms(edition))).findings:
        if found.decides and "不能作基数" not in found.explanation:
            assert found.outcome is not Outcome.UNKNOWN, found.explanation
            assert found.missing == ()


@editions
@calm
@given(data=st.data())
def test_irrelevant_figures_never_change_a_verdict(edition: str, data: st.DataObject) -> None:
    facts, _more = data.draw(firms_known_in_part(edition))
    strange = [
        indicator
        for indicator in load_catalogue()
        if indicator.by_year
        and indicator.kind == "number"
        and not indicator.whole
        and indicator.key not in (*facts, "net_assets")
    ]
    chosen = data.draw(st.lists(st.sampled_from(strange), max_size=8, unique_by=lambda indicator: indicator.key))
    figures = {i.key: {year: Decimal("0.5") for year in (2021, 2022, 2023)} for i in chosen}
    with_noise = judged(edition, facts | figures)
    without = judged(edition, facts)
    assert [(f.clause, f.outcome, f.actual_exact) for f in with_noise.findings if f.decides] == [
        (f.clause, f.outcome, f.actual_exact) for f in without.findings if f.decides
    ]
    assert with_noise.decision is without.decision


def eligible_cases(edition: str) -> list[Case]:
    """Worked cases that come out eligible, a few of them."""
    return [case for case in cases_of(edition) if case.expected.get("verdict") == "eligible"][:3]


@editions
def test_a_figure_taken_away_is_never_a_smaller_sum_and_never_a_no(edition: str) -> None:
    """Whatever one figure of an eligible firm is not known: what was met is met still, or open, and never unmet."""
    for case in eligible_cases(edition):
        whole = case.sheet()
        before = evaluate(load_edition(edition), whole, case.as_of, case.kind)
        for fact in whole.facts():
            gone = whole.changed(without=[(fact.key, fact.year)])
            after = evaluate(load_edition(edition), gone, case.as_of, case.kind)
            for old, new in zip(before.findings, after.findings, strict=True):
                assert old.outcome is not Outcome.MET or new.outcome is not Outcome.UNMET, f"{fact} {new.explanation}"


@editions
def test_who_is_eligible_is_so_by_what_the_edition_names_alone(edition: str) -> None:
    rulebook = load_edition(edition)
    assert eligible_cases(edition)
    for case in eligible_cases(edition):
        named = {*keys_of(rulebook), *(f"{EXPERT}{item}" for item in case.sheet().expert_items())}
        bare = FactSheet(fact for fact in case.sheet().facts() if fact.key in named)
        assert evaluate(rulebook, bare, case.as_of, case.kind).decision == "eligible"


@calm
@given(
    facts=whole_firms("hnte-2016"),
    year=st.sampled_from([2021, 2022, 2023]),
    key=st.sampled_from(["rd_expense_hnte", "sales_revenue"]),
)
def test_a_missing_year_is_never_a_smaller_sum(facts: dict[str, Any], year: int, key: str) -> None:
    facts["registration_date"] = "2015-01-01"
    for figures in ("rd_expense_hnte", "sales_revenue"):
        facts[figures] = {y: facts[figures].get(y, Decimal(100)) for y in (2021, 2022, 2023)}
    del facts[key][year]
    judgement = judged("hnte-2016", facts)
    tiers = [judgement.finding(f"HNTE-11-5{tier}") for tier in "abc"]
    applying = [found for found in tiers if found.outcome is not Outcome.NOT_APPLICABLE]
    assert applying
    assert all(found.outcome is Outcome.UNKNOWN for found in applying)
    assert all(f"{key}[{year}]" in [str(place) for place in found.missing] for found in applying)


@calm
@given(
    spent=st.lists(cents(900), min_size=3, max_size=3),
    sold=st.lists(cents(4999).map(lambda amount: amount + Decimal("0.01")), min_size=3, max_size=3),
)
def test_the_ratio_is_exact_to_the_last_cent(spent: list[Decimal], sold: list[Decimal]) -> None:
    years = (2021, 2022, 2023)
    facts = {
        "registration_date": "2015-01-01",
        "rd_expense_hnte": dict(zip(years, spent, strict=True)),
        "sales_revenue": dict(zip(years, sold, strict=True)),
    }
    found = judged("hnte-2016", facts).finding("HNTE-11-5a")
    enough = 100 * sum(spent) >= 5 * sum(sold)
    assert found.outcome is (Outcome.MET if enough else Outcome.UNMET)
    if not enough:
        assert found.gap == (5 * sum(sold) - 100 * sum(spent)) / 100
        assert "5.00%，不符合" not in found.explanation.replace(" ", "")


@calm
@given(facts=whole_firms("hnte-2016"), items=st.sets(st.sampled_from(sorted(EXPERTS))))
def test_an_expert_score_narrows_its_item_to_a_point(facts: dict[str, Any], items: set[str]) -> None:
    facts["expert"] = {item: points for item, points in facts["expert"].items() if item in items}
    score = judged("hnte-2016", facts).score
    assert score is not None
    assert score.low <= score.high
    for group in score.groups:
        assert group.low <= group.high <= group.max
        for item in group.items:
            assert item.low <= item.high <= item.max
            if item.id in items:
                assert item.low == item.high == facts["expert"][item.id]
            elif item.id in EXPERTS:
                assert (item.low, item.high) == EXPERTS[item.id]


@editions
@calm
@given(data=st.data(), order=st.randoms(use_true_random=False))
def test_the_order_of_figures_does_not_matter_and_nothing_is_lost_in_storing(
    edition: str, data: st.DataObject, order: Any
) -> None:
    facts = data.draw(whole_firms(edition))
    keys = list(facts)
    order.shuffle(keys)
    shuffled = {key: facts[key] for key in keys}
    one, other = judged(edition, facts), judged(edition, shuffled)
    assert one == other
    assert Judgement.from_json(json.loads(json.dumps(one.to_json()))) == one
    stored = FactSheet.from_canonical(sheet(facts).canonical_json())
    assert evaluate(load_edition(edition), stored, AS_OF) == one


@editions
def test_nothing_known_is_undetermined_never_ineligible(edition: str) -> None:
    judgement = judged(edition, {})
    assert judgement.decision == "undetermined"
    assert all(found.outcome is not Outcome.UNMET for found in judgement.findings)


@editions
@calm
@given(data=st.data())
def test_the_decision_follows_the_demands(edition: str, data: st.DataObject) -> None:
    facts = data.draw(whole_firms(edition))
    judgement = judged(edition, facts)
    worst = {obstacle.outcome for obstacle in judgement.obstacles}
    expected = (
        "ineligible"
        if Outcome.UNMET in worst
        else "undetermined"
        if Outcome.UNKNOWN in worst
        else ("needs_review" if worst else "eligible")
    )
    assert judgement.decision == expected
    assert only(facts, set(places(facts))) == facts
