"""A questionnaire that was filled in (``fillable``), read back: every cell with its address, nothing guessed.

The file is read in the bounded child like every table. A question is found by its hidden key and a column by its title,
so that rows and columns may have been moved, sheets renamed, notes added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice

from app.core.text import tr
from app.sheets.cells import Cell, Row
from app.sheets.limits import Limits
from app.sheets.refusals import NotATable
from app.sheets.stream import Head, OpenWorkbook, open_workbook

HEAD_ROWS = 40
LIMITS = Limits(octets=10 * 1024**2, unpacked=64 * 1024**2, rows=20_000, columns=200, cells=200_000, memory=1024**3,
                cpu_seconds=20, seconds=30, handed_over=64 * 1024**2)  # fmt: skip
"""A questionnaire is small; whoever waits for its answer sits in front of a browser."""


@dataclass(frozen=True, slots=True)
class FilledCell:
    """A cell that could be filled in: its address, its text, or the code of the error it shows."""

    sheet: str
    address: str
    text: str
    error: str = ""

    @property
    def place(self) -> str:
        """Sheet and address: 财务!H12."""
        return f"{self.sheet}!{self.address}"


@dataclass(frozen=True, slots=True)
class FilledRow:
    """A question with its cells by column; a column that is gone has none. ``label`` is what the row is called."""

    key: str
    number: int
    cells: Mapping[str, FilledCell]
    label: str = ""


@dataclass(frozen=True, slots=True)
class FilledSheet:
    """A sheet of the questionnaire. ``strays`` are filled cells in rows that are no question."""

    name: str
    mark: str
    rows: tuple[FilledRow, ...]
    strays: tuple[FilledCell, ...]


def read_filled(
    content: bytes,
    filename: str,
    *,
    marked: str,
    titles: Mapping[str, str],
    label: str = "",
    report: Callable[[int, int], None] | None = None,
) -> list[FilledSheet]:
    """Return the sheets whose header bears a mark that begins with ``marked``; ``titles`` gives columns by title.

    ``label`` is the title of the column that says what a row is called. ``report`` is told how many sheets of how many
    are read, and may raise to stop. Raises ``NotATable`` for what cannot be read and for a sheet in which a question
    cannot be told.
    """
    with open_workbook(content, filename, limits=LIMITS) as book:
        found = []
        for number, head in enumerate(book.heads):
            if report is not None:
                report(number, len(book.heads))
            header = _header(book, head, marked)
            if header is not None:
                found.append(_sheet(book, head, header, titles, label))
            elif _lost_its_mark(book, head, titles):
                raise NotATable(
                    tr("工作表“%(sheet)s”的标识列（隐藏的 A 列）不见了，无法对应到各个问题。"
                       "请重新下载 Excel，把填好的内容抄过去再上传", sheet=head.name)
                )  # fmt: skip
        return found


@dataclass(frozen=True, slots=True)
class _Header:
    row: Row
    key: int
    mark: str


def _header(book: OpenWorkbook, head: Head, marked: str) -> _Header | None:
    for row in islice(book.filled_rows(head), HEAD_ROWS):
        for cell in row.cells:
            if cell.raw.startswith(marked):
                return _Header(row, cell.column, cell.raw.removeprefix(marked).strip())
    return None


def _lost_its_mark(book: OpenWorkbook, head: Head, titles: Mapping[str, str]) -> bool:
    """Tell whether a sheet without a mark has our columns to be filled in: somebody took the hidden column away."""
    return any(
        len({cell.raw.strip() for cell in row.cells} & titles.keys()) > 1
        for row in islice(book.filled_rows(head), HEAD_ROWS)
    )


def _sheet(book: OpenWorkbook, head: Head, header: _Header, titles: Mapping[str, str], label: str) -> FilledSheet:
    columns = _columns(head.name, header, titles)
    named = next((cell.column for cell in header.row.cells if label and cell.raw.strip() == label), None)
    rows: dict[str, FilledRow] = {}
    strays: list[FilledCell] = []
    for row in book.filled_rows(head):
        if row.number <= header.row.number:
            continue
        cells = {name: _read(row.at(column)) for name, column in columns.items()}
        key = row.at(header.key).raw.strip()
        if not key:
            strays += [cell for cell in cells.values() if cell.text.strip() or cell.error]
        elif key in rows and rows[key].cells.keys() == cells.keys() and _same(rows[key], cells):
            continue
        elif key in rows:
            raise NotATable(
                tr("工作表“%(sheet)s”第 %(first)s 行和第 %(second)s 行是同一个问题而内容不同，请删去其中一行后重新上传",
                   sheet=head.name, first=rows[key].number, second=row.number)
            )  # fmt: skip
        else:
            called = row.at(named).raw.strip() if named is not None else ""
            rows[key] = FilledRow(key, row.number, cells, called)
    return FilledSheet(head.name, header.mark, tuple(rows.values()), tuple(strays))


def _same(before: FilledRow, cells: Mapping[str, FilledCell]) -> bool:
    return all((one.text, one.error) == (cells[name].text, cells[name].error) for name, one in before.cells.items())


def _columns(sheet: str, header: _Header, titles: Mapping[str, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for cell in header.row.cells:
        name = titles.get(cell.raw.strip())
        if name is None:
            continue
        if name in found:
            raise NotATable(
                tr("工作表“%(sheet)s”有两列“%(title)s”（其中一列在 %(cell)s），无法区分，请删去多余的一列后重新上传",
                   sheet=sheet, title=cell.raw.strip(), cell=cell.address)
            )  # fmt: skip
        found[name] = cell.column
    if not found:
        raise NotATable(
            tr("工作表“%(sheet)s”第 %(row)s 行的表头里找不到填写列，请恢复表头，或重新下载后把内容抄过去",
               sheet=sheet, row=header.row.number)
        )  # fmt: skip
    return found


def _read(cell: Cell) -> FilledCell:
    return FilledCell(cell.sheet, cell.address, text_of(cell), cell.problem or "")


def text_of(cell: Cell) -> str:
    """Return what stands in a cell as a person would type it; empty for an error."""
    match cell.value:
        case None:
            return ""
        case bool():
            return "是" if cell.value else "否"
        case datetime() if cell.value.time() == time():
            return cell.value.date().isoformat()
        case str():
            return plain(cell.value)
        case datetime() | date():
            return str(cell.value)
        case _:
            return cell.raw


def plain(text: str) -> str:
    """Return a text as any spreadsheet program gives it back: one kind of line end, no signs that no sheet keeps."""
    return "".join(_kept(text.replace("\r\n", "\n").replace("\r", "\n")))


def _kept(text: str) -> Iterator[str]:
    for sign in text:
        code = ord(sign)
        if (code >= 0x20 or sign in "\n\t") and not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF):
            yield sign
