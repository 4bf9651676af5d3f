import csv
import io
import tempfile
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal as D
from fractions import Fraction

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sheets.blank import GUIDE, LISTS, blank_template
from app.sheets.cells import Cell
from app.sheets.columns import Column, ColumnKind, read_cell
from app.sheets.read import read_workbook
from app.sheets.write import Table, Watermark, write_csv, write_table, write_workbook, write_workbook_to
from tests.support.hostile import TEXTS, typed

CREATED = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
COLUMNS = (
    Column("name", "企业名称", required=True, width=30),
    Column("code", "统一社会信用代码", ColumnKind.CODE, width=22),
    Column("rd", "研发费用", ColumnKind.NUMBER, unit="万元", hint="填年度合计数"),
    Column("staff", "职工人数", ColumnKind.INTEGER, unit="人"),
    Column("ratio", "研发占比", ColumnKind.SHARE),
    Column("founded", "成立日期", ColumnKind.DATE),
    Column("year", "年度", ColumnKind.YEAR),
    Column("listed", "是否上市", ColumnKind.YES_NO),
    Column("town", "镇街", ColumnKind.CHOICE, choices=("虚构街道", "虚构镇")),
)
ROW = {
    "name": "虚构甲公司", "code": "0914407030123456", "rd": D("1234.5678"), "staff": 25, "ratio": D("0.0499"),
    "founded": date(2015, 3, 2), "year": 2025, "listed": False, "town": "虚构街道",
}  # fmt: skip
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x")', "http://example.invalid/"]


def loaded(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def cell(value, raw=None, row=12, problem=None):
    return Cell("年报", row, 3, value, raw if raw is not None else str(value if value is not None else ""), problem)


def test_cells_are_typed_and_codes_stay_text():
    sheet = loaded(write_table(COLUMNS, [ROW], created=CREATED, title="名单", notes=["虚构数据"])).active
    assert [sheet["A1"].value, sheet["A2"].value] == ["名单", "虚构数据"]
    assert [c.value for c in sheet[3]] == [column.title for column in COLUMNS]
    code, rd = sheet["B4"], sheet["C4"]
    assert (code.value, code.data_type, code.number_format) == ("0914407030123456", "s", "@")
    assert (rd.value, rd.data_type) == (1234.5678, "n")
    assert sheet["F4"].value == datetime(2015, 3, 2)
    assert sheet["H4"].value == "否"
    assert sheet.freeze_panes == "A4"
    assert sheet.auto_filter.ref == "A3:I4"
    assert sheet.column_dimensions["A"].width > 29


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_that_would_run_stays_text_in_a_workbook(text):
    written = write_table(COLUMNS, [{"name": text}], created=CREATED)
    sheet = openpyxl.load_workbook(io.BytesIO(written)).active
    assert sheet["A2"].data_type == "s"
    # a carriage return is kept as the escape that OOXML has for it
    assert sheet["A2"].value.replace("_x000D_", "\r") == text
    assert sheet["A2"].hyperlink is None


@pytest.mark.parametrize("text", DANGEROUS[:7])
def test_text_that_would_run_is_led_by_an_apostrophe_in_csv(text):
    content = write_csv(COLUMNS, [{"name": text, "rd": D("-5.50")}])
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[1][0] == "'" + text
    assert rows[1][2] == "-5.5"


def test_unknown_stays_empty_and_is_not_zero():
    sheet = loaded(write_table(COLUMNS, [{"name": "甲", "rd": None, "staff": 0}], created=CREATED)).active
    assert sheet["C2"].value is None
    assert sheet["D2"].value == 0
    assert b"\xe7\x94\xb2,,,0,," in write_csv(COLUMNS, [{"name": "甲", "rd": None, "staff": 0}])


def test_numbers_too_long_for_excel_stay_exact_as_text():
    rows = [{"name": "甲", "rd": D("12345678901234567.89")}, {"name": "乙", "rd": Fraction(1, 3)}]
    sheet = loaded(write_table(COLUMNS, rows, created=CREATED)).active
    assert sheet["C2"].value == "12345678901234567.89"
    assert sheet["C3"].value == pytest.approx(1 / 3)


def test_what_is_written_is_read_back():
    sheet = read_workbook(write_table(COLUMNS, [ROW], created=CREATED)).sheets[0]
    values = {
        column.key: read_cell(cell, column).value for cell, column in zip(sheet.row(2).cells, COLUMNS, strict=True)
    }
    assert values == ROW


def test_the_file_says_who_took_it_and_when():
    mark = Watermark("王某（虚构）", CREATED)
    sheet = loaded(write_table(COLUMNS, [ROW], created=CREATED, watermark=mark)).active
    line = "导出人：王某（虚构）　导出时间：2026-11-23 10:30"
    assert sheet["A4"].value == line
    assert line in sheet.oddFooter.left.text
    assert line in write_csv(COLUMNS, [ROW], watermark=mark).decode("utf-8-sig")


def test_the_same_rows_give_the_same_bytes():
    assert write_table(COLUMNS, [ROW], created=CREATED) == write_table(COLUMNS, [ROW], created=CREATED)
    assert loaded(write_table(COLUMNS, [ROW], created=CREATED)).properties.created == datetime(2026, 11, 23, 10, 30)
    with pytest.raises(ValueError, match="time zone"):
        write_table(COLUMNS, [ROW], created=datetime(2026, 1, 1))


def test_several_tables_stand_in_one_workbook():
    book = loaded(write_workbook([Table("符合/不符合", COLUMNS, [ROW]), Table("空", COLUMNS, [])], created=CREATED))
    assert book.sheetnames == ["符合_不符合", "空"]
    assert book["空"].max_row == 1


def test_any_number_of_rows_is_written_without_being_kept():
    def rows():
        for number in range(3_000):
            yield {"name": f"虚构{number}" * 40, "rd": D(number)}

    tracemalloc.start()
    with tempfile.TemporaryFile() as target:
        write_workbook_to(target, [Table("甲", COLUMNS, rows()), Table("乙", COLUMNS, iter([]))], created=CREATED)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        target.seek(0)
        book = openpyxl.load_workbook(target)
    assert peak < 4 * 1024**2
    assert (book["甲"].max_row, book["甲"].auto_filter.ref) == (3_001, "A1:I3001")
    assert (book["乙"].max_row, book["乙"].auto_filter.ref) == (1, None)


@given(st.lists(st.text(max_size=40), min_size=1, max_size=20))
@settings(max_examples=40)
@pytest.mark.usefixtures("in_process")
def test_every_text_is_read_back_as_it_was_written(texts):
    content = write_table(COLUMNS, [{"name": text} for text in texts], created=CREATED)
    sheet = read_workbook(content).sheets[0]
    known = [sheet.row(number).at(1).raw for number in range(2, len(texts) + 2)]
    assert known == [_kept(text) for text in texts]


def _kept(text):
    """A line end is a line feed."""
    return text.replace("\r\n", "\n")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**18), max_value=10**18))
