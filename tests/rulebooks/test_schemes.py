"""A scheme becomes an edition once an administrator has stated every number of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.core.errors import Invalid, NotFound
from app.eligibility.engine.evaluate import evaluate
from app.facts.sheet import FactSheet
from app.rulebooks import queries, schemes, service
from app.rulebooks.loader import read_rulebook
from app.rulebooks.words import shown

STATED = {
    "id": "doubling-test-2024",
    "title": "示例区倍增计划（2024）",
    "region": "示例区",
    "document": "示例区“倍增计划”实施方案",
    "number": "示例府〔2024〕1号",
    "issuer": "示例区人民政府",
    "effective_from": "2024-07-01",
    "effective_to": "无",
    "metric": "operating_revenue",
    "base_year": "2023",
    "years": "3",
    "multiple": "2",
    "shape": "geometric",
    "amber": "0.9",
}
DOUBLING = schemes.load_scheme("doubling")


def level(facts: dict[str, Any], as_of: date) -> tuple[str, str]:
    rulebook = read_rulebook(schemes.drawn_up(DOUBLING, STATED).encode(), "drawn")
    judgement = evaluate(rulebook, FactSheet.from_plain(facts), as_of)
    return judgement.decision.value, judgement.level.said if judgement.level else ""


@pytest.mark.parametrize(
    ("revenue", "as_of", "verdict", "lamp"),
    [
        ({2023: 1000, 2024: "1259.93"}, date(2025, 6, 15), "eligible", "绿"),
        ({2023: 1000, 2024: "1259.92"}, date(2025, 6, 15), "ineligible", "黄"),
        ({2023: 1000, 2024: "1133.93"}, date(2025, 6, 15), "ineligible", "黄"),
        ({2023: 1000, 2024: "1133.92"}, date(2025, 6, 15), "ineligible", "红"),
        ({2023: 1000, 2026: "2000"}, date(2027, 6, 15), "eligible", "绿"),
        ({2023: 1000, 2026: "1999.99"}, date(2027, 6, 15), "ineligible", "黄"),
        ({2023: 1000, 2026: "1799.99"}, date(2027, 6, 15), "ineligible", "红"),
        ({2023: 1000}, date(2025, 6, 15), "undetermined", "红至绿"),
        ({2023: 0, 2024: "5"}, date(2025, 6, 15), "undetermined", "红至绿"),
        ({2023: 1000}, date(2024, 8, 1), "eligible", ""),
    ],
)
def test_each_year_has_its_target(revenue: dict[int, Any], as_of: date, verdict: str, lamp: str) -> None:
    facts = {"operating_revenue": revenue, "in_doubling_pool": True, "in_serious_dishonesty_list": False}
    assert level(facts, as_of) == (verdict, lamp)


def test_another_metric_is_not_taken_for_the_stated_one() -> None:
    facts = {"main_business_revenue": {2023: 1000, 2024: 5000}, "in_doubling_pool": True}
    assert level(facts, date(2025, 6, 15))[0] == "undetermined"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("base_year", "", "参数“基期年”（base_year）须填写"),
        ("base_year", "2023年底", "不是年份"),
        ("years", "2.5", "须是正整数"),
        ("multiple", "1", "须大于 1"),
        ("multiple", "两倍", "不是数字"),
        ("amber", "1", "须大于 0、小于 1"),
        ("shape", "straight", "只能填：linear、geometric"),
        ("metric", "net_profit", "只能填：main_business_revenue"),
        ("id", "Doubling 2024", "只能用小写字母"),
        ("effective_from", "7月", "不是日期"),
        ("title", "倍增@base_year@", "不得含换行或 @"),
        ("speed", "3", "方案没有“speed”这一参数"),
    ],
)
def test_what_is_not_stated_is_not_invented(name: str, value: str, words: str) -> None:
    with pytest.raises(Invalid, match=words.replace("（", "（")) as refusal:
        schemes.drawn_up(DOUBLING, STATED | {name: value})
    assert refusal.value.field == name


def test_an_unknown_scheme_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="没有“tripling”这一方案，现有：doubling"):
        schemes.load_scheme("tripling")


def test_quotes_in_a_name_stay_quotes() -> None:
    rulebook = read_rulebook(schemes.drawn_up(DOUBLING, STATED | {"title": '"倍增"\\计划'}).encode(), "drawn")
    assert rulebook.title == '"倍增"\\计划'
    assert rulebook.has_unverified
    assert "逐年等比增长" in next(one.test for one in shown(rulebook).clauses if one.clause.id == "DBL-3")


def test_an_issued_scheme_is_an_edition_and_its_id_is_used_once(session: Session) -> None:
    text = schemes.drawn_up(DOUBLING, STATED)
    service.issue(session, text, by=SYSTEM)
    assert queries.rulebook_of(queries.by_code(session, "doubling-test-2024")).clause("DBL-3").decides
    with pytest.raises(Invalid, match="已经有了"):
        service.issue(session, text, by=SYSTEM)
    with pytest.raises(Invalid, match="已经有了"):
        service.issue(session, schemes.drawn_up(DOUBLING, STATED | {"id": "hnte-2016"}), by=SYSTEM)


def test_the_command_line_lists_draws_and_refuses(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert "base_year\t基期年" in runner.invoke(args=["rulebooks", "schemes"]).stdout
    words = [word for name, value in STATED.items() for word in ("--set", f"{name}={value}")]
    drawn = runner.invoke(args=["rulebooks", "draw", "doubling", *words, "--issue"])
    assert drawn.exit_code == 0
    assert drawn.stdout == schemes.drawn_up(DOUBLING, STATED)
    assert "已载入：doubling-test-2024" in drawn.stderr
    refused = runner.invoke(args=["rulebooks", "draw", "doubling", *words[:-2]])
    assert refused.exit_code == 1
    assert "参数“黄灯线（当年目标的比例）”（amber）须填写" in refused.stderr
