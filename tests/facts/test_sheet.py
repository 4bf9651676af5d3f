"""The fact sheet: figures by key and year, exact, the same digest for the same figures, strict about its input."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.core.errors import Invalid
from app.facts.reading import read_file, read_json, read_yaml
from app.facts.sheet import FactSheet, FactValue

YAML = """
registration_date: 2020-05-01
hitech_field_code: 080203
is_resident_enterprise: yes
sales_revenue: {2021: 2000, 2022: 2300.10, 2023: null}
major_safety_incident_dates: []
hnte_cert_expiry: 无
expert: {IP1: 6, IP2: null}
"""


def test_yaml_is_read_without_losing_a_digit() -> None:
    sheet = FactSheet.from_plain(read_yaml(YAML), source="企业.yaml")
    assert sheet.get("registration_date") == FactValue("registration_date", None, date(2020, 5, 1), None, "企业.yaml")
    assert sheet.get("sales_revenue", 2022) == FactValue("sales_revenue", 2022, Decimal("2300.10"), None, "企业.yaml")
    code = sheet.get("hitech_field_code")
    assert code is not None
    assert code.value == "080203"
    assert sheet.expert_items() == ("IP1",)


def test_a_null_is_unknown_and_not_zero() -> None:
    sheet = FactSheet.from_plain(read_yaml(YAML))
    assert sheet.get("sales_revenue", 2023) is None
    assert sheet.years("sales_revenue") == (2021, 2022)
    assert sheet.expert("IP2") is None


def test_an_empty_list_is_known_to_be_none() -> None:
    sheet = FactSheet.from_plain(read_yaml(YAML))
    incidents = sheet.get("major_safety_incident_dates")
    assert incidents is not None
    assert incidents.value == ()
    assert sheet.get("major_quality_incident_dates") is None


def test_json_and_yaml_give_the_same_sheet() -> None:
    text = '{"sales_revenue": {"2023": 0.1, "2022": 2300}, "registration_date": "2020-05-01"}'
    other = "registration_date: 2020-05-01\nsales_revenue: {2022: 2300, 2023: 0.10}"
    one, two = FactSheet.from_plain(read_json(text)), FactSheet.from_plain(read_yaml(other))
    figure = one.get("sales_revenue", 2023)
    assert figure is not None
    assert figure.value == Decimal("0.1")
    assert one.digest == two.digest


def test_the_digest_follows_the_figures_and_not_their_order() -> None:
    figures = [FactValue("sales_revenue", year, Decimal(year)) for year in (2021, 2022, 2023)]
    assert FactSheet(figures).digest == FactSheet(reversed(figures)).digest
    assert FactSheet(figures).digest != FactSheet(figures[:2]).digest
    other = [*figures[:2], FactValue("sales_revenue", 2023, Decimal(2023), fact_id=7)]
    assert FactSheet(other).digest != FactSheet(figures).digest


def test_a_sheet_is_read_back_from_its_canonical_json() -> None:
    sheet = FactSheet.from_plain(read_yaml(YAML), source="第 3 批第 12 行")
    again = FactSheet.from_canonical(sheet.canonical_json())
    assert again.facts() == sheet.facts()
    assert again.canonical_json() == sheet.canonical_json()


def test_the_same_figure_twice_is_refused() -> None:
    figure = FactValue("sales_revenue", 2023, Decimal(1))
    with pytest.raises(Invalid, match=r"sales_revenue\[2023\] 重复出现"):
        FactSheet([figure, figure])


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("sales_revenue: 4200", "sales_revenue", r"须按会计年度填写，例如 sales_revenue: \{2023: 4200\}"),
        ("sales_revenu: {2023: 1}", "sales_revenu", "是否应为“sales_revenue”"),
        ("没有的指标: 1", "没有的指标", "请按指标目录的键名填写"),
        ("registration_date: {2020: 2020-05-01}", "registration_date", "不分年度"),
        ("application_date: {2024: 2024-05-01}", "application_date", "不分年度"),
        ("sales_revenue: {去年: 1}", "sales_revenue", "不是年份，请填写 4 位年份"),
        ("sales_revenue: {23: 1}", "sales_revenue", "不是年份"),
        ("sales_revenue: {2023: 四千}", "sales_revenue", r"sales_revenue『.*』 2023 年：“四千”不是数字"),
        ("sales_revenue: {2023: 3.0O}", "sales_revenue", "第 4 位是字母 O"),
        ("sales_revenue: {2023: [1]}", "sales_revenue", "不是数字"),
        ("expert: 6", "expert", "须按评分项填写"),
        ("expert: {IP1: 高}", "", "评分项 IP1：“高”不是数字"),
        ("tech_transfer_count_3y: 3.5", "tech_transfer_count_3y", "不是整数"),
        ("sales_revenue: {2023: 1e40}", "sales_revenue", "数字过大"),
        ("sales_revenue: {2023: " + "9" * 5000 + "}", "sales_revenue", "数字过大"),
        ("registration_date: 2023-02-30", "registration_date", "『成立（注册）日期』：“2023-02-30”不是有效日期"),
        ('sales_revenue: {2023: 1, "2023": 2}', "sales_revenue", "重复出现"),
    ],
)
def test_a_wrong_figure_is_refused_naming_key_and_remedy(text: str, field: str, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refusal:
        FactSheet.from_plain(read_yaml(text))
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\na: 2", "第 2 行：“a”重复出现"),
        ("sales_revenue: {2023: 1, 2023: 2}", "重复出现"),
        ("a: [1, 2", "不是有效的 YAML"),
        ("a: &x [*x]", "第 1 行：YAML 引用（\\*）层层相套"),
        ("a: &x [1]\nb: &y [*x]\nc: *y", "第 3 行：YAML 引用（\\*）层层相套"),
        ("a: *x", "不是有效的 YAML"),
        ("- 1\n- 2", "键名: 值"),
        ("", "键名: 值"),
        ("a: !!python/object/apply:os.getcwd []", "不是有效的 YAML"),
        ("a: " + "[" * 3000, "不是有效的 YAML|嵌套过深"),
        ("a: \x07", "不是有效的 YAML"),
        ("[1]: 2", "键名"),
    ],
)
def test_a_file_that_is_not_in_order_is_refused(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read_yaml(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1, "a": 2}', "重复出现"),
        ('{"a": NaN}', "不是有限的数字"),
        ('{"a": }', "第 1 行第 7 列"),
        ("[1]", "键名: 值"),
        ("{" * 100000, "不是有效的 JSON|嵌套过深"),
        ('{"a": 1}{', "第 1 行第 9 列"),
    ],
)
def test_json_that_is_not_in_order_is_refused(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        read_json(text)


def test_a_file_is_named_in_the_refusal(tmp_path: Path) -> None:
    path = tmp_path / "企业.json"
    path.write_text('{"a": }', encoding="utf-8")
    with pytest.raises(Invalid, match="企业.json：第 1 行"):
        read_file(path)
    with pytest.raises(Invalid, match="文件不存在"):
        read_file(tmp_path / "没有.yaml")
    with pytest.raises(Invalid, match="这是一个文件夹"):
        read_file(tmp_path)
    path.write_bytes("{}".encode("utf-16"))
    with pytest.raises(Invalid, match="不是 UTF-8"):
        read_file(path)
    path.write_bytes(b" " * 5_000_001)
    with pytest.raises(Invalid, match="过大"):
        read_file(path)


def test_content_written_once_and_referred_to_is_taken() -> None:
    sheet = FactSheet.from_plain(read_yaml("total_assets: &a {2022: 1, 2023: 2}\ntotal_liabilities: *a"))
    assert [sheet.years(key) for key in ("total_assets", "total_liabilities")] == [(2022, 2023)] * 2


def test_a_blank_is_unknown_and_a_single_entry_needs_no_list() -> None:
    sheet = FactSheet.from_plain(
        {
            "registration_date": " ",
            "sales_revenue": {2022: "", 2023: 1},
            "expert": {"IP1": "", "IP2": "6分"},
            "standard_lead_records": {"level": "行业标准", "rank": 2, "date": "2022-01-01"},
        }
    )
    assert sheet.get("registration_date") is None
    assert sheet.years("sales_revenue") == (2023,)
    assert sheet.expert_items() == ("IP2",)
    records = sheet.get("standard_lead_records")
    assert records is not None
    assert len(records.value) == 1  # type: ignore[arg-type]


def test_words_that_yaml_would_twist_stay_as_written() -> None:
    plain = read_yaml("a: 010101\nb: 12:30\nc: 1_000\nd: on\ne: 0x1F\nf: 1.50\ng: no")
    assert plain == {
        "a": "010101",
        "b": "12:30",
        "c": "1_000",
        "d": "on",
        "e": "0x1F",
        "f": Decimal("1.50"),
        "g": False,
    }
