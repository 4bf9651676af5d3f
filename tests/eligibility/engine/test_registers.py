"""Honours, certificates and contests; exemptions, scopes and what is left to a person; bands chosen by tests."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import Judgement
from app.eligibility.engine.outcome import Outcome
from app.eligibility.engine.registers import validity
from app.eligibility.engine.setting import make_setting
from app.facts.sheet import FactSheet
from app.facts.values import Record
from app.rulebooks.criteria import RecordValid
from app.rulebooks.loader import read_rulebook
from tests.eligibility.engine.written import CLAUSE, HEAD, finding, rulebook

MET, UNMET, UNKNOWN, REVIEW = Outcome.MET, Outcome.UNMET, Outcome.UNKNOWN, Outcome.NEEDS_REVIEW
NONE = Outcome.NOT_APPLICABLE
HONOUR = '{ record_valid = "honor_records", named = ["示范企业"] }'
PRIZE = '{ record_named = "honor_records", named = ["质量奖"], levels = ["国家级", "省部级"] }'
CONTEST = '{ ranked = "maker_china_rank", at_most = 50, years = 3 }'
AWARD = '{ any_record = "sci_award_records", levels = ["国家级", "省部级"], years = 3 }'
LISTED = '{ any_listed = "mgmt_system_cert" }'
FIELD = '{ one_of = "product_chain_position", allowed = ["补短板"] }'


@pytest.mark.parametrize(
    ("test", "facts", "outcome"),
    [
        (HONOUR, {"honor_records": [{"名称": "国家技术创新示范企业", "有效期至": "2024-06-15"}]}, MET),
        (HONOUR, {"honor_records": [{"name": "知识产权示范企业", "valid_until": "2024-06-14"}]}, UNMET),
        (HONOUR, {"honor_records": [{"name": "知识产权示范企业", "expiry": 2024}]}, UNKNOWN),
        (HONOUR, {"honor_records": [{"name": "知识产权示范企业", "expiry": 2025}]}, MET),
        (HONOUR, {"honor_records": [{"name": "知识产权示范企业"}]}, UNKNOWN),
        (HONOUR, {"honor_records": [{"name": "绿色工厂", "expiry": "2025-01-01"}]}, REVIEW),
        (HONOUR, {"honor_records": "无"}, UNMET),
        (HONOUR, {}, UNKNOWN),
        (PRIZE, {"honor_records": [{"name": "广东省政府质量奖", "level": "省级"}]}, MET),
        (PRIZE, {"honor_records": [{"name": "江门市政府质量奖", "level": "市级"}]}, UNMET),
        (PRIZE, {"honor_records": [{"name": "政府质量奖"}]}, UNKNOWN),
        (PRIZE, {"honor_records": [{"name": "绿色工厂"}, {"level": "区级"}]}, UNMET),
        (
            PRIZE.replace('"质量奖"', '"质量奖", "标杆奖"'),
            {"honor_records": [{"name": "广东省政府质量奖", "level": "省级"}]},
            MET,
        ),
        (CONTEST, {"maker_china_rank": 50}, MET),
        (CONTEST, {"maker_china_rank": 51}, UNMET),
        (CONTEST, {"maker_china_rank": "无"}, UNMET),
        (CONTEST, {"maker_china_rank": {2022: 50}}, MET),
        (CONTEST, {"maker_china_rank": {2024: 50}}, MET),
        (CONTEST, {"maker_china_rank": {2021: 50}}, UNKNOWN),
        (CONTEST, {"maker_china_rank": {2020: 1, 2023: 51}}, UNMET),
        (CONTEST, {}, UNKNOWN),
        (AWARD, {"sci_award_records": [{"level": "省", "date": "2021-06-15"}]}, MET),
        (AWARD, {"sci_award_records": [{"level": "省", "date": "2021-06-14"}]}, UNMET),
        (AWARD, {"sci_award_records": [{"level": "市", "rank": 1, "date": "2024-01-01"}]}, UNMET),
        (LISTED, {"mgmt_system_cert": ["ISO9001"]}, MET),
        (LISTED, {"mgmt_system_cert": []}, UNMET),
        (LISTED, {}, UNKNOWN),
        (FIELD, {"product_chain_position": "补短板"}, MET),
        (FIELD, {"product_chain_position": "无"}, UNMET),
        (FIELD, {"product_chain_position": "别的说法"}, REVIEW),
    ],
)
def test_registers_lists_and_ranks_at_their_edges(test: str, facts: dict[str, Any], outcome: Outcome) -> None:
    found = finding(test, facts)
    assert found.outcome is outcome, found.explanation
    assert (outcome is UNKNOWN) == bool(found.missing)


@pytest.mark.parametrize(
    ("expiry", "outcome"),
    [("长期", UNKNOWN), (None, UNKNOWN), ("2024", UNKNOWN), ("2025", MET), ("2023", UNMET), (date(2024, 6, 15), MET)],
)
def test_an_honour_lasts_as_long_as_its_day_or_year_says(expiry: object, outcome: Outcome) -> None:
    day = make_setting(rulebook(HONOUR), FactSheet([]), date(2024, 6, 15), "new")
    record = Record((("name", "知识产权示范企业"), ("expiry", expiry)))
    assert validity(day, RecordValid("honor_records", ("示范企业",)), record) is outcome


def judged(clauses: str, facts: dict[str, Any], *, kind: str = "new", on: date = date(2024, 6, 15)) -> Judgement:
    text = HEAD + '[[requirement]]\nid = "R"\nlabel = "知识产权"\ncombine = "any"\n' + clauses
    return evaluate(read_rulebook(text.encode(), "sample"), FactSheet.from_plain(facts), on, kind)


EXEMPT = (
    CLAUSE + 'requirement = "R"\nexempt_by = ["S-2"]\ntest = { figure = "ip_class1_applied_count", at_least = 1 }\n'
    + CLAUSE.replace("S-1", "S-2").replace("gate", "exempt")
    + 'requirement = "R"\ntest = { level_of = "rd_institution_level", level = "省级" }\n'
)  # fmt: skip


@pytest.mark.parametrize(
    ("count", "level", "own", "verdict"),
    [
        (0, "省级", NONE, "eligible"),
        (None, "国家级", NONE, "eligible"),
        (0, "市级", UNMET, "ineligible"),
        (0, None, UNKNOWN, "undetermined"),
        (1, None, MET, "eligible"),
        (None, "市级", UNKNOWN, "undetermined"),
    ],
)
def test_an_exemption_leaves_the_clause_unexamined_and_an_open_one_leaves_a_failure_open(
    count: int | None, level: str | None, own: Outcome, verdict: str
) -> None:
    judgement = judged(EXEMPT, {"ip_class1_applied_count": count, "rd_institution_level": level})
    assert judgement.finding("S-1").outcome is own
    assert judgement.decision == verdict
    if own is NONE:
        assert "研发机构最高级别为“" in judgement.finding("S-1").explanation
        assert judgement.finding("S-1").explanation.endswith("免除本条要求。")
        assert "免除条件：研发机构最高级别" in judgement.reason


SCOPES = (
    CLAUSE + 'skip_when = { kinds = ["review"], from = 2024-01-01 }\n'
    'test = { figure = "core_business_it_count", at_least = 1 }\n'
    + CLAUSE.replace("S-1", "S-2") + "only_when = { from = 2023-01-01, to = 2023-12-31 }\n"
    'review_when = { outcome = "met", from = 2023-07-01, why = "另一文件改了本条" }\n'
    'test = { figure = "core_business_it_count", at_least = 1 }\n'
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "on", "first", "second"),
    [
        ("review", date(2023, 12, 31), MET, REVIEW),
        ("review", date(2024, 1, 1), NONE, NONE),
        ("new", date(2024, 1, 1), MET, NONE),
        ("new", date(2023, 1, 1), MET, MET),
        ("new", date(2022, 12, 31), MET, NONE),
        ("new", date(2023, 7, 1), MET, REVIEW),
    ],
)
def test_a_clause_counts_in_its_time_and_for_its_kind(kind: str, on: date, first: Outcome, second: Outcome) -> None:
    judgement = judged(SCOPES, {"core_business_it_count": 1}, kind=kind, on=on)
    assert [judgement.finding(clause).outcome for clause in ("S-1", "S-2")] == [first, second]


@pytest.mark.parametrize(("kind", "outcome"), [("new", UNMET), ("review", MET)])
def test_a_review_may_be_asked_for_something_else(kind: str, outcome: Outcome) -> None:
    test = (
        'test = { by_kind = { new = { figure = "core_business_it_count", at_least = 2 }, '
        'review = { figure = "core_business_it_count", at_least = 1 } } }\n'
    )
    assert judged(CLAUSE + test, {"core_business_it_count": 1}, kind=kind).finding("S-1").outcome is outcome


TABLE = (
    CLAUSE + 'test = { score = "total", at_least = 10 }\n'
    """
