"""Criteria that tell cases apart, count anniversaries, know industries, and leave to people what people decide."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.eligibility.engine.evaluate import evaluate
from app.facts.sheet import FactSheet
from app.rulebooks.loader import read_rulebook
from app.rulebooks.tables import RulebookError
from tests.eligibility.engine.written import CLAUSE, HEAD, finding, rulebook

YEARS = '{ years_since = "segment_start_date", until = "last_year_end", at_least = 5 }'
BY_NEW = """{ when = { holds = "is_new_product", is = true }, said = ["新产品", "非新产品"],
  then = { figure = "main_business_revenue", at_least = 100 },
  otherwise = { figure = "main_business_revenue", at_least = 400 } }""".replace("\n", " ")


@pytest.mark.parametrize(
    ("start", "outcome", "gap"),
    [
        ("2018-12-31", "met", ""),
        ("2019-01-01", "unmet", "差 1 天（2024 年 1 月 1 日满 5 年）"),
        ("2024-03-01", "unmet", "差 1,887 天（2029 年 3 月 1 日满 5 年）"),
        (None, "unknown", ""),
    ],
)
def test_years_are_anniversaries_up_to_the_end_of_the_last_fiscal_year(
    start: str | None, outcome: str, gap: str
) -> None:
    found = finding(YEARS, {"segment_start_date": start})
    assert (found.outcome.value, found.gap_text) == (outcome, gap)


@given(start=st.dates(date(1990, 1, 1), date(2030, 12, 31)), years=st.integers(1, 30))
def test_a_year_is_full_on_its_anniversary_and_not_the_day_before(start: date, years: int) -> None:
    leap = (start.month, start.day) == (2, 29)
    full = start.replace(year=start.year + years, month=3, day=1) if leap else start.replace(year=start.year + years)
    test = f'{{ years_since = "registration_date", at_least = {years} }}'
    facts = {"registration_date": start}
    if not leap or (start.year + years) % 4:
        assert finding(test, facts, as_of=full).outcome == "met"
        assert finding(test, facts, as_of=full - timedelta(days=1)).gap == 1
    assert finding(test, facts | {"application_date": start}, as_of=full).outcome == "unmet"


@pytest.mark.parametrize(
    ("new", "revenue", "outcome"),
    [
        (True, 100, "met"), (True, 99.99, "unmet"), (False, 400, "met"), (False, 399.99, "unmet"),
        (None, 400, "met"), (None, 99.99, "unmet"), (None, 100, "unknown"), (None, 399.99, "unknown"),
        (True, None, "unknown"), (None, None, "unknown"),
    ],
)  # fmt: skip
def test_a_case_that_is_not_known_decides_only_where_both_branches_agree(
    new: bool | None, revenue: float | None, outcome: str
) -> None:
    found = finding(BY_NEW, {"is_new_product": new, "main_business_revenue": {2023: revenue}})
    assert found.outcome.value == outcome
    asked = ["is_new_product"] * (new is None) + ["main_business_revenue[2023]"] * (revenue is None)
    assert [str(place) for place in found.missing] == (asked if outcome == "unknown" else [])
    if new is not None and revenue is not None:
        assert found.explanation.startswith("新产品：" if new else "非新产品：")


@pytest.mark.parametrize(
    ("industry", "outcome"),
    [
        ("建筑业", "met"), ("E", "met"), ("E47", "met"), ("4710", "met"), ("C3857", "unmet"), ("制造业", "unmet"),
        ("某某业", "needs_review"), (None, "unknown"), ("工业", "unmet"), ("建筑", "met"), ("软件业", "unmet"),
    ],
)  # fmt: skip
def test_an_industry_is_placed_by_code_or_name(industry: str | None, outcome: str) -> None:
    test = '{ in_industry = "industry_class", sections = ["建筑业"] }'
    assert finding(test, {"industry_class": industry}).outcome.value == outcome


@pytest.mark.parametrize(
    ("industry", "outcome"),
    [
        ("批发业", "met"),
        ("5137", "met"),
        ("零售业", "unmet"),
        ("批发和零售业", "needs_review"),
        ("工业", "unmet"),
    ],
)
def test_a_section_is_too_coarse_where_a_division_is_asked(industry: str, outcome: str) -> None:
    test = '{ in_industry = "industry_class", sections = ["批发业"] }'
    assert finding(test, {"industry_class": industry}).outcome.value == outcome


def test_industry_of_the_policies_is_three_sections() -> None:
    test = '{ in_industry = "industry_class", sections = ["工业"] }'
    told = {
        code: finding(test, {"industry_class": code}).outcome.value for code in ("工业", "B", "C35", "44", "E", "51")
    }
    assert told == {"工业": "met", "B": "met", "C35": "met", "44": "met", "E": "unmet", "51": "unmet"}


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({}, "unknown"),
        ({"tech_level_statement": "说明"}, "needs_review"),
        ({"tech_level_statement": "说明", "expert": {"S-1": 1}}, "met"),
        ({"tech_level_statement": "说明", "expert": {"S-1": 0}}, "unmet"),
        ({"expert": {"S-1": 1}}, "met"),
    ],
)
def test_a_person_decides_what_has_no_limit(facts: dict[str, Any], outcome: str) -> None:
    test = '{ by_expert = "S-1", looks_at = ["tech_level_statement"] }'
    assert finding(test, facts).outcome.value == outcome


def test_a_person_says_yes_or_no_and_nothing_between() -> None:
    with pytest.raises(Invalid, match=r"S-1：人工认定只能填 1（符合）或 0（不符合）"):
        finding('{ by_expert = "S-1" }', {"expert": {"S-1": 2}})


@pytest.mark.parametrize(
    ("spent", "decided", "outcome"),
    [(30, None, "met"), (29.99, None, "needs_review"), (29.99, 1, "met"), (29.99, 0, "unmet"), (30, 0, "met"),
     (None, 1, "unknown")],
)  # fmt: skip
def test_a_demand_in_principle_refuses_nobody_by_itself(spent: float | None, decided: int | None, outcome: str) -> None:
    test = """{ expert = "S-1", in_principle =
      { ratio = { of = ["rd_expense_audit"], to = ["main_business_revenue"] }, at_least = 0.03 } }""".replace("\n", "")
    facts = {
        "rd_expense_audit": {2023: spent},
        "main_business_revenue": {2023: 1000},
        "expert": None if decided is None else {"S-1": decided},
    }
    assert finding(test, facts).outcome.value == outcome


def test_what_the_source_does_not_say_is_computed_from_nothing() -> None:
    found = finding('{ undefined = "原文未载入库条件" }', {"main_business_revenue": {2023: 1}})
    assert (found.outcome.value, found.actual, found.used) == ("needs_review", None, ())
    assert found.explanation == "原文未载入库条件（未定义），须人工认定。"


@pytest.mark.parametrize(
    ("industry", "revenue", "outcome"),
    [
        ("C35", 10, "not_applicable"), ("建筑业", 10, "met"), ("建筑业", 9, "unmet"), (None, 9, "unknown"),
        (None, 10, "met"), ("某业", 9, "needs_review"), ("某业", None, "unknown"),
    ],
)  # fmt: skip
def test_a_clause_applies_by_any_test(industry: str | None, revenue: float | None, outcome: str) -> None:
    facts = {"industry_class": industry, "operating_revenue": {2023: revenue}}
    condition = 'applies_when = { in_industry = "industry_class", sections = ["建筑业"] }'
    found = finding('{ figure = "operating_revenue", at_least = 10 }', facts, condition)
    assert found.outcome.value == outcome
    if outcome == "not_applicable":
        assert found.explanation == "所属行业为“C35”，本条不适用。"


def test_a_ratio_of_one_year_takes_figures_without_a_year() -> None:
    test = '{ ratio = { of = ["resident_rd_staff"], to = ["employees_total"], share = true }, at_least = 0.40 }'
    assert finding(test, {"resident_rd_staff": 40, "employees_total": {2023: 100}}).outcome == "met"
    assert finding(test, {"resident_rd_staff": 39, "employees_total": {2023: 100}}).gap == 1
    missing = finding(test, {"employees_total": {2022: 100}}).missing
    assert [str(place) for place in missing] == ["resident_rd_staff", "employees_total[2023]"]


@pytest.mark.parametrize(
    ("day", "outcome"), [("2022-06-14", "met"), ("2022-06-15", "unmet"), ("2024-06-15", "unmet"), ("2024-06-16", "met")]
)
def test_a_window_of_years_ends_on_the_day_of_application(day: str, outcome: str) -> None:
    test = '{ none_dated = ["major_incident_dates"], years_before_application = 2 }'
    assert finding(test, {"major_incident_dates": [day]}).outcome.value == outcome


ROUTES = f"""
[[requirement]]
id = "ANY"
label = "任一路径"
combine = "any"

