"""A page as a browser reads it: what stands in its fields, its words, and what of a hostile text came to life in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from tests.support.hostile import TEXTS, typed

_LEADING = ("href", "src", "action", "formaction", "data", "srcset", "xlink:href", "poster")
_LIVELY = ("style", "srcdoc", "background", "http-equiv")
_OURS = frozenset({"</div></div></div>", "</td></tr></table>", "<table><tr><td>"})
_MARKED = tuple({typed(text) for text in TEXTS if re.search("[<>\"']", text) and len(text) > 7} - _OURS)
"""Texts with a sign that a page must never carry as it was typed, but for those that every page has anyway."""


class Page(HTMLParser):
    """``fields`` are ``{name: [text]}`` of what a form would send, ``alive`` what no page of ours may have."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: dict[str, list[str]] = {}
        self.words: list[str] = []
        self.alive: list[str] = []
        self._select = self._textarea = ""
        self.feed(typed(html))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        name = told.get("name") or ""
        self.alive += [f"<{tag} {one}>" for one in told if one.startswith("on") or one in _LIVELY]
        self.alive += [f"<{tag} {one}={value}>" for one, value in attrs if one in _LEADING and _leads_away(value or "")]
        if tag == "script" and "src" not in told and told.get("type") != "application/json":
            self.alive.append("<script>")
        if tag == "input" and (told.get("type") not in ("checkbox", "radio") or "checked" in told):
            self.fields.setdefault(name, []).append(told.get("value") or "")
        elif tag == "option" and "selected" in told:
            self.fields.setdefault(self._select, []).append(told.get("value") or "")
        self._select = name if tag == "select" else self._select
        self._textarea = name if tag == "textarea" else ""
        if tag == "textarea":
            self.fields.setdefault(name, []).append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            self.fields[self._textarea][-1] = self.fields[self._textarea][-1].removeprefix("\n")
            self._textarea = ""
        elif tag == "textarea":
            self.alive.append("</textarea>")

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea][-1] += data
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.alive.append(f"<!--{data[:40]}")

    unknown_decl = handle_pi = handle_comment

    @property
    def text(self) -> str:
        """All text of the page."""
        return "".join(self.words)


def _leads_away(address: str) -> bool:
    within = address.startswith("../") or (address[:1] == "/" and address[1:2] != "/")
    return not (address == "" or address[0] in "#?" or within)


def alive(html: str) -> Iterator[str]:
    """Yield what of hostile texts is markup in a page."""
    yield from Page(html).alive
    source = typed(html)
    yield from (text for text in _MARKED if text in source)
