"""What every page promises, seen in one pass over its tags.

Among it that every tag stands where it belongs and is closed there. A browser's parser moves what does not (a list out
of a paragraph, a form out of a form, text out of a table); of what does, any parser makes the same tree.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape

_ATTRIBUTE = r"""\s+[^\s"'<>/=]+(?:="[^"]*"|='[^']*')?"""
_TAG = re.compile(rf"<(/?)([a-zA-Z][\w-]*)((?:{_ATTRIBUTE})*)\s*(/?)>|<!--.*?-->|<!doctype html>", re.DOTALL | re.I)
_PAIR = re.compile(r"""([^\s"'<>/=]+)(?:="([^"]*)"|='([^']*)')?""")


def _names(told: str) -> frozenset[str]:
    return frozenset(told.split())


_VOID = _names("area base br col embed hr img input link meta source track wbr")
_SILENT = _names("script style")
_ENDS_PARAGRAPH = _names(
    """address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3
    h4 h5 h6 header hgroup hr main menu nav ol p pre search section summary table ul li dd dt"""
)
_NEVER_IN_ITSELF = _names("a button form option label select h1 h2 h3")
_ONLY = {
    "table": _names("caption colgroup thead tbody tfoot"),
    "thead": _names("tr"),
    "tbody": _names("tr"),
    "tfoot": _names("tr"),
    "tr": _names("td th"),
    "colgroup": _names("col"),
    "select": _names("option optgroup hr"),
    "optgroup": _names("option"),
}
"""What may stand directly in it; no text may."""
_FIELDS = _names("input select textarea")


class Promises:
    """``broken`` are the promises that the page does not keep, in words."""

    def __init__(self, html: str) -> None:
        self.broken: list[str] = []
        self._words: list[str] = []
        self._heard: dict[str, str] = {}
        """``{h1 or title: the text in it}``"""
        self._ids: Counter[str] = Counter()
        self._labels: set[str] = set()
        self._unnamed: list[tuple[str, str]] = []
        """``(id, name)`` of fields that only a label elsewhere may name."""
        self._form: list[str] = []
        """The action of the form at hand, while nothing of its token is seen."""
        self._open: list[str] = []
        self._read(html)
        self._conclude()

    def _read(self, html: str) -> None:
        end = 0
        for found in _TAG.finditer(html):
            start = found.start()
            if start < end:  # within a script
                continue
            self._text(html[end:start])
            end = found.end()
            closing, name, attributes, empty = found.groups()
            if name is None:
                continue
            name = name.lower()
            if closing:
                self._close(name)
                continue
            self._tag(name, attributes)
            if name not in _VOID and not (empty and "svg" in self._open + [name]):
                self._open.append(name)
            if name in _SILENT:
                end = html.index(f"</{name}", end)
        self._text(html[end:])

    def _text(self, text: str) -> None:
        if not text or text.isspace():
            return
        if "<" in text:
            self.broken.append(f"a < that begins no tag: {text[text.index('<') :][:80]}")
        inside = self._open[-1] if self._open else ""
        if inside in _ONLY:
            self.broken.append(f"text directly in <{inside}>: {text.strip()[:40]}")
        self._words += text.split()
        for name in ("h1", "title"):
            if name in self._open and "svg" not in self._open:
                self._heard[name] = f"{self._heard.get(name, '')} {text}"

    def _close(self, name: str) -> None:
        if not self._open or self._open[-1] != name:
            self.broken.append(f"</{name}> where {self._open[-3:]} are open")
            if name not in self._open:
                return
        while self._open.pop() != name:
            pass
        if name == "form" and self._form:
            self.broken.append(f"form without CSRF token: {self._form.pop()}")

    def _tag(self, name: str, written: str) -> None:
        self._stands(name)
        attributes = {key.lower(): first or second for key, first, second in _PAIR.findall(written)}
        if "id" in attributes:
            self._ids[attributes["id"]] += 1
        if "style" in attributes:
            self.broken.append(f"inline style: <{name}{written[:60]}>")
        if name == "label" and "for" in attributes:
            self._labels.add(attributes["for"])
        elif name == "form" and attributes.get("method", "").lower() == "post":
            self._form = [attributes.get("action", "")]
        elif name == "script" and "src" not in attributes and attributes.get("type") != "application/json":
            self.broken.append("script")
        elif name in _FIELDS:
            self._field(name, attributes)
        elif name == "h1":
            self._heard.setdefault("h1", "")

    def _field(self, name: str, attributes: dict[str, str]) -> None:
        if name == "input" and attributes.get("name") == "csrf_token":
            self._form.clear()
        if name == "input" and attributes.get("type") in ("hidden", "submit"):
            return
        named = attributes.get("aria-label") or attributes.get("aria-labelledby") or "label" in self._open
        if not named:
            self._unnamed.append((attributes.get("id", ""), attributes.get("name", "")))

    def _stands(self, name: str) -> None:
        """Whether a tag may stand where it does."""
        inside = self._open[-1] if self._open else ""
        if inside in _ONLY and name not in _ONLY[inside] and name not in ("template", *_SILENT):
            self.broken.append(f"<{name}> directly in <{inside}>")
        if name in _ENDS_PARAGRAPH and "p" in self._open and "svg" not in self._open:
            self.broken.append(f"<{name}> in a <p>")
        if name in _NEVER_IN_ITSELF and name in self._open and "svg" not in self._open:
            self.broken.append(f"<{name}> in a <{name}>")

    def _conclude(self) -> None:
        self.broken += [f"<{name}> is never closed" for name in self._open]
        title, heading = self._heard.get("title", ""), self._heard.get("h1")
        if heading is None:
            self.broken.append("no h1")
        elif _said(heading) not in _said(title):
            self.broken.append(f"title {_said(title)!r} does not repeat the h1 {_said(heading)!r}")
        if twice := [one for one, times in self._ids.items() if times > 1]:
            self.broken.append(f"ids twice: {twice}")
        self.broken += [f"no label for {name}" for key, name in self._unnamed if not key or key not in self._labels]
        if "None" in self._words:
            self.broken.append("a None leaked into the page")


def _said(text: str) -> str:
    return " ".join(unescape(text).split())
