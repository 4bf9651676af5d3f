"""What a file is taken for: source, year, unit, header, other tables, hidden things, columns by hand."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from app.core import clock
from app.core.errors import Invalid
from app.imports.cells.entry import Entry
from app.imports.cells.rows import NoData, reread
from app.imports.layouts import units
from app.imports.layouts.layout import Layout
from app.imports.layouts.profile import profile, profiles
from app.imports.mapping.changes import changes
from app.imports.mapping.suggest import suggest
from app.imports.mapping.view import layouts_from, look_at, mapping_of, sheets_of
from app.imports.problem import Kind, Level
from app.imports.table import OpenTable, open_table
from app.imports.template import blank
from tests.factories.imports import table, workbook

pytestmark = pytest.mark.usefixtures("in_process")

HEAD = ["企业名称", "统一社会信用代码", "营业收入", "净利润"]


def _open(
    rows: Sequence[Sequence[object]], *, sheet: str = "一", name: str = "表.xlsx", year: int | None = None
) -> OpenTable:
    return open_table(workbook({sheet: rows}), name, year=year)


def _entries(opened: OpenTable) -> list[Entry]:
    return [row.content for row in opened.rows() if isinstance(row.content, Entry)]


@pytest.mark.parametrize(
    ("rows", "sheet", "name", "told"),
    [
        (
            [["2025年度火炬统计年报导出"], HEAD, ["甲", "乙", "1", "2"], ["虚构甲公司", None, 1000, 20]],
            "一", "a.xlsx", "2025 年度火炬统计年报，单位千元，表头第 3 行",
        ),
        (
            [["企业名称", "职工总数", "科技人员数", "研究开发费用总额"], ["虚构甲公司", 20, 5, 30]], "一",
            "高企年报2024.xlsx", "2024 年度高企年报，单位万元，表头第 1 行",
        ),
        (
            [["单位详细名称", "统一社会信用代码", "行业代码", "详细地址"], ["虚构甲公司", None, "3811", "虚构路 1 号"]],
            "2025年规上工业名录", "b.xlsx", "2025 年度规上企业名录，表头第 1 行",
        ),
        (
            [[*HEAD, "年度"], ["虚构甲公司", None, 1, 2, 2023]],
            "一", "c.xlsx", "2023 年度企业情况表，单位万元，表头第 1 行",
        ),
    ],
)  # fmt: skip
def test_a_file_is_recognised_with_its_year(rows: list[list[object]], sheet: str, name: str, told: str) -> None:
    with _open(rows, sheet=sheet, name=name) as opened:
        assert str(opened.understood.sentence) == told


def test_a_file_that_says_no_year_is_asked_for_one() -> None:
    with pytest.raises(Invalid, match="没有写年度；请选择数据年度") as error:
        _open([HEAD, ["虚构甲公司", None, 1, 2]])
    assert error.value.field == "year"
    with _open([HEAD, ["虚构甲公司", None, 1, 2]], year=2024) as opened:
        assert (opened.year, opened.understood.year_from) == (2024, "person")


def test_figures_of_several_years_go_into_their_years() -> None:
    rows = [["企业名称", "2024年营业收入", "2025年营业收入", "上年净利润"], ["虚构甲公司", 100, 120, 7]]
    with _open(rows, year=2025) as opened:
        (entry,) = _entries(opened)
    found = {(figure.key, figure.year): figure.value for figure in entry.figures}
    assert found == {("operating_revenue", 2024): 100, ("operating_revenue", 2025): 120, ("net_profit", 2024): 7}
    grouped = [
        ["企业名称", "营业收入（万元）", None, "净利润"],
        [None, "2024年", "2025年", "2025年"],
        ["虚构甲公司", 100, 120, 7],
    ]
    with _open(grouped) as opened:
        (entry,) = _entries(opened)
    assert [(figure.key, figure.year) for figure in entry.figures] == [
        ("operating_revenue", 2024), ("operating_revenue", 2025), ("net_profit", 2025),
    ]  # fmt: skip


def test_rows_of_several_years_are_read_into_theirs() -> None:
    rows = [["企业名称", "年度", "营业收入"], ["虚构甲公司", 2024, 100], ["虚构甲公司", 2025, 120]]
    with _open(rows) as opened:
        assert [(entry.year, entry.figures[0].year) for entry in _entries(opened)] == [(2024, 2024), (2025, 2025)]


def test_a_row_of_codes_below_the_header_is_no_firm() -> None:
    for codes in (["甲", "乙", 1, 2], ["QA01", "QA02", "QB01", "QB02"], [None, None, 1, 2]):
        with _open([HEAD, codes, ["虚构甲公司", None, 3, 4]], year=2025) as opened:
            assert [entry.named.name for entry in _entries(opened)] == ["虚构甲公司"]


def test_another_table_below_is_not_read_as_figures() -> None:
    rows = [
        HEAD,
        ["虚构甲公司", None, 1, 2],
        [],
        ["附表：拟培育名单"],
        ["单位名称", "拟申报类别"],
        ["虚构乙公司", "小巨人"],
    ]
    with _open(rows, year=2025) as opened:
        read = list(opened.rows())
        assert [type(row.content) is Entry for row in read] == [False, True, False, False, False, False]
        assert opened.layouts["一"].until == 4


def test_hidden_rows_wait_and_hidden_columns_are_pointed_out() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["企业名称", "营业收入（万元）"], ["虚构甲公司", 1], ["虚构乙公司", 2]]:
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["B"].hidden = True
    target = io.BytesIO()
    book.save(target)
    with open_table(target.getvalue(), "a.xlsx", year=2025) as opened:
        held = {entry.named.name: [one.kind for one in entry.problems] for entry in _entries(opened)}
        assert held == {"虚构甲公司": [], "虚构乙公司": [Kind.HIDDEN]}
        assert "这一列在表格中被隐藏" in str(opened.columns[1].note)


def test_a_number_in_another_unit_is_suspected_and_the_repair_is_read() -> None:
    rows = [[f"虚构{n}公司", None, 1000 + n, 10] for n in range(9)]
    with _open([["单位：万元"], HEAD, *rows, ["虚构甲公司", None, 15000000, 10]], year=2025) as opened:
        held = _entries(opened)[-1]
        layout = opened.layouts["一"]
    (problem,) = [one for one in held.problems if one.level is Level.ERROR]
    assert (problem.kind, problem.repair, problem.alike) == (Kind.UNIT_SUSPECT, "15000000元", "operating_revenue:元")
    assert "可能是按元填写的" in str(problem.message)
    again = reread({"A": "虚构甲公司", "C": problem.repair, "D": "10"}, layout, 2025, "一", held.row)
    assert isinstance(again, Entry)
    assert not again.is_held
    assert again.figures[0].value == 1500


@pytest.mark.parametrize(
    ("header", "cell", "repair", "alike"),
    [
        ("营业收入（万元）", "3,0O0", "3,000", "letters"),
        ("从业人员数", "约500人", "500人", "about"),
        ("毛利率", "45.2", "45.2%", "percent:gross_margin_ratio"),
        ("统一社会信用代码", "9144O703XAMPL11543", "91440703XAMPL11543", "look-alike"),
    ],
)
def test_repairs_are_proposed_with_a_reason(header: str, cell: str, repair: str, alike: str) -> None:
    rows = table([["虚构甲公司", "1", cell]], header=["企业名称", "净利润（万元）", header])
    with open_table(rows, "a.csv", year=2025) as opened:
        (entry,) = _entries(opened)
    (problem,) = [one for one in entry.problems if one.level is Level.ERROR]
    assert (problem.repair, problem.alike, problem.why is not None) == (repair, alike, True)


def test_what_no_profile_knows_is_suggested_with_a_reason() -> None:
    annual = profile("annual-firms")
    columns = {
        "编码": ["91440703XAMPL11543", "91440703XAMPL1007H"],
        "对象": ["虚构甲有限公司", "虚构乙厂"],
        "片区": ["棠下镇", "白沙街"],
        "企业净利润额": [],
        "心情": ["好"],
    }
    found = {header: suggest(header, samples, annual) for header, samples in columns.items()}
    told = {header: (one.target, one.is_sure) if one else None for header, one in found.items()}
    assert told == {
        "编码": ("field:credit_code", True),
        "对象": ("field:name", True),
        "片区": ("field:town", True),
        "企业净利润额": ("key:net_profit", False),
        "心情": None,
    }


def test_columns_are_read_as_a_person_says_and_wrong_choices_name_the_column() -> None:
    content = workbook(
        {"一": [["单位", "数一", "数二"], ["虚构甲公司", 10, 20]], "旧": [["企业名称", "净利润"]]}, hidden=["旧"]
    )
    annual = profile("annual-firms")
    looked = look_at(content, "a.xlsx")
    shown = sheets_of(looked, annual, {}, {"row0": "1"})
    assert [(one.name, one.is_hidden, one.is_read) for one in shown] == [("一", False, True), ("旧", True, False)]
    sent = {
        "read0": "1",
        "row0": "1",
        "to0A": "企业名称",
        "to0B": "营业收入",
        "unit0B": "千元",
        "to0C": "",
        "year0B": "2024",
    }
    layouts = layouts_from(looked, annual, sent)
    with open_table(content, "a.xlsx", profile=annual, year=2025, layouts=layouts) as opened:
        (entry,) = _entries(opened)
    assert [(one.key, one.year, one.value) for one in entry.figures] == [("operating_revenue", 2024, Decimal(1))]
    for wrong, why in (
        ({"to0B": "营业收人"}, "『数一』：没有“营业收人”这个项目，是否应为“营业收入”"),
        ({"to0C": "营业收入", "year0C": "2024"}, "B 列和 C 列对应同一项目"),
        ({"to0A": ""}, "须有一列对应企业名称"),
        ({"unit0B": "人"}, "不能换算成万元"),
        ({"row0": "900"}, "没有第 900 行"),
    ):
        with pytest.raises(Invalid, match=why):
            layouts_from(looked, annual, {**sent, **wrong})
    kept = mapping_of(layouts_from(looked, annual, {**sent, "year0B": ""}))
    assert kept["数一"] == {"target": "key:operating_revenue", "label": "营业收入", "unit": "千元", "says_unit": True}


def test_changed_columns_are_pointed_out() -> None:
    def layouts(header: list[str]) -> dict[str, Layout]:
        with open_table(table([["虚构甲公司", "1", "2"]], header=header), "a.csv", year=2025) as opened:
            return opened.layouts

    before = layouts(["企业名称", "营业收入（万元）", "净利润"])
    assert changes(layouts(["企业名称", "营业收入（万元）", "净利润"]), before) == []
    told = [str(one) for one in changes(layouts(["企业名称", "年营业收入（万元）", "利润总额"]), before)]
    assert told == [
        "“营业收入（万元）”改名为“年营业收入（万元）”",
        "新增一列“利润总额”，读作利润总额",
        "少了一列“净利润”（上次读作净利润）",
    ]


def test_every_profile_names_its_source_and_reads_its_own_template_names() -> None:
    assert {one.id: (one.source_code, one.unit, one.roster) for one in profiles().values()} == {
        "annual-firms": ("annual-firms", "万元", False),
        "torch-annual": ("torch", "千元", False),
        "hitech-annual": ("hnte-annual", "万元", False),
        "above-scale-roster": ("statistics", "万元", True),
    }


def test_a_row_that_is_no_data_stays_so_when_it_is_read_again() -> None:
    with _open([HEAD, ["虚构甲公司", None, 1, 2], ["合计", None, 1, 2]], year=2025) as opened:
        rows = list(opened.rows())
        again = reread(rows[2].cells, opened.layouts["一"], 2025, "一", 3)
    assert isinstance(again, NoData)
    assert again == rows[2].content


FIELD = st.sampled_from(
    [
        "",
        "虚构甲公司",
        " 虚构 乙\n公司 ",
        "合计",
        "企业名称",
        "注：说明",
        "虚构丙公司分公司",
        "—",
        "#REF!",
        "91440703XAMPL1007H",
    ]
)
CELL = st.one_of(
    st.sampled_from(
        [
            "",
            "—",
            "0",
            "3,0O0",
            "12%",
            "1,234.50",
            "#REF!",
            "2.5亿元",
            "约5人",
            "5-6",
            "2015年3月",
            "无",
            "１２",
            7,
            0.1,
        ]
    ),
    st.decimals(min_value=-10, max_value=10**12, places=4).map(str),
    st.integers(min_value=-5, max_value=10**9),
    st.dates(),
    st.booleans(),
)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(FIELD, FIELD, CELL, CELL, CELL, CELL), max_size=4))
def test_reading_again_from_the_kept_texts_is_the_first_reading(rows: list[tuple[object, ...]]) -> None:
    header = ["企业名称", "统一社会信用代码", "营业收入（元）", "从业人员数", "成立日期", "是否规上企业"]
    with open_table(workbook({"一": [header, *rows]}), "a.xlsx", year=2025) as opened:
        read = list(opened.rows())
        layout = Layout.from_json(json.loads(json.dumps(opened.layouts["一"].as_json())))
    for row in read[1:]:
        if layout.until is None or row.row <= layout.until:
            assert reread(row.cells, layout, 2025, "一", row.row) == row.content
        if isinstance(row.content, Entry):
            stated = {figure.cell.rstrip("0123456789") for figure in row.content.figures}
            assert stated <= {letter for letter, text in row.cells.items() if text.strip()}, "a blank became a value"


@settings(max_examples=15, deadline=None)
@given(above=st.integers(0, 12), left=st.integers(0, 3), gap=st.integers(0, 2))
def test_the_header_is_found_wherever_the_table_stands(above: int, left: int, gap: int) -> None:
    shift = [None] * left
    rows = [
        *([[]] * above),
        [*shift, *HEAD],
        [*shift, "虚构甲公司", None, 1000, -2],
        *([[]] * gap),
        [*shift, "虚构乙公司", None, 3, 4],
    ]
    with _open(rows, year=2025) as opened:
        found = [(one.named.name, [figure.value for figure in one.figures]) for one in _entries(opened)]
    assert found == [("虚构甲公司", [1000, -2]), ("虚构乙公司", [3, 4])]


@settings(max_examples=60, deadline=None)
@given(
    number=st.decimals(min_value=-(10**9), max_value=10**9, places=6),
    unit=st.sampled_from(["元", "千元", "万元", "百万元", "亿元"]),
)
def test_units_are_turned_exactly_and_the_short_way_gives_the_same(number: Decimal, unit: str) -> None:
    by = units.factor(unit, "万元")
    assert by is not None
    exact = units.converted(number, by)
    assert abs(Fraction(exact) - Fraction(number) * Fraction(by)) <= Fraction(1, 2 * 10**8)
    quick = units.quickly(format(number, "f"), by)
    assert quick is None or (quick == exact and str(quick) == str(exact))


@pytest.mark.parametrize("profile_id", sorted(profiles()))
def test_the_blank_template_of_a_profile_is_recognised_as_its_own(profile_id: str) -> None:
    content = blank(profile(profile_id), 2025, created=clock.now())
    with open_table(content, "模板.xlsx") as opened:
        assert (opened.profile.id, opened.year) == (profile_id, 2025)
        assert {note.state for note in opened.columns} == {"used"}
        assert {note.unit for note in opened.columns if note.unit.endswith("元")} <= {profile(profile_id).unit}


def test_codes_and_a_numbering_below_the_header_are_no_firm() -> None:
    head = ["企业名称", "统一社会信用代码", "营业收入（千元）", "净利润（千元）"]
    rows = [head, ["QB01", "QB02", "QB03", "QB07"], ["甲", "乙", 1, 2], ["虚构甲公司", None, 1000, 20]]
    with _open(rows, year=2025) as opened:
        assert [entry.named.name for entry in _entries(opened)] == ["虚构甲公司"]


def test_names_under_a_merged_heading_that_a_roster_does_not_read_are_still_told() -> None:
    upper = ["序号", "单位详细名称", "统一社会信用代码", "行业代码", "主要经济指标", None, "备注"]
    lower = [None, None, None, None, "营业收入", "资产总计", None]
    with _open([upper, lower, [1, "虚构甲公司", None, "3811", 5, 6, None]], sheet="2025年规上名录") as opened:
        assert [entry.row for entry in _entries(opened)] == [3]
        assert {note.header for note in opened.columns} >= {"营业收入", "资产总计"}


def test_a_title_may_end_in_the_unit() -> None:
    with _open([["2025年度经营情况汇总表（千元）"], HEAD, ["虚构甲公司", None, 1000, 20]]) as opened:
        assert [figure.value for figure in _entries(opened)[0].figures] == [Decimal(100), Decimal(2)]


def test_another_form_is_not_compared_column_by_column() -> None:
    headers = (["企业名称", "营业收入", "利润总额", "职工总数"], ["单位名称", "资产总额", "净利润"])
    layouts = []
    for header in headers:
        with _open([header, ["虚构甲公司", *[1] * (len(header) - 1)]], year=2025) as opened:
            layouts.append(dict(opened.layouts))
    assert not changes(layouts[1], layouts[0])
