"""The gap is exact: what it says is enough is enough, and one unit of the last shown digit less is not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.eligibility.engine.finding import Judgement
from app.eligibility.engine.outcome import Outcome
from app.eligibility.reach.changes import Change, State, step_of
from app.eligibility.reach.gap import Gap, Way, gap
from app.eligibility.reach.least import least
from app.eligibility.reach.levers import Means, defaults
from app.eligibility.reach.probe import judged
from app.facts.sheet import FactSheet
from app.rulebooks.loader import edition_ids, load_edition
from tests.eligibility.engine.firms import AS_OF as DRAWN_DAY
from tests.eligibility.engine.firms import sheet, whole_firms
from tests.factories.eligibility import AS_OF, GOOD, HNTE, TECH_SME

TODAY = date(2026, 6, 1)
calm = settings(max_examples=10, deadline=None, phases=[Phase.generate])


def gap_of(edition: str, *changes: dict[str, Any], as_of: date = AS_OF) -> Gap:
    facts = {key: value for one in (GOOD, *changes) for key, value in one.items()}
    held = FactSheet.from_plain({key: value for key, value in facts.items() if value is not None})
    return gap(load_edition(edition), held, as_of, levers=defaults(), today=TODAY)


def ways(found: Gap, requirement: str) -> dict[str, Way]:
    demand = next(one for one in found.demands if one.obstacle.requirement == requirement)
    return {way.text: way for way in demand.ways}


def is_short(judgement: Judgement, requirement: str) -> bool:
    return any(one.requirement == requirement and one.outcome is Outcome.UNMET for one in judgement.obstacles)


def outcome_of(judgement: Judgement, requirement: str) -> Outcome:
    return next((one.outcome for one in judgement.obstacles if one.requirement == requirement), Outcome.MET)


@pytest.mark.parametrize("edition", edition_ids())
@calm
@given(data=st.data())
def test_every_amount_closes_its_gap_and_one_digit_less_does_not(edition: str, data: st.DataObject) -> None:
    rulebook, start = load_edition(edition), State(sheet(data.draw(whole_firms(edition))), DRAWN_DAY)
    found = gap(rulebook, start.sheet, DRAWN_DAY, levers=defaults(), today=TODAY)
    for demand in found.demands:
        for way in demand.ways:
            requirement = demand.obstacle.requirement
            after = way.move.made(start)
            assert not is_short(judged(rulebook, after.sheet, after.day, "new"), requirement), way.text
            changes = list(way.move.changes)
            if not changes or changes[-1].amount is None or len(changes) > 1 and not way.move.leaves_band:
                continue
            less = [*changes[:-1], *_one_step_less(changes[-1])]
            before = start.with_changes(*less)
            assert outcome_of(judged(rulebook, before.sheet, before.day, "new"), requirement) is not way.outcome, (
                way.text
            )


def _one_step_less(change: Change) -> list[Change]:
    assert change.amount is not None
    step = step_of(change.indicator, change.old if isinstance(change.old, Decimal) else None)
    new = Decimal(str(change.new)) - (step if change.is_up else -step)
    return [] if new == change.old else [Change(change.key, change.year, change.old, new)]


def test_a_ratio_is_closed_above_below_or_by_another_band() -> None:
    found = gap_of(
        HNTE,
        {
            "sales_revenue": {2023: 7000, 2024: 7400, 2025: 20500},
            "rd_expense_hnte": {2023: 300, 2024: 300, 2025: 380.30},
            "rd_expense_hnte_domestic": {2023: 300, 2024: 300, 2025: 380.30},
            "total_income": {2025: 21000},
            "hitech_income": {2025: 13000},
        },
    )
    told = ways(found, "HNTE-11-5")
    assert "2025 年研发费用（高企口径）增加 66.70 万元（由 380.30 万元到 447 万元）" in told
    band = next(text for text in told if "另一档" in text)
    assert band.startswith(
        "2025 年销售收入减少 500 万元（由 20,500 万元到 20,000 万元），即转入另一档（该档要求不低于 4%）"
    )
    assert "研发费用（高企口径）增加 395.70 万元" in band
    assert not told[band].is_advised  # nobody is advised to sell less


def test_counts_days_and_circumstances() -> None:
    none = gap_of(HNTE, {"ip_class1_count": 0, "ip_class2_unused_count": 0, "registration_date": "2025-09-01"})
    assert any(text.startswith("未用于高企申报的Ⅱ类知识产权增加 1 项") for text in ways(none, "HNTE-11-2"))
    assert "等到 2026 年 9 月 1 日，届时自然符合" in ways(none, "HNTE-11-1")
    accident = gap_of(HNTE, {"major_safety_incident_dates": ["2026-03-01"]})
    assert "等到 2027 年 3 月 2 日，届时自然符合" in ways(accident, "HNTE-11-8")
    listed = gap_of(TECH_SME, {"in_abnormal_list": True})
    assert "列入经营异常名录改为“否”" in ways(listed, "TSME-6-4")


def test_a_year_that_is_over_can_only_be_corrected() -> None:
    short = {"tech_staff_month_avg": {2025: 8}}
    (way,) = [one for one in ways(gap_of(HNTE, short), "HNTE-11-4").values() if one.is_advised]
    assert way.move.changes[0].amount == 2
    assert way.terms[0].means is Means.CORRECT


def test_missing_data_is_a_question_with_its_bar_and_never_a_gap() -> None:
    found = gap_of(HNTE, {"tech_staff_month_avg": None})
    (demand,) = [one for one in found.demands if one.obstacle.outcome is Outcome.UNKNOWN]
    (question,) = demand.questions
    assert not demand.ways
    assert question.text == "请问贵公司 2025 年科技人员数（全年月平均）是多少人？"
    assert question.bar == "达到 10 人即符合本条"


def test_a_score_out_of_reach_names_the_climbs_and_the_least_costly_of_them() -> None:
    weak = {"IP1": 5, "IP2": 5, "IP4": 2, "IP5": 0, "RM1": 3, "RM2": 3, "RM3": 2, "RM4": 2}
    found = gap_of(
        HNTE, {"expert": weak, "tech_transfer_count_3y": 6, "ip_class1_count": 0, "ip_class2_unused_count": 2}
    )
    demand = next(one for one in found.demands if one.obstacle.requirement == "HNTE-11-7")
    climbs = {(one.item, one.change.text): (one.low, one.high) for one in demand.climbs}
    assert climbs["TR1", "近3年科技成果转化项数增加 3 项（由 6 项到 9 项）"] == (13, 18)
    (way,) = demand.ways
    assert way.outcome is Outcome.NEEDS_REVIEW  # inside the new bands experts give the points


@pytest.mark.parametrize("guesses", [[], [7], [500, 499], [3, 2, 4]])
def test_the_least_is_the_least_whatever_is_guessed(guesses: list[int]) -> None:
    assert least(lambda n: n >= 500, 1000, guesses) == 500
    assert least(lambda n: n >= 500, 499, guesses) is None