[[requirement]]
id = "A"
label = "甲路径"
combine = "all"
part_of = "ANY"
{CLAUSE}
requirement = "A"
test = {{ holds = "own_brand", is = true }}
{CLAUSE.replace("S-1", "S-2")}
requirement = "A"
test = {{ figure = "main_business_revenue", at_least = 100 }}
{CLAUSE.replace("S-1", "S-3")}
requirement = "ANY"
test = {{ holds = "in_doubling_pool", is = true }}
"""


@pytest.mark.parametrize(
    ("brand", "revenue", "pool", "verdict", "clauses"),
    [
        (True, 100, False, "eligible", []),
        (False, 100, True, "eligible", []),
        (None, 99, True, "eligible", []),
        (True, 99, False, "ineligible", ["S-2", "S-3"]),
        (None, 100, False, "undetermined", ["S-1"]),
        (None, 99, False, "ineligible", ["S-2", "S-3"]),
    ],
)
def test_a_route_of_several_clauses_is_one_of_the_ways(
    brand: bool | None, revenue: int, pool: bool, verdict: str, clauses: list[str]
) -> None:
    facts = {"own_brand": brand, "main_business_revenue": {2023: revenue}, "in_doubling_pool": pool}
    routes = read_rulebook((HEAD + ROUTES).encode(), "sample/rulebook.toml")
    judgement = evaluate(routes, FactSheet.from_plain(facts), date(2024, 6, 15))
    assert judgement.decision == verdict
    assert [clause for obstacle in judgement.obstacles for clause in obstacle.clauses] == clauses
    assert [obstacle.label for obstacle in judgement.obstacles] == ["任一路径"] * bool(clauses)


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ('{ in_industry = "industry_class", sections = ["火星业"] }', "没有“火星业”"),
        (BY_NEW.replace('"新产品", ', ""), "said 须是两句话"),
        ('{ years_since = "segment_start_date", until = "now", at_least = 5 }', "“until”不能是“now”"),
    ],
)
def test_mistakes_are_named(test: str, words: str) -> None:
    with pytest.raises(RulebookError, match=words):
        rulebook(test)


def test_a_part_stands_below_its_whole() -> None:
    turned = ROUTES.replace('part_of = "ANY"', 'part_of = "LATER"')
    with pytest.raises(RulebookError, match="part_of 须是写在它前面的另一个 requirement"):
        read_rulebook((HEAD + turned).encode(), "sample/rulebook.toml")


def test_an_edition_in_which_nothing_decides_is_refused() -> None:
    """Otherwise every firm would be found eligible."""
    with pytest.raises(RulebookError, match="至少须有一条参与判定的条款"):
        rulebook('{ holds = "own_brand", is = true }', "decides = false")


TABLE = """{ by_industry = "industry_class", otherwise = "原文未列该行业", row = [
  { said = "工业", sections = ["工业"], test = { figure = "main_business_revenue", at_least = 2000 } },
  { said = "批发业", sections = ["批发业"], test = { figure = "main_business_revenue", at_least = 5000 } } ] }"""
TABLE = TABLE.replace("\n", " ")


@pytest.mark.parametrize(
    ("industry", "revenue", "outcome", "words"),
    [
        ("C35", 2000, "met", "工业：2023 年主营业务收入为 2,000 万元，符合"),
        ("C35", 1999.99, "unmet", "差 0.01 万元"),
        ("5137", 4999.99, "unmet", "批发业：2023 年"),
        ("5137", 5000, "met", "批发业：2023 年"),
        ("教育", 9999, "needs_review", "原文未列该行业（未定义），须人工认定"),
        ("批发和零售业", 9999, "needs_review", "只到门类，是否属于批发业须人工核定"),
        ("C35", None, "unknown", "缺少 2023 年主营业务收入"),
        (None, 9999, "unknown", "缺少所属行业"),
    ],
)
def test_a_table_by_industry_computes_nothing_for_what_it_does_not_list(
    industry: str | None, revenue: float | None, outcome: str, words: str
) -> None:
    found = finding(TABLE, {"industry_class": industry, "main_business_revenue": {2023: revenue}})
    assert found.outcome == outcome
    assert words in found.explanation
