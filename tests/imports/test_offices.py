"""Tables as offices really send them, as tried by hand: two years side by side, blocks by town, forms."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from app.core.errors import Invalid
from app.firms.taxonomy import Town
from app.imports.cells.days import NoDay, read_day
from app.imports.cells.entry import Entry
from app.imports.layouts.layout import Layout
from app.imports.layouts.titles import bare_year_in, unit_in, year_in
from app.imports.table import OpenTable, open_table
from tests.factories.imports import workbook

pytestmark = pytest.mark.usefixtures("in_process")


def _open(rows: Sequence[Sequence[object]], *, sheet: str = "一", year: int | None = 2025) -> OpenTable:
    return open_table(workbook({sheet: rows}), "表.xlsx", year=year)


def _entries(opened: OpenTable) -> list[Entry]:
    return [row.content for row in opened.rows() if isinstance(row.content, Entry)]


def _saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_years_merged_above_the_names_of_figures_are_read_into_their_years() -> None:
    rows = [
        ["企业名称", "2024年", None, "2025年", None],
        [None, "营业收入", "研发费用", "营业收入", "研发费用"],
        ["虚构甲公司", 100, 5, 120, 6],
    ]
    with _open(rows, year=None) as opened:
        (entry,) = _entries(opened)
    assert [(one.key, one.year, one.value) for one in entry.figures] == [
        ("operating_revenue", 2024, 100), ("rd_expense_audit", 2024, 5),
        ("operating_revenue", 2025, 120), ("rd_expense_audit", 2025, 6),
    ]  # fmt: skip


def test_a_row_of_units_below_the_header_belongs_to_names_that_no_profile_knows_too() -> None:
    rows = [["企业名称", "一笔收入", "营业收入", "营收(万)"], [None, "千元", "元", None], ["虚构甲公司", 1, 20000, 3]]
    with _open(rows) as opened:
        headers = [note.header for note in opened.columns]
        (entry,) = _entries(opened)
    assert headers == ["企业名称", "一笔收入(千元)", "营业收入(元)", "营收(万)"]
    assert [(one.key, one.value) for one in entry.figures] == [("operating_revenue", 2)]


def test_three_rows_of_a_header_and_the_unit_in_a_heading() -> None:
    rows = [
        ["企业名称", "主要经济指标", None, None],
        [None, "收入（千元）", None, "人员"],
        [None, "营业收入", "主营业务收入", "从业人员数"],
        ["虚构甲公司", 20, 10, 3],
    ]
    with _open(rows) as opened:
        (entry,) = _entries(opened)
        assert opened.layouts["一"].last == 3
    assert [(one.key, one.value) for one in entry.figures] == [
        ("operating_revenue", 2), ("main_business_revenue", 1), ("employees_total", 3),
    ]  # fmt: skip


def test_this_year_last_year_and_growth_below_one_heading() -> None:
    below = [None, "本期", "上年同期", "同比增长（%）"]
    with _open([["企业名称", "营业收入（万元）", None, None], below, ["虚构甲公司", 110, 100, 10]]) as opened:
        (entry,) = _entries(opened)
    assert [(one.key, one.year, str(one.value)) for one in entry.figures] == [
        ("operating_revenue", 2025, "110"), ("operating_revenue", 2024, "100"),
        ("operating_revenue_growth", 2025, "0.1"),
    ]  # fmt: skip


@pytest.mark.parametrize("names", [("2024年", "2025年"), ("一", "二")])
def test_a_sheet_for_each_year_is_read_into_its_year(names: tuple[str, str]) -> None:
    """Read into one year the second sheet would say the first one's firms twice, with other figures."""
    head = ["企业名称", "净利润（万元）"]
    titled = names[0] == "一"
    sheets = {
        name: [*([[f"{year}年度企业指标"]] if titled else []), head, ["虚构甲公司", year]]
        for name, year in zip(names, (2024, 2025), strict=True)
    }
    with open_table(workbook(sheets), "a.xlsx") as opened:
        found = [(entry.year, entry.figures[0].year, entry.figures[0].value) for entry in _entries(opened)]
        kept = [Layout.from_json(layout.as_json()).year for layout in opened.layouts.values()]
        assert str(opened.understood.sentence).startswith("2024、2025 年度企业情况表")
    assert found == [(2024, 2024, 2024), (2025, 2025, 2025)]
    assert kept == [2024, 2025]


def test_a_second_table_beside_the_first_is_asked_about_and_a_foot_of_a_page_is_no_firm() -> None:
    head = ["企业名称", "净利润（万元）"]
    with _open([[*head, None, *head], ["虚构甲公司", 1, None, "虚构乙公司", 2], ["第1页 共2页"]]) as opened:
        assert [entry.named.name for entry in _entries(opened)] == ["虚构甲公司"]
        asked = [(note.letter, str(note.note)) for note in opened.columns if note.asks]
    assert asked == [("D", "从这一列起像是左右并排的另一张表，没有读取；请把它移到单独的工作表后重新上传")]


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("报告期：2025年12月", 2025), ("报告期 2025年12月", 2025), ("2025年1—12月份汇总", 2025),
        ("（截至2025年12月31日）", 2025), ("2025年1-9月", None), ("2025年上半年指标", None),
        ("2025年三季度汇总", None), ("2026年5月20日", None),
    ],
)  # fmt: skip
def test_a_period_names_its_year_and_a_part_of_a_year_does_not(text: str, year: int | None) -> None:
    assert (year_in(text), bare_year_in(text)) == (year, year)


