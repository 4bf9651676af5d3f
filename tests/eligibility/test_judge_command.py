"""judge on the command line: JSON on standard output, messages on standard error, status 0 only on success."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.eligibility.cli import judge_command

FIRM = """
registration_date: 2018-05-01
ip_class1_count: 1
ip_class2_unused_count: 0
hitech_field_code: 8.2.3
tech_staff_month_avg: {2023: 10}
employees_month_avg: {2023: 100}
sales_revenue: {2021: 2000, 2022: 2300, 2023: 2645}
rd_expense_hnte: {2021: 100, 2022: 110, 2023: 130}
rd_expense_hnte_domestic: {2021: 100, 2022: 110, 2023: 130}
total_income: {2023: 2700}
non_taxable_income: {2023: 0}
hitech_income: {2023: 2000}
total_assets: {2021: 3000, 2022: 3300, 2023: 3645}
total_liabilities: {2021: 1000, 2022: 1000, 2023: 1000}
tech_transfer_count_3y: 15
major_safety_incident_dates: []
major_quality_incident_dates: []
serious_env_violation_dates: []
expert: {IP1: 6}
"""


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    path = tmp_path / "企业.yaml"
    path.write_text(FIRM, encoding="utf-8")
    return path


def judge(*words: object) -> Result:
    return CliRunner().invoke(judge_command, [str(word) for word in words])


def answer(*words: object) -> dict[str, Any]:
    result = judge(*words)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def finding(found: dict[str, Any], clause: str) -> dict[str, Any]:
    return next(entry for entry in found["findings"] if entry["clause"] == clause)


def test_the_answer_has_the_promised_shape(firm: Path) -> None:
    found = answer(firm, "--edition", "hnte-2016", "--as-of", "2024-06-15")
    assert list(found) == ["edition", "as_of", "verdict", "score", "findings"]
    assert found["edition"] == "hnte-2016"
    assert found["as_of"] == "2024-06-15"
    assert found["verdict"] == "ineligible"
    assert found["score"] == {"low": 49, "high": 92}
    for entry in found["findings"]:
        assert {"clause", "outcome", "actual", "required", "missing", "explanation"} <= set(entry)


def test_a_finding_says_value_threshold_gap_and_source(firm: Path) -> None:
    found = finding(answer(firm, "--edition", "hnte-2016", "--as-of", "2024-06-15"), "HNTE-11-5a")
    assert found["outcome"] == "unmet"
    assert found["actual"] == pytest.approx(340 / 6945)
    assert found["actual_exact"] == "68/1389"
    assert found["operator"] == ">="
    assert found["required"] == 0.05
    assert found["gap"] == 7.25
    assert found["gap_text"] == "差 7.25 万元研发费用（高企口径）"
    assert {(fact["key"], fact["year"]) for fact in found["used"]} == {
        (key, year) for key in ("rd_expense_hnte", "sales_revenue") for year in (2021, 2022, 2023)
    }
    assert {fact["source"] for fact in found["used"]} == {"企业.yaml"}


def test_growth_is_exact_at_the_edge_of_a_band(firm: Path) -> None:
    score = finding(answer(firm, "--edition", "hnte-2016", "--as-of", "2024-06-15"), "HNTE-11-7")["score"]
    items = {item["id"]: item for group in score["groups"] for item in group["items"]}
    assert (items["GR2"]["low"], items["GR2"]["high"]) == (5, 6)
    assert (items["GR1"]["low"], items["GR1"]["high"]) == (5, 6)
    assert (items["IP1"]["low"], items["IP1"]["high"]) == (6, 6)
    assert (items["IP2"]["low"], items["IP2"]["high"]) == (0, 8)


def test_missing_figures_are_named_with_their_year(firm: Path) -> None:
    found = answer(firm, "--edition", "tech-sme-2017", "--as-of", "2024-06-15")
    assert found["verdict"] == "undetermined"
    assert finding(found, "TSME-6-2a")["missing"] == ["employees_quarter_avg[2023]"]
    assert finding(found, "TSME-6-2a")["actual"] is None
    assert finding(found, "TSME-6-3")["missing"] == ["product_in_prohibited_catalogue"]


def test_scores_of_another_edition_are_left_aside_and_said_so(firm: Path) -> None:
    result = judge(firm, "--edition", "tech-sme-2017", "--as-of", "2024-06-15")
    assert result.exit_code == 0
    assert "评分项“IP1”不属于 tech-sme-2017" in result.stderr


def test_json_and_a_review_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "firm.json"
    path.write_text('{"sales_revenue": {"2023": 20000.01}, "registered_country": "中国"}', encoding="utf-8")
    found = answer(path, "--edition", "tech-sme-2017", "--as-of", "2024-06-15", "--kind", "review")
    assert found["verdict"] == "ineligible"
    assert finding(found, "TSME-6-2b")["actual"] == 20000.01
    assert finding(found, "TSME-6-2b")["gap"] == 0.01


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        (FIRM, ["--edition", "hnte-2015", "--as-of", "2024-06-15"], "没有“hnte-2015”这一版规则"),
        (FIRM, ["--edition", "hnte-2016", "--as-of", "2024-06-31"], "日历上没有这一天"),
        (FIRM, ["--edition", "hnte-2016", "--as-of", "明天"], "不是日期"),
        (FIRM, ["--edition", "hnte-2016", "--as-of", "2015-12-31"], "自 2016-01-01 起施行"),
        (FIRM, ["--edition", "hnte-2016", "--as-of", "2024-06-15", "--kind", "renew"], "--kind 只能是 new"),
        (FIRM, ["--edition", "hnte-2016"], "请用 --as-of"),
        (FIRM, ["--as-of", "2024-06-15"], "请用 --edition"),
        ("sales_revenue: 4200", [], "须按会计年度填写"),
        ("sales: {2023: 1}", [], "指标目录中没有“sales”"),
        ("sales_revenue: {2023: 3.0O}", [], "第 4 位是字母 O"),
        ("expert: {IP9: 3}", [], "没有评分项“IP9”，可填：IP1、IP2"),
        ("expert: {IP1: 9}", [], "超出允许范围 0—8 分"),
        ("expert: {IP1: 6.5}", [], "不是整数"),
        ("ip_class1_count: 1\nexpert: {IP3: 5}", [], "超出允许范围 7—8 分"),
        ("a: [", [], "不是有效的 YAML"),
        ("", [], "键名: 值"),
    ],
)
def test_bad_input_is_refused_in_chinese_and_nothing_is_printed(
    tmp_path: Path, text: str, words: list[str], message: str
) -> None:
    path = tmp_path / "firm.yaml"
    path.write_text(text, encoding="utf-8")
    result = judge(path, *(words or ["--edition", "hnte-2016", "--as-of", "2024-06-15"]))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert message in result.stderr


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    result = judge(tmp_path / "没有.yaml", "--edition", "hnte-2016", "--as-of", "2024-06-15")
    assert result.exit_code == 1
    assert "文件不存在" in result.stderr
    assert judge("--edition", "hnte-2016", "--as-of", "2024-06-15").exit_code == 1


@pytest.mark.parametrize(
    ("words", "edition", "why"),
    [
        (("--programme", "小巨人", "--as-of", "2026-05-20", "--kind", "review"), "lg-2022", "117号"),
        (("--programme", "lg", "--as-of", "2026-05-20"), "lg-2026", "自 2026-04-01 起施行"),
        (("--programme", "srdi", "--as-of", "2026-03-20", "--region", "广东省"), "srdi-gd-2024", "广东省的版本"),
        (("--programme", "srdi", "--as-of", "2026-03-20", "--region", "湖南省"), "srdi-2022", "没有自己的版本"),
        (("--programme", "srdi", "--as-of", "2026-05-20", "--region", "广东省"), "srdi-2026", "没有自己的版本"),
    ],
)
def test_without_an_edition_the_one_that_governs_is_chosen_and_told(
    firm: Path, words: tuple[str, ...], edition: str, why: str
) -> None:
    result = judge(firm, *words)
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["edition"] == edition
    assert why in found["chosen"]["why"]
    assert result.stderr.startswith(f"选用 {edition}（")


def test_the_place_is_read_from_the_figures_of_the_firm(tmp_path: Path) -> None:
    path = tmp_path / "广东企业.yaml"
    path.write_text("registered_province: 广东\n", encoding="utf-8")
    assert answer(path, "--programme", "srdi", "--as-of", "2026-03-20")["edition"] == "srdi-gd-2024"


def test_an_edition_that_a_transition_replaces_may_be_stated_and_is_hinted_at(firm: Path) -> None:
    result = judge(firm, "--edition", "lg-2026", "--as-of", "2026-05-20", "--kind", "review")
    assert result.exit_code == 0
    assert "应适用 lg-2022" in result.stderr
    assert json.loads(result.stdout)["edition"] == "lg-2026"
    late = judge(firm, "--edition", "lg-2022", "--as-of", "2026-05-20")
    assert late.exit_code == 1
    assert "不能用于 2026-05-20 的判定" in late.stderr
