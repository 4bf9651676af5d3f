"""judge as a stranger uses it, who knows only the policy text and the promised shape: files as people write them.

Figures are worked by hand. ``test_judge_command.py`` looks at the answer's details; the cases beside the editions walk
every limit.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.eligibility.cli import judge_command

OUTCOMES = {"met", "unmet", "unknown", "needs_review", "not_applicable"}
VERDICTS = {"eligible", "ineligible", "undetermined", "needs_review"}
CLAUSES = {
    "hnte-2016": (
        "HNTE-11-1 HNTE-11-2 HNTE-11-3 HNTE-11-4 HNTE-11-5a HNTE-11-5b HNTE-11-5c HNTE-11-5d HNTE-11-5e HNTE-11-6 "
        "HNTE-11-7 HNTE-11-8 HNTE-9 HNTE-13 HNTE-17 HNTE-19 HNTE-PUB"
    ),
    "tech-sme-2017": (
        "TSME-6-1 TSME-6-2a TSME-6-2b TSME-6-2c TSME-6-3 TSME-6-4 TSME-6-5 TSME-8-1 TSME-8-2 TSME-8-3 TSME-8-4 "
        "TSME-26-INSP TSME-26-FRAUD TSME-11"
    ),
}

# 得分：知识产权 8+8+8+6=30，转化 30，组织管理 6+6+4+4=20；净资产 1000→1400→1960 增长 40%（9—10 分），
# 销售 2000→2300→2645 增长恰为 15%（5—6 分）。合计 94—96 分。
HNTE: dict[str, Any] = {
    "registration_date": "2015-03-02",
    "ip_class1_count": 3,
    "ip_class2_unused_count": 6,
    "hitech_field_code": "8.1.1",
    "tech_staff_month_avg": {"2023": 20},
    "employees_month_avg": {"2023": 100},
    "sales_revenue": {"2021": 2000, "2022": 2300, "2023": 2645},
    "rd_expense_hnte": {"2021": 200, "2022": 230, "2023": 264.5},
    "rd_expense_hnte_domestic": {"2021": 200, "2022": 230, "2023": 264.5},
    "hitech_income": {"2023": 2000},
    "total_income": {"2023": 2700},
    "non_taxable_income": {"2023": 0},
    "total_assets": {"2021": 1500, "2022": 2000, "2023": 2800},
    "total_liabilities": {"2021": 500, "2022": 600, "2023": 840},
    "tech_transfer_count_3y": 15,
    "major_safety_incident_dates": [],
    "major_quality_incident_dates": [],
    "serious_env_violation_dates": [],
    "expert": {
        "IP1": 8, "IP2": 8, "IP3": 8, "IP4": 6, "IP5": 0, "TR1": 30, "RM1": 6, "RM2": 6, "RM3": 4, "RM4": 4,
    },
}  # fmt: skip
TSME: dict[str, Any] = {
    "is_resident_enterprise": True,
    "registered_country": "中国",
    "employees_quarter_avg": {"2023": 100},
    "tech_staff_quarter_avg": {"2023": 30},
    "sales_revenue": {"2023": 10000},
    "total_assets": {"2023": 10000},
    "rd_expense_super": {"2023": 600},
    "cost_and_expense": {"2023": 9000},
    "ip_class1_count": 1,
    "ip_class2_count": 0,
    "product_in_prohibited_catalogue": False,
    "major_safety_incident_dates": [],
    "major_quality_incident_dates": [],
    "serious_env_violation_dates": [],
    "research_dishonesty_dates": [],
    "in_abnormal_list": False,
    "in_serious_dishonesty_list": False,
    "hnte_cert_expiry": "2020-01-01",
    "sci_award_records": [],
    "standard_lead_records": [],
    "rd_institution_level": "无",
}
BASES = {"hnte-2016": HNTE, "tech-sme-2017": TSME}
POOR = {"tech_staff_quarter_avg": {"2023": 5}, "rd_expense_super": {"2023": 0}, "ip_class1_count": 0}


def run(path: Path, edition: str = "hnte-2016", as_of: str = "2024-06-01", *more: str) -> Result:
    return CliRunner().invoke(judge_command, [str(path), "--edition", edition, "--as-of", as_of, *more])


def written(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def judged(
    tmp_path: Path, edition: str, changes: dict[str, Any] | None = None, as_of: str = "2024-06-01"
) -> dict[str, Any]:
    facts = BASES[edition] | (changes or {})
    result = run(written(tmp_path, "企业.json", json.dumps(facts, ensure_ascii=False)), edition, as_of)
    assert result.exit_code == 0, result.stderr
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def outcome(answer: dict[str, Any], clause: str) -> str:
    return next(str(found["outcome"]) for found in answer["findings"] if found["clause"] == clause)


@pytest.mark.parametrize("edition", sorted(CLAUSES))
@pytest.mark.parametrize("kind", ["new", "review"])
@pytest.mark.parametrize("known", [True, False])
def test_every_clause_of_the_policy_is_answered_once_in_the_promised_words(
    tmp_path: Path, edition: str, kind: str, known: bool
) -> None:
    facts = BASES[edition] if known else {}
    path = written(tmp_path, "企业.json", json.dumps(facts, ensure_ascii=False))
    result = run(path, edition, "2024-06-01", "--kind", kind)
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert list(answer) == ["edition", "as_of", "verdict", "score", "findings"]
    assert (answer["edition"], answer["as_of"]) == (edition, "2024-06-01")
    assert answer["verdict"] == ("eligible" if known else "undetermined")
    assert set(answer["score"]) == {"low", "high"}
    assert sorted(found["clause"] for found in answer["findings"]) == sorted(CLAUSES[edition].split())
    for found in answer["findings"]:
        assert {"clause", "outcome", "actual", "required", "missing", "explanation"} <= set(found)
        assert found["outcome"] in OUTCOMES
        assert found["explanation"].endswith("。")
        assert bool(found["missing"]) or found["outcome"] != "unknown"


@pytest.mark.parametrize(
    ("changes", "verdict", "score"),
    [
        ({}, "eligible", (94, 96)),
        ({"expert": None}, "needs_review", (47, 96)),
        ({"expert": {"IP1": 6, "IP2": None}}, "needs_review", (53, 96)),
        ({"tech_transfer_count_3y": None, "expert": HNTE["expert"] | {"TR1": None}}, "undetermined", (64, 96)),
        ({"ip_class1_count": 0, "expert": HNTE["expert"] | {"IP3": None}}, "eligible", (91, 94)),
        ({"registration_date": None}, "undetermined", (94, 96)),
        ({"registration_date": "2023-06-03", "tech_transfer_count_3y": 5}, "ineligible", (80, 80)),
        ({"tech_staff_month_avg": {"2023": 1}, "hitech_income": None}, "ineligible", (94, 96)),
    ],
)
def test_a_high_tech_firm_worked_by_hand(
    tmp_path: Path, changes: dict[str, Any], verdict: str, score: tuple[int, int]
) -> None:
    answer = judged(tmp_path, "hnte-2016", changes)
    assert answer["verdict"] in VERDICTS
    assert (answer["verdict"], answer["score"]) == (verdict, {"low": score[0], "high": score[1]})


@pytest.mark.parametrize(
    ("changes", "verdict", "score"),
    [
        ({}, "eligible", (100, 100)),
        ({"tech_staff_quarter_avg": {"2023": 9}}, "ineligible", (80, 80)),
        (POOR, "ineligible", (0, 0)),
        (POOR | {"hnte_cert_expiry": "2024-06-01"}, "eligible", (0, 0)),
        (POOR | {"hnte_cert_expiry": "2024-05-31"}, "ineligible", (0, 0)),
        (POOR | {"hnte_cert_expiry": None}, "undetermined", (0, 0)),
        (POOR | {"rd_institution_level": "省级"}, "eligible", (0, 0)),
        (POOR | {"rd_institution_level": "市级"}, "ineligible", (0, 0)),
        (POOR | {"hnte_cert_expiry": "2026-01-01", "total_assets": None}, "undetermined", (0, 0)),
        ({"hnte_cert_expiry": "2026-01-01", "sales_revenue": {"2023": 30000}}, "ineligible", (60, 60)),
        ({"in_abnormal_list": None}, "undetermined", (100, 100)),
    ],
)
def test_a_small_technology_firm_worked_by_hand(
    tmp_path: Path, changes: dict[str, Any], verdict: str, score: tuple[int, int]
) -> None:
    answer = judged(tmp_path, "tech-sme-2017", changes)
    assert (answer["verdict"], answer["score"]) == (verdict, {"low": score[0], "high": score[1]})


@pytest.mark.parametrize(
    "changes",
    [
        {"sales_revenue": {"2021": "2,000", "2022": "2300万元", "2023": "２６４５"}},
        {"sales_revenue": {"2021年": 2000, "2022年": 2300, "2023年": 2645.00}},
        {"ip_class1_count": "3项", "tech_transfer_count_3y": "15", "employees_month_avg": {"2023": "100人"}},
        {"ip_class1_count": {"2023": 3}, "tech_transfer_count_3y": {"2024": 15}},
        {"registration_date": "2015年3月2日"},
        {"registration_date": 20150302},
        {"registration_date": "2015-03-02T00:00:00"},
        {"major_safety_incident_dates": "无"},
        {"expert": HNTE["expert"] | {"IP1": "8分", "IP2": 8.0}},
        {"operating_revenue": {"2023": 1}, "own_brand": "是", "honor_records": []},
    ],
)
def test_the_same_firm_written_in_other_ways_is_judged_alike(tmp_path: Path, changes: dict[str, Any]) -> None:
    plain, other = judged(tmp_path, "hnte-2016"), judged(tmp_path, "hnte-2016", changes)
    assert (other["verdict"], other["score"]) == (plain["verdict"], plain["score"])
    assert [one["outcome"] for one in other["findings"]] == [one["outcome"] for one in plain["findings"]]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"level": "国家级", "rank": 3, "date": "2019-06-01"}, "met"),
        ({"级别": "国家", "名次": "第三", "落款日": "2022-01-01"}, "met"),
        ({"name": "国家科技进步奖", "grade": "二等奖", "level": "国家", "rank": 2, "year": 2022}, "met"),
        ({"level": "国家级", "rank": 1, "year": 2019}, "unknown"),
        ({"level": "国家级", "rank": 1, "date": "2019-05-31"}, "unmet"),
        ({"level": "国家级", "rank": 4, "date": "2022-01-01"}, "unmet"),
        ({"level": "国家级", "date": "2022-01-01"}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_an_award_counts_only_with_level_rank_and_day(tmp_path: Path, record: dict[str, Any], expected: str) -> None:
    answer = judged(tmp_path, "tech-sme-2017", POOR | {"sci_award_records": [record]})
    assert outcome(answer, "TSME-8-2") == expected


def test_a_yaml_file_with_plain_words_is_read(tmp_path: Path) -> None:
    text = (
        "\ufeffis_resident_enterprise: yes\r\nregistered_country: 中国\r\nin_abnormal_list: no\r\n"
        "total_assets: &same {2023: 20000}\r\nsales_revenue: *same\r\nemployees_quarter_avg: {2023: ~}\r\n"
    )
    result = run(written(tmp_path, "企业.yml", text), "tech-sme-2017")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    expected = {
        "TSME-6-1": "met",
        "TSME-6-2a": "unknown",
        "TSME-6-2b": "met",
        "TSME-6-2c": "met",
        "TSME-6-4": "unknown",
    }
    assert {clause: outcome(answer, clause) for clause in expected} == expected


DEEP = "a: &a [1]\n" + "".join(f"{here}: &{here} [*{last}, *{last}]\n" for last, here in zip("abc", "bcd", strict=True))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.yaml", "sales_revenue: {2023: .nan}", "不是数字"),
        ("a.json", '{"sales_revenue": {"2023": NaN}}', "不是有限的数字"),
        ("a.json", '{"sales_revenue": {"2023": 1e400}}', "数字过大"),
        ("a.json", '{"sales_revenue": {"2023": ' + "9" * 5000 + "}}", "数字过大"),
        ("a.yaml", "sales_revenue: {20233: 1}", "不是年份"),
        ("a.yaml", "sales_revenue: {2023: 2000亿元}", "第 5 位是“亿”"),
        ("a.yaml", "ip_class1_count: -1", "小于 0"),
        ("a.yaml", "ip_class1_count: 1\nip_class1_count: 3", "第 2 行：“ip_class1_count”重复出现"),
        ("a.json", '{"ip_class1_count": 1, "ip_class1_count": 3}', "重复出现"),
        ("a.yaml", "is_resident_enterprise: 也许", "不是“是”或“否”"),
        ("a.yaml", "registration_date: 2015-02-30", "日历上没有这一天"),
        ("a.yaml", DEEP, "第 3 行：YAML 引用"),
        ("a.yaml", "ip_class1_count: &a [*a]", "YAML 引用"),
        ("a.yaml", "sales_revenue:\n\t2023: 1", "用空格，不用制表符"),
        ("a.yaml", "ip_class1_count: 1\n---\nip_class1_count: 2", "不是有效的 YAML"),
        ("a.yaml", "- 1", "键名: 值"),
        ("a.yaml", "", "键名: 值"),
        ("a.json", "", "不是有效的 JSON"),
        ("a.xlsx", b"PK\x03\x04\x00\xff\xfe", "不是 UTF-8 文本"),
        ("a.yaml", "registered_city: 江门市".encode("gbk"), "不是 UTF-8 文本"),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_is_printed(
    tmp_path: Path, name: str, content: str | bytes, words: str
) -> None:
    result = run(written(tmp_path, name, content))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("错误：")
    assert words in result.stderr
    assert "Traceback" not in result.stderr