[score]
total = 25

[[score.group]]
id = "A"
name = "甲"
max = 25

[[score.group.item]]
id = "S1"
name = "质量管理"
max = 5
status = "verified"
evidence = "secondary"
measure = { count_met = [{ holds = "own_brand", is = true }, { any_listed = "mgmt_system_cert" }] }
band = [
  { label = "两项", at_least = 2, points = 5 },
  { label = "一项", at_least = 1, points = 3 },
  { label = "没有", points = 0 },
]

[[score.group.item]]
id = "S2"
name = "研发投入"
max = 5
status = "verified"
evidence = "secondary"
band = [
  { label = "高", points = 5, test = { any_of = [
    { figure = "rd_expense_audit", at_least = 500 }, { holds = "own_brand", is = true },
  ] } },
  { label = "中", test = { figure = "rd_expense_audit", at_least = 100 }, points = 2 },
  { label = "低", points = 0 },
]

[[score.group.item]]
id = "S3"
name = "资产负债率"
max = 5
status = "verified"
evidence = "secondary"
measure = { ratio = { of = ["total_liabilities"], to = ["total_assets"] } }
band = [
  { label = "低", at_most = 0.5, points = 5 },
  { label = "中", at_most = 0.7, points = 1 },
  { label = "高", points = 0 },
]

