"""Old and binary workbooks: .xls by xlwt, .xlsb by a small writer of MS-XLSB records."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from datetime import date

import xlwt

from tests.support.workbooks.case import TABLE, TEXTS, Case
from tests.support.workbooks.ooxml import packed, relations, unpacked

THREE = {"年报": 3}


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _xls()
    yield from _xlsb()


# ---- .xls


def xls(table: Sequence[Sequence[object]] = TABLE, row: int = 0, column: int = 0) -> bytes:
    """Return a plain .xls."""
    book, sheet = _book()
    for r, values in enumerate(table, start=row):
        for c, value in enumerate(values, start=column):
            if value is not None:
                sheet.write(r, c, value)
    return _saved(book)


def _book() -> tuple[xlwt.Workbook, xlwt.Worksheet]:
    book = xlwt.Workbook(encoding="utf-8")
    return book, book.add_sheet("年报")


def _saved(book: xlwt.Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _xls() -> Iterator[Case]:
    plain = xls()
    yield Case("xls-plain", "年报.xls", plain, cells=TEXTS, filled=THREE)
    yield Case("xls-named-xlsx", "年报.xlsx", plain, cells=TEXTS, filled=THREE)
    yield Case("xls-begins-at-c4", "年报.xls", xls(row=3, column=2), cells={"年报!C4": "企业名称", "年报!E5": "1234.5"})
    many = [[f"虚构企业{n:05d}" + "字" * (n % 60), n] for n in range(2_000)]
    yield Case(
        "xls-strings-over-records", "年报.xls", xls(many), cells={"年报!A2000": many[-1][0]}, filled={"年报": 2_000}
    )  # type: ignore[dict-item]
    yield _xls_contents()
    yield _xls_hidden()
    for share in (0.2, 0.5, 0.9):
        yield Case(f"xls-cut-{share}", "年报.xls", plain[: int(len(plain) * share)], refused="不完整或已损坏")
    book, _sheet = _book()
    yield Case("xls-empty", "年报.xls", _saved(book), filled={"年报": 0})
    flipped = bytearray(plain)
    flipped[48:52] = b"\xee\xee\xee\x00"
    yield Case("xls-directory-lost", "年报.xls", bytes(flipped), refused="不完整或已损坏")
    yield Case("xls-header-only", "年报.xls", plain[:512], refused="不完整或已损坏")


def _xls_contents() -> Case:
    book, sheet = _book()
    dated, share = xlwt.easyxf(num_format_str="yyyy-mm-dd"), xlwt.easyxf(num_format_str="0.00%")
    sheet.write(0, 0, "指标")
    sheet.write(1, 0, date(2026, 1, 2), dated)
    sheet.write(2, 0, 0.0523, share)
    sheet.write(3, 0, True)
    sheet.row(4).set_cell_error(0, "#REF!")
    sheet.write(5, 0, -12.5)
    sheet.write(6, 0, "=1+1")
    cells = {"A2": "2026-01-02", "A3": "5.23%", "A4": "TRUE", "A5": "#REF!", "A6": "-12.5", "A7": "=1+1"}
    return Case(
        "xls-contents", "年报.xls", _saved(book), cells={f"年报!{place}": text for place, text in cells.items()},
        filled={"年报": 7}, problems={"年报!A5": "#REF!"},
    )  # fmt: skip


def _xls_hidden() -> Case:
    book, sheet = _book()
    for number, values in enumerate(TABLE):
        for place, value in enumerate(values):
            sheet.write(number, place, value)
    sheet.row(2).hidden = True
    old = book.add_sheet("旧表")
    old.write(0, 0, "去年")
    old.visibility = 1
    return Case(
        "xls-hidden", "年报.xls", _saved(book), cells={**TEXTS, "旧表!A1": "去年"}, hidden=("旧表",),
        hidden_rows=frozenset({3}),
    )  # fmt: skip


# ---- .xlsb


def record(kind: int, body: bytes = b"") -> bytes:
    """Write one record: kind and size in groups of seven bits."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, left = b"", len(body)
    while True:
        size += bytes([left & 0x7F | (0x80 if left > 0x7F else 0)])
        left >>= 7
        if not left:
            return head + size + body


