"""Why a file is not read. Each sentence says what the file is and what to do about it."""

from __future__ import annotations

from typing import Any

from app.core.errors import Invalid
from app.core.text import Message, tr
from app.sheets.cells import letters


class NotATable(Invalid):
    """The file is no table this product reads."""

    def __init__(self, message: Message) -> None:
        super().__init__("file", message)


def empty() -> NotATable:
    return NotATable(tr("文件是空的（0 字节），请重新选择文件"))


def too_large(octets: int, limit: int) -> NotATable:
    return NotATable(
        tr("文件有 %(size)s MB，超过 %(limit)s MB，请拆分后再传", size=-(-octets // 1024**2), limit=limit // 1024**2)
    )


def other_kind(kind: Message) -> NotATable:
    return NotATable(tr("这个文件的内容是%(kind)s，不是表格。请上传 .xlsx、.xls、.xlsb、.ods 或 .csv 文件", kind=kind))


def to_be_saved_as(kind: Message) -> NotATable:
    """The file holds a table in a format of which a spreadsheet program makes one that is read."""
    return NotATable(
        tr("这个文件的内容是%(kind)s，不能直接读取。请用 Excel 或 WPS 打开，另存为 .xlsx 后上传", kind=kind)
    )


def encrypted() -> NotATable:
    return NotATable(tr("工作簿设有打开密码，无法读取。请在 Excel 或 WPS 中取消密码后另存，再上传"))


def from_child(told: dict[str, Any]) -> NotATable:
    """Return why the reading child gave the file back, with the place where it stopped."""
    sheet, row, column = str(told["sheet"]), int(told["row"]), int(told["column"])
    cell = f"{letters(column)}{row}" if row and column else ""
    match told["refused"]:
        case "wide":
            return too_wide(sheet, cell)
        case "password":
            return encrypted()
        case "twice" if sheet:
            return out_of_order(sheet, row, cell)
        case "lost" if sheet:
            return lost(sheet, row)
        case "more" if sheet:
            return more(sheet, row)
        case "damaged" if sheet:
            return damaged_at(sheet, row, cell)
        case _:
            return damaged()


def damaged() -> NotATable:
    return NotATable(tr("文件不完整或已损坏，无法打开。请用 Excel 或 WPS 打开并另存为 .xlsx 后再上传"))


def bomb() -> NotATable:
    return NotATable(tr("文件解压后过大或压缩比异常，未予读取。请删去多余的工作表和图片，另存为 .xlsx 后再上传"))


def damaged_at(sheet: str, row: int, cell: str = "") -> NotATable:
    if cell:
        return NotATable(
            tr(
                "文件不完整或已损坏：工作表“%(sheet)s”的单元格 %(cell)s 无法读取。"
                "请用 Excel 或 WPS 另存为 .xlsx 后再上传",
                sheet=sheet,
                cell=cell,
            )
        )
    if not row:
        return NotATable(
            tr("文件不完整或已损坏：工作表“%(sheet)s”无法打开。请用 Excel 或 WPS 另存为 .xlsx 后再上传", sheet=sheet)
        )
    return NotATable(
        tr(
            "文件不完整或已损坏：工作表“%(sheet)s”第 %(row)s 行之后无法读取。请用 Excel 或 WPS 另存为 .xlsx 后再上传",
            sheet=sheet,
            row=row,
        )
    )


def lost(sheet: str, row: int) -> NotATable:
    return NotATable(
        tr(
            "工作表“%(sheet)s”没有读全：第 %(row)s 行有数据而未能读出，未予读取。"
            "请用 Excel 或 WPS 打开并另存为 .xlsx 后再上传",
            sheet=sheet,
            row=row,
        )
    )


def more(sheet: str, row: int) -> NotATable:
    return NotATable(
        tr(
            "工作表“%(sheet)s”没有读全：第 %(row)s 行之后还有未能读出的行，未予读取。"
            "请用 Excel 或 WPS 打开并另存为 .xlsx 后再上传",
            sheet=sheet,
            row=row,
        )
    )


def out_of_order(sheet: str, row: int, cell: str = "") -> NotATable:
    if cell:
        return NotATable(
            tr(
                "工作表“%(sheet)s”的单元格 %(cell)s 在文件里重复出现或次序颠倒，不能确定以哪个为准，未予读取。"
                "请用 Excel 或 WPS 打开并另存为 .xlsx 后再上传",
                sheet=sheet,
                cell=cell,
            )
        )
    return NotATable(
        tr(
            "工作表“%(sheet)s”第 %(row)s 行在文件里重复出现或次序颠倒，不能确定以哪个为准，未予读取。"
            "请用 Excel 或 WPS 打开并另存为 .xlsx 后再上传",
            sheet=sheet,
            row=row,
        )
    )


def too_wide(sheet: str = "", cell: str = "") -> NotATable:
    if cell:
        return NotATable(
            tr(
                "工作表“%(sheet)s”的范围过大：单元格 %(cell)s 处还有内容，未予读取。"
                "请删去远处的内容，或把数据复制到新的工作表后另存，再上传",
                sheet=sheet,
                cell=cell,
            )
        )
    if sheet:
        return NotATable(
            tr(
                "工作表“%(sheet)s”的范围过大（可能在很远的单元格里留有内容），未予读取。"
                "请把数据复制到新的工作表后另存，再上传",
                sheet=sheet,
            )
        )
    return NotATable(
        tr("表格的范围过大（可能在很远的单元格里留有内容或格式），未予读取。请把数据复制到新的工作表后另存，再上传")
    )


def too_slow(seconds: float) -> NotATable:
    return NotATable(tr("表格在 %(seconds)s 秒内未能读完，未予读取。请减少内容或拆分后再上传", seconds=f"{seconds:g}"))


def same_name(sheet: str) -> NotATable:
    return NotATable(
        tr(
            "工作簿里有两张都名为“%(sheet)s”的工作表，无法区分其中的数据，未予读取。请把工作表“%(sheet)s”改名后另存，再上传",
            sheet=sheet,
        )
    )


def no_sheets() -> NotATable:
    return NotATable(tr("工作簿里没有工作表（可能只有图表页），请检查文件"))


def undecodable(line: int) -> NotATable:
    return NotATable(
        tr("第 %(line)s 行的文字编码无法识别。请把 CSV 另存为 UTF-8 编码，或直接上传 .xlsx 文件", line=line)
    )


def broken_quotes(line: int) -> NotATable:
    return NotATable(tr("第 %(line)s 行的引号没有配对，无法分列。请改用 .xlsx 文件，或检查这一行的引号", line=line))