[[score.group.item]]
id = "S4"
name = "地方特色"
max = 10
status = "not_found"
evidence = "none"
band = [{ label = "未定义", points = [0, 10] }]
"""
)


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        ({"own_brand": True, "mgmt_system_cert": ["ISO9001"]}, {"S1": (5, 5), "S2": (5, 5)}),
        ({"own_brand": False, "mgmt_system_cert": []}, {"S1": (0, 0), "S2": (0, 5)}),
        ({"own_brand": True}, {"S1": (3, 5), "S2": (5, 5), "S4": (0, 10)}),
        ({"own_brand": False, "rd_expense_audit": {2023: 100}}, {"S1": (0, 3), "S2": (2, 2)}),
        ({"rd_expense_audit": {2023: 99}}, {"S1": (0, 5), "S2": (0, 5)}),
        ({"total_liabilities": {2023: 50}, "total_assets": {2023: 100}}, {"S3": (5, 5)}),
        ({"total_liabilities": {2023: 70}, "total_assets": {2023: 100}}, {"S3": (1, 1)}),
        ({"total_liabilities": {2023: 701}, "total_assets": {2023: 1000}}, {"S3": (0, 0)}),
        ({"expert": {"S4": 8}}, {"S4": (8, 8)}),
    ],
)
def test_bands_by_tests_by_count_downwards_and_undefined(
    facts: dict[str, Any], points: dict[str, tuple[int, int]]
) -> None:
    judgement = judged(TABLE, facts)
    assert judgement.score is not None
    items = {item.id: (item.low, item.high) for item in judgement.score.groups[0].items}
    assert {item: items[item] for item in points} == points


def test_what_nobody_has_found_never_decides_silently() -> None:
    known = {"own_brand": True, "mgmt_system_cert": [], "total_liabilities": {2023: 9}, "total_assets": {2023: 10}}
    judgement = judged(TABLE, known)
    found = judgement.finding("S-1")
    assert (found.outcome, found.actual) == (REVIEW, {"low": 8, "high": 18})
    assert "其中“地方特色”未定义（未查到原文），须补录其得分后判定" in found.explanation
    assert judged(TABLE, known | {"expert": {"S4": 2}}).finding("S-1").outcome is MET
    rulebook = read_rulebook((HEAD + TABLE).encode(), "sample")
    assert rulebook.has_unverified
