"""Criteria against a base year, of questionnaires and registers, and the ladder of levels."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import Judgement
from app.eligibility.engine.ladder import LevelResult
from app.facts.sheet import FactSheet
from app.rulebooks.loader import read_rulebook
from app.rulebooks.tables import RulebookError
from tests.eligibility.engine.written import CLAUSE, HEAD, finding, rulebook

DOUBLED = '{ multiple = { of = "main_business_revenue", base_year = 2019 }, at_least = 2 }'
GROWN = '{ change = { of = "total_profit", base_year = 2019 }, above = 0 }'
cents = st.integers(1, 10**7).map(lambda number: Decimal(number) / 100)


@given(base=cents, now=cents)
def test_a_multiple_is_exact_to_the_cent(base: Decimal, now: Decimal) -> None:
    found = finding(DOUBLED, {"main_business_revenue": {2019: base, 2023: now}})
    assert found.outcome == ("met" if now >= 2 * base else "unmet")
    if found.gap is not None:
        assert found.gap == 2 * base - now
        assert " 2 倍，不符合" not in found.explanation


@pytest.mark.parametrize(
    ("years", "words"),
    [
        ({2019: 0, 2023: 5}, "2019 年主营业务收入为 0 万元，不能作基数，须核实，无法判定。"),
        ({2019: 0}, "2019 年主营业务收入为 0 万元，不能作基数，须核实，无法判定。"),
        ({2023: 5}, "缺少 2019 年主营业务收入，无法判定。"),
        ({2019: 5, 2022: 10}, "缺少 2023 年主营业务收入，无法判定。"),
    ],
)
def test_no_base_is_no_multiple(years: dict[int, int], words: str) -> None:
    found = finding(DOUBLED, {"main_business_revenue": years})
    assert (found.outcome, found.explanation) == ("unknown", words)


@pytest.mark.parametrize(
    ("base", "now", "outcome", "gap"),
    [(-10, -9.99, "met", None), (-10, -10, "unmet", 0), (0, 0.01, "met", None), (10, -1, "unmet", 11)],
)
def test_growth_over_a_negative_base_is_growth(base: float, now: float, outcome: str, gap: int | None) -> None:
    found = finding(GROWN, {"total_profit": {2019: base, 2023: now}})
    assert (found.outcome, found.gap) == (outcome, gap)


@pytest.mark.parametrize(
    ("records", "outcome"),
    [
        ([], "met"), ("无", "met"), (None, "unknown"),
        ([{"计划": "倍增奖励", "年度": 2021}], "unmet"),
        ([{"计划": "技改奖补"}], "met"),
        ([{"年度": 2021, "金额": 30}], "unknown"),
        ([{"年度": 2021}, {"计划": "doubling-jm"}], "unmet"),
    ],
)  # fmt: skip
def test_a_register_without_such_an_entry(records: Any, outcome: str) -> None:
    test = '{ no_record = "fund_award_history", mentions = ["doubling-jm", "倍增"] }'
    assert finding(test, {"fund_award_history": records}).outcome == outcome


ANSWERS = ["rd_institution_level", "is_champion"]


@pytest.mark.parametrize(
    ("answers", "at_least", "outcome", "words"),
    [
        (["国家级", "国家级"], 2, "met", "2 项中达到省级及以上的 2 个"),
        (["国家级", "无"], 2, "unmet", "差 1 个"),
        (["省级", None], 1, "met", "至少 1 个（另有 1 项未答）"),
        (["无", None], 2, "unmet", "最多 1 个（另有 1 项未答）"),
        (["省级", None], 2, "unknown", "缺少单项冠军"),
        ([None, None], 1, "unknown", "缺少"),
    ],
)
def test_answers_at_or_above_a_level_are_counted(
    answers: list[str | None], at_least: int, outcome: str, words: str
) -> None:
    test = (
        '{ count_at_level = { of = ["rd_institution_level", "is_champion"], level = "省级" },'
        f" at_least = {at_least} }}"
    )
    found = finding(test, dict(zip(ANSWERS, answers, strict=True)))
    assert found.outcome == outcome
    assert words in found.explanation


@pytest.mark.parametrize(
    ("answers", "actual", "words"),
    [
        (["国家级", "无"], 1, "2 项中达到省级及以上的 1 个；合成规则未定义。"),
        (["国家级", None], {"low": 1, "high": 2}, "的 1—2 个（另有 1 项未答）；合成规则未定义。"),
    ],
)
def test_a_number_is_told_and_nothing_is_asked_of_it(
    answers: list[str | None], actual: int | dict[str, int], words: str
) -> None:
    counted = '{ of = ["rd_institution_level", "is_champion"], level = "省级" }'
    told = f'{{ told = {{ count_at_level = {counted} }}, why = "合成规则未定义" }}'
    found = finding(told, dict(zip(ANSWERS, answers, strict=True)))
    assert (found.outcome, found.actual) == ("not_applicable", actual)
    assert found.explanation.endswith(words)


def test_answers_of_a_list_are_those_that_the_question_offers() -> None:
    test = '{ lists = "digital_networks", value = "工控网络" }'
    assert finding(test, {"digital_networks": ["应用系统网络", "工控网络"]}).outcome == "met"
    assert finding(test, {"digital_networks": "无"}).outcome == "unmet"
    assert finding(test, {}).outcome == "unknown"
    with pytest.raises(Invalid, match="“专线”不在可选范围内，可填：工控网络、"):
        finding(test, {"digital_networks": ["专线"]})


LADDER = f"""
{CLAUSE}
test = {{ figure = "digital_score", at_least = 20 }}
{CLAUSE.replace("S-1", "S-2")}
decides = false
test = {{ figure = "digital_score", at_least = 40 }}
{CLAUSE.replace("S-1", "S-3")}
decides = false
test = {{ all_of = [{{ figure = "digital_score", at_least = 60 }}, {{ holds = "own_brand", is = true }}] }}

