"""Building .xlsx files part by part, so that each can be wrong in its own way."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from tests.support.workbooks.case import TABLE

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_LINKS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

Parts = dict[str, bytes]


def letter(column: int) -> str:
    return chr(64 + column)


def cell(place: str, value: object, more: str = "") -> str:
    """Write one cell with its value in place, as most writers other than Excel do."""
    if value is None:
        return f'<c r="{place}"{more}/>'
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"{more}><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}"{more}><v>{value}</v></c>'


def rows(table: Sequence[Sequence[object]], first: int = 1) -> str:
    return "".join(
        f'<row r="{number}">' + "".join(cell(f"{letter(c)}{number}", v) for c, v in enumerate(row, start=1)) + "</row>"
        for number, row in enumerate(table, start=first)
    )


def sheet(data: str, before: str = "", after: str = "", main: str = MAIN) -> str:
    return f'{XML}<worksheet xmlns="{main}" xmlns:r="{LINKS}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'


PLAIN = sheet(rows(TABLE))


def parts(
    sheets: Mapping[str, str] | Sequence[tuple[str, str]] = (("年报", PLAIN),),
    *,
    states: Mapping[str, str] | None = None,
    strings: str = "",
    styles: str = "",
    book: str = "",
    strict: bool = False,
) -> Parts:
    """Return the parts of a workbook, by path."""
    listed = list(sheets.items() if isinstance(sheets, Mapping) else sheets)
    main, links = (STRICT_MAIN, STRICT_LINKS) if strict else (MAIN, LINKS)
    entries = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"'
        + (f' state="{states[name]}"' if states and name in states else "")
        + "/>"
        for n, (name, _xml) in enumerate(listed, start=1)
    )
    targets = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(listed) + 1)]
    found: dict[str, str] = {
        "_rels/.rels": relations([("rId1", "officeDocument", "xl/workbook.xml")], links),
        "xl/workbook.xml": f'{XML}<workbook xmlns="{main}" xmlns:r="{links}">{book}<sheets>{entries}</sheets>',
    }
    found["xl/workbook.xml"] += "</workbook>"
    for n, (_name, xml) in enumerate(listed, start=1):
        found[f"xl/worksheets/sheet{n}.xml"] = xml.replace(MAIN, main) if strict else xml
    for kind, text in (("sharedStrings", strings), ("styles", styles)):
        if text:
            targets.append((f"rId{kind}", kind, f"{kind}.xml"))
            found[f"xl/{kind}.xml"] = text
    found["xl/_rels/workbook.xml.rels"] = relations(targets, links)
    found["[Content_Types].xml"] = _types(found)
    return {path: text.encode() for path, text in found.items()}


def relations(targets: Sequence[tuple[str, str, str]], links: str = LINKS) -> str:
    entries = "".join(f'<Relationship Id="{i}" Type="{links}/{kind}" Target="{to}"/>' for i, kind, to in targets)
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{entries}</Relationships>'


def _types(found: Mapping[str, str]) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    named = {"xl/workbook.xml": "sheet.main", "xl/sharedStrings.xml": "sharedStrings", "xl/styles.xml": "styles"}
    entries = "".join(
        f'<Override PartName="/{path}" ContentType="{kind}.{named.get(path, "worksheet")}+xml"/>'
        for path in found
        if path.startswith("xl/") and not path.endswith(".rels")
    )
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'{XML}<Types xmlns="{PACKAGE}/content-types">{rels}{entries}</Types>'


def styles(*codes: str) -> str:
    """Return styles where cell style n has the format ``codes[n - 1]``; style 0 is plain."""
    formats = "".join(
        f'<numFmt numFmtId="{163 + n}" formatCode={quoteattr(code)}/>' for n, code in enumerate(codes, start=1)
    )
    xfs = "".join(f'<xf numFmtId="{163 + n}" applyNumberFormat="1"/>' for n in range(1, len(codes) + 1))
    return (
        f'{XML}<styleSheet xmlns="{MAIN}"><numFmts count="{len(codes)}">{formats}</numFmts>'
        f'<cellXfs count="{len(codes) + 1}"><xf numFmtId="0"/>{xfs}</cellXfs></styleSheet>'
    )


def strings(*items: str) -> str:
    return f'{XML}<sst xmlns="{MAIN}" count="{len(items)}" uniqueCount="{len(items)}">{"".join(items)}</sst>'


def packed(found: Mapping[str, bytes]) -> bytes:
    """Zip the parts, always to the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in found.items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def unpacked(content: bytes) -> Parts:
    """Return the parts of a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def one_sheet(data: str, before: str = "", after: str = "", **more: str) -> bytes:
    """Return a workbook of one sheet 年报 with these rows."""
    return packed(parts({"年报": sheet(data, before, after)}, **more))  # type: ignore[arg-type]
