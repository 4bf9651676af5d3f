"""OpenDocument spreadsheets (.ods), written as LibreOffice and WPS write them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.workbooks.case import TABLE, TEXTS, Case
from tests.support.workbooks.ooxml import packed

SPACE = "urn:oasis:names:tc:opendocument:xmlns:"
KIND = b"application/vnd.oasis.opendocument.spreadsheet"
THREE = {"年报": 3}


def ods(tables: str, styles: str = "", **more: bytes) -> bytes:
    """Return an .ods with these tables."""
    names = "".join(f' xmlns:{name}="{SPACE}{name}:1.0"' for name in ("office", "table", "text", "style"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names} office:version="1.3">'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>{tables}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'<manifest:manifest xmlns:manifest="{SPACE}manifest:1.0"/>'.encode()
    return packed({"mimetype": KIND, "content.xml": content.encode(), "META-INF/manifest.xml": manifest, **more})


def cell(value: object, more: str = "") -> str:
    if value is None:
        return f"<table:table-cell{more}/>"
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"{more}><text:p>{value}</text:p></table:table-cell>'
    shown = f"<text:p>{value}</text:p></table:table-cell>"
    return f'<table:table-cell office:value-type="float" office:value="{value}"{more}>{shown}'


def table(rows: str, name: str = "年报", more: str = "") -> str:
    return f'<table:table table:name="{name}"{more}>{rows}</table:table>'


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


PLAIN = "".join(row(*map(cell, values)) for values in TABLE)
REST = row(cell(None, ' table:number-columns-repeated="16384"'), more=' table:number-rows-repeated="1048573"')


def cases() -> Iterator[Case]:
    """All of them."""
    yield Case("ods-plain", "年报.ods", ods(table(PLAIN)), cells=TEXTS, filled=THREE)
    yield Case("ods-named-xlsx", "年报.xlsx", ods(table(PLAIN)), cells=TEXTS, filled=THREE)
    yield Case("ods-rest-of-sheet-repeated", "年报.ods", ods(table(PLAIN + REST)), cells=TEXTS, filled=THREE)
    twice = PLAIN + row(cell("同", ' table:number-columns-repeated="2"'), more=' table:number-rows-repeated="3"')
    yield Case("ods-repeated", "年报.ods", ods(table(twice)), cells={"年报!B6": "同"}, filled={"年报": 6})
    yield _contents()
    inner = '<style:table-properties table:display="false"/>'
    style = f'<style:style style:name="ta2" style:family="table">{inner}</style:style>'
    hidden = table(PLAIN) + table(row(cell("去年")), "旧表", ' table:style-name="ta2"')
    yield Case("ods-hidden-sheet", "年报.ods", ods(hidden, style), cells={**TEXTS, "旧表!A1": "去年"}, hidden=("旧表",))
    collapsed = row(cell("甲")) + row(cell("乙"), more=' table:visibility="collapse"')
    yield Case("ods-hidden-row", "年报.ods", ods(table(collapsed)), cells={"年报!A2": "乙"}, hidden_rows=frozenset({2}))
    heads = f"<table:table-header-rows>{row(cell('名称'))}</table:table-header-rows>"
    grouped = f"{heads}<table:table-row-group>{row(cell('甲'))}</table:table-row-group>"
    yield Case(
        "ods-groups", "年报.ods", ods(table(grouped)), cells={"年报!A1": "名称", "年报!A2": "甲"}, filled={"年报": 2}
    )
    yield Case("ods-empty", "年报.ods", ods(table("")), filled={"年报": 0})
    yield Case("ods-without-sheets", "年报.ods", ods(""), refused="没有工作表")
    far = PLAIN + row(cell("同"), more=' table:number-rows-repeated="1048570"')
    yield Case("ods-filled-down", "年报.ods", ods(table(far)), refused="范围过大", at="年报!A200001")
    wide = row(cell("同", ' table:number-columns-repeated="16384"'))
    yield Case("ods-filled-across", "年报.ods", ods(table(wide)), refused="范围过大", at="年报!XFD1")
    shown = row('<table:table-cell office:value-type="float"><text:p>12.5</text:p></table:table-cell>')
    yield Case("ods-shown-without-a-value", "年报.ods", ods(table(shown)), cells={"年报!A1": "12.5"})
    inner = row(f"<table:table-cell><text:p>外</text:p>{table(row(cell('虚构丙公司')), '内')}</table:table-cell>")
    yield Case("ods-table-in-a-cell", "年报.ods", ods(table(PLAIN + inner)), refused="没有读全", at="年报!4")
    beside = PLAIN + row("<table:odd><text:p>虚构丙公司</text:p></table:odd>")
    yield Case("ods-text-beside-cells", "年报.ods", ods(table(beside)), refused="没有读全", at="年报!4")
    plain = ods(table(PLAIN))
    yield Case("ods-cut", "年报.ods", plain[: len(plain) // 2], refused="不完整或已损坏")
    yield Case("ods-insides-cut", "年报.ods", ods(table(PLAIN), **{"content.xml": b"<a><b>"}), refused="不完整或已损坏")
    bomb = b'<!DOCTYPE a [<!ENTITY b "cc">]><a>&b;</a>'
    yield Case("ods-with-entities", "年报.ods", ods(table(PLAIN), **{"content.xml": bomb}), refused="不完整或已损坏")
    locked = {"META-INF/manifest.xml": b"<manifest:manifest><manifest:encryption-data/></manifest:manifest>"}
    yield Case("ods-with-password", "年报.ods", ods(table(PLAIN), **locked), refused="打开密码")


def _contents() -> Case:
    def typed(kind: str, more: str, text: str = "x") -> str:
        return row(f'<table:table-cell office:value-type="{kind}" {more}><text:p>{text}</text:p></table:table-cell>')

    rows = (
        typed("percentage", 'office:value="0.0523"')
        + typed("date", 'office:date-value="2026-01-02"')
        + typed("boolean", 'office:boolean-value="true"')
        + typed("time", 'office:time-value="PT08H30M00S"')
        + typed("currency", 'office:value="12.5"')
        + typed("string", "", "#DIV/0!")
        + typed("string", "", "两<text:s text:c='2'/>格<text:line-break/><text:span>粗</text:span>")
        + row('<table:table-cell office:value-type="string"><text:p>一</text:p><text:p>二</text:p></table:table-cell>')
    )
    texts = ("5.23%", "2026-01-02", "TRUE", "8:30:00", "12.5", "#DIV/0!", "两  格\n粗", "一\n二")
    return Case(
        "ods-contents", "年报.ods", ods(table(rows)), problems={"年报!A6": "#DIV/0!"},
        cells={f"年报!A{number}": text for number, text in enumerate(texts, start=1)},
    )  # fmt: skip
