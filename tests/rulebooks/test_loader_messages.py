"""A rulebook with a mistake is refused at start-up, naming file, clause and remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.core.errors import NotFound
from app.rulebooks import loader
from app.rulebooks.tables import RulebookError

GOOD = """
id = "sample"
programme = "sample"
title = "示例"
region = "全国"
kinds = ["new"]
effective_from = 2020-01-01
validity = "一年"
decision = "全部符合"

[[policy]]
name = "示例办法"
number = "示例〔2020〕1号"
issued_by = ["示例局"]

[[definition]]
id = "D1"
term = "近一年"
text = "上一会计年度"
status = "recalled"
evidence = "none"

[[clause]]
id = "S-1"
article = "第一条"
kind = "gate"
text = "职工不超过500人"
status = "verified"
evidence = "secondary"
relies_on = ["D1"]
test = { figure = "employees_quarter_avg", at_most = 500 }

[[clause]]
id = "S-2"
article = "第二条"
kind = "score"
text = "得分不低于60分"
status = "verified"
evidence = "secondary"
test = { score = "total", at_least = 60 }

[score]
total = 20

[[score.group]]
id = "staff"
name = "人员"
max = 20

[[score.group.item]]
id = "S-S1"
name = "占比"
max = 20
status = "verified"
evidence = "secondary"
measure = { ratio = { of = ["tech_staff_quarter_avg"], to = ["employees_quarter_avg"] } }
band = [
  { label = "高", at_least = 0.30, points = 20 },
  { label = "中", at_least = 0.10, points = [4, 16] },
  { label = "低", points = 0 },
]
"""


def read(text: str) -> loader.Rulebook:
    return loader.read_rulebook(text.encode(), "sample/rulebook.toml")


def test_the_sample_is_in_order() -> None:
    rulebook = read(GOOD)
    assert [clause.id for clause in rulebook.clauses] == ["S-1", "S-2"]
    assert rulebook.has_unverified
    assert not rulebook.is_checked
    assert read(GOOD + "\n# note").digest != rulebook.digest


def test_a_person_who_has_checked_it_is_named() -> None:
    checked = GOOD.replace("decision =", 'checked_on = 2026-11-01\nchecked_by = "王某"\ndecision =')
    assert read(checked).is_checked


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"employees_quarter_avg", at_most', '"employees_quarter_av", at_most', "S-1.*是否应为“employees_quarter_avg”"),
        ("at_most = 500", "at_mots = 500", "条款 S-1.*须写明界限"),
        ("at_most = 500", "at_most = 500, at_least = 1", "条款 S-1.*须写明界限"),
        ("at_most = 500", 'at_most = "500"', "条款 S-1.*“at_most”须是数字"),
        ("at_most = 500", "at_most = 500, unit = 3", "条款 S-1.*不认识“unit”"),
        ('figure = "employees_quarter_avg"', 'figure = "registration_date"', "S-1.*类型是 date，这里只能用 number"),
        ('figure = "employees_quarter_avg"', 'figur = "employees_quarter_avg"', "条款 S-1.*须恰好写明一种判定方式"),
        ('article = "第一条"\n', "", "条款 S-1：“article”须是文字"),
        ('article = "第一条"', 'artikel = "第一条"', "条款 S-1：“article”须是文字"),
        ('kind = "gate"', 'kind = "gates"', "条款 S-1：“kind”不能是“gates”，是否应为“gate”"),
        ('kind = "gate"', 'kind = "wish"', "条款 S-1：“kind”不能是“wish”，可写：gate"),
        ('relies_on = ["D1"]', 'relies_on = ["D9"]', "条款 S-1：引用的定义 D9 不存在"),
        ('relies_on = ["D1"]', 'requirement = "R"', "条款 S-1：requirement “R”不存在"),
        ('score = "total"', 'score = "sum"', "条款 S-2：score “sum”不存在"),
        ('id = "S-2"', 'id = "S-1"', "条款 S-1：编号重复"),
        ('test = { score = "total", at_least = 60 }', "", "条款 S-2：参与判定的条款须写明 test"),
        ('text = "职工不超过500人"\nstatus = "verified"', 'text = "人数"\nstatus = "not_found"', "S-1：未查到原文"),
        ("total = 20", "total = 30", "评分表：各组最高分之和与总分不符"),
        ("points = 20 }", "points = 18 }", "评分项 S-S1：各档最高分与 max 不符"),
        ('{ label = "低", points = 0 },', "", "评分项 S-S1：最后一档不得带条件"),
        ("at_least = 0.10", "at_least = 0.40", "评分项 S-S1：分档须从高到低排列"),
        ('"中", at_least = 0.10', '"中"', "评分项 S-S1：除最后一档外"),
        ("points = [4, 16]", "points = [16, 4]", "分档的分数或界限有误"),
        ("points = [4, 16]", 'points = "4"', "points 须是分数"),
        ('relies_on = ["D1"]', 'applies_when = { score = "total", at_least = 1 }', "S-1：applies_when 不能看得分"),
        ('kinds = ["new"]', 'kinds = ["old"]', "kinds 只能写 new"),
        ('relies_on = ["D1"]', 'exempt_by = ["S-1"]', "条款 S-1：exempt_by 引用的条款 S-1 不存在"),
        ('relies_on = ["D1"]', 'skip_when = { }', "条款 S-1，skip_when：请写明 kinds、from 或 to"),
        ('relies_on = ["D1"]', "only_when = { from = 2024-01-02, to = 2024-01-01 }", "only_when：from 晚于 to"),
        ('"中", at_least = 0.10', '"中", at_most = 0.10', "S-S1：分档须从高到低排列.*不得混用"),
        ("effective_from = 2020-01-01", 'effective_from = "2020-01-01"', "“effective_from”须是日期"),
        ("effective_from = 2020-01-01", "", "“effective_from”须是日期"),
        ('title = "示例"', 'titel = "示例"', "“title”须是文字"),
        ('title = "示例"', 'title = "示例"\nextra = 1', "不认识“extra”"),
        ('title = "示例"', 'title = "示例"\ntitle = "重复"', "不是有效的 TOML"),
        ('issued_by = ["示例局"]', 'issued_by = "示例局"', "“issued_by”须是文字列表"),
        ("[[policy]]", "[policy]", "policy”须是至少一项的表列表"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_place_and_remedy(old: str, new: str, words: str) -> None:
    assert GOOD.count(old) >= 1
    position = GOOD.rindex(old) if old in ('id = "S-2"',) else GOOD.index(old)
    text = GOOD[:position] + new + GOOD[position + len(old) :]
    with pytest.raises(RulebookError) as refusal:
        read(text)
    message = str(refusal.value)
    assert message.startswith("sample/rulebook.toml")
    assert re.search(words, message), message


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ('{ holds = "registration_date", is = true }', "只能用 bool"),
        ('{ holds = "in_abnormal_list", is = "no" }', "须是 true 或 false"),
        ('{ one_of = "registered_country", allowed = ["火星"] }', "没有“火星”这一选项"),
        ('{ level_of = "rd_institution_level", level = "省" }', "“level”不能是“省”"),
        ('{ any_record = "sci_award_records", levels = ["宇宙级"], rank_at_most = 3, years = 5 }', "没有“宇宙级”"),
        ('{ any_record = "sci_award_records", levels = ["国家级"], rank_at_most = 0, years = 5 }', "须是正整数"),
        ('{ none_dated = ["major_safety_incident_dates"] }', "须恰好写明一种期间"),
        ('{ none_dated = ["registration_date"], calendar_years = 2 }', "只能用 dates"),
        ('{ ratio = { of = ["rd_expense_super"], to = ["sales_revenue"], year = 3 }, at_least = 1 }', "不认识“year”"),
        ('{ all_of = [] }', "至少一项"),
        ('{ all_of = [{ holds = "in_abnormal_list" }] }', "all_of 第 1 项：“is”须是"),
        ('{ none_of = [{ holds = "in_abnormal_list", is = true }], hit = "met" }', "“hit”不能是“met”"),
        ('{ growth = { label = "x", of = ["sales_revenue"], first_zero = "guess", second_zero = "no_points", '
         'one_year = "no_points", negative_base = "review" }, at_least = 0 }', "“first_zero”不能是“guess”"),
        ('{ over_years = { how = "most", of = ["sales_revenue"], years = 2 }, at_least = 1 }', "“how”不能是“most”"),
        ('{ growth_rate = { of = ["sales_revenue"], how = "mean" }, at_least = 1 }', "缺少“years”"),
        ('{ record_named = "honor_records", named = ["奖"], levels = ["世界级"] }', "没有“世界级”"),
        ('{ count_met = [{ any_listed = "mgmt_system_cert" }], at_least = 1 }', "须恰好写明一种判定方式"),
        ('{ by_kind = { new = { any_listed = "mgmt_system_cert" } } }', "缺少“review”"),
        ('{ told = { score = "total" }, why = "未写" }', "told 不能写得分"),
        ('"sales_revenue > 5"', "这里须是一个表"),
    ],
)  # fmt: skip
def test_a_test_outside_the_vocabulary_is_refused(test: str, words: str) -> None:
    text = GOOD.replace('{ figure = "employees_quarter_avg", at_most = 500 }', test)
    with pytest.raises(RulebookError) as refusal:
        read(text)
    assert "条款 S-1" in str(refusal.value)
    assert re.search(words, str(refusal.value)), str(refusal.value)


def test_an_unknown_edition_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="没有“hnte-2015”这一版规则，现有：.*hnte-2016"):
        loader.load_edition("hnte-2015")


@pytest.mark.parametrize("name", ["../secret", "", ".", "hnte-2016/rulebook.toml"])
def test_an_edition_id_is_never_a_path(name: str) -> None:
    with pytest.raises(NotFound):
        loader.load_edition(name)


def test_the_id_must_be_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "rulebook.toml").write_text(GOOD, encoding="utf-8")
    monkeypatch.setattr(loader, "EDITIONS", tmp_path)
    with pytest.raises(RulebookError, match="须与文件夹同名"):
        loader.read_unsealed("other")


def test_text_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(RulebookError, match="不是 UTF-8"):
        loader.read_rulebook("标题".encode("gbk"), "sample/rulebook.toml")