def wide(text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return struct.pack("<I", len(encoded) // 2) + encoded


def row(number: int, *, hidden: bool = False) -> bytes:
    return record(0, struct.pack("<IIHBBB", number, 0, 300, 0, 0x10 if hidden else 0, 0) + struct.pack("<I", 0))


def value(column: int, found: object, style: int = 0) -> bytes:
    """Write one cell as Excel would."""
    place = struct.pack("<II", column, style)
    if isinstance(found, bool):
        return record(4, place + bytes([found]))
    if isinstance(found, int):
        return record(2, place + struct.pack("<I", (found << 2 | 2) & 0xFFFFFFFF))
    if isinstance(found, float):
        return record(5, place + struct.pack("<d", found))
    return record(6, place + wide(str(found)))


def sheet_part(data: bytes, after: bytes = b"", before: bytes = b"") -> bytes:
    dimension = record(148, struct.pack("<4I", 0, 1, 0, 1))
    return record(129) + dimension + before + record(145) + data + record(146) + after + record(130)


def table_rows(table: Sequence[Sequence[object]]) -> bytes:
    return b"".join(
        row(number) + b"".join(value(c, v) for c, v in enumerate(values) if v is not None)
        for number, values in enumerate(table)
    )


def xlsb(
    data: bytes | None = None, *, more: Sequence[tuple[str, int, bytes]] = (), strings: bytes = b"",
    styles: bytes = b"", **around: bytes,
) -> bytes:  # fmt: skip
    """Return an .xlsb with the sheet 年报 and ``more`` sheets (name, state, part)."""
    first = sheet_part(table_rows(TABLE) if data is None else data, **around)
    sheets = [("年报", 0, first), *more]
    book, targets = record(131) + record(153, struct.pack("<II", 0, 0) + wide("")) + record(143), []
    found = {"_rels/.rels": relations([("rId1", "officeDocument", "xl/workbook.bin")]).encode()}
    for n, (name, state, part) in enumerate(sheets, start=1):
        book += record(156, struct.pack("<II", state, n) + wide(f"rId{n}") + wide(name))
        targets.append((f"rId{n}", "worksheet", f"worksheets/sheet{n}.bin"))
        found[f"xl/worksheets/sheet{n}.bin"] = part
    for kind, part in (("sharedStrings", strings), ("styles", styles)):
        if part:
            targets.append((f"rId{kind}", kind, f"{kind}.bin"))
            found[f"xl/{kind}.bin"] = part
    found["xl/workbook.bin"] = book + record(144) + record(132)
    found["xl/_rels/workbook.bin.rels"] = relations(targets).encode()
    found["[Content_Types].xml"] = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return packed(found)


def _xlsb() -> Iterator[Case]:
    plain = xlsb()
    yield Case("xlsb-plain", "年报.xlsb", plain, cells=TEXTS, filled=THREE)
    yield Case("xlsb-named-xlsx", "年报.xlsx", plain, cells=TEXTS, filled=THREE)
    yield _xlsb_contents()
    hidden = row(0) + value(0, "名称") + row(1, hidden=True) + value(0, "虚构甲")
    old = sheet_part(row(0) + value(0, "去年"))
    yield Case(
        "xlsb-hidden", "年报.xlsb", xlsb(hidden, more=[("旧表", 1, old), ("辅助", 2, old)]), hidden=("旧表", "辅助"),
        hidden_rows=frozenset({2}), cells={"年报!A2": "虚构甲", "旧表!A1": "去年"},
    )  # fmt: skip
    yield Case("xlsb-cut-record", "年报.xlsb", xlsb(table_rows(TABLE)[:-3]), refused="不完整或已损坏", at="年报!3")
    yield Case("xlsb-without-end", "年报.xlsb", _without_end(), refused="不完整或已损坏", at="年报!3")
    yield Case(
        "xlsb-row-twice",
        "年报.xlsb",
        xlsb(row(0) + value(0, "甲") + row(0) + value(0, "乙")),
        refused="重复出现",
        at="年报!1",
    )
    yield Case("xlsb-cut", "年报.xlsb", plain[: len(plain) // 2], refused="不完整或已损坏")
    far = table_rows(TABLE) + row(1_048_575) + value(0, "远")
    yield Case("xlsb-content-far-away", "年报.xlsb", xlsb(far), refused="范围过大", at="年报!A1048576")
    twice = xlsb(table_rows(TABLE) + row(3) + value(1, "甲") + value(1, "乙"))
    yield Case("xlsb-cell-twice", "年报.xlsb", twice, refused="重复出现", at="年报!B4")
    shared = xlsb(table_rows(TABLE) + row(3) + record(7, struct.pack("<III", 2, 0, 99)))
    yield Case("xlsb-string-out-of-range", "年报.xlsb", shared, refused="无法读取", at="年报!C4")
    short = xlsb(table_rows(TABLE) + row(3) + record(17, struct.pack("<I", 0) + wide("虚构丙公司")))
    yield Case("xlsb-short-cells", "年报.xlsb", short, refused="没有读全", at="年报!4")
    after = xlsb(after=table_rows([("虚构丙公司",)]))
    yield Case("xlsb-rows-behind-the-end", "年报.xlsb", after, refused="重复出现", at="年报!3")


def _without_end() -> bytes:
    part = record(129) + record(145) + table_rows(TABLE)
    return packed({**unpacked(xlsb()), "xl/worksheets/sheet1.bin": part})


def _xlsb_contents() -> Case:
    strings = record(159, struct.pack("<II", 1, 1)) + record(19, b"\x00" + wide("共享文字")) + record(160)
    styles = (
        record(278) + record(615, struct.pack("<I", 1)) + record(44, struct.pack("<H", 164) + wide("0.00%"))
        + record(616) + record(617, struct.pack("<I", 3))
        + b"".join(record(47, struct.pack("<HH", 0, number) + bytes(12)) for number in (0, 164, 14)) + record(618)
        + record(279)
    )  # fmt: skip
    formula = struct.pack("<I", 0) + struct.pack("<I", 0)
    data = (
        row(0) + record(7, struct.pack("<III", 0, 0, 0))
        + row(1) + value(0, 0.0523, 1)
        + row(2) + value(0, 46024, 2)
        + row(3) + record(3, struct.pack("<II", 0, 0) + b"\x17")
        + row(4) + record(9, struct.pack("<IId", 0, 0, 2.5) + b"\x00\x00" + formula)
        + row(5) + record(8, struct.pack("<II", 0, 0) + wide("公式文字") + b"\x00\x00" + formula)
        + row(6) + value(0, True)
        + row(7) + record(1, struct.pack("<II", 0, 0))
        + row(8) + record(2, struct.pack("<III", 0, 0, 12345 << 2 | 3))
    )  # fmt: skip
    texts = {1: "共享文字", 2: "5.23%", 3: "2026-01-02", 4: "#REF!", 5: "2.5", 6: "公式文字", 7: "TRUE", 9: "123.45"}
    return Case(
        "xlsb-contents", "年报.xlsb", xlsb(data, strings=strings, styles=styles),
        cells={f"年报!A{number}": text for number, text in texts.items()}, filled={"年报": 8},
        problems={"年报!A4": "#REF!"},
    )  # fmt: skip
