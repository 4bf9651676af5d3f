"""Reading cells and rows: exact units, sentences that name place and remedy, nothing taken for zero."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.access.towns import Town
from app.core.errors import Invalid
from app.firms.taxonomy import ClusterCode
from app.imports.cells.entry import Entry
from app.imports.cells.kept import Entries, values_of
from app.imports.cells.rows import NoData
from app.imports.layouts.profile import profile
from app.imports.models import ImportBatch, ImportRow
from app.imports.table import Table, read_table
from tests.factories.imports import PROFILE, listed_csv, listed_row, table, workbook


def _read(content: bytes, *, name: str = "表.csv", year: int = 2025) -> Table:
    return read_table(content, name, profile(PROFILE), year)


def _entry(header: list[str], cells: list[object]) -> Entry:
    found = _read(table([cells], header=header)).rows[1].content
    assert isinstance(found, Entry), found
    return found


def _value(header: str, cell: object) -> object:
    entry = _entry(["企业名称", header], ["虚构甲公司", cell])
    assert len(entry.figures) == 1, entry.problems
    return entry.figures[0].value


def _problem(header: str, cell: object) -> str:
    entry = _entry(["企业名称", header], ["虚构甲公司", cell])
    assert not entry.figures
    return "；".join(str(problem.message) for problem in entry.problems)


def test_published_figures_come_over_exactly() -> None:
    entry = _read(listed_csv([listed_row(7)])).rows[1].content
    assert isinstance(entry, Entry)
    found = {figure.key: (figure.year, figure.value, figure.raw, figure.cell) for figure in entry.figures}
    assert found == {
        "registered_province": (None, "广东省", "广东", "F2"),
        "registered_city": (None, "江门市", "江门市", "G2"),
        "listing_date": (None, date(2011, 7, 15), "2011-07-15", "J2"),
        "operating_revenue": (2025, Decimal("750546.831742"), "7505468317.42", "L2"),
        "operating_revenue_growth": (2025, Decimal("0.27550553"), "27.550553", "M2"),
        "parent_net_profit": (2025, Decimal("-8855647.049564"), "-88556470495.639999", "O2"),
        "rd_expense_audit": (2025, Decimal("10651.149385"), "106511493.85", "P2"),
        "employees_total": (2025, Decimal("515"), "515", "R2"),
        "gross_margin_ratio": (2025, Decimal("0.45228391"), "45.228391", "S2"),
        "debt_asset_ratio": (2025, Decimal("0.26256134"), "26.256134", "T2"),
        "roe_weighted": (2025, Decimal("0.0463"), "4.63", "U2"),
    }
    assert (entry.named.security_code, entry.named.short_name) == ("000007", "虚构7")


def test_artefacts_of_binary_floats_are_rounded_to_eight_decimals_and_the_raw_text_is_kept() -> None:
    entry = _read(listed_csv([listed_row(7, revenue_yuan="233432768960.429993")])).rows[1].content
    assert isinstance(entry, Entry)
    revenue = next(figure for figure in entry.figures if figure.key == "operating_revenue")
    assert (revenue.value, revenue.raw) == (Decimal("23343276.896043"), "233432768960.429993")


def test_columns_that_are_computed_or_unknown_are_named_and_not_imported() -> None:
    rows = _read(table([["虚构甲公司", 1, 2, 3]], header=["企业名称", "营业收入", "员工心情", "研发占比"]))
    told = {note.header: (note.state, str(note.note or "")) for note in rows.columns}
    assert told["员工心情"] == ("unknown", "没有认出这一列，其中的内容不会导入（原件保留）")
    assert told["研发占比"][0] == "ignored"
    assert told["营业收入"] == ("used", "表头没有写单位，按万元读取")
    listed = {note.header: str(note.note) for note in _read(listed_csv([listed_row(1)])).columns}
    assert "不是公布的数据" in listed["revenue_prev_year_implied_yuan"]


@pytest.mark.parametrize(
    ("header", "cell", "value"),
    [
        ("营业收入（万元）", "1,234.50", Decimal("1234.5")),
        ("营业收入（元）", "12345678.9", Decimal("1234.56789")),
        ("营业收入(千元)", "12,345", Decimal("1234.5")),
        ("营业收入（单位：亿元）", "1.5", Decimal("15000")),
        ("营业收入", "２３４", Decimal("234")),
        ("营业收入（万元）", "2.3亿元", Decimal("23000")),
        ("营业收入（万元）", "(88.5)", Decimal("-88.5")),
        ("毛利率（%）", "45.2", Decimal("0.452")),
        ("毛利率", "45.2%", Decimal("0.452")),
        ("毛利率", "0.452", Decimal("0.452")),
        ("从业人员数", "515人", Decimal("515")),
        ("是否规上企业", "是", True),
        ("是否规上企业", "否", False),
        ("上市日期", "2011年7月15日", date(2011, 7, 15)),
    ],
)
def test_units_and_writings(header: str, cell: str, value: object) -> None:
    assert _value(header, cell) == value


@pytest.mark.parametrize(
    ("header", "cell", "message"),
    [
        ("研发费用（万元）", "3,0O0", "第 2 行『研发费用』：“3,0O0”不是数字（第 4 位是字母 O）"),
        ("研发费用（万元）", "5.2%", "第 2 行『研发费用』：“5.2%”是百分比，本列应填数值（单位：万元）"),
        ("研发费用（万元）", "12人", "第 2 行『研发费用』：“12人”的单位不能换算成万元，请换算后填写"),
        ("研发费用（万元）", "-3", "第 2 行『研发费用』：-3 小于 0，请核对。"),
        ("毛利率", "45.2", "第 2 行『毛利率』：“45.2”没有百分号，不能确定是 45.2% 还是小数；请带上 % 号"),
        ("从业人员数", "约500", "第 2 行『从业人员数』：“约500”是约数，不是准确数；请填写准确数"),
        ("营业收入（亿元）", "99999999999", "第 2 行『营业收入』：“99999999999”过大，请核对单位"),
        ("上市日期", "去年", "第 2 行『上市日期』：“去年”不是日期，请按 2015-03-31 的格式填写"),
    ],
)
def test_a_wrong_cell_is_named_with_its_remedy(header: str, cell: str, message: str) -> None:
    assert _problem(header, cell) == message


@pytest.mark.parametrize("blank", ["", "—", "/", "无", "  ", "未披露"])
def test_what_is_not_given_is_missing_and_never_zero(blank: str) -> None:
    entry = _entry(["企业名称", "研发费用（万元）"], ["虚构甲公司", blank])
    assert (entry.figures, entry.missing) == ((), ("rd_expense_audit",))
    assert [str(one.message) for one in entry.problems] == ["第 2 行『研发费用』：未填写或未披露，按缺失处理，不作 0"]


def test_a_zero_that_is_written_is_zero() -> None:
    assert _value("研发费用（万元）", "0") == 0


def test_towns_and_clusters_by_name() -> None:
    entry = _entry(["企业名称", "镇街", "产业集群"], ["虚构甲公司", "环市街道", "智能家电、健康食品"])
    assert (entry.named.town, entry.named.clusters) == (
        Town.HUANSHI,
        (ClusterCode.SMART_APPLIANCES, ClusterCode.HEALTH_FOOD),
    )
    wrong = _entry(["企业名称", "镇街", "产业集群"], ["虚构甲公司", "篁庄", "航天"])
    assert wrong.is_held
    assert "“篁庄”不是本区镇街，可填：棠下镇" in str(wrong.problems[0].message)
    assert "“航天”不是产业集群的名称" in str(wrong.problems[1].message)


def test_a_security_code_typed_as_a_number_gets_its_zeros_back() -> None:
    rows = _read(
        workbook({"一": [["企业名称", "证券代码", "营业收入（万元）"], ["虚构甲公司", 576, 1]]}), name="a.xlsx"
    )
    entry = rows.rows[1].content
    assert isinstance(entry, Entry)
    assert entry.named.security_code == "000576"


def test_rows_that_are_no_data_say_what_they_are() -> None:
    sheet = [
        ["2025 年度企业情况表", None, None],
        ["企业名称", "营业收入（万元）", "研发费用（万元）"],
        ["虚构甲公司", 1, 2],
        [None, None, None],
        ["企业名称", "营业收入（万元）", "研发费用（万元）"],
        ["合计", 1, 2],
        ["注：金额为审计数", None, None],
    ]
    found = _read(workbook({"一": sheet, "隐藏": sheet, "填写说明": [["说明"]]}, hidden=["隐藏"]), name="a.xlsx")
    told = [str(row.content.problem.message) for row in found.rows if isinstance(row.content, NoData)]
    assert told == [
        "第 1 行：表头上方的标题或说明",
        "第 2 行：表头",
        "第 4 行：空行",
        "第 5 行：重复的表头",
        "第 6 行：合计行，不是企业数据",
        "第 7 行：说明文字，不是企业数据",
        *[f"第 {n} 行：隐藏的工作表“隐藏”，没有读取；需要导入的请在“对应关系”中勾选这张表" for n in range(1, 8)],
        "第 1 行：工作表“填写说明”里没有可识别的表头，没有读取",
    ]
    assert len(found.rows) == 15


def test_a_header_of_two_rows_is_read_as_one() -> None:
    sheet = [
        ["企业名称", "统一社会\n信用代码", "主要经济指标", None],
        [None, None, "营业收入", "其中：研发费用"],
        ["虚构甲公司", None, 12, 3],
    ]
    entry = _read(workbook({"一": sheet}), name="a.xlsx").rows[2].content
    assert isinstance(entry, Entry)
    assert {figure.key: figure.value for figure in entry.figures} == {"operating_revenue": 12, "rd_expense_audit": 3}


def test_a_unit_above_the_header_counts_where_the_header_says_none() -> None:
    sheet = [
        ["企业情况汇总　单位：千元", None, None],
        ["企业名称", "营业收入", "研发费用（元）"],
        ["虚构甲公司", 1000, 10000],
    ]
    found = _read(workbook({"一": sheet}), name="a.xlsx")
    entry = found.rows[2].content
    assert isinstance(entry, Entry)
    assert {figure.key: figure.value for figure in entry.figures} == {"operating_revenue": 100, "rd_expense_audit": 1}
    assert str(found.columns[1].note) == "按表头上方注明的单位（千元）读取"


def test_a_formula_error_is_missing_with_a_warning() -> None:
    entry = _entry(["企业名称", "研发费用（万元）"], ["虚构甲公司", "#DIV/0!"])
    assert entry.missing == ("rd_expense_audit",)
    (problem,) = entry.problems
    assert (problem.level.value, problem.cell) == ("warning", "B2")
    assert str(problem.message) == "第 2 行『研发费用』：公式出错（#DIV/0!），按缺失处理，不作 0；请改填数值"


def test_a_table_without_a_known_header_is_refused_with_what_was_looked_for() -> None:
    with pytest.raises(
        Invalid, match="没有找到表头：前 30 行里须有一行写着企业名称、统一社会信用代码、证券代码之一"
    ) as error:
        _read(table([["1", "2"]], header=["甲", "乙"]))
    assert "空白模板" in str(error.value.message)


def test_an_entry_is_read_back_as_it_was_kept() -> None:
    header = [
        "企业名称",
        "证券代码",
        "镇街",
        "产业集群",
        "成立日期",
        "是否规上企业",
        "营业收入（元）",
        "研发费用（万元）",
        "曾用名",
    ]
    cells = ["虚构甲公司", "000576", "棠下镇", "智能家电", "2015-03-31", "是", "123.45", "", "虚构乙厂、虚构丙厂"]
    read = _read(table([cells], header=header))
    entry, row = read.rows[1].content, read.rows[1]
    assert isinstance(entry, Entry)
    kept = ImportRow(
        sheet=row.sheet, row=row.row, cells=dict(row.cells), edited={}, values=values_of(entry),
        problems=[one.as_json() for one in entry.problems],
    )  # fmt: skip
    batch = ImportBatch(layouts={name: layout.as_json() for name, layout in read.layouts.items()})
    assert Entries(batch).of(kept) == entry
    assert entry.named.former_names == ("虚构乙厂", "虚构丙厂")