@pytest.mark.usefixtures("in_process")
def test_every_number_is_read_back_exactly(value):
    content = write_table(COLUMNS, [{"name": "甲", "rd": value}], created=CREATED)
    assert D(read_workbook(content).sheets[0].row(2).at(3).raw) == value


def test_a_blank_template_offers_lists_checks_and_instructions():
    content = blank_template(
        COLUMNS,
        title="年度填报表",
        notes=["单位：万元"],
        lists={"town": [f"虚构{n}街道" for n in range(80)]},
        created=CREATED,
    )
    book = loaded(content)
    main = book["填报"]
    checks = {str(check.sqref): check for check in main.data_validations.dataValidation}
    assert checks["I4:I2003"].formula1 == f"'{LISTS}'!$B$2:$B$81"
    assert checks["H4:H2003"].formula1 == f"'{LISTS}'!$A$2:$A$3"
    assert checks["C4:C2003"].type == "decimal"
    assert "留空，不要填 0" in checks["C4:C2003"].error
    assert checks["C4:C2003"].prompt == "填年度合计数"
    assert checks["F4:F2003"].type == "date"
    assert book[LISTS].sheet_state == "hidden"
    assert [c.value for c in book[LISTS]["B"]][:2] == ["镇街", "虚构0街道"]
    guide = {row[0].value: row for row in book[GUIDE].iter_rows(min_row=3)}
    assert guide["企业名称"][1].value == "是"
    assert guide["研发费用"][3].value == "万元"
    assert content == blank_template(
        COLUMNS,
        title="年度填报表",
        notes=["单位：万元"],
        lists={"town": [f"虚构{n}街道" for n in range(80)]},
        created=CREATED,
    )


