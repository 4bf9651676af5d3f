"""The user's own .xlsx with colours, comments and the list put in: every part that is not concerned stays as it is.

Formulas keep their results, charts and pictures their place. What is too unusual to be changed safely raises
``RefusedError("unusual")``; the caller then rebuilds the workbook from its contents.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections import defaultdict
from collections.abc import Sequence

from app.sheets.annotated.colours import EMPTY, Colours
from app.sheets.annotated.listing import name_for_list, problem_sheet
from app.sheets.annotated.mark import Mark, joined, xml
from app.sheets.annotated.notes import boxes, comments
from app.sheets.annotated.rows import coloured
from app.sheets.ooxml.parts import Package, SheetPart
from app.sheets.ooxml.refused import RefusedError

_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument"
_EMPTY_LINKS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
# what may stand behind the box of comments in a sheet, in the order that the standard gives
_BEHIND = (
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)
_LEGACY = re.compile(r"<(?:\w+:)?legacyDrawing\b")
_ROOT = re.compile(r"<((?:\w+:)?)worksheet\b[^>]*>")
MOST_COMMENTS = 5_000
_COMPRESSION = 4


def annotated(content: bytes, marks: Sequence[Mark]) -> bytes:
    """Return the workbook with the marks in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return _Editor(archive).with_marks(marks)


