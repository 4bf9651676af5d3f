"""Workbooks (.xlsx) whose insides are unusual or broken, though many of them open in Excel."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.workbooks.case import TABLE, TEXTS, Case
from tests.support.workbooks.ooxml import (
    LINKS,
    MAIN,
    PLAIN,
    XML,
    cell,
    one_sheet,
    packed,
    parts,
    relations,
    rows,
    sheet,
    strings,
    styles,
)  # fmt: skip

THREE = {"年报": 3}
DAMAGED = "不完整或已损坏"


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _read()
    yield from _strings()
    yield from _refused()
    yield from _fooling()


def _whole(name: str, content: bytes, filename: str = "年报.xlsx") -> Case:
    return Case(name, filename, content, cells=TEXTS, filled=THREE)


def _read() -> Iterator[Case]:
    yield _whole("xlsx-plain", packed(parts()))
    yield _whole("xlsx-strict", packed(parts(strict=True)))
    for name, reference in (
        ("too-small", "A1:B2"), ("too-large", "A1:XFD1048576"), ("one-cell", "A1"), ("empty", ""),
        ("absurd", "ZZZ9:A0"),
    ):  # fmt: skip
        yield _whole(f"dimension-{name}", one_sheet(rows(TABLE), before=f'<dimension ref="{reference}"/>'))
    yield from _addresses()
    yield from _places()
    prefixed = PLAIN.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x=")
    yield _whole("prefixed-elements", packed(parts({"年报": prefixed})))
    yield _whole("utf-16-parts", _utf16())
    yield _whole("pretty-printed", packed(parts({"年报": PLAIN.replace("><", ">\n  <")})))
    yield _whole("single-quotes", packed(parts({"年报": sheet(rows(TABLE).replace('"', "'"))})))
    yield _whole("comment-in-rows", one_sheet(rows(TABLE).replace('<row r="2">', '<row r="2"><!-- 备注 -->')))
    yield _whole("macros-are-data-only", packed(parts() | {"xl/vbaProject.bin": b"\x00macro"}), "年报.xlsm")
    yield Case("far-formatting", "年报.xlsx", one_sheet(rows(TABLE) + _formatted_far()), cells=TEXTS, filled=THREE)
    yield Case(
        "gap-of-rows", "年报.xlsx", one_sheet(rows(TABLE) + f'<row r="900">{cell("B900", "末行")}</row>'),
        cells={**TEXTS, "年报!B900": "末行"}, filled={"年报": 4},
    )  # fmt: skip
    hidden = rows(TABLE).replace('<row r="3">', '<row r="3" hidden="1">')
    yield Case("hidden-row", "年报.xlsx", one_sheet(hidden), cells=TEXTS, filled=THREE, hidden_rows=frozenset({3}))
    two = {"年报": PLAIN, "旧表": PLAIN, "辅助": PLAIN}
    states = {"旧表": "hidden", "辅助": "veryHidden"}
    yield Case("hidden-sheets", "年报.xlsx", packed(parts(two, states=states)), cells=TEXTS, hidden=("旧表", "辅助"))
    twice = packed(parts([("年报", PLAIN), ("年报", PLAIN)]))
    yield Case("same-sheet-names", "年报.xlsx", twice, refused="无法区分", at="年报")
    yield Case("chart-sheet-beside", "年报.xlsx", _with_chart([("年报", PLAIN)]), cells=TEXTS, filled=THREE)
    yield Case("merged-title", "年报.xlsx", _merged(), cells={"年报!A1": "二〇二五年度企业统计表"}, filled={"年报": 4})
    yield Case("empty-sheet", "年报.xlsx", packed(parts({"年报": sheet("")})), filled={"年报": 0})
    yield Case(
        "no-sheet-data", "年报.xlsx", packed(parts({"年报": f'{XML}<worksheet xmlns="{MAIN}"/>'})), filled={"年报": 0}
    )


def _addresses() -> Iterator[Case]:
    data = rows(TABLE)
    yield _whole("cells-without-address", one_sheet(_drop(data, "c")))
    yield _whole("rows-without-number", one_sheet(_drop(data, "row")))
    yield _whole("nothing-has-an-address", one_sheet(_drop(_drop(data, "row"), "c")))
    turned = data.replace('<c r="A2" t="inlineStr">', '<c t="inlineStr" r="A2">')
    yield _whole("attributes-turned-round", one_sheet(turned))


def _drop(data: str, tag: str) -> str:
    head, *pieces = data.split(f"<{tag} r=")
    return head + "".join(f"<{tag}" + piece.partition('"')[2].partition('"')[2] for piece in pieces)


def _places() -> Iterator[Case]:
    base = parts()
    link = base["xl/_rels/workbook.xml.rels"]
    absolute = {**base, "xl/_rels/workbook.xml.rels": link.replace(b'Target="', b'Target="/xl/')}
    yield _whole("absolute-targets", packed(absolute))
    moved = {path: content for path, content in base.items() if "sheet1" not in path}
    moved["xl/_rels/workbook.xml.rels"] = link.replace(b"worksheets/sheet1.xml", b"../data/blatt.xml")
    yield _whole("sheet-elsewhere", packed({**moved, "data/blatt.xml": base["xl/worksheets/sheet1.xml"]}))
    yield _whole("other-case", packed({path.replace("sheet1", "Sheet1"): content for path, content in base.items()}))
    yield _whole("backslashes", packed({path.replace("/", "\\"): content for path, content in base.items()}))
    book = {path.replace("xl/workbook.xml", "xl/book7.xml"): content for path, content in base.items()}
    book["_rels/.rels"] = base["_rels/.rels"].replace(b"workbook.xml", b"book7.xml")
    book["xl/_rels/book7.xml.rels"] = book.pop("xl/_rels/workbook.xml.rels")
    book["[Content_Types].xml"] = base["[Content_Types].xml"].replace(b"/workbook.xml", b"/book7.xml")
    yield _whole("workbook-elsewhere", packed(book))
    yield _whole("no-content-types", packed({p: c for p, c in base.items() if "Content_Types" not in p}))
    yield _whole("leading-byte-order-mark", packed({p: b"\xef\xbb\xbf" + c for p, c in base.items()}))


def _utf16() -> bytes:
    found = parts()
    text = found["xl/worksheets/sheet1.xml"].decode().replace("UTF-8", "UTF-16")
    return packed({**found, "xl/worksheets/sheet1.xml": text.encode("utf-16")})


def _formatted_far() -> str:
    return "".join(
        f'<row r="{n}" s="1" customFormat="1"><c r="A{n}" s="1"/></row>' for n in (5_000, 900_000, 1_048_576)
    )


def _merged() -> bytes:
    title = f'<row r="1">{cell("A1", "二〇二五年度企业统计表")}<c r="B1"/><c r="C1"/></row>'
    return one_sheet(title + rows(TABLE, 2), after='<mergeCells count="1"><mergeCell ref="A1:E1"/></mergeCells>')


def _with_chart(sheets: list[tuple[str, str]]) -> bytes:
    found = parts([*sheets, ("图表", f'{XML}<chartsheet xmlns="{MAIN}"/>')])
    number = len(sheets) + 1
    links = found["xl/_rels/workbook.xml.rels"].decode()
    links = links.replace(
        f'{LINKS}/worksheet" Target="worksheets/sheet{number}', f'{LINKS}/chartsheet" Target="worksheets/sheet{number}'
    )
    return packed({**found, "xl/_rels/workbook.xml.rels": links.encode()})


def _strings() -> Iterator[Case]:
    items = (
        "<si><t>企业名称</t></si>",
        "<si><r><t>虚构</t></r><r><rPr><b/></rPr><t>甲公司</t></r></si>",
        '<si><t>虚构乙</t><rPh sb="0" eb="2"><t>キョコウ</t></rPh><phoneticPr fontId="1"/></si>',
        '<si><t xml:space="preserve"> 两边有空格 </t></si>',
        "<si><t>甲&amp;乙 &lt;丙&gt; &#20013;</t></si>",
        "<si><t>第一行_x000D_\n第二行</t></si>",
        "<si/>",
        "<si><t/></si>",
        "<si><t>_x4E2D_国</t></si>",
    )
    data = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n - 1}</v></c></row>' for n in range(1, len(items) + 1))
    texts = ("企业名称", "虚构甲公司", "虚构乙", " 两边有空格 ", "甲&乙 <丙> 中", "第一行\n第二行", "", "", "中国")
    yield Case(
        "shared-strings", "年报.xlsx", one_sheet(data, strings=strings(*items)),
        cells={f"年报!A{n}": text for n, text in enumerate(texts, start=1)},
    )  # fmt: skip
    rich = (
        '<c r="A1" t="inlineStr"><is><r><t>虚构</t></r><r><t>丙</t></r></is></c><c r="B1" t="str"><v>甲&amp;乙</v></c>'
    )
    yield Case(
        "rich-inline",
        "年报.xlsx",
        one_sheet(f'<row r="1">{rich}</row>'),
        cells={"年报!A1": "虚构丙", "年报!B1": "甲&乙"},
    )
    yield Case(
        "string-out-of-range", "年报.xlsx", one_sheet(data, strings=strings(items[0])), refused="无法读取",
        at="年报!A2",
    )  # fmt: skip
    yield Case("strings-cut", "年报.xlsx", one_sheet(data, strings=strings(*items)[:-40]), refused=DAMAGED)


def _refused() -> Iterator[Case]:
    base = parts()

    def broken(name: str, refused: str = DAMAGED, at: str = "", **changes: bytes) -> Case:
        renamed = {
            {"sheet": "xl/worksheets/sheet1.xml", "book": "xl/workbook.xml", "links": "xl/_rels/workbook.xml.rels"}[
                key
            ]: value
            for key, value in changes.items()
        }  # noqa: E501
        return Case(name, "年报.xlsx", packed({**base, **renamed}), refused=refused, at=at)

    plain = PLAIN.encode()
    yield broken("sheet-cut", DAMAGED, "年报", sheet=plain[: len(plain) // 2])
    yield broken("sheet-cut-after-rows", DAMAGED, "年报!3", sheet=plain[: plain.index(b"</sheetData>") + 12])
    yield broken("sheet-cut-between-rows", DAMAGED, "年报!1", sheet=plain[: plain.index(b"</row>") + 6])
    yield broken("sheet-empty-part", DAMAGED, "年报", sheet=b"")
    yield broken("sheet-not-xml", DAMAGED, "年报", sheet=b"\x00\x01\x02 nothing")
    yield broken(
        "sheet-with-entities",
        DAMAGED,
        "年报",
        sheet=plain.replace(b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "b">]><worksheet'),
    )
    yield broken("tag-not-closed", DAMAGED, "年报!1", sheet=plain.replace(b"</c>", b"", 1))
    yield broken("row-not-closed", DAMAGED, "年报", sheet=plain.replace(b"</row>", b"", 1))
    yield broken("unknown-characters", DAMAGED, "年报", sheet=plain.replace("虚构甲".encode(), b"\xff\xfe\xfd"))
    yield broken("row-twice", "重复出现", "年报!2", sheet=plain.replace(b'<row r="3">', b'<row r="2">'))
    yield broken(
        "rows-out-of-order", "重复出现或次序颠倒", "年报!2", sheet=plain.replace(b'<row r="1">', b'<row r="9">')
    )
    yield broken("cell-twice", "重复出现", "年报!A2", sheet=plain.replace(b'r="B2"', b'r="A2"'))
    yield broken("book-cut", DAMAGED, book=base["xl/workbook.xml"][:-30])
    yield broken(
        "book-with-entities", DAMAGED, book=base["xl/workbook.xml"].replace(b"<workbook", b"<!DOCTYPE w []><workbook")
    )
    yield broken("links-cut", DAMAGED, links=base["xl/_rels/workbook.xml.rels"][:-20])
    yield broken(
        "sheet-missing", DAMAGED, "年报", links=relations([("rId1", "worksheet", "worksheets/sheet9.xml")]).encode()
    )
    yield Case("only-a-chart", "年报.xlsx", _with_chart([]), refused="只有图表页")
    yield Case("no-sheets", "年报.xlsx", packed(parts({})), refused="没有工作表")
    far = rows(TABLE) + f'<row r="1048576">{cell("XFD1048576", 1)}</row>'
    yield Case("content-far-away", "年报.xlsx", one_sheet(far), refused="范围过大", at="年报!XFD1048576")
    yield Case(
        "column-far-away",
        "年报.xlsx",
        one_sheet(f'<row r="1">{cell("XFD1", 1)}</row>'),
        refused="范围过大",
        at="年报!XFD1",
    )
    wrong_style = one_sheet('<row r="1"><c r="A1" s="99"><v>5</v></c></row>', styles=styles("0.00"))
    yield Case("style-out-of-range", "年报.xlsx", wrong_style, cells={"年报!A1": "5"})


def _fooling() -> Iterator[Case]:
    """Rows where a reader might not look for them: not one may vanish without a word."""
    row = f'<row r="4">{cell("A4", "虚构丙公司")}</row>'
    third, end = '<row r="3">', "</sheetData>"
    far = f"<!--{'远' * 300_000}-->"
    for name, refused, at, old, new in (
        ("in-a-second-part", DAMAGED, "年报!3", end, f"{end}<sheetData>{row}{end}"),
        ("in-a-second-part-far-behind", "没有读全", "年报!3", end, f"{end}{far}<sheetData>{row}{end}"),
        ("behind-the-rows", DAMAGED, "年报!3", end, end + row),
        ("far-behind-the-rows", "没有读全", "年报!3", end, end + far + row),
        ("behind-an-end-in-a-comment", "没有读全", "年报", "<sheetData>", "<!-- <sheetData/> --><sheetData>"),
        ("inside-a-row", DAMAGED, "年报", third, f'{third}<extLst>{row}</extLst>'),
        ("begun-in-a-comment", DAMAGED, "年报!2", third, f"{third}<!-- <row r='4'> -->"),
        ("between-others-in-a-comment", DAMAGED, "年报!2", third, f"<!--{row}-->{third}"),
        ("of-another-name", DAMAGED, "年报!3", end, f'<z:row xmlns:z="{MAIN}" r="4"/>{end}'),
        ("in-an-alternative", DAMAGED, "年报!2", third, f'<mc:Choice xmlns:mc="m">{row}</mc:Choice>{third}'),
    ):  # fmt: skip
        content = packed(parts({"年报": PLAIN.replace(old, new, 1)}))
        yield Case(f"rows-{name}", "年报.xlsx", content, refused=refused, at=at)
    odd = {path: xml.replace(b'/worksheet"', b'/table9"') for path, xml in parts().items()}
    yield Case("sheet-of-an-unknown-kind", "年报.xlsx", packed(odd), refused=DAMAGED, at="年报")