[ladder]
name = "等级"
floor = "未达一级"
level = [
  {{ id = "1", name = "一级", clause = "S-1" }},
  {{ id = "2", name = "二级", clause = "S-2" }},
  {{ id = "3", name = "三级", clause = "S-3" }},
]
"""


def level_of(facts: dict[str, Any]) -> LevelResult:
    steps = read_rulebook((HEAD + LADDER).encode(), "sample/rulebook.toml")
    judgement = evaluate(steps, FactSheet.from_plain(facts), date(2024, 6, 15))
    assert Judgement.from_json(judgement.to_json()) == judgement
    assert judgement.level is not None
    return judgement.level


@pytest.mark.parametrize(
    ("score", "brand", "said", "above"),
    [
        (19.99, True, "未达一级", "一级"),
        (20, True, "一级", "二级"),
        (60, True, "三级", ""),
        (60, None, "二级至三级", "三级"),
        (60, False, "二级", "三级"),
        (None, True, "未达一级至三级", "一级"),
        (None, False, "未达一级至二级", "一级"),
    ],
)
def test_a_level_is_an_interval_while_answers_are_missing(
    score: float | None, brand: bool | None, said: str, above: str
) -> None:
    level = level_of({"digital_score": score, "own_brand": brand})
    assert (level.said, level.next_name) == (said, above)
    assert level.is_open == ("至" in said)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('clause = "S-3"', 'clause = "S-9"', "ladder 的“三级”所指条款 S-9 不存在"),
        ('floor = "未达一级"', "", "“floor”须是文字"),
        ('id = "1", ', "", "“id”须是文字"),
    ],
)
def test_a_ladder_with_a_mistake_is_refused(old: str, new: str, words: str) -> None:
    with pytest.raises(RulebookError, match=words):
        read_rulebook((HEAD + LADDER.replace(old, new)).encode(), "sample/rulebook.toml")


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ('{ count_at_level = { of = ["is_champion"], level = "四级" }, at_least = 1 }', "没有“四级”这一选项"),
        ('{ multiple = { of = "own_brand", base_year = 2019 }, at_least = 2 }', "只能用 number"),
        ('{ no_record = "own_brand", mentions = ["倍增"] }', "只能用 records"),
    ],
)
def test_mistakes_are_named(test: str, words: str) -> None:
    with pytest.raises(RulebookError, match=words):
        rulebook(test)


def path(shape: str, share: str = "1") -> str:
    return (
        '{ on_path = { of = "main_business_revenue", base_year = 2021, years = 3, multiple = 2,'
        f' shape = "{shape}", share = {share} }} }}'
    )


@pytest.mark.parametrize(
    ("shape", "year", "now", "outcome", "gap"),
    [
        ("linear", 2022, "1333.34", "met", None), ("linear", 2022, "1333.33", "unmet", None),
        ("linear", 2023, "1666.67", "met", None), ("linear", 2024, "1999.99", "unmet", "0.01"),
        ("linear", 2024, "2000", "met", None),
        ("geometric", 2022, "1259.93", "met", None), ("geometric", 2022, "1259.92", "unmet", "0.01"),
        ("geometric", 2023, "1587.41", "met", None), ("geometric", 2023, "1587.40", "unmet", "0.01"),
        ("geometric", 2024, "2000", "met", None), ("geometric", 2024, "1999.99", "unmet", "0.01"),
        ("geometric", 2024, "-1", "unmet", "2001"),
    ],
)  # fmt: skip
def test_a_year_keeps_up_with_its_path(shape: str, year: int, now: str, outcome: str, gap: str | None) -> None:
    facts = {"main_business_revenue": {2021: 1000, year: Decimal(now)}}
    if Decimal(now) < 0:
        facts = {"total_profit": facts["main_business_revenue"]}
    test = path(shape).replace("main_business_revenue", next(iter(facts)))
    found = finding(test, facts, as_of=date(year + 1, 6, 15))
    assert found.outcome == outcome
    assert found.gap == (None if gap is None else Decimal(gap))


@given(base=cents, step=st.integers(1, 4), shape=st.sampled_from(["linear", "geometric"]))
def test_the_gap_of_a_path_closes_it_to_the_cent(base: Decimal, step: int, shape: str) -> None:
    test = path(shape, "0.9").replace("years = 3", "years = 4").replace("multiple = 2", "multiple = 1.75")
    as_of = date(2022 + step, 6, 15)
    found = finding(test, {"main_business_revenue": {2021: base, 2021 + step: 0}}, as_of=as_of)
    assert found.outcome == "unmet"
    if found.gap is not None and found.gap == round(found.gap, 8):
        reached = {"main_business_revenue": {2021: base, 2021 + step: found.gap}}
        assert finding(test, reached, as_of=as_of).outcome == "met"
        short = {"main_business_revenue": {2021: base, 2021 + step: max(Decimal(0), found.gap - Decimal("0.01"))}}
        assert finding(test, short, as_of=as_of).outcome == "unmet"


@pytest.mark.parametrize(
    ("years", "as_of", "outcome", "words"),
    [
        ({2021: 1000}, date(2022, 6, 15), "not_applicable", "2021 年为基期，尚无完整的考核年度"),
        ({2021: 0, 2022: 5}, date(2023, 6, 15), "unknown", "不能作基数"),
        ({2022: 5}, date(2023, 6, 15), "unknown", "缺少 2021 年主营业务收入"),
        ({2021: 1000, 2022: 5}, date(2024, 6, 15), "unknown", "缺少 2023 年主营业务收入"),
        ({2021: 1000, 2024: 2000, 2026: 1}, date(2027, 6, 15), "met", "2024 年主营业务收入为 2,000 万元"),
    ],
)
def test_a_path_begins_after_the_base_and_ends_with_the_target_year(
    years: dict[int, int], as_of: date, outcome: str, words: str
) -> None:
    found = finding(path("linear"), {"main_business_revenue": years}, as_of=as_of)
    assert found.outcome == outcome
    assert words in found.explanation