class _Editor:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._package = Package(archive)
        self._changed: dict[str, str] = {}
        folder = posixpath.dirname(self._package.workbook)
        self._folder = f"{folder}/" if folder else ""
        if "[Content_Types].xml" not in archive.namelist() or self._package.is_strict:
            raise RefusedError("unusual")

    def with_marks(self, marks: Sequence[Mark]) -> bytes:
        path = self._package.part_of("styles")
        colours = Colours(self._text(path) if path else EMPTY)
        sheets = self._package.sheets()
        if len({sheet.name for sheet in sheets}) != len(sheets):
            raise RefusedError("unusual")
        by_sheet: dict[str, list[Mark]] = defaultdict(list)
        for mark in marks:
            by_sheet[mark.sheet].append(mark)
        for number, sheet in enumerate(sheets, start=1):
            if sheet.name in by_sheet:
                self._mark(sheet, by_sheet[sheet.name], colours, number)
        head = colours.of(0, False)
        self._put_styles(path, colours)
        self._list(marks, [sheet.name for sheet in sheets], head)
        return self._zipped()

    def _mark(self, sheet: SheetPart, marks: list[Mark], colours: Colours, number: int) -> None:
        by_cell: dict[tuple[int, int], list[Mark]] = defaultdict(list)
        for mark in marks:
            by_cell[mark.place].append(mark)
        places: dict[int, dict[int, Mark]] = defaultdict(dict)
        for (row, column), said in sorted(by_cell.items()):
            places[row][column] = joined(said)
        text = coloured(self._text(sheet.path), places, colours)
        shown = [mark for row in places.values() for mark in row.values()][:MOST_COMMENTS]
        self._changed[sheet.path] = self._commented(sheet.path, text, shown, number)

    def _commented(self, path: str, text: str, marks: list[Mark], number: int) -> str:
        links = self._package.links(path)
        own = {kind: target for kind, target in links.values() if kind in ("comments", "vmlDrawing")}
        if "comments" in own and "vmlDrawing" in own:
            written = self._text(own["comments"])
            self._changed[own["vmlDrawing"]] = boxes(marks, self._text(own["vmlDrawing"]), written)
            self._changed[own["comments"]] = comments(marks, written)
            return text
        if own or _LEGACY.search(text):
            # boxes without comments, or the reverse: colours and the list have to do
            return text
        note, box = f"{self._folder}yuqi-comments{number}.xml", f"{self._folder}yuqi-boxes{number}.vml"
        self._changed[note], self._changed[box] = comments(marks), boxes(marks)
        self._link(path, [("rIdYuqiC", "comments", note), ("rIdYuqiV", "vmlDrawing", box)])
        self._type(note, f"{_KIND}.spreadsheetml.comments+xml")
        self._type(box, f"{_KIND}.vmlDrawing")
        return _with_box(text)

    def _put_styles(self, path: str | None, colours: Colours) -> None:
        if path is None:
            path = f"{self._folder}styles.xml"
            self._link(self._package.workbook, [("rIdYuqiS", "styles", path)])
            self._type(path, f"{_KIND}.spreadsheetml.styles+xml")
        self._changed[path] = colours.text

    def _list(self, marks: Sequence[Mark], names: list[str], style: int) -> None:
        path = f"{self._folder}worksheets/yuqi-problems.xml"
        if self._package.has(path):
            raise RefusedError("unusual")
        self._changed[path] = problem_sheet(marks, style)
        self._type(path, f"{_KIND}.spreadsheetml.worksheet+xml")
        self._link(self._package.workbook, [("rIdYuqiL", "worksheet", path)])
        book = self._text(self._package.workbook)
        end = re.search(r"</((?:\w+:)?)sheets>", book)
        ids = [int(found) for found in re.findall(r"""\bsheetId=["'](\d{1,9})["']""", book)]
        if end is None:
            raise RefusedError("unusual")
        entry = (
            f'<{end[1]}sheet name="{xml(name_for_list(names))}" sheetId="{max(ids, default=0) + 1}" '
            f'xmlns:yuqi="{_LINKS}" yuqi:id="rIdYuqiL"/>'
        )
        self._changed[self._package.workbook] = book[: end.start()] + entry + book[end.start() :]

    def _text(self, path: str) -> str:
        return self._changed.get(path) or "".join(self._package.text(path))

    def _link(self, source: str, links: list[tuple[str, str, str]]) -> None:
        folder, name = posixpath.split(source)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        text = self._text(path) if path in self._changed or self._package.has(path) else _EMPTY_LINKS
        entries = "".join(f'<Relationship Id="{i}" Type="{_LINKS}/{kind}" Target="/{to}"/>' for i, kind, to in links)
        self._changed[path] = _before(text, "Relationships", entries)

    def _type(self, path: str, kind: str) -> None:
        entry = f'<Override PartName="/{path}" ContentType="{kind}"/>'
        self._changed["[Content_Types].xml"] = _before(self._text("[Content_Types].xml"), "Types", entry)

    def _zipped(self) -> bytes:
        target = io.BytesIO()
        changed = {self._package.member(path): text for path, text in self._changed.items()}
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for info in self._archive.infolist():
                if info.filename not in changed:
                    archive.writestr(info, self._archive.read(info), zipfile.ZIP_DEFLATED, _COMPRESSION)
            for name, text in changed.items():
                info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                archive.writestr(info, _encoded(text), zipfile.ZIP_DEFLATED, _COMPRESSION)
        return target.getvalue()


def _before(text: str, tag: str, entries: str) -> str:
    end = re.search(rf"</((?:\w+:)?){tag}\s*>", text)
    if end is None or end[1]:
        raise RefusedError("unusual")
    return text[: end.start()] + entries + text[end.start() :]


def _with_box(text: str) -> str:
    root = _ROOT.search(text)
    if root is None:
        raise RefusedError("unusual")
    p = root[1]
    data = text.rfind(f"</{p}sheetData>")
    places = [at for tag in _BEHIND if (at := text.find(f"<{p}{tag}", max(data, 0))) >= 0]
    at = min([*places, text.rfind(f"</{p}worksheet>")])
    if data < 0 or at < 0:
        raise RefusedError("unusual")
    return f'{text[:at]}<{p}legacyDrawing xmlns:yuqi="{_LINKS}" yuqi:id="rIdYuqiV"/>{text[at:]}'


def _encoded(text: str) -> bytes:
    """Parts may have come in another encoding; all that is written is UTF-8."""
    return re.sub(r"""(<\?xml[^>]*?encoding=)["'][\w-]+["']""", r'\1"UTF-8"', text, count=1).encode()
