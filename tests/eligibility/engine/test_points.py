"""What each row of a score tells: points that can still be got, the band, why, who settles the rest, and what it rests
on; how rows make a group, groups the whole, and the whole a verdict."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import Invalid
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import ItemScore, Judgement
from app.facts.sheet import FactSheet
from app.rulebooks.loader import read_rulebook
from tests.eligibility.engine.written import CLAUSE, HEAD

ROWS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "points.json").read_text(encoding="utf-8"))
MEASURES = {
    "P": ("年均", 8, "{ per_operating_year = { fact = 'tech_transfer_count_3y', years = 3 } }"),
    "Y": ("经营年限", 3, "{ years_since = 'hnte_cert_date' }"),
    "R": ("研发投入占比", 6, "{ ratio = { of = ['rd_expense_super'], to = ['sales_revenue'] } }"),
    "C": ("符合几项", 4, "{ count_met = [{ holds = 'own_brand', is = true }, { any_listed = 'mgmt_system_cert' },"
          " { in_principle = { figure = 'total_assets', at_most = 9000 }, expert = 'E-2' }] }"),
    "G": ("净资产增长率", 6, "{ growth = { label = '净资产', of = ['total_assets'], less = ['total_liabilities'],"
          " direct = 'net_assets', first_zero = 'last_two_years', second_zero = 'no_points', one_year = 'no_points',"
          " negative_base = 'review' } }"),
    "T": ("研发投入强度", 6, "{ ratio = { of = ['rd_expense_super'], to = ['sales_revenue'] } }"),
}  # fmt: skip
MEASURES["H"] = ("净资产增长率", 1, MEASURES["G"][2])
BANDS = {
    "P": "{ label = '多', at_least = 3, points = [5, 8] }, { label = '中', at_least = 1, points = [2, 4],"
    " flag = '待核：中档' }, { label = '少', points = 0 }",
    "Y": "{ label = '三年', at_least = 3, points = 3 }, { label = '不满', points = 0 }",
    "R": "{ label = '高', at_least = 0.06, points = 6 }, { label = '低', points = 1 }",
    "C": "{ label = '两项', at_least = 2, points = 4 }, { label = '一项', at_least = 1, points = 2 },"
    " { label = '没有', points = 0 }",
    "G": "{ label = '高', at_least = 0.35, points = [4, 6] }, { label = '有', above = 0, points = [1, 3] },"
    " { label = '无', points = 0 }",
    "S": "{ label = '一类', fact = 'ip_class1_count', at_least = 1, points = 8 }, { label = '二类',"
    " fact = 'ip_class2_count', at_least = 3, points = [3, 5] }, { label = '认定', test = { in_principle ="
    " { figure = 'total_assets', at_most = 9000 }, expert = 'E-2' }, points = 1 }, { label = '没有', points = 0 }",
    "T": "{ label = '高', at_least = 0.06, points = 6 }, { label = '中', at_least = 0.04, points = 4 },"
    " { label = '低', points = 1 }",
    "H": "{ label = '有增长率', points = 1 }",
    "X": "{ label = '无', points = 0 }, { label = '有', points = 5 }",
    "E": "{ label = '专家评分', points = [0, 5] }",
    "K": "{ label = '固定', points = 2 }",
    "N": "{ label = '未定义', points = [0, 3] }",
}
PLAIN = {"S": ("知识产权", 8), "E": ("专家评价", 5), "K": ("基本分", 2), "N": ("地方特色", 3), "X": ("示范作用", 5)}


def item(name: str) -> str:
    title, most = MEASURES[name][:2] if name in MEASURES else PLAIN[name]
    status = "not_found" if name == "N" else "verified"
    measure = f"measure = {MEASURES[name][2]}\n" if name in MEASURES else ""
    return (
        f'[[score.group.item]]\nid = "{name}"\nname = "{title}"\nmax = {most}\nstatus = "{status}"\n'
        f'evidence = "secondary"\n{measure}band = [{BANDS[name]}]\n'
    )


def group(name: str, most: int, items: str, choice: str = "sum") -> str:
    head = f'[[score.group]]\nid = "{name}"\nname = "{name}组"\nmax = {most}\nchoice = "{choice}"\n'
    return head + "".join(item(one) for one in items)


def judged(groups: str, total: int, facts: dict[str, Any], test: str = "score = 'total', at_least = 1") -> Judgement:
    text = f"{HEAD}{CLAUSE}test = {{ {test} }}\n[score]\ntotal = {total}\n{groups}"
    return evaluate(read_rulebook(text.encode(), "sample"), FactSheet.from_plain(facts), date(2024, 6, 15))


def row(name: str, facts: dict[str, Any]) -> ItemScore:
    most = MEASURES[name][1] if name in MEASURES else PLAIN[name][1]
    score = judged(group("A", most, name), most, facts).score
    assert score is not None
    return score.groups[0].items[0]


def told(found: ItemScore) -> dict[str, Any]:
    return {
        "points": [str(found.low), str(found.high)], "band": found.band, "reason": found.reason, "open": found.open,
        "missing": [str(place) for place in found.missing], "flags": list(found.flags),
        "used": [fact.key + (f"[{fact.year}]" if fact.year else "") for fact in found.used],
    }  # fmt: skip


@pytest.mark.parametrize(
    "case", ROWS, ids=lambda case: f"{case['item']} {json.dumps(case['facts'], ensure_ascii=False)}"
)
def test_a_row_tells_its_points_and_why(case: dict[str, Any]) -> None:
    nothing: dict[str, Any] = {"band": "", "reason": "", "open": "", "missing": [], "flags": [], "used": []}
    wanted = {name: value for name, value in case.items() if name not in ("item", "facts")}
    assert told(row(case["item"], case["facts"])) == nothing | wanted


@pytest.mark.parametrize(
    ("name", "facts", "words"),
    [
        ("E", {"expert": {"E": "2.5"}}, "评分项 E：专家评分 2.5 不是整数"),
        ("E", {"expert": {"E": 6}}, "评分项 E（专家评价）：专家评分 6 超出允许范围 0—5 分（由专家评分），请更正"),
        ("X", {"expert": {"X": 3}}, "专家评分 3 超出允许范围 0—5 分（由专家评分）"),
        ("K", {"expert": {"K": 3}}, "专家评分 3 超出允许范围 2—2 分，请更正"),
        ("P", {"expert": {"P": 1}}, "专家评分 1 超出允许范围 0—8 分"),
        (
            "G",
            {"registration_date": "2023-05-01", "expert": {"G": 1}},
            "专家评分 1 超出允许范围 0—0 分（实际经营仅一个",
        ),
    ],
)
def test_an_expert_cannot_give_what_the_band_does_not_hold(name: str, facts: dict[str, Any], words: str) -> None:
    with pytest.raises(Invalid) as refused:
        row(name, facts)
    assert words in str(refused.value.message)


ONE_YEAR = {"registration_date": "2023-05-01"}


@pytest.mark.parametrize(
    ("name", "facts", "points", "band", "reason"),
    [
        ("H", ONE_YEAR, ("0", "0"), "", "实际经营仅一个会计年度，没有增长率，按 0 分计"),
        ("H", ONE_YEAR | {"expert": {"H": 0}}, ("0", "0"), "",
         "实际经营仅一个会计年度，没有增长率，按 0 分计；专家评分 0 分"),
        ("X", {}, ("0", "5"), "", "由专家评分"),
        ("X", {"expert": {"X": 5}}, ("5", "5"), "", "由专家评分；专家评分 5 分"),
        ("E", {"expert": {"E": "4.0"}}, ("4", "4"), "专家评分", "由专家评分；专家评分 4 分"),
        ("T", {"rd_expense_super": {2023: "5.99996"}, "sales_revenue": {2023: 100}}, ("4", "4"), "中",
         "研发投入强度 5.99996%"),
        ("T", {"rd_expense_super": {2023: "4.00001"}, "sales_revenue": {2023: 100}}, ("4", "4"), "中",
         "研发投入强度 4.00001%"),
        ("C", {"own_brand": True, "mgmt_system_cert": ["ISO9001"]}, ("4", "4"), "两项", "缺少 2023 年资产总额"),
    ],
)  # fmt: skip
def test_points_at_the_edges_of_giving_them(
    name: str, facts: dict[str, Any], points: tuple[str, str], band: str, reason: str
) -> None:
    found = row(name, facts)
    assert ((str(found.low), str(found.high)), found.band, found.reason) == (points, band, reason)
    assert found.missing == ()


@pytest.mark.parametrize(
    ("made", "most", "facts", "points"),
    [
        (group("B", 6, "YR", "best"), 6, {"sales_revenue": {2023: 100}, "rd_expense_super": {2023: 6}}, 6),
        (group("B", 3, "YN", "best"), 3, {"expert": {"N": 3}}, 3),
        (group("A", 8, "YS"), 8, {"ip_class1_count": 1}, 8),
    ],
)
def test_a_figure_that_cannot_add_to_the_group_is_not_asked_for(
    made: str, most: int, facts: dict[str, Any], points: int
) -> None:
    score = judged(made, most, facts).score
    assert score is not None
    assert (score.low, score.high, score.missing) == (points, points, ())


PAIR = group("A", 9, "SK") + group("B", 6, "RE", "best")


@pytest.mark.parametrize(
    ("facts", "groups", "missing"),
    [
        ({}, {"A": (2, 9), "B": (1, 6)}, {"A": ["ip_class1_count", "ip_class2_count", "total_assets[2023]"],
                                          "B": ["rd_expense_super[2023]", "sales_revenue[2023]"]}),
        ({"ip_class1_count": 1}, {"A": (9, 9), "B": (1, 6)}, {"A": [], "B": ["rd_expense_super[2023]",
                                                                             "sales_revenue[2023]"]}),
        ({"ip_class1_count": 0, "ip_class2_count": 0, "total_assets": {2023: 9}}, {"A": (3, 3), "B": (1, 6)},
         {"A": [], "B": ["rd_expense_super[2023]", "sales_revenue[2023]"]}),
        ({"sales_revenue": {2023: 100}, "rd_expense_super": {2023: 6}}, {"A": (2, 9), "B": (6, 6)}, {"B": []}),
        ({"sales_revenue": {2023: 100}, "rd_expense_super": {2023: 5}, "expert": {"E": 4}}, {"B": (4, 4)}, {"B": []}),
        ({"sales_revenue": {2023: 100}, "rd_expense_super": {2023: 5}}, {"B": (1, 5)}, {"B": []}),
    ],
)  # fmt: skip
def test_rows_are_added_up_to_the_most_of_their_group_or_the_best_counts(
    facts: dict[str, Any], groups: dict[str, tuple[int, int]], missing: dict[str, list[str]]
) -> None:
    score = judged(PAIR, 15, facts).score
    assert score is not None
    found = {one.id: one for one in score.groups}
    assert {name: (found[name].low, found[name].high) for name in groups} == groups
    assert {name: [str(place) for place in found[name].missing] for name in missing} == missing
    assert (score.low, score.high) == (sum(g.low for g in score.groups), sum(g.high for g in score.groups))
    assert score.missing == found["A"].missing + found["B"].missing
    assert [found[name].is_open for name in groups] == [low != high for low, high in groups.values()]


KNOWN = {"ip_class1_count": 1, "sales_revenue": {"2023": 100}, "rd_expense_super": {"2023": 6}}
OPEN = {"ip_class1_count": 1, "sales_revenue": {"2023": 100}, "rd_expense_super": {"2023": 5}}
UNCLEAR = {"ip_class1_count": 0, "ip_class2_count": 0, "total_assets": {"2023": 9001}} | KNOWN | {"ip_class1_count": 0}


@pytest.mark.parametrize(
    ("test", "facts", "outcome", "words", "gap"),
    [
        ('score = "total", at_least = 15', KNOWN, "met", "综合得分为 15 分，符合不低于 15 分的要求。", None),
        ('score = "total", above = 15', KNOWN, "unmet", "综合得分为 15 分，不符合超过 15 分的要求，仍差 1 分。", 1),
        ('score = "B", above = 6', KNOWN, "unmet",
         "“B组”得分为 6 分，不符合超过 6 分的要求，恰好等于界限，不含本数。", 0),
        ('score = "A", at_least = 12', KNOWN, "unmet", "“A组”得分为 9 分，不符合不低于 12 分的要求，仍差 3 分。", 3),
        ('score = "total", at_least = 10', OPEN, "met", "综合得分为 10—14 分，符合不低于 10 分的要求。", None),
        ('score = "total", at_least = 15', OPEN, "unmet",
         "综合得分为 10—14 分，不符合不低于 15 分的要求，最高也仍差 1 分。", 1),
        ('score = "total", at_least = 14', OPEN, "needs_review",
         "综合得分为 10—14 分，要求不低于 14 分，须由专家评分后判定。", None),
        ('score = "total", at_most = 14', OPEN, "met", "综合得分为 10—14 分，符合不超过 14 分的要求。", None),
        ('score = "total", at_most = 12', OPEN, "needs_review",
         "综合得分为 10—14 分，要求不超过 12 分，须由专家评分后判定。", None),
        ('score = "total", at_most = 9', OPEN, "unmet",
         "综合得分为 10—14 分，不符合不超过 9 分的要求，最低也超出 1 分。", 1),
        ('score = "total", below = 15', KNOWN, "unmet", "综合得分为 15 分，不符合低于 15 分的要求，超出 1 分。", 1),
        ('score = "B", below = 6', KNOWN, "unmet",
         "“B组”得分为 6 分，不符合低于 6 分的要求，恰好等于界限，不含本数。", 0),
        ('score = "B", at_least = 5', {}, "unknown",
         "“B组”得分为 1—6 分，要求不低于 5 分，"
         "缺少 2023 年研发费用（加计扣除口径）、2023 年销售收入，无法判定。", None),
        ('score = "A", at_least = 3', UNCLEAR, "needs_review",
         "“A组”得分为 2—3 分，要求不低于 3 分，"
         "2023 年资产总额为 9,001 万元，不符合不超过 9,000 万元的要求，超出 1 万元；"
         "原文为“原则上”，须人工认定，须人工判定。", None),
    ],
)  # fmt: skip
def test_a_score_is_a_verdict_only_where_its_whole_interval_is_on_one_side(
    test: str, facts: dict[str, Any], outcome: str, words: str, gap: int | None
) -> None:
    found = judged(PAIR, 15, facts, test).finding("S-1")
    assert (found.outcome, found.explanation, found.gap) == (outcome, words, gap)
    low, _dash, high = found.actual_exact.partition("—")
    assert found.actual == ({"low": int(low), "high": int(high)} if high else int(low))
    assert found.actual_text == f"{found.actual_exact} 分"
    assert (found.gap_unit == "分") is (gap is not None)
    assert found.required_text.startswith(("不低于", "超过", "不超过", "低于"))


def test_where_points_need_not_be_whole_the_limit_itself_is_all_that_is_short() -> None:
    found = judged("whole = false\n" + PAIR, 15, KNOWN, 'score = "total", above = 15').finding("S-1")
    assert (found.gap, found.gap_text) == (0, "恰好等于界限，不含本数")
    half = judged("whole = false\n" + group("A", 5, "E"), 5, {"expert": {"E": "2.5"}}).score
    assert half is not None
    assert half.low == half.high == Decimal("2.5")


FLAGGED = {"registration_date": "2015-01-01", "tech_transfer_count_3y": 3}
UNSURE = "待核：本条文字凭记忆录入，尚未与原文核对"


@pytest.mark.parametrize(
    ("test", "facts", "flags"),
    [
        ("score = 'total', at_least = 1", FLAGGED, [UNSURE, "待核：中档"]),
        ("any_of = [{ holds = 'own_brand', is = true }, { score = 'total', at_least = 1 }]", FLAGGED,
         [UNSURE, "待核：中档"]),
        ("figure = 'tech_transfer_count_3y', at_least = 1", FLAGGED, [UNSURE]),
        ("score = 'total', at_least = 1", FLAGGED | {"tech_transfer_count_3y": 9}, [UNSURE]),
    ],
)  # fmt: skip
def test_a_doubt_about_points_is_told_in_every_clause_that_rests_on_them(
    test: str, facts: dict[str, Any], flags: list[str]
) -> None:
    clause = CLAUSE.replace("verified", "recalled") + f"test = {{ {test} }}\n"
    text = f"{HEAD}{clause}[score]\ntotal = 8\n{group('A', 8, 'P')}"
    found = evaluate(read_rulebook(text.encode(), "sample"), FactSheet.from_plain(facts), date(2024, 6, 15))
    assert list(found.finding("S-1").flags) == flags


def test_what_a_person_must_settle_is_told_before_what_experts_score() -> None:
    found = judged(group("A", 13, "ES"), 13, UNCLEAR, 'score = "A", at_least = 3').finding("S-1")
    assert found.explanation.startswith("“A组”得分为 0—6 分，要求不低于 3 分，2023 年资产总额为 9,001 万元")
    assert found.explanation.endswith("须人工判定。")


def test_an_eligible_firm_hears_its_points_and_an_open_one_the_interval() -> None:
    assert judged(PAIR, 15, KNOWN).reason == "各项条件均符合，综合得分 15 分。"
    assert judged(PAIR, 15, OPEN).reason == "各项条件均符合，综合得分 10—14 分。"
