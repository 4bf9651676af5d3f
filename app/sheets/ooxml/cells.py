"""The cells of one row of an .xlsx. Rows that look like the one before are taken by one pattern, odd ones by a parser.

Nothing is skipped: a pattern must match the whole of a row, so that a cell it does not understand is never passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from xml.etree import ElementTree

from app.sheets.cells import column_number
from app.sheets.ooxml.parts import local, parse
from app.sheets.ooxml.refused import RefusedError
from app.sheets.ooxml.strings import plain, rich

_TYPE = re.compile(r"""\bt=["'](\w+)["']""")
_STYLE = re.compile(r"""\bs=["'](\d+)["']""")
_PLACE = re.compile(r"([A-Z]{1,3})(\d{0,7})\Z")
_OFTEN, _MOST_PLANS = 3, 2_000
_TYPES = {"s": "S", "str": "s", "inlineStr": "s", "b": "b", "e": "e", "d": "i"}

Found = list[tuple[int, str, str]]
"""The filled cells of a row: column, kind, text."""


@dataclass(slots=True)
class Plan:
    """How the cells of alike rows are read: their columns and kinds, and which need a second look."""

    columns: tuple[int, ...]
    kinds: str
    shared: tuple[int, ...]
    texts: tuple[int, ...]
    seen: int = 0
    pattern: re.Pattern[str] | None = None


@dataclass(slots=True)
class Reader:
    """Reads the cells of the rows of one sheet. ``prefix`` is that of its elements, ``root`` its opening tag."""

    prefix: str
    root: str
    strings: list[str]
    formats: list[str]
    _plans: dict[tuple[str | None, ...], Plan] = field(default_factory=dict)
    _last: Plan | None = None
    _kinds: dict[str, str] = field(default_factory=dict)
    _cell: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        p = self.prefix
        self._cell = re.compile(
            rf'<{p}c r="([A-Z]{{1,3}})\d+"([^>]*?)(?:/>|>(?:(<{p}f\b)[^>]*(?:/>|>[^<]*</{p}f>))?'
            rf'(?:<{p}v>([^<]*)</{p}v>|<{p}is><{p}t(?: xml:space="preserve")?>([^<]*)</{p}t></{p}is>)?</{p}c>)'
        )

    def read(self, body: str) -> tuple[tuple[int, ...], str, list[str]]:
        """Return columns, kinds and texts of the filled cells in the body of a row."""
        plan = self._last
        if plan is not None and plan.pattern is not None and (found := plan.pattern.fullmatch(body)) is not None:
            values = list(found.groups())
        else:
            parts = self._cell.split(body)
            if any(parts[::6]):
                return self._listed(self._parsed(body))
            plan, values = self._planned(parts)
        if plan is None or "" in values:
            return self._listed(self._one_by_one(self._cell.split(body)))
        if plan.shared:
            self._share(plan, values)
        for at in plan.texts:
            values[at] = plain(values[at])
        return plan.columns, plan.kinds, values

    def _share(self, plan: Plan, values: list[str]) -> None:
        """Put the shared strings in place of their numbers."""
        strings, most = self.strings, len(self.strings)
        for at in plan.shared:
            index = values[at]
            if not index.isdecimal() or (number := int(index)) >= most:
                raise RefusedError("damaged", column=plan.columns[at])
            values[at] = strings[number]

    def _planned(self, parts: list[str]) -> tuple[Plan | None, list[str]]:
        """Return the plan for rows like this one; None when a formula without result needs a look of its own."""
        letters, attributes, formulas = parts[1::6], parts[2::6], parts[3::6]
        values = [inline if value is None else value for value, inline in zip(parts[4::6], parts[5::6], strict=True)]
        forms = [_form(value, inline) for value, inline in zip(parts[4::6], parts[5::6], strict=True)]
        key = (*letters, *attributes, *formulas, *forms)
        plan = self._plans.get(key)
        if plan is None:
            if any(formula and not form for form, formula in zip(forms, formulas, strict=True)):
                return None, values
            if len(self._plans) > _MOST_PLANS:
                self._plans.clear()
            plan = self._plans[key] = self._plan(letters, attributes, forms)
        plan.seen += 1
        if plan.seen == _OFTEN:
            plan.pattern = self._pattern(letters, attributes, formulas, forms)
        self._last = plan
        return plan, [value for value in values if value is not None]

    def _plan(self, letters: list[str], attributes: list[str], forms: list[str]) -> Plan:
        filled = [at for at, form in enumerate(forms) if form]
        columns = tuple(column_number(letters[at]) for at in filled)
        kinds = "".join(self._kind(attributes[at]) for at in filled)
        _check_order(columns)
        shared = tuple(at for at, kind in enumerate(kinds) if kind == "S")
        texts = tuple(at for at, kind in enumerate(kinds) if kind == "s")
        return Plan(columns, kinds.replace("S", "s"), shared, texts)

    def _pattern(
        self, letters: list[str], attributes: list[str], formulas: list[str], forms: list[str]
    ) -> re.Pattern[str]:
        p, parts = self.prefix, []
        values = {
            "v": rf"<{p}v>([^<]*)</{p}v>",
            "i": rf'<{p}is><{p}t(?: xml:space="preserve")?>([^<]*)</{p}t></{p}is>',
        }
        for letter, given, formula, form in zip(letters, attributes, formulas, forms, strict=True):
            opened = rf'<{p}c r="{letter}\d+"{re.escape(given)}'
            worked = rf"<{p}f\b[^>]*(?:/>|>[^<]*</{p}f>)" if formula else ""
            parts.append(rf"{opened}>{worked}{values[form]}</{p}c>" if form else rf"{opened}(?:/>|></{p}c>)")
        return re.compile("".join(parts))

    def _kind(self, attributes: str) -> str:
        kind = self._kinds.get(attributes)
        if kind is None:
            named, styled = _TYPE.search(attributes), _STYLE.search(attributes)
            kind = self._kind_of(named[1] if named else "n", styled[1] if styled else "0")
            self._kinds[attributes] = kind
        return kind

    def _kind_of(self, named: str, style: str) -> str:
        number = int(style)
        return _TYPES.get(named) or (self.formats[number] if number < len(self.formats) else "n")

    def _string(self, index: str, column: int = 0) -> str:
        if not index.isdecimal() or int(index) >= len(self.strings):
            raise RefusedError("damaged", column=column)
        return self.strings[int(index)]

    def _one_by_one(self, parts: list[str]) -> Found:
        found: Found = []
        cells = zip(parts[1::6], parts[2::6], parts[3::6], parts[4::6], parts[5::6], strict=True)
        for letter, attributes, formula, value, inline in cells:
            text = value if value is not None else inline
            self._take(found, column_number(letter), self._kind(attributes), plain(text or ""), bool(formula))
        return found

    def _take(self, found: Found, column: int, kind: str, text: str, is_formula: bool) -> None:
        """Keep a cell that holds something; a formula without a result is told, since Excel would show one."""
        if kind == "S" and text:
            kind, text = "s", self._string(text, column)
        if text:
            found.append((column, kind, text))
        elif is_formula and kind != "s":
            found.append((column, "u", ""))

    def _parsed(self, body: str) -> Found:
        """Read a row by the parser: cells without address, rich text, anything a pattern does not foresee."""
        p, last = self.prefix, 0
        found: Found = []
        name = self.root.split(">", 1)[0].split()[0].lstrip("<").rstrip("/")
        for cell in parse(f"{self.root}<{p}row>{body}</{p}row></{name}>")[0]:
            if local(cell.tag) == "c":
                last = self._parsed_cell(found, cell, last)
        return found

    def _parsed_cell(self, found: Found, cell: ElementTree.Element, last: int) -> int:
        """Keep one cell and return its column; a cell without address stands right of the one before it."""
        place = _PLACE.match(cell.get("r") or "")
        column = column_number(place[1]) if place else last + 1
        parts = {local(child.tag): child for child in cell}
        named = cell.get("t") or "n"
        if named == "inlineStr":
            text = rich(parts["is"]) if "is" in parts else ""
        else:
            text = parts["v"].text or "" if "v" in parts else ""
        kind = self._kind_of(named, cell.get("s") or "0")
        self._take(found, column, kind, plain(text) if kind == "s" else text, "f" in parts)
        return column

    def _listed(self, found: Found) -> tuple[tuple[int, ...], str, list[str]]:
        columns = tuple(column for column, _kind, _text in found)
        _check_order(columns)
        return columns, "".join(kind for _column, kind, _text in found), [text for _column, _kind, text in found]


def _form(value: str | None, inline: str | None) -> str:
    """Return how a cell holds its value: v in an element of its own, i as a text in place; nothing when it is empty."""
    return "v" if value is not None else "i" if inline is not None else ""


def _check_order(columns: tuple[int, ...]) -> None:
    if (twice := next((b for a, b in pairwise(columns) if b <= a), None)) is not None:
        raise RefusedError("twice", column=twice)
