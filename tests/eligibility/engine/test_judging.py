"""From clauses to a judgement, to the sentence for the phone and into the store and back.

Scope, condition, exemption and doubt of a clause; demands and parts of demands; what is told and what is named.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import Finding, Judgement, Place, Used, plain, plain_number
from app.facts.sheet import FactSheet, FactValue
from app.facts.values import Record
from app.rulebooks.loader import read_rulebook
from tests.eligibility.engine.written import HEAD

AS_OF = date(2024, 6, 15)
BRAND = 'test = { holds = "own_brand", is = true }'
SALES = 'test = { figure = "sales_revenue", at_least = 100 }'
COUNT = 'test = { figure = "ip_total", at_least = 1 }'


def clause(name: str, *lines: str, kind: str = "gate", status: str = "verified") -> str:
    head = f'[[clause]]\nid = "{name}"\narticle = "第一条"\nkind = "{kind}"\ntext = "{name}的要求"\nstatus = "{status}"'
    return "\n".join([head, 'evidence = "secondary"', *lines, ""])


def judged(text: str, facts: dict[str, Any], kind: str = "new", on: date = AS_OF) -> Judgement:
    return evaluate(read_rulebook((HEAD + text).encode(), "sample"), FactSheet.from_plain(facts), on, kind)


def told(text: str, facts: dict[str, Any], kind: str = "new") -> Finding:
    """Return the finding of the first clause."""
    return judged(text, facts, kind).findings[0]


# --- one clause ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "kind", "words"),
    [
        (['only_for = ["review"]', BRAND], "new", "本条不适用于此类申请。"),
        (['only_when = { kinds = ["review"] }', BRAND], "new", "本条只用于另一时间或另一类申请，本次不适用。"),
        (['skip_when = { kinds = ["new"] }', BRAND], "new", "本类申请不考察本条。"),
        (["decides = false", 'note = "本条另行规定。"'], "new", "本条另行规定。"),
        (["decides = false"], "new", "本条在本版规则中不作判定。"),
    ],
)
def test_a_clause_that_does_not_apply_says_why(lines: list[str], kind: str, words: str) -> None:
    judgement = judged(clause("S-1", *lines) + clause("S-2", BRAND), {"own_brand": True}, kind)
    assert (judgement.decision, judgement.obstacles) == ("eligible", ())
    found = judgement.findings[0]
    assert (found.outcome, found.explanation, found.used) == ("not_applicable", words, ())


def test_a_clause_for_one_kind_is_judged_for_that_kind() -> None:
    assert told(clause("S-1", 'only_for = ["review"]', BRAND), {"own_brand": True}, "review").outcome == "met"


def test_a_clause_of_procedure_is_not_judged_by_figures() -> None:
    found = told(clause("S-1", kind="procedure") + clause("S-2", BRAND), {"own_brand": True})
    assert (found.outcome, found.explanation) == ("not_applicable", "本条为程序性规定，不对企业数据作判定。")


LARGE = 'applies_when = { figure = "total_assets", above = 100, at_most = 900 }'
BUILDER = 'applies_when = { in_industry = "industry_class", sections = ["建筑业"] }'
RATIO = 'applies_when = { ratio = { of = ["total_liabilities"], to = ["total_assets"] }, at_least = 0.5 }'


@pytest.mark.parametrize(
    ("condition", "facts", "outcome", "words", "used"),
    [
        (LARGE, {"total_assets": {2023: 101}, "own_brand": True}, "met", "“自主品牌”为“是”，符合要求。",
         ["total_assets", "own_brand"]),
        (LARGE, {"total_assets": {2023: 100}}, "not_applicable", "2023 年资产总额为 100 万元，不属本档，本条不适用。",
         ["total_assets"]),
        (LARGE, {"total_assets": {2023: 901}}, "not_applicable", "2023 年资产总额为 901 万元，不属本档，本条不适用。",
         ["total_assets"]),
        (LARGE, {"own_brand": True}, "met", "“自主品牌”为“是”，符合要求。", ["own_brand"]),
        (LARGE, {"own_brand": False}, "unknown", "缺少 2023 年资产总额，无法判定。", ["own_brand"]),
        (LARGE, {}, "unknown", "缺少 2023 年资产总额、“自主品牌”情况，无法判定。", []),
        (BUILDER, {"industry_class": "C35"}, "not_applicable", "所属行业为“C35”，本条不适用。", ["industry_class"]),
        (BUILDER, {"industry_class": "某业", "own_brand": False}, "needs_review",
         "所属行业为“某业”，在国民经济行业分类中找不到，须人工核定。", ["industry_class", "own_brand"]),
        (BUILDER, {"industry_class": "E", "own_brand": False}, "unmet", "“自主品牌”为“否”，不符合要求（须为“是”）。",
         ["industry_class", "own_brand"]),
        (RATIO, {"total_assets": {2023: 0}, "total_liabilities": {2023: 5}, "own_brand": False}, "needs_review",
         "分母为零，无法计算比例，须人工核实。", ["total_liabilities", "total_assets", "own_brand"]),
        (RATIO, {"total_assets": {2023: 10}, "total_liabilities": {2023: 4}}, "not_applicable",
         "2023 年负债总额为 4 万元，不属本档，本条不适用。", ["total_liabilities", "total_assets"]),
    ],
)  # fmt: skip
def test_a_clause_applies_where_its_condition_holds_and_stays_open_where_that_is_open(
    condition: str, facts: dict[str, Any], outcome: str, words: str, used: list[str]
) -> None:
    found = told(clause("S-1", condition, BRAND), facts)
    assert (found.outcome, found.explanation) == (outcome, words)
    assert [fact.key for fact in found.used] == used


def test_a_gap_is_not_told_while_it_is_open_whether_the_clause_applies() -> None:
    text = clause("S-1", LARGE, SALES)
    short = told(text, {"total_assets": {2023: 500}, "sales_revenue": {2023: 90}})
    assert (short.outcome, str(short.gap), short.gap_unit, short.gap_text) == ("unmet", "10", "万元", "差 10 万元")
    open_yet = told(text, {"sales_revenue": {2023: 90}})
    assert (open_yet.outcome, open_yet.gap, open_yet.gap_unit, open_yet.gap_text) == ("unknown", None, "", "")
    assert [str(place) for place in open_yet.missing] == ["total_assets[2023]"]


EXEMPT = clause("S-1", 'exempt_by = ["S-2", "S-3"]', SALES) + "".join(
    clause(name, test, 'requirement = "S-1"', kind="exempt")
    for name, test in (("S-2", BRAND), ("S-3", BUILDER.replace("applies_when", "test")))
)


@pytest.mark.parametrize(
    ("facts", "outcome", "words", "missing", "used"),
    [
        ({"own_brand": True}, "not_applicable", "“自主品牌”为“是”，符合要求，免除本条要求。", [], ["own_brand"]),
        ({"own_brand": False, "industry_class": "C35", "sales_revenue": {2023: 99}}, "unmet",
         "2023 年销售收入为 99 万元，不符合不低于 100 万元的要求，差 1 万元。", [], ["sales_revenue"]),
        ({"sales_revenue": {2023: 100}}, "met", "2023 年销售收入为 100 万元，符合不低于 100 万元的要求。", [],
         ["sales_revenue"]),
        ({"industry_class": "某业", "sales_revenue": {2023: 99}}, "unknown",
         "2023 年销售收入为 99 万元，不符合不低于 100 万元的要求，差 1 万元；"
         "能否免除本条要求：缺少“自主品牌”情况，无法判定；所属行业为“某业”，在国民经济行业分类中找不到，须人工核定。",
         ["own_brand"], ["sales_revenue", "industry_class"]),
        ({"own_brand": False, "industry_class": "某业", "sales_revenue": {2023: 99}}, "needs_review",
         "2023 年销售收入为 99 万元，不符合不低于 100 万元的要求，差 1 万元；能否免除本条要求："
         "所属行业为“某业”，在国民经济行业分类中找不到，须人工核定。", [], ["sales_revenue", "industry_class"]),
    ],
)  # fmt: skip
def test_what_exempts_from_a_clause_is_told_with_what_is_open(
    facts: dict[str, Any], outcome: str, words: str, missing: list[str], used: list[str]
) -> None:
    found = told(EXEMPT, facts)
    assert (found.outcome, found.explanation) == (outcome, words)
    assert [str(place) for place in found.missing] == missing
    assert [fact.key for fact in found.used] == used


def test_a_doubt_leaves_one_outcome_to_a_person() -> None:
    text = clause("S-1", BRAND, 'review_when = { outcome = "unmet", kinds = ["new"], why = "另一文件改了本条" }')
    doubted = told(text, {"own_brand": False})
    assert doubted.outcome == "needs_review"
    assert doubted.explanation == "“自主品牌”为“否”，不符合要求（须为“是”）；另一文件改了本条，须人工判定。"
    assert [told(text, {"own_brand": True}).outcome, told(text, {"own_brand": False}, "review").outcome] == [
        "met", "unmet"
    ]  # fmt: skip


DEFINED = "".join(
    f'[[definition]]\nid = "{name}"\nterm = "{term}"\ntext = "……"\nstatus = "{status}"\nevidence = "none"\n'
    for name, term, status in (
        ("D1", "主导产品", "recalled"),
        ("D2", "员工", "verified"),
        ("D3", "近三年", "not_found"),
    )
)


@pytest.mark.parametrize(
    ("status", "relies_on", "flags"),
    [
        ("verified", "", []),
        ("verified", 'relies_on = ["D2"]', []),
        ("verified", 'relies_on = ["D1", "D2", "D3"]', ["待核：“主导产品”“近三年”的定义尚未与原文核对"]),
        ("recalled", "", ["待核：本条文字凭记忆录入，尚未与原文核对"]),
        ("recalled", 'relies_on = ["D1"]',
         ["待核：本条文字凭记忆录入，尚未与原文核对", "待核：“主导产品”的定义尚未与原文核对"]),
    ],
)  # fmt: skip
def test_wording_that_nobody_has_checked_is_flagged_in_every_finding(
    status: str, relies_on: str, flags: list[str]
) -> None:
    text = clause("S-1", BRAND, relies_on, status=status) + DEFINED
    found = told(text, {"own_brand": True})
    assert list(found.flags) == flags
    tail = f"（{'；'.join(flags)}）" if flags else ""
    assert found.explanation == f"“自主品牌”为“是”，符合要求{tail}。"
    aside = told(clause("S-1", BRAND, 'only_for = ["review"]', status=status) + clause("S-2", BRAND), {})
    assert (aside.outcome, aside.flags) == ("not_applicable", ())


def test_a_clause_of_which_no_text_was_found_says_so() -> None:
    found = told(
        clause("S-1", BRAND, "decides = false", status="not_found") + clause("S-2", BRAND), {"own_brand": True}
    )
    assert found.flags == ("未定义：本条未查到原文",)


# --- demands and the whole -----------------------------------------------------------------------------------------


def demand(name: str, combine: str, part_of: str = "") -> str:
    part = f'part_of = "{part_of}"\n' if part_of else ""
    return f'[[requirement]]\nid = "{name}"\nlabel = "{name}项"\ncombine = "{combine}"\n{part}'


NESTED = (
    demand("ANY", "any") + demand("ONE", "all", "ANY") + demand("TWO", "all", "ANY")
    + clause("S-1", BRAND, 'requirement = "ONE"') + clause("S-2", SALES, 'requirement = "ONE"')
    + clause("S-3", COUNT, 'requirement = "TWO"')
    + clause("S-4", 'test = { holds = "in_abnormal_list", is = false }', kind="veto")
)  # fmt: skip


@pytest.mark.parametrize(
    ("brand", "sales", "count", "listed", "obstacles"),
    [
        (True, 100, 0, False, []),
        (False, 99, 1, False, []),
        (False, 99, 0, True, [("S-4", ["S-4"], "unmet"), ("ANY", ["S-1", "S-2", "S-3"], "unmet")]),
        (True, 99, 0, False, [("ANY", ["S-2", "S-3"], "unmet")]),
        (True, None, 0, None, [("S-4", ["S-4"], "unknown"), ("ANY", ["S-2"], "unknown")]),
        (None, None, None, False, [("ANY", ["S-1", "S-2", "S-3"], "unknown")]),
    ],
)
def test_what_stands_in_the_way_is_told_by_demand_vetoes_first(
    brand: bool | None, sales: int | None, count: int | None, listed: bool | None,
    obstacles: list[tuple[str, list[str], str]],
) -> None:  # fmt: skip
    facts = {"own_brand": brand, "sales_revenue": {2023: sales}, "ip_total": count, "in_abnormal_list": listed}
    judgement = judged(NESTED, facts)
    assert [(one.requirement, list(one.clauses), one.outcome) for one in judgement.obstacles] == obstacles
    assert [one.label for one in judgement.obstacles] == [
        "ANY项" if name == "ANY" else "S-4的要求" for name, _clauses, _outcome in obstacles
    ]
    for one in judgement.obstacles:
        assert one.explanation == "".join(judgement.finding(name).explanation for name in one.clauses)
    assert (
        judgement.missing
        == tuple(
            place for one in judgement.obstacles for name in one.clauses for place in judgement.finding(name).missing
        )
        or len(judgement.obstacles) > 1
    )


THREE = clause("S-1", BRAND) + clause("S-2", SALES) + clause("S-3", COUNT)


@pytest.mark.parametrize(
    ("facts", "decision", "reason"),
    [
        ({"own_brand": True, "sales_revenue": {2023: 100}, "ip_total": 1}, "eligible", "各项条件均符合。"),
        ({"own_brand": False, "sales_revenue": {2023: 100}, "ip_total": 1}, "ineligible",
         "不符合条件：“自主品牌”为“否”，不符合要求（须为“是”）。"),
        ({"own_brand": False, "sales_revenue": {2023: 99}}, "ineligible",
         "不符合条件：“自主品牌”为“否”，不符合要求（须为“是”）。另有 1 项同样情形。"),
        ({"own_brand": True, "sales_revenue": {2023: 100}}, "undetermined",
         "资料不足，暂不能判定：缺少知识产权总数，无法判定。"),
        ({}, "undetermined", "资料不足，暂不能判定：缺少“自主品牌”情况，无法判定。另有 2 项同样情形。"),
    ],
)  # fmt: skip
def test_the_sentence_for_the_phone(facts: dict[str, Any], decision: str, reason: str) -> None:
    judgement = judged(THREE, facts)
    assert (judgement.decision, judgement.reason) == (decision, reason)


def test_the_sentence_for_the_phone_where_a_person_decides_and_where_a_route_leads_in() -> None:
    assert judged(clause("S-1", 'test = { by_expert = "S-1" }'), {}).reason == (
        "须经专家或人工判定：本条没有量化界限，须由专家或人工认定。"
    )
    routes = demand("R", "any") + "".join(
        clause(name, test, 'requirement = "R"', kind=kind)
        for name, test, kind in (("S-1", SALES, "gate"), ("S-2", BRAND, "direct"), ("S-3", COUNT, "exempt"))
    )
    both = {"own_brand": True, "ip_total": 1, "sales_revenue": {2023: 100}}
    brand, count = "“自主品牌”为“是”，符合要求。", "知识产权总数为 1 项，符合不少于 1 项的要求。"
    assert judged(routes, both).reason == f"各项条件均符合。直通条件：{brand}免除条件：{count}"
    assert judged(routes, both | {"ip_total": 0}).reason == f"各项条件均符合。直通条件：{brand}"
    assert judged(routes, both | {"own_brand": False}).reason == f"各项条件均符合。免除条件：{count}"
    aside = routes.replace('kind = "direct"', 'kind = "direct"\ndecides = false')
    aside = aside.replace('kind = "exempt"', 'kind = "exempt"\ndecides = false')
    assert judged(aside, both).reason == "各项条件均符合。"


@pytest.mark.parametrize(("length", "whole"), [(300, True), (348, True), (349, False), (900, False)])
def test_a_long_reason_is_cut_at_what_can_be_read_out_and_still_tells_how_many_more(length: int, whole: bool) -> None:
    why = "理" * length
    text = "".join(clause(name, f'test = {{ undefined = "{why}" }}') for name in ("S-1", "S-2"))
    reason = judged(text, {}).reason
    assert reason.startswith("须经专家或人工判定：理")
    assert reason.endswith(("（未定义），须人工认定。" if whole else "…") + "另有 1 项同样情形。")
    assert len(reason) == (length + 33 if whole else 381)


# --- storing and reading back --------------------------------------------------------------------------------------


def test_a_judgement_is_the_same_after_storing() -> None:
    judgement = judged(NESTED, {"own_brand": True, "sales_revenue": {2023: "99.5"}, "ip_total": 0})
    data = json.loads(json.dumps(judgement.to_json()))
    assert Judgement.from_json(data) == judgement
    assert (data["verdict"], data["as_of"], data["kind"], data["score"]) == ("ineligible", "2024-06-15", "new", None)
    second = data["findings"][1]
    assert (second["clause"], second["outcome"], second["gap"], second["actual"]) == ("S-2", "unmet", 0.5, 99.5)
    assert second["used"] == [
        {"key": "sales_revenue", "year": 2023, "value": 99.5, "fact_id": None, "source": ""}
    ]  # fmt: skip
    assert data["findings"][3]["missing"] == ["in_abnormal_list"]
    assert data["obstacles"][0]["clauses"] == ["S-4"]
    with pytest.raises(KeyError, match="S-9"):
        judgement.finding("S-9")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, True), ("文字", "文字"), (None, None), (Decimal("12.50"), 12.5), (Decimal("12.00"), 12), (7, 7),
        (Place("ip_total"), "ip_total"),
        (date(2024, 2, 29), "2024-02-29"), ((date(2024, 2, 29), "甲"), ["2024-02-29", "甲"]), ([], []),
        (Record((("name", "奖"), ("rank", Decimal(3)), ("level", None))), {"name": "奖", "rank": 3, "level": None}),
    ],
)  # fmt: skip
def test_any_value_of_a_sheet_is_plain_in_json(value: object, shown: object) -> None:
    found = plain(value)
    assert found == shown
    assert type(found) is type(shown)


def test_figures_are_named_as_a_person_names_them() -> None:
    places = [Place("sales_revenue", 2023), Place("own_brand"), Place("ip_total"), Place("gone")]
    assert [place.label for place in places] == [
        "2023 年销售收入", "“自主品牌”情况", "知识产权总数", "gone"
    ]  # fmt: skip
    assert Place.parse("sales_revenue[2023]") == Place("sales_revenue", 2023)
    assert Place.parse("ip_total") == Place("ip_total")
    assert str(Place("sales_revenue", 2023)) == "sales_revenue[2023]"
    traces = [
        Used("sales_revenue", 2023, 1, None, ""),
        Used("expert:IP1", None, 6, 3, ""),
        Used("gone", None, 1, None, ""),
    ]
    assert [one.label for one in traces] == ["2023 年销售收入", "评分项 IP1 的专家评分", "gone"]
    assert [one.unit for one in traces] == ["万元", "", ""]
    assert [plain_number(Decimal("2.0")), plain_number(Decimal("2.5"))] == [2, 2.5]


def test_a_finding_names_the_rows_of_the_facts_it_used() -> None:
    sheet = FactSheet([FactValue("own_brand", None, True, 5), FactValue("sales_revenue", 2023, Decimal(99))])
    rulebook = read_rulebook((HEAD + THREE).encode(), "sample")
    assert [one.fact_ids for one in evaluate(rulebook, sheet, AS_OF).findings] == [(5,), (), ()]