def test_the_header_of_the_template_is_found_again():
    sheet = read_workbook(blank_template(COLUMNS, title="表", created=CREATED)).sheets[0]
    assert [cell.raw for cell in sheet.row(2).cells] == [column.title for column in COLUMNS]


@pytest.mark.parametrize(
    ("given", "key", "value"),
    [
        (cell("3,000"), "rd", D(3000)), (cell(D("12.5")), "rd", D("12.5")), (cell("3000万元"), "rd", D(3000)),
        (cell("—"), "rd", None), (cell(None), "rd", None), (cell("25"), "staff", 25),
        (cell("5.2%"), "ratio", D("0.052")),
        (cell("2015年3月2日"), "founded", date(2015, 3, 2)), (cell("20150302"), "founded", date(2015, 3, 2)),
        (cell(D("20150302")), "founded", date(2015, 3, 2)), (cell("2015/3/2"), "founded", date(2015, 3, 2)),
        (cell(D(2025)), "year", 2025), (cell("2025年"), "year", 2025), (cell("是"), "listed", True),
        (cell(False), "listed", False), (cell("虚构镇"), "town", "虚构镇"),
        (cell(D("440703"), "440703"), "code", "440703"),
        (cell(" 虚构甲 "), "name", "虚构甲"),
    ],
)  # fmt: skip
def test_a_cell_is_read_by_its_column(given, key, value):
    reading = read_cell(given, next(column for column in COLUMNS if column.key == key))
    assert (reading.value, reading.problem) == (value, None)


@pytest.mark.parametrize(
    ("given", "key", "message"),
    [
        (cell("3,0O0"), "rd", "第 12 行『研发费用』：“3,0O0”不是数字（第 4 位是字母 O）"),
        (cell("3000元"), "rd", "第 12 行『研发费用』：“3000元”的单位与本列单位（万元）不同，请换算后填写"),
        (cell("5%"), "rd", "第 12 行『研发费用』：“5%”是百分比，本列应填数值"),
        (cell(None), "name", "第 12 行『企业名称』：必填项为空"),
        (cell(None, "#REF!", problem="#REF!"), "rd", "第 12 行『研发费用』：公式出错（#REF!），请改填数值"),
        (cell("2.5"), "staff", "第 12 行『职工人数』：“2.5”不是整数"),
        (cell("25年"), "year", "第 12 行『年度』：“25年”不是年度，请填四位数，如 2025"),
        (cell("2015-02-30"), "founded", "第 12 行『成立日期』：“2015-02-30”在日历上不存在"),
        (cell("去年"), "founded", "第 12 行『成立日期』：“去年”不是日期，请按 2026-11-23 的格式填写"),
        (cell("大概"), "listed", "第 12 行『是否上市』：“大概”应填“是”或“否”"),
        (cell("别处"), "town", "第 12 行『镇街』：“别处”不在可选项中，可选：虚构街道、虚构镇"),
        (cell(True, "TRUE"), "rd", "第 12 行『研发费用』：“TRUE”不是数字"),
        (cell(date(2025, 1, 1)), "staff", "第 12 行『职工人数』：“2025-01-01”不是数字"),
    ],
)
def test_a_problem_names_row_header_and_reason(given, key, message):
    reading = read_cell(given, next(column for column in COLUMNS if column.key == key))
    assert reading.value is None
    assert str(reading.problem) == message


def test_no_hostile_text_is_run_and_each_comes_back_as_it_was():
    columns = (Column("text", "内容"), Column("code", "代码", ColumnKind.CODE))
    rows = [{"text": text, "code": text} for text in map(typed, TEXTS)]
    content = write_table(columns, rows, created=CREATED)
    cells = [cell for row in loaded(content).active.iter_rows(min_row=2, max_col=2) for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell.value for cell in cells if cell.hyperlink]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not [name for name in archive.namelist() if "external" in name or name.startswith("xl/worksheets/_rels")]
    sheet = read_workbook(content).sheets[0]
    read = [[cell.raw for cell in sheet.row(number).cells] for number in range(2, len(rows) + 2)]
    assert read == [[row["text"]] * 2 for row in rows]
    table = list(csv.reader(io.StringIO(write_csv(columns, rows).decode("utf-8-sig"), newline="")))
    assert not [cell for row in table[1:] for cell in row if cell[:1] in tuple("=+-@＝＋－＠\t\r\n")]
    assert [cell.removeprefix("'") for row in table[1:] for cell in row] == [
        text.removeprefix("'") for row in rows for text in row.values()
    ]
