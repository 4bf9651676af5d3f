"""A plan stands, has no step too many, is the same every time, and says honestly when there is none."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import Phase, given, settings

from app.eligibility.engine.finding import Judgement
from app.eligibility.engine.outcome import Decision, Outcome
from app.eligibility.reach.changes import State
from app.eligibility.reach.levers import Direction, Lever, Means, Who, defaults
from app.eligibility.reach.plan import Found, Plan, plan
from app.eligibility.reach.probe import judged
from app.eligibility.reach.turn import CARRIED, carried
from app.facts.sheet import FactSheet
from app.rulebooks.loader import load_edition
from tests.eligibility.engine.firms import AS_OF as DRAWN_DAY
from tests.eligibility.engine.firms import sheet, whole_firms
from tests.factories.eligibility import AS_OF, GOOD, HNTE, TECH_SME

TODAY = date(2026, 6, 1)
POOR = {
    "rd_expense_hnte": {2023: 100, 2024: 110, 2025: 120},
    "rd_expense_hnte_domestic": {2023: 100, 2024: 110, 2025: 120},
}
FEW_STAFF = {"tech_staff_month_avg": {2025: 8}}


def held(*changes: dict[str, Any]) -> FactSheet:
    facts = {key: value for one in (GOOD, *changes) for key, value in one.items()}
    return FactSheet.from_plain({key: value for key, value in facts.items() if value is not None})


def plan_of(*changes: dict[str, Any], edition: str = HNTE, **arguments: Any) -> Plan:
    return plan(load_edition(edition), held(*changes), AS_OF, levers=defaults(), today=TODAY, **arguments)


def steps(found: Plan) -> list[str]:
    return [step.text for step in found.steps]


@settings(max_examples=15, deadline=None, phases=[Phase.generate])
@given(facts=whole_firms(HNTE))
def test_what_is_planned_stands_and_no_step_can_be_left_out(facts: dict[str, Any]) -> None:
    rulebook, start = load_edition(HNTE), State(sheet(facts), DRAWN_DAY)
    found = plan(rulebook, start.sheet, DRAWN_DAY, levers=defaults(), today=DRAWN_DAY)
    if found.found is not Found.PLAN:
        return
    days = [step.wait_until for step in found.steps if step.wait_until is not None]
    waited = start.on(days[0]) if days else start
    changes = [step.change for step in found.steps if step.change is not None]
    whole = waited.with_changes(*changes)
    first, then = (judged(rulebook, one.sheet, one.day, "new") for one in (start, whole))
    assert then == found.then
    open_at_first = {"HNTE-11-7", *_left_to_people(first)}
    assert then.decision is not Decision.INELIGIBLE
    assert _left_to_people(then) <= open_at_first
    for left_out in changes:
        fewer = waited.with_changes(*(one for one in changes if one is not left_out))
        after = judged(rulebook, fewer.sheet, fewer.day, "new")
        assert after.decision is Decision.INELIGIBLE or not _left_to_people(after) <= open_at_first, left_out.text


def _left_to_people(judgement: Judgement) -> set[str]:
    return {one.requirement for one in judgement.obstacles if one.outcome is Outcome.NEEDS_REVIEW}


def test_the_cheapest_set_closes_every_gap_and_is_the_same_every_time() -> None:
    found = plan_of(POOR, FEW_STAFF)
    assert steps(found) == [
        "2025 年科技人员数（全年月平均）增加 2 人（由 8 人到 10 人）",
        "2025 年研发费用（高企口径）增加 87.25 万元（由 120 万元到 207.25 万元）",
    ]
    assert found.then.decision is Decision.ELIGIBLE
    assert found.effort == sum(step.effort for step in found.steps)
    assert any("不能为达标改数" in sentence for sentence in found.spoken)
    assert plan_of(POOR, FEW_STAFF) == found


def test_a_window_is_kept_where_it_can_be_and_missed_openly_where_it_cannot() -> None:
    assert plan_of(FEW_STAFF, until=date(2026, 7, 1)).in_time
    late = plan_of(POOR, until=date(2026, 6, 20))
    assert late.found is Found.PLAN
    assert not late.in_time
    assert any("赶不上" in sentence for sentence in late.spoken)


def test_time_alone_closes_what_time_alone_can_and_makes_the_rest_needless() -> None:
    found = plan_of(POOR, {"registration_date": "2025-09-01", "major_safety_incident_dates": ["2026-01-03"]})
    assert steps(found) == ["等到 2027 年 1 月 4 日再申报"]
    assert any("还缺资料" in sentence for sentence in found.spoken)


def test_no_plan_is_said_to_be_none_with_what_it_is_stuck_on() -> None:
    big = {"employees_quarter_avg": {2025: 600}, "tech_staff_quarter_avg": {2025: 100}}
    found = plan_of(big, edition=TECH_SME)
    assert found.found is Found.NONE
    assert not found.steps
    assert found.stuck == ("职工总数不超过500人",)


def test_what_the_office_rules_out_is_not_planned() -> None:
    never = Lever("tech_staff_month_avg", Means.NEVER, Who.NOBODY, Direction.NONE, 0, None, 3)
    levers = {**defaults(), "tech_staff_month_avg": never}
    found = plan(load_edition(HNTE), held(FEW_STAFF), AS_OF, levers=levers, today=TODAY)
    assert found.found is Found.NONE


def test_missing_data_and_nothing_short_are_no_plans() -> None:
    assert plan_of().found is Found.NOTHING_SHORT
    asked = plan_of({"tech_staff_month_avg": None})
    assert asked.found is Found.NOTHING_SHORT
    assert any("还缺资料" in sentence for sentence in asked.spoken)


def test_a_search_stops_after_so_many_questions_and_says_so() -> None:
    found = plan_of(POOR, FEW_STAFF, most=20)
    assert found.found is Found.STOPPED
    assert "没有搜完" in found.spoken[0]


def test_a_plan_past_the_turn_of_the_year_says_what_is_new_then() -> None:
    late = date(2026, 12, 20)
    found = plan(load_edition(HNTE), held(FEW_STAFF), AS_OF, levers=defaults(), today=late)
    assert found.ready_on.year == 2027
    assert found.turn is not None
    assert found.turn.year == 2026
    assert {(place.key, place.year) for place in found.turn.needed} >= {("tech_staff_month_avg", 2026)}
    assert all(place.year == 2026 for place in found.turn.needed)
    assert found.turn.then.decision is Decision.ELIGIBLE, "with each figure of 2026 as that of 2025 after the plan"
    assert found.turn.spoken in found.spoken
    assert plan_of(FEW_STAFF).turn is None, "it is there before"


def test_figures_are_taken_over_only_into_a_year_that_is_not_over() -> None:
    sheet = held(FEW_STAFF)
    later = date(2027, 6, 1)
    after, places = carried(sheet, later, TODAY)
    assert ("tech_staff_month_avg", 2026) in places
    taken, before = after.get("tech_staff_month_avg", 2026), sheet.get("tech_staff_month_avg", 2025)
    assert taken is not None
    assert before is not None
    assert (taken.value, taken.source) == (before.value, CARRIED)
    assert carried(sheet, later, date(2027, 1, 5)) == (sheet, ()), "2026 is over: its figures can be asked for"
    next_year = plan(load_edition(HNTE), after, later, levers=defaults(), today=TODAY)
    assert not any(step.is_correction for step in next_year.steps), "a year that is not over can be worked on"
