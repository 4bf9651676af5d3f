"""The indicator catalogue: complete, with units and calibres, and strict about what it reads."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import Invalid
from app.facts.catalogue import KINDS, load_catalogue, parse
from app.facts.values import Record

POLICY = [line.split() for line in (Path(__file__).parent / "policy_indicators.txt").read_text("utf-8").splitlines()]
PUBLISHED = "上市公司年报公开数据"
ASKED = "中小企业数字化水平评测（2024年版）问卷"


def read(key: str, raw: object) -> object:
    return parse(load_catalogue().get(key), raw)


def test_every_indicator_of_the_policy_pack_is_there_beside_published_and_asked_ones() -> None:
    assert len(POLICY) == 143
    keys = {name for name, _unit, _period in POLICY}
    extra = [indicator for indicator in load_catalogue() if indicator.key not in keys]
    assert keys <= {indicator.key for indicator in load_catalogue()}
    published = [indicator for indicator in extra if indicator.source != ASKED]
    assert all(indicator.source == PUBLISHED and indicator.used_by == () for indicator in published)
    assert all(indicator.used_by for indicator in extra if indicator not in published)


@pytest.mark.parametrize(("key", "unit", "period"), POLICY, ids=[row[0] for row in POLICY])
def test_unit_kind_and_period_are_those_of_the_policy_pack(key: str, unit: str, period: str) -> None:
    indicator = load_catalogue().get(key)
    assert indicator.period == period
    assert indicator.kind in KINDS
    kinds = {"bool": "bool", "date": "date", "dates": "dates", "enum": "enum", "code": "code", "year": "year"}
    if unit in kinds:
        assert indicator.kind == kinds[unit]
    elif indicator.kind == "number":
        assert indicator.unit == unit
    assert indicator.group
    assert indicator.label
    assert indicator.short


def test_the_five_rd_expenses_and_three_staff_counts_have_calibres_of_their_own() -> None:
    catalogue = load_catalogue()
    for keys in (
        ("rd_expense_hnte", "rd_expense_super", "rd_expense_audit", "rd_expense_stat", "rd_expense_hnte_domestic"),
        ("employees_total", "employees_month_avg", "employees_quarter_avg"),
        ("operating_revenue", "main_business_revenue", "sales_revenue", "total_income"),
        ("ip_class1_count", "ip_class1_srdi_count", "ip_class1_applied_count", "ip_class2_unused_count"),
    ):
        calibres = [catalogue.get(key).calibre for key in keys]
        assert all(calibres)
        assert len(set(calibres)) == len(calibres)


def test_groups_hold_every_indicator_once() -> None:
    catalogue = load_catalogue()
    listed = [indicator.key for name in catalogue.groups() for indicator in catalogue.group(name)]
    assert sorted(listed) == sorted(indicator.key for indicator in catalogue)


def test_an_unknown_key_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(Invalid, match="是否应为“sales_revenue”"):
        load_catalogue().get("sales_revenu")
    assert "sales_revenu" not in load_catalogue()


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("sales_revenue", 4200, Decimal(4200)),
        ("sales_revenue", Decimal("0.1"), Decimal("0.1")),
        ("sales_revenue", 0.1, Decimal("0.1")),
        ("sales_revenue", "4,200.50", Decimal("4200.50")),
        ("sales_revenue", " 4200 ", Decimal(4200)),
        ("sales_revenue", "4,200 万元", Decimal(4200)),
        ("sales_revenue", "４２００．５", Decimal("4200.5")),
        ("ip_class1_count", "3项", Decimal(3)),
        ("net_profit", "-153.41", Decimal("-153.41")),
        ("market_share_ratio", "35%", Decimal("0.35")),
        ("market_share_ratio", Decimal("0.35"), Decimal("0.35")),
        ("ip_class1_count", 0, Decimal(0)),
        ("is_resident_enterprise", True, True),
        ("is_resident_enterprise", "是", True),
        ("is_resident_enterprise", "no", False),
        ("registration_date", date(2020, 5, 1), date(2020, 5, 1)),
        ("registration_date", "2020-05-01", date(2020, 5, 1)),
        ("registration_date", "2020年5月1日", date(2020, 5, 1)),
        ("registration_date", "20200501", date(2020, 5, 1)),
        ("registration_date", 20200501, date(2020, 5, 1)),
        ("registration_date", "2020-05-01T00:00:00", date(2020, 5, 1)),
        ("registration_date", "２０２０－０５－０１", date(2020, 5, 1)),
        ("hnte_cert_expiry", "无", ()),
        ("major_safety_incident_dates", [], ()),
        ("major_safety_incident_dates", "无", ()),
        ("major_safety_incident_dates", ["2024-01-02", date(2023, 1, 2)], (date(2023, 1, 2), date(2024, 1, 2))),
        ("rd_institution_level", "国", "国家级"),
        ("rd_institution_level", "省部级", "省级"),
        ("registered_country", "CN", "中国"),
        ("registered_country", "新加坡", "新加坡"),
        ("first_operating_year", "2019年", 2019),
        ("hitech_field_code", Decimal("8.2"), "8.2"),
        ("mgmt_system_cert", ["ISO9001"], ("ISO9001",)),
        ("mgmt_system_cert", "无", ()),
    ],
)
def test_plain_input_becomes_an_exact_value(key: str, raw: object, value: object) -> None:
    found = read(key, raw)
    assert found == value
    assert type(found) is type(value)


def test_a_register_is_read_by_its_english_or_chinese_columns() -> None:
    found: Any = read("sci_award_records", [{"级别": "国家", "名次": 3, "落款日": "2022-01-01"}])
    assert found == (Record((("date", date(2022, 1, 1)), ("level", "国家级"), ("rank", Decimal(3)))),)
    assert found[0].get("name") is None


def test_a_register_keeps_a_bare_year_and_reads_ranks_in_words() -> None:
    found: Any = read("sci_award_records", [{"level": "国家级", "year": 2022, "rank": "第三"}, {"rank": "第2名"}])
    assert [one.get("date") for one in found] == ["2022", None]
    assert [one.get("rank") for one in found] == [Decimal(3), Decimal(2)]


@pytest.mark.parametrize(
    ("key", "raw", "words"),
    [
        ("sales_revenue", "3,0O0", "“3,0O0”不是数字（第 4 位是字母 O）"),
        ("sales_revenue", "4200亿元", "第 5 位是“亿”"),
        ("sales_revenue", "4200元", "第 5 位是“元”"),
        ("sales_revenue", "万元", "不是数字"),
        ("ip_class1_count", "3人", "第 2 位是“人”"),
        ("sales_revenue", "12,34", "不是数字"),
        ("sales_revenue", "5%", "不是数字"),
        ("total_assets", -1, "小于 0"),
        ("sales_revenue", True, "不是数字"),
        ("sales_revenue", float("nan"), "不是有限的数字"),
        ("sales_revenue", Decimal("Infinity"), "不是有限的数字"),
        ("sales_revenue", 10**30, "数字过大"),
        ("sales_revenue", Decimal("1e30"), "数字过大"),
        ("sales_revenue", Decimal("0.123456789"), "小数位超过"),
        ("sales_revenue", [1], "不是数字"),
        ("market_share_ratio", 35, "请按小数填写|比例请按小数填写"),
        ("ip_class1_count", Decimal("1.5"), "不是整数"),
        ("market_rank_domestic", 0, "小于 1"),
        ("is_resident_enterprise", 1, "不是“是”或“否”"),
        ("is_resident_enterprise", "也许", "不是“是”或“否”"),
        ("registration_date", "2023-02-29", "日历上没有这一天"),
        ("registration_date", "2023-13-01", "日历上没有这一天"),
        ("registration_date", "去年", "不是日期"),
        ("registration_date", "无", "不是日期"),
        ("registration_date", "1023-01-01", "年份不合理"),
        ("registration_date", 20231301, "日历上没有这一天"),
        ("registration_date", 2023, "不是日期"),
        ("registration_date", "2023-05-01 08:30", "不是日期"),
        ("rd_institution_level", "镇级", "可填：无、企业级"),
        ("first_operating_year", 19, "不是年份"),
        ("registered_country", True, "不是文字"),
        ("hitech_field_code", "  ", "不是文字"),
        ("sci_award_records", "国家级", "须分栏填写"),
        ("sci_award_records", [{"种类": "国家"}], "没有“种类”这一栏"),
        ("sci_award_records", [{"level": "世界级"}], "不在可选范围内"),
        ("sci_award_records", [{"rank": 0}], "不是正整数"),
        ("sci_award_records", [{"rank": "前三"}], "不是数字"),
        ("sci_award_records", [{"date": 22}], "不是日期"),
        ("sci_award_records", [{"date": "2022-01-01", "year": 2022}], "“落款日”填了两次"),
    ],
)
def test_what_cannot_be_read_is_refused_with_place_and_remedy(key: str, raw: object, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refusal:
        read(key, raw)
    assert refusal.value.field == key
    assert load_catalogue().get(key).label in str(refusal.value)