def test_a_unit_may_be_written_short() -> None:
    assert (unit_in(["单位：万"]), unit_in(["单位：万家"]), unit_in(["单位:人民币元"])) == ("万元", "", "元")
    rows = [["企业名称", "营业收入(万)", "研发费用/亿"], ["虚构甲公司", 20, 0.5], ["虚构乙公司", "3千万", 1]]
    with _open(rows) as opened:
        assert [[one.value for one in entry.figures] for entry in _entries(opened)] == [[20, 5000], [3000, 10000]]
        assert [note.unit for note in opened.columns] == ["", "万元", "亿元"]


def test_names_of_an_identity_side_by_side_in_one_header() -> None:
    header = ["组织机构代码/统一社会信用代码", "企业名称（盖章）", "企业名称或证券代码", "净利润"]
    with _open([header, ["91440703XAMPL11543", "虚构甲公司", "x", 2]]) as opened:
        (entry,) = _entries(opened)
        assert [note.target for note in opened.columns] == ["统一社会信用代码", "企业名称", "", "净利润"]
    assert (entry.named.credit_code, entry.named.name) == ("91440703XAMPL11543", "虚构甲公司")


def test_a_town_merged_over_its_block_is_said_of_every_firm_of_it() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [
        ["镇街", "序号", "企业名称", "营业收入（万元）"], ["棠下镇", 1, "虚构甲公司", 1], [None, 2, "虚构乙公司", 2],
        [None, "小计", None, 3], ["荷塘镇", 1, "虚构丙公司", 4], [None, 2, "虚构丁公司", 5],
        ["填表人：某甲", None, None, "审核人：某乙"],
    ]:  # fmt: skip
        sheet.append(row)
    sheet.merge_cells("A2:A4")
    with open_table(_saved(book), "a.xlsx", year=2025) as opened:
        rows = list(opened.rows())
    found = {one.content.named.name: one.content.named.town for one in rows if isinstance(one.content, Entry)}
    tangxia, hetang = Town("tangxia"), Town("hetang")
    assert found == {"虚构甲公司": tangxia, "虚构乙公司": tangxia, "虚构丙公司": hetang, "虚构丁公司": None}
    assert rows[2].cells["A"] == "棠下镇"


def test_a_roster_is_read_with_its_figures_and_another_list_is_no_roster() -> None:
    rows = [["单位：千元"], ["单位详细名称", "营业收入", "主营业务收入"], ["虚构甲公司*", 1000, 900]]
    with _open(rows, sheet="2025年规上工业名录", year=None) as opened:
        (entry,) = _entries(opened)
        assert opened.profile.roster
    assert entry.named.name == "虚构甲公司"
    assert [(one.key, one.value) for one in entry.figures] == [
        ("operating_revenue", 100),
        ("main_business_revenue", 90),
    ]
    with _open([["2025年高企名录"], ["企业名称", "所属镇街"], ["虚构甲公司", "棠下镇"]], year=None) as opened:
        assert not opened.profile.roster
    with _open([["2025年规上企业名录"], ["企业名称", "是否规上企业"], ["虚构甲公司", "否"]], year=None) as opened:
        assert not opened.profile.roster
    with _open([["2025年规上企业汇总"], ["企业名称", "净利润"], ["虚构甲公司", 1]], year=None) as opened:
        assert not opened.profile.roster


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "工作簿里没有任何内容"),
        (
            [["指标", "虚构甲有限公司", "虚构乙有限公司"], ["营业收入", 1, 2], ["净利润", 3, 4], ["从业人员数", 5, 6]],
            "“一”的行和列是反的：指标名称竖着写在 A 列.*转置",
        ),
        (
            [["企业名称", "虚构甲有限公司", "统一社会信用代码", "91440703XAMPL11543"], ["营业收入", 1, "净利润", 2]],
            "“一”是一家企业一张的采集表（第 1 行的企业名称旁边就是内容）.*在企业页面直接录入",
        ),
    ],
)
def test_what_is_no_table_is_told_for_what_it_is(rows: list[list[object]], why: str) -> None:
    with pytest.raises(Invalid, match=why):
        _open(rows)


def test_days_in_other_spellings() -> None:
    assert read_day("二〇一五年十月三十一日") == date(2015, 10, 31)
    short = read_day("15.3.31")
    assert isinstance(short, NoDay)
    assert short.repair == "2015-03-31"


def test_a_plain_number_of_days_counts_from_the_year_of_its_workbook() -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    sheet.append(["企业名称", "成立日期"])
    sheet.append(["虚构甲公司", 39603])
    with open_table(_saved(book), "a.xlsx", year=2025) as opened:
        (entry,) = _entries(opened)
        kept = Layout.from_json(opened.layouts["Sheet"].as_json())
    assert entry.named.registered_on == date(2012, 6, 5)
    assert [place.is_1904 for place in kept.places] == [True, True]
