"""A workbook comes back as its owner's, with every problem in it and nothing lost."""

import io
import zipfile

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from app.sheets.annotate import annotate
from app.sheets.annotated.mark import LIST, Mark
from app.sheets.limits import Limits
from app.sheets.read import read_workbook
from app.sheets.refusals import NotATable
from tests.support.workbooks import binary, opened
from tests.support.workbooks.case import TABLE
from tests.support.workbooks.every import all_workbooks
from tests.support.workbooks.ooxml import cell, one_sheet, packed, parts, rows, unpacked

# only the child that annotates is started; what it made is read here
pytestmark = pytest.mark.usefixtures("in_process")

MARKS = [
    Mark("年报", "C2", "1234.5", "第 2 行『营业收入』：像是单位错了", "0.12345", is_error=False),
    Mark("年报", "B3", "91440703MA00000027", "第 3 行『统一社会信用代码』：校验位不对 <&>", "=HYPERLINK(1)"),
    Mark("年报", "H3", "", "第 3 行『年度』：必填项为空"),
    Mark("年报", "C2", "1234.5", "第 2 行『营业收入』：与去年相差 1000 倍"),
]


def own_file():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "年报"
    for row in TABLE:
        sheet.append(row)
    sheet["B3"].font = Font(bold=True, color="FF0000FF")
    sheet["D3"].fill = PatternFill("solid", fgColor="FF00FF00")
    sheet["A9"] = "=SUM(C2:C3)"
    sheet["A1"].comment = Comment("我自己的批注", "王某")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=3, min_row=1, max_row=3))
    sheet.add_chart(chart, "J2")
    book.create_sheet("旧表").sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def loaded(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def texts(content, filename=""):
    book = read_workbook(content, filename)
    return {
        sheet.name: [row.texts() for row in sheet.filled] for sheet in book.sheets if not sheet.name.startswith(LIST)
    }


def test_an_own_workbook_keeps_everything_and_gains_colours_comments_and_a_list():
    own = own_file()
    content = annotate(own, "年报.xlsx", MARKS)
    book = loaded(content)
    sheet = book["年报"]
    assert texts(content) == texts(own)
    assert book.sheetnames == ["年报", "旧表", LIST]
    assert book["旧表"].sheet_state == "hidden"
    assert sheet["A9"].value == "=SUM(C2:C3)"
    assert sheet["B3"].font.bold
    assert (sheet["B3"].fill.fgColor.rgb, sheet["C2"].fill.fgColor.rgb) == ("FFFAD4D0", "FFFAD4D0")
    assert sheet["D3"].fill.fgColor.rgb == "FF00FF00"
    assert sheet["H3"].fill.fgColor.rgb == "FFFAD4D0"
    assert "校验位不对 <&>" in sheet["B3"].comment.text
    assert "建议改为：=HYPERLINK(1)" in sheet["B3"].comment.text
    assert "像是单位错了" in sheet["C2"].comment.text
    assert "相差 1000 倍" in sheet["C2"].comment.text
    assert sheet["A1"].comment.text == "我自己的批注"
    before, after = unpacked(own), unpacked(content)
    untouched = [path for path in before if "chart" in path or "drawing1.xml" in path]
    assert untouched
    assert all(before[path] == after[path] for path in untouched)


def test_the_list_names_and_links_every_problem_and_runs_nothing():
    listed = loaded(annotate(own_file(), "年报.xlsx", MARKS))[LIST]
    assert [c.value for c in listed[1]] == ["工作表", "单元格", "原来的内容", "问题", "建议改为"]
    assert [c.value for c in listed[3]] == ["年报", "B3", "91440703MA00000027", MARKS[1].problem, "=HYPERLINK(1)"]
    assert listed["E3"].data_type == "s"
    assert listed["B3"].hyperlink.location == "'年报'!B3"
    assert listed.max_row == len(MARKS) + 1


def test_a_workbook_annotated_twice_gets_a_second_list():
    once = annotate(own_file(), "年报.xlsx", MARKS)
    plain = annotate(packed(parts()), "年报.xlsx", MARKS[:1])
    for content, again in (
        (plain, annotate(plain, "年报.xlsx", MARKS[:1])),
        (once, annotate(once, "年报.xlsx", MARKS)),
    ):
        assert f"{LIST} (2)" in loaded(again).sheetnames
        assert texts(again) == texts(content)


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("年报.xls", binary.xls()),
        ("年报.xlsb", binary.xlsb()),
        ("年报.ods", opened.ods(opened.table(opened.PLAIN))),
        ("年报.csv", "".join(",".join(map(str, row)) + "\n" for row in TABLE).encode("gb18030")),
        ("年报.xlsx", packed(parts(strict=True))),
    ],
)
def test_other_formats_come_back_as_xlsx_with_the_same_cells(filename, content):
    back = annotate(content, filename, MARKS)
    assert texts(back) == texts(content, filename)
    sheet = loaded(back)["年报"]
    assert sheet["B3"].fill.fgColor.rgb == "FFFAD4D0"
    assert "校验位不对" in sheet["B3"].comment.text
    assert loaded(back)[LIST]["B3"].hyperlink.location == "'年报'!B3"


READ = [case for case in all_workbooks() if not case.refused and not case.filename.endswith("csv")]


@pytest.mark.parametrize("case", READ[::12], ids=lambda case: case.name)
def test_whatever_can_be_read_comes_back_whole(case):
    back = annotate(case.content, case.filename, [Mark("年报", "A2", "x", "有问题"), Mark("年报", "C700", "", "空的")])
    assert texts(back) == texts(case.content, case.filename)
    assert read_workbook(back).sheet(LIST).row(2).at(4).raw == "有问题"


def test_a_row_that_closes_itself_takes_a_mark():
    content = one_sheet(rows(TABLE) + f'<row r="4" ht="20"/><row r="7">{cell("B7", 5)}</row>')
    back = annotate(content, "年报.xlsx", [Mark("年报", "B4", "", "空行"), Mark("年报", "A7", "", "空的")])
    sheet = loaded(back)["年报"]
    assert sheet["B4"].fill.fgColor.rgb == sheet["A7"].fill.fgColor.rgb == "FFFAD4D0"
    assert sheet["B7"].value == 5


def test_what_cannot_be_read_is_refused_here_too():
    with pytest.raises(NotATable, match="不完整或已损坏"):
        annotate(packed(parts())[:400], "年报.xlsx", MARKS)
    with pytest.raises(NotATable, match="未能读完"):
        annotate(packed(parts()), "年报.xlsx", MARKS, limits=Limits(seconds=0.001))
    with pytest.raises(ValueError, match="cell address"):
        annotate(packed(parts()), "年报.xlsx", [Mark("年报", "第三行", "", "x")])


def test_the_package_is_whole():
    content = annotate(packed(parts()), "年报.xlsx", MARKS)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert len(set(archive.namelist())) == len(archive.namelist())
