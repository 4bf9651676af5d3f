"""A page as a set of forms: where each leads, what stands in its fields, and what kind of field each one is."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from tests.support.hostile import typed

_TYPED = frozenset({"", "text", "search", "tel", "email", "url", "password"})
TEXT, SECRET, NUMBER, CHOICE, FILE = "text", "secret", "number", "choice", "file"
"""Kinds of fields: any text; a text that is never shown; what has a form (a day, a number); what is chosen; a file."""
_SENT_BY_BUTTONS = frozenset({"submit", "button", "reset", "image"})


@dataclass
class Form:
    """A form: its fields' kinds and what it would send as it stands."""

    method: str
    action: str
    kinds: dict[str, str] = field(default_factory=dict)
    values: dict[str, list[str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Reads forms; a field may stand outside of its form and name it."""

    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address = address
        self.forms: list[Form] = []
        self.named: dict[str, Form] = {}
        self.waiting: list[tuple[str, str, str, str | None]] = []
        self._open: Form | None = None
        self._select: tuple[str, dict[str, str | None]] | None = None
        self._textarea: tuple[str, dict[str, str | None]] | None = None
        self._words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            target = urljoin(self.address, told.get("action") or self.address)
            self._open = Form((told.get("method") or "get").lower(), target)
            self.forms.append(self._open)
            self.named[told.get("id") or ""] = self._open
        elif tag == "input":
            self._input(told)
        elif tag == "select":
            self._select = (told.get("name") or "", told)
            self._take(told, CHOICE, None)
        elif tag == "option" and self._select and "selected" in told:
            self._take(self._select[1], CHOICE, told.get("value") or "")
        elif tag == "textarea":
            self._textarea, self._words = (told.get("name") or "", told), ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._textarea:
            self._take(self._textarea[1], TEXT, self._words.removeprefix("\n"))
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self._words += data

    def _input(self, told: dict[str, str | None]) -> None:
        kind = told.get("type") or "text"
        if kind in ("checkbox", "radio"):
            self._take(told, CHOICE, (told.get("value") or "on") if "checked" in told else None)
        elif kind == "file":
            self._take(told, FILE, None)
        elif kind not in _SENT_BY_BUTTONS:
            what = SECRET if kind == "password" else TEXT if kind in _TYPED else CHOICE if kind == "hidden" else NUMBER
            self._take(told, what, told.get("value") or "")

    def _take(self, told: dict[str, str | None], kind: str, value: str | None) -> None:
        name, owner = told.get("name") or "", told.get("form") or ""
        if owner:
            self.waiting.append((owner, name, kind, value))
        elif self._open is not None and name:
            _put(self._open, name, kind, value)


def _put(form: Form, name: str, kind: str, value: str | None) -> None:
    form.kinds.setdefault(name, kind)
    if value is not None:
        form.values.setdefault(name, []).append(value)


def forms_of(html: str, address: str) -> list[Form]:
    """Return the forms of a page."""
    found = _Forms(address)
    found.feed(typed(html))
    found.close()
    for owner, name, kind, value in found.waiting:
        if owner in found.named and name:
            _put(found.named[owner], name, kind, value)
    return found.forms
