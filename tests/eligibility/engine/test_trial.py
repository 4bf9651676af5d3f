"""Trying an edition on a case: nothing to say where they agree, each difference named with both sides where not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.eligibility.engine.trial import tried
from app.rulebooks.cases import Case
from app.rulebooks.loader import read_rulebook
from tests.eligibility.engine.test_bases import LADDER
from tests.eligibility.engine.test_registers import TABLE
from tests.eligibility.engine.written import HEAD

STEPS = read_rulebook((HEAD + LADDER).encode(), "sample")
SCORED = read_rulebook((HEAD + TABLE).encode(), "sample")
FIRM = {"digital_score": Decimal("39.5"), "own_brand": True}
CASE = Case("甲", "sample", date(2024, 6, 15), "new", FIRM)


def said(expected: dict[str, Any], case: Case = CASE) -> list[str]:
    return [str(one) for one in tried(STEPS, replace(case, expected=expected))]


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ({"expect": {"S-1": "met", "S-2": "unmet"}}, []),
        ({"expect": {"S-1": "unmet", "S-2": "met"}}, ["S-1：应为 不符合，实为 符合", "S-2：应为 符合，实为 不符合"]),
        ({"verdict": "eligible"}, []),
        ({"verdict": "undetermined"}, ["verdict：应为 资料不足，无法判定，实为 符合条件"]),
        ({"obstacles": []}, []),
        ({"obstacles": ["S-1", "S-2"]}, ["obstacles：应为 S-1、S-2，实为 —"]),
        ({"missing": {"S-1": []}}, []),
        ({"missing": {"S-1": ["own_brand", "digital_score"]}}, ["S-1 missing：应为 digital_score、own_brand，实为 —"]),
        ({"gap": {"S-2": "0.5"}}, []),
        ({"gap": {"S-2": "0.4", "S-1": 1}}, ["S-2 gap：应为 0.4，实为 0.5", "S-1 gap：应为 1，实为 —"]),
        ({"actual": {"S-1": "39.5"}}, []),
        ({"actual": {"S-1": 40, "S-3": 1}}, ["S-1 actual：应为 40，实为 79/2"]),
        ({"says": {"S-1": "符合不低于 20 分的要求"}}, []),
        (
            {"says": {"S-1": "不低于 30"}},
            ["S-1 says：应为 不低于 30，实为 数字化评测得分为 39.5 分，符合不低于 20 分的要求。"],
        ),
        ({"level": ["1", "1"], "next_level": "2"}, []),
        ({"level": ["1", "2"], "next_level": "3"}, ["level：应为 1、2，实为 1、1", "next_level：应为 3，实为 2"]),
        ({"score": [0, 0]}, ["score：应为 0、0，实为 —"]),
        ({"expect": {"S-9": "met"}}, ["没有“S-9”这一条款、评分项或分组"]),
        ({"items": {"X": [0, 1]}}, ["没有“X”这一条款、评分项或分组"]),
        ({"refused": "人工认定"}, ["应拒绝判定（人工认定），却作出了判定"]),
    ],
)
def test_every_difference_is_named_with_what_was_wanted_and_what_was_found(
    expected: dict[str, Any], words: list[str]
) -> None:
    found = said(expected)
    if "S-3" in expected.get("actual", {}):
        found = found[:1]  # S-3 is of several tests: its lead has a number of its own
    assert found == words


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ({"score": [8, 18], "groups": {"A": [8, 18]}, "items": {"S1": [3, 3], "S4": [0, 10]}}, []),
        ({"score": [8, 8]}, ["score：应为 8、8，实为 8、18"]),
        ({"groups": {"A": [0, 25]}}, ["A：应为 0、25，实为 8、18"]),
        ({"items": {"S1": [3, 5], "S3": [0, 0]}}, ["S1：应为 3、5，实为 3、3"]),
        ({"level": ["1", "1"], "next_level": ""}, ["level：应为 1、1，实为 —", "next_level：应为 ，实为 —"]),
    ],
)
def test_points_are_compared_by_total_group_and_item(expected: dict[str, Any], words: list[str]) -> None:
    known = {"own_brand": True, "mgmt_system_cert": [], "total_liabilities": {2023: 9}, "total_assets": {2023: 10}}
    found = tried(SCORED, Case("甲", "sample", date(2024, 6, 15), "new", known, expected))
    assert [str(one) for one in found] == words


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ({"refused": "超出允许范围 0—10 分"}, []),
        ({"refused": "不是整数"}, ["不应拒绝判定：评分项 S4（地方特色）：专家评分 11 超出允许范围 0—10 分"]),
        ({"verdict": "eligible"}, ["不应拒绝判定：评分项 S4（地方特色）"]),
    ],
)
def test_a_firm_that_cannot_be_judged_is_refused_for_the_reason_named(
    expected: dict[str, Any], words: list[str]
) -> None:
    found = tried(SCORED, Case("甲", "sample", date(2024, 6, 15), "new", {"expert": {"S4": 11}}, expected))
    assert len(found) == len(words)
    assert all(str(one).startswith(start) for one, start in zip(found, words, strict=True))


def test_a_number_that_is_not_known_is_told_as_none() -> None:
    assert said({"actual": {"S-1": 20}}, replace(CASE, facts={})) == ["S-1 actual：应为 20，实为 —"]
