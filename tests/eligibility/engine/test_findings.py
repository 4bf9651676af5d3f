"""What a finding tells: sentences for the phone, exact values, sources, doubts; codes as people write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from app.eligibility.engine import wording
from app.eligibility.engine.dates import months_after, within, years_after
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.fields import FieldCode, field_of
from app.eligibility.engine.finding import Finding, Judgement, Place
from app.eligibility.engine.outcome import Decision, Outcome, all_of, any_of, decided
from app.facts.sheet import FactSheet, FactValue
from app.rulebooks.criteria import Bound
from app.rulebooks.loader import load_edition

AS_OF = date(2024, 6, 15)
FIELDS = (
    "电子信息", "生物与新医药", "航空航天", "新材料", "高技术服务", "新能源与节能", "资源与环境", "先进制造与自动化",
)  # fmt: skip


def judged(edition: str, **facts: object) -> Judgement:
    return evaluate(load_edition(edition), FactSheet.from_plain(facts), AS_OF)


def found(clause: str, **facts: object) -> Finding:
    edition = "hnte-2016" if clause.startswith("HNTE") else "tech-sme-2017"
    return judged(edition, **facts).finding(clause)


def figures(*values: object) -> dict[int, object]:
    return dict(zip((2021, 2022, 2023), values, strict=True))


def test_a_share_that_rounds_to_the_limit_is_never_shown_as_the_limit() -> None:
    finding = found("HNTE-11-4", tech_staff_month_avg={2023: "99.99"}, employees_month_avg={2023: 1000})
    assert finding.outcome is Outcome.UNMET
    assert finding.actual_text == "9.999%"
    assert finding.actual_exact == "9999/100000"


def test_the_sentence_has_years_numbers_limit_and_gap() -> None:
    finding = found("HNTE-11-5a", sales_revenue=figures(4000, 4334, 5000), rd_expense_hnte=figures(200, 200, 200))
    assert finding.explanation.startswith(
        "2021—2023 年研发费用（高企口径）合计 600 万元，占销售收入合计 13,334 万元的 4.50%，"
        "不符合不低于 5%的要求，差 66.70 万元研发费用（高企口径）"
    )
    assert finding.gap == Decimal("66.7")
    assert finding.gap_unit == "万元"


def test_a_definition_nobody_has_checked_is_flagged_where_it_is_used() -> None:
    finding = found("HNTE-11-8", major_safety_incident_dates=[], major_quality_incident_dates=[],
                    serious_env_violation_dates=[])  # fmt: skip
    assert finding.outcome is Outcome.MET
    assert finding.flags == ("待核：“申请认定前一年内”的定义尚未与原文核对",)
    assert "待核" in finding.explanation
    assert found("HNTE-11-1", registration_date="2020-01-01").flags == ()


def test_a_figure_keeps_its_row_and_source() -> None:
    fact = FactValue("employees_quarter_avg", 2023, Decimal(501), 77, "第 3 批第 12 行 F12")
    finding = evaluate(load_edition("tech-sme-2017"), FactSheet([fact]), AS_OF).finding("TSME-6-2a")
    assert finding.fact_ids == (77,)
    assert finding.used[0].source == "第 3 批第 12 行 F12"
    assert finding.used[0].label == "2023 年职工总数（全年季平均）"
    assert finding.used[0].unit == "人"
    assert finding.gap_text == "超出 1 人"


def test_direct_net_assets_that_differ_from_the_balance_sheet_are_flagged() -> None:
    judgement = judged(
        "hnte-2016",
        registration_date="2015-01-01",
        total_assets=figures(3000, 3300, 3645),
        total_liabilities=figures(1000, 1000, 1000),
        net_assets=figures(2000, 2300, 9999),
    )
    assert judgement.score is not None
    item = next(item for item in judgement.score.groups[3].items if item.id == "GR1")
    assert (item.low, item.high) == (5, 6)
    assert item.flags == ("2023 年净资产直接填报数与资产减负债的结果不一致，按后者计算",)


def test_a_current_figure_may_bear_the_year_of_judgement_or_the_one_before_but_no_older() -> None:
    for year, outcome in ((2024, Outcome.MET), (2023, Outcome.MET), (2022, Outcome.UNKNOWN)):
        finding = found("HNTE-11-2", ip_class1_count={year: 1}, ip_class2_unused_count={year: 0})
        assert finding.outcome is outcome


def test_the_operating_period_never_begins_before_registration() -> None:
    finding = found("HNTE-11-5e", registration_date="2022-03-01", first_operating_year=2018)
    assert finding.actual == 2


def test_the_reason_tells_the_first_obstacle_vetoes_before_others_and_how_many_more() -> None:
    judgement = judged(
        "tech-sme-2017",
        employees_quarter_avg={2023: 501},
        sales_revenue={2023: 20001},
        in_abnormal_list=True,
    )
    assert judgement.decision is Decision.INELIGIBLE
    assert judgement.reason.startswith("不符合条件：“列入经营异常名录”为“是”")
    assert judgement.reason.endswith("另有 2 项同样情形。")
    assert judgement.obstacles[0].requirement == "TSME-6-3"


def test_an_eligible_firm_is_told_so_with_its_score() -> None:
    judgement = judged(
        "tech-sme-2017", is_resident_enterprise=True, registered_country="中国", product_in_prohibited_catalogue=False,
        employees_quarter_avg={2023: 10}, tech_staff_quarter_avg={2023: 3}, sales_revenue={2023: 100},
        rd_expense_super={2023: 6}, total_assets={2023: 100}, ip_class1_count=1, major_safety_incident_dates=[],
        major_quality_incident_dates=[], serious_env_violation_dates=[], research_dishonesty_dates=[],
        in_abnormal_list=False, in_serious_dishonesty_list=False,
    )  # fmt: skip
    assert judgement.decision is Decision.ELIGIBLE
    assert judgement.obstacles == ()
    assert judgement.reason == "各项条件均符合，综合得分 100 分。"
    assert judgement.missing == ()


def test_only_figures_that_stand_in_the_way_are_asked_for() -> None:
    judgement = judged("tech-sme-2017", sales_revenue={2023: 20001})
    assert Place("employees_quarter_avg", 2023) in judgement.missing
    assert Place("sales_revenue", 2023) not in judgement.missing
    assert Place("data_fraud_3y") not in judgement.missing


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("8.2.3", FieldCode("先进制造与自动化", 3, False)),
        ("080203", FieldCode("先进制造与自动化", 3, False)),
        ("八（二）3", FieldCode("先进制造与自动化", 3, False)),
        ("一、（一）、3", FieldCode("电子信息", 3, False)),
        ("电子信息-软件-系统软件", FieldCode("电子信息", 3, False)),
        ("新材料", FieldCode("新材料", 1, False)),
        ("4", FieldCode("新材料", 1, False)),
        ("四、新材料", FieldCode("新材料", 1, False)),
        ("0", FieldCode("", 1, True)),
        ("九.1", FieldCode("", 2, True)),
        ("X1", FieldCode("", 1, False)),
        ("..", FieldCode("", 0, False)),
        ("", FieldCode("", 0, False)),
        (" 8-2 ", FieldCode("先进制造与自动化", 2, False)),
        ("08", FieldCode("先进制造与自动化", 1, False)),
        ("0802", FieldCode("先进制造与自动化", 2, False)),
        ("080203/11", FieldCode("", 2, False)),
        ("1", FieldCode("电子信息", 1, False)),
        ("9", FieldCode("", 1, True)),
        ("100", FieldCode("", 1, False)),
        ("八2", FieldCode("先进制造与自动化", 2, False)),
        ("八甲", FieldCode("先进制造与自动化", 2, False)),
        ("一", FieldCode("电子信息", 1, False)),
        ("十", FieldCode("", 1, True)),
        ("一二", FieldCode("", 1, False)),
        ("四/新材料/3", FieldCode("新材料", 2, False)),
        ("四/别的/3", FieldCode("新材料", 3, False)),
        ("新材料3.1", FieldCode("新材料", 3, False)),
        ("甲.1.2", FieldCode("", 3, False)),
        ("四新材料", FieldCode("新材料", 1, False)),
    ],
)
def test_field_codes_are_read_as_people_write_them(code: str, expected: FieldCode) -> None:
    assert field_of(code, FIELDS) == expected


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2022, 11, 30), 3, date(2023, 2, 28)),
        (date(2023, 12, 31), 1, date(2024, 1, 31)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2023, 10, 15), 3, date(2024, 1, 15)),
        (date(2023, 9, 15), 3, date(2023, 12, 15)),
    ],
)
def test_months_end_on_the_last_day_where_there_is_no_such_day(start: date, months: int, end: date) -> None:
    assert months_after(start, months) == end


def test_years_from_a_leap_day() -> None:
    assert years_after(date(2020, 2, 29), 3) == date(2023, 3, 1)
    assert years_after(date(2024, 2, 29), -4) == date(2020, 2, 29)


@pytest.mark.parametrize(
    ("told", "first", "last", "outcome"),
    [
        ("2021", date(2021, 1, 1), date(2021, 12, 31), Outcome.MET),
        ("2021", date(2021, 1, 2), date(2022, 12, 31), Outcome.UNKNOWN),
        ("2021", date(2020, 1, 1), date(2021, 12, 30), Outcome.UNKNOWN),
        ("2020", date(2020, 12, 31), date(2022, 1, 1), Outcome.UNKNOWN),
        ("2020", date(2021, 1, 1), date(2022, 1, 1), Outcome.UNMET),
        ("2022", date(2021, 1, 1), date(2022, 1, 1), Outcome.UNKNOWN),
        ("2022", date(2021, 1, 1), date(2021, 12, 31), Outcome.UNMET),
        ("去年", date(2021, 1, 1), date(2022, 1, 1), Outcome.UNKNOWN),
        (None, date(2021, 1, 1), date(2022, 1, 1), Outcome.UNKNOWN),
        (date(2021, 1, 1), date(2021, 1, 1), date(2021, 1, 1), Outcome.MET),
        (date(2021, 1, 2), date(2021, 1, 1), date(2021, 1, 1), Outcome.UNMET),
    ],
)
def test_a_year_lies_in_a_window_only_with_all_its_days(
    told: object, first: date, last: date, outcome: Outcome
) -> None:
    assert within(told, first, last) is outcome


def test_outcomes_combine_by_kleene() -> None:
    met, unmet, unknown, review, none = (
        Outcome.MET, Outcome.UNMET, Outcome.UNKNOWN, Outcome.NEEDS_REVIEW, Outcome.NOT_APPLICABLE,
    )  # fmt: skip
    assert all_of([met, unknown, unmet]) is unmet
    assert all_of([met, review, unknown]) is unknown
    assert all_of([met, review, none]) is review
    assert all_of([none, met]) is met
    assert all_of([none]) is none
    assert any_of([unmet, unknown, met]) is met
    assert any_of([unmet, review, unknown]) is unknown
    assert any_of([unmet, none]) is unmet
    assert [decided(outcome) for outcome in (met, unmet, unknown, review, none)] == [
        "eligible", "ineligible", "undetermined", "needs_review", "eligible",
    ]  # fmt: skip


def test_amounts_and_limits_in_words() -> None:
    bound = Bound(">=", Decimal("0.05"), Fraction(1, 20))
    assert wording.threshold(bound, "比例") == "不低于 5%（含 5%）"
    assert wording.threshold(Bound(">", Decimal(70), Fraction(70)), "分") == "超过 70 分（不含 70 分）"
    assert wording.amount(Fraction(667, 10), "万元") == "66.70 万元"
    assert wording.amount(Fraction(12000), "万元") == "12,000 万元"
    assert wording.amount(Fraction(1, 3), "人") == "0.33333333 人"
    assert wording.amount(Decimal("0.5"), "人") == "0.5 人"
    assert wording.amount(Decimal("1234.56"), "") == "1,234.56"
    assert wording.amount(Fraction(1, 8), "万元") == "0.125 万元"
    assert wording.amount(12, "万元") == "12 万元"
    assert wording.amount(Fraction(10**8), "万元") == "100,000,000 万元"
    assert wording.amount(Decimal("0.0999"), "比例") == "9.99%"
    assert wording.distance(Decimal("0.0001"), "比例") == "0.01 个百分点"
    assert wording.distance(Fraction(1, 2), "万元") == "0.50 万元"
    assert [wording.percent(Fraction(1, 3)), wording.percent(1)] == ["33.33%", "100.00%"]
    assert wording.percent(Fraction(49996, 10**6), Fraction(1, 20)) == "4.9996%"
    assert wording.percent(Fraction(10**13 - 1, 10**14), Fraction(1, 10)) == "9.999999999999%"
    at_most_twelve = wording.percent(Fraction(10**14 - 1, 10**15), Fraction(1, 10))
    assert at_most_twelve == "10.000000000000%"
    assert wording.years((2023,)) == "2023 年"
    assert wording.years((2021, 2022, 2023)) == "2021—2023 年"
    assert wording.points(Decimal(58), Decimal(83)) == "58—83 分"
    assert wording.points(Decimal(1058), Decimal(1058)) == "1,058 分"


@pytest.mark.parametrize(
    ("operator", "unit", "words"),
    [
        (">=", "项", "不少于 3 项（含 3 项）"), (">=", "人", "不少于 3 人（含 3 人）"),
        (">=", "起", "不少于 3 起（含 3 起）"), (">=", "分", "不低于 3 分（含 3 分）"),
        ("<=", "项", "不超过 3 项（含 3 项）"), (">", "人", "超过 3 人（不含 3 人）"),
        ("<", "起", "低于 3 起（不含 3 起）"), ("<", "", "低于 3（不含 3）"), ("<=", "比例", "不超过 300%（含 300%）"),
    ],
)  # fmt: skip
def test_a_demand_says_whether_its_limit_counts(operator: str, unit: str, words: str) -> None:
    bound = Bound(operator, Decimal(3), Fraction(3))
    assert wording.threshold(bound, unit) == words
    assert wording.demand(bound, unit) == words.partition("（")[0]


def test_figures_are_told_as_they_stand() -> None:
    sheet = FactSheet.from_plain({
        "own_brand": True, "in_abnormal_list": False, "sales_revenue": {2023: 9000}, "first_operating_year": 2015,
        "market_share_ratio": {2023: "0.45"}, "hnte_cert_date": "2022-05-01", "industry_class": "建筑业",
        "hnte_cert_expiry": "无", "honor_records": [], "mgmt_system_cert": ["ISO9001", "ISO14001"],
    })  # fmt: skip
    words = {fact.key: wording.told([fact]) for fact in sheet.facts()}
    assert words == {
        "own_brand": "自主品牌为“是”", "in_abnormal_list": "列入经营异常名录为“否”",
        "sales_revenue": "2023 年销售收入为 9,000 万元", "first_operating_year": "实际经营首年为 2015 年",
        "market_share_ratio": "2023 年细分市场占有率为 45%", "hnte_cert_date": "高企证书发证日为 2022 年 5 月 1 日",
        "industry_class": "所属行业为“建筑业”", "hnte_cert_expiry": "高企证书到期日为“无”",
        "honor_records": "荣誉记录为“无”", "mgmt_system_cert": "管理体系认证为 2 项",
    }  # fmt: skip
    pair = [fact for fact in sheet.facts() if fact.key in ("own_brand", "industry_class")]
    assert wording.told(pair) == "所属行业为“建筑业”、自主品牌为“是”"


def test_what_is_missing_is_named_by_figure_with_its_years_in_order() -> None:
    places = [Place("sales_revenue", 2023), Place("own_brand"), Place("sales_revenue", 2021), Place("ip_total"),
              Place("sales_revenue", 2023)]  # fmt: skip
    assert wording.lacking(places) == "2021、2023 年销售收入、“自主品牌”情况、知识产权总数"
    assert wording.wanting(places) == "缺少 2021、2023 年销售收入、“自主品牌”情况、知识产权总数"
    assert wording.wanting(places[1:2]) == "缺少“自主品牌”情况"
    assert wording.wanting([Place("5G基站")]) == "缺少 5G基站"
