import io
import zipfile
from datetime import date, datetime, time
from decimal import Decimal as D

import openpyxl
import pytest

from app.sheets.cells import Visibility, column_number, letters
from app.sheets.limits import Limits
from app.sheets.read import read_workbook
from app.sheets.refusals import NotATable


def xlsx(fill):
    book = openpyxl.Workbook()
    fill(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def with_cells(**cells):
    def fill(book):
        for address, value in cells.items():
            book.active[address] = value
        book.active.title = "年报"

    return xlsx(fill)


def rezip(content, change):
    """Write the archive anew with one member changed by ``change(name, bytes)``."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return target.getvalue()


def test_every_cell_knows_its_place_its_type_and_its_text():
    sheet = read_workbook(
        with_cells(
            B3="企业",
            C3=1.1,
            D3=3000,
            E3=date(2026, 1, 2),
            F3=datetime(2026, 1, 2, 3, 4, 5),
            G3=True,
            H3="00012",
            I3=time(8, 30),
            J3=0.30000000000000004,
            K3="=1/0",
        )
    ).sheet("年报")
    values = {cell.address: cell.value for cell in sheet.row(3).cells if cell.value is not None}
    assert values == {
        "B3": "企业", "C3": D("1.1"), "D3": D(3000), "E3": date(2026, 1, 2), "F3": datetime(2026, 1, 2, 3, 4, 5),
        "G3": True, "H3": "00012", "I3": time(8, 30), "J3": D("0.3"),
    }  # fmt: skip
    assert not any(isinstance(value, float) for value in values.values())
    assert sheet.cell("D3").raw == "3000"
    assert sheet.cell("B3").place == "年报!B3"
    assert sheet.cell("A1").is_blank
    assert sheet.cell("ZZ999").is_blank
    assert sheet.row(1).is_blank
    assert [row.number for row in sheet.rows] == [1, 2, 3]


@pytest.mark.parametrize("corner", ["A1", "A4", "D1", "D4"])
def test_addresses_hold_wherever_the_data_begins(corner):
    column, line = corner[0], int(corner[1])
    below = chr(ord(column) + 2) + str(line + 3)
    sheet = read_workbook(with_cells(**{corner: "起", below: "止"})).sheets[0]
    found = {cell.address: cell.value for row in sheet.rows for cell in row.cells if not cell.is_blank}
    assert found == {corner: "起", below: "止"}


def test_a_formula_error_is_missing_with_its_code_and_never_zero():
    def fill(name, content):
        return (
            content.replace(b"<v></v>", b"<v>#REF!</v>").replace(b"<v />", b"<v>#REF!</v>")
            if "sheet1" in name
            else content
        )

    content = rezip(with_cells(A1="值", B2=7, C2="#DIV/0!"), fill)
    cell = read_workbook(content).sheets[0].cell("C2")
    assert (cell.value, cell.problem, cell.raw) == (None, "#DIV/0!", "#DIV/0!")
    assert not cell.is_blank


def test_a_long_number_keeps_all_its_digits():
    def fill(name, content):
        return content.replace(b"<v>5</v>", b"<v>440703123456789012</v>") if "sheet1" in name else content

    cell = read_workbook(rezip(with_cells(A1=5), fill)).sheets[0].cell("A1")
    assert cell.raw == "440703123456789012"
    assert cell.value == D("440703123456789012")


def test_an_open_document_is_read_too():
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    cells = (
        '<table:table-cell office:value-type="string"><text:p>虚构甲</text:p></table:table-cell>'
        '<table:table-cell office:value-type="float" office:value="12.5"><text:p>12.5</text:p></table:table-cell>'
    )
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{space}office:1.0" xmlns:table="{space}table:1.0"'
        f' xmlns:text="{space}text:1.0" office:version="1.2"><office:body><office:spreadsheet><table:table '
        f'table:name="年报"><table:table-row>{cells}</table:table-row></table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    manifest = f'<manifest:manifest xmlns:manifest="{space}manifest:1.0">%s</manifest:manifest>'
    members = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}
    plain = archive_of(**members, **{"META-INF/manifest.xml": manifest % ""})
    sheet = read_workbook(plain).sheet("年报")
    assert [cell.value for cell in sheet.row(1).cells] == ["虚构甲", D("12.5")]
    locked = archive_of(**members, **{"META-INF/manifest.xml": manifest % "<manifest:encryption-data/>"})
    with pytest.raises(NotATable, match="打开密码"):
        read_workbook(locked)


def test_hidden_sheets_are_told_and_rows_are_counted():
    def fill(book):
        book.active.append(["甲", 1])
        book.active.append(["乙", 2])
        book.create_sheet("旧表").sheet_state = "veryHidden"
        book.create_sheet("辅助").sheet_state = "hidden"
        book.active.merge_cells("A5:B6")

    book = read_workbook(xlsx(fill))
    assert [sheet.visibility for sheet in book.sheets] == [
        Visibility.VISIBLE,
        Visibility.VERY_HIDDEN,
        Visibility.HIDDEN,
    ]
    assert book.sheets[0].declared_rows >= 2
    assert book.sheets[0].merged == ("A5:B6",)
    assert book.sheet("没有") is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_the_encodings_and_delimiters_of_offices(encoding, delimiter):
    lines = [["企业名称", "代码", "营业收入"], ["虚构鑫淼公司", "00123", '3,000 "万"'], ["虚构乙公司", "", "-5"]]
    text = "\r\n".join(delimiter.join(f'"{f.replace(chr(34), chr(34) * 2)}"' for f in line) for line in lines)
    book = read_workbook(text.encode(encoding), "年报 2025.csv")
    sheet = book.sheet("年报 2025")
    assert book.kind == "csv"
    assert [[cell.raw for cell in row.cells] for row in sheet.rows] == lines
    assert sheet.cell("B2").value == "00123"
    assert sheet.cell("B3").value is None


def test_a_line_break_inside_a_field_is_part_of_it():
    sheet = read_workbook('名称,备注\n甲,"一\n二"\n'.encode()).sheets[0]
    assert sheet.cell("B2").raw == "一\n二"
    assert sheet.height == 2


def test_one_kilobyte_that_would_end_the_process_is_refused():
    parts = {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
        'main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/'
        'package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/'
        'spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">'
        '<c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>',
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    with pytest.raises(NotATable, match="工作表“S”的范围过大"):
        read_workbook(target.getvalue())


def ole(name):
    return bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 600 + name.encode("utf-16-le") + b"\x00" * 600


def archive_of(**members):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "文件是空的"),
        (b"%PDF-1.7 ...", "PDF 文档"),
        (b"\x89PNG\r\n\x1a\n....", "图片"),
        (b"\xff\xd8\xff\xe0....", "图片"),
        ("<html><table><tr><td>甲</td></tr></table></html>".encode(), "网页（HTML）"),
        ("\ufeff  <!DOCTYPE html><p>甲".encode(), "网页（HTML）"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "XML 文本"),
        (b"Rar!\x1a\x07", "压缩包"),
        (b"{\\rtf1 }", "写字板"),
        (b"\x7fELF\x00\x00\x01", "二进制"),
        (ole("EncryptedPackage"), "设有打开密码"),
        (ole("WordDocument"), "Word"),
        (ole("PowerPoint Document"), "演示文稿"),
        (ole("Something"), "不完整或已损坏"),
        (ole("Workbook"), "不完整或已损坏"),
        (archive_of(word__document="x", a="y").replace(b"word/document", b"word/document"), "压缩包"),
        (archive_of(readme="x"), "压缩包；请解压"),
        (b"PK\x03\x04 not really", "不完整或已损坏"),
        (b"   \r\n  ", "文件是空的"),
        ("名称\n甲\udc80".encode("utf-8", "surrogateescape") + b"\xff\xff", "编码无法识别"),
        ('名称,备注\n甲,"未完'.encode(), "引号没有配对"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(content, reason):
    with pytest.raises(NotATable, match=reason) as caught:
        read_workbook(content, "年报.xlsx")
    assert caught.value.field == "file"


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_truncated_workbook_is_refused(share):
    content = with_cells(**{f"A{n}": f"虚构{n}" for n in range(1, 300)})
    with pytest.raises(NotATable, match="不完整或已损坏"):
        read_workbook(content[: int(len(content) * share)])


def test_a_workbook_with_broken_insides_is_refused():
    def fill(name, content):
        return content[: len(content) // 2] if "sheet1.xml" in name else content

    with pytest.raises(NotATable, match="不完整或已损坏"):
        read_workbook(rezip(with_cells(A1="甲", B2=3), fill))


def test_bombs_are_refused_by_their_directory():
    big = archive_of(xl__workbook="x")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "x")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 30 * 1024**2)
    with pytest.raises(NotATable, match="解压后过大或压缩比异常"):
        read_workbook(target.getvalue())
    with pytest.raises(NotATable, match="解压后过大"):
        read_workbook(target.getvalue(), limits=Limits(unpacked=1024))
    with pytest.raises(NotATable, match="解压后过大"):
        read_workbook(archive_of(**{f"m{n}": "x" for n in range(30)}), limits=Limits(members=20))
    with pytest.raises(NotATable, match="超过 1 MB"):
        read_workbook(big + b"\x00" * 2 * 1024**2, limits=Limits(octets=1024**2))


@pytest.mark.parametrize("content", [with_cells(A1="甲", B400="乙"), ("甲,乙\n" * 400).encode()])
def test_a_table_larger_than_allowed_is_refused(content):
    with pytest.raises(NotATable, match="范围过大"):
        read_workbook(content, limits=Limits(rows=300))


def test_a_reader_that_takes_too_long_is_stopped():
    with pytest.raises(NotATable, match="未能读完"):
        read_workbook(with_cells(A1="甲"), limits=Limits(seconds=0.01))


def test_a_sheet_with_entities_is_not_expanded():
    def fill(name, content):
        if "xl/workbook.xml" not in name:
            return content
        return content.replace(b"<workbook", b'<!DOCTYPE w [<!ENTITY a "aaaa">]><workbook', 1)

    content = rezip(with_cells(A1="甲"), fill)
    try:
        book = read_workbook(content)
    except NotATable:
        return
    assert book.sheets[0].declared_rows is None


@pytest.mark.parametrize(
    ("number", "text"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA"), (16384, "XFD")]
)
def test_column_letters(number, text):
    assert letters(number) == text
    assert column_number(text) == number


@pytest.mark.parametrize("address", ["a1", "A0", "1A", "AAAA1", ""])
def test_a_wrong_address_is_an_error(address):
    with pytest.raises(ValueError, match="cell address"):
        read_workbook(b"a,b").sheets[0].cell(address)


def test_signs_that_divide_what_the_child_hands_over_may_stand_in_a_text():
    sheet = read_workbook(with_cells(A1="甲_x001F_乙_x001E_丙", A2="上\n下", B2=3, A3="丁")).sheets[0]
    found = [[cell.raw for cell in row.cells] for row in sheet.rows]
    assert found == [["甲\x1f乙\x1e丙", ""], ["上\n下", "3"], ["丁", ""]]
