"""Trying one text in one field, through the door, and judging the answer: nothing breaks, is lost, or lives."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.web.forms import strip
from tests.architecture.world import World
from tests.fields.doors import Text
from tests.fields.holding import Held
from tests.fields.pages import FILE, SECRET, TEXT
from tests.fields.register import Browsers, Field, Found, address, doors, text_of
from tests.fields.sending import Looked, Opened, send
from tests.support.hostile import typed
from tests.support.markup import Page

HARMLESS: tuple[str | bytes, ...] = (
    "甲", "", "12", "-3", "1" * 30, "2025-06-30", "2025", "12.5%", "是", "a@b.cn", "new", "甲；乙；2024", "甲/乙",
    "a.pdf", "a.exe", "甲\n乙\n丙", "\x00", b"x",
    *("甲" * length for length in (45, 70, 110, 150, 250, 350, 600, 1100, 2500, 6000)),
)  # fmt: skip
FORMS: tuple[str | bytes, ...] = ("甲", "", "12", "2025-06-30", "a.pdf", "a.exe", "\x00", b"x")
"""Texts that nobody means harm with, for all fields and for those that take no text: so may a page look."""
_CHANGING = re.compile(r'name="csrf_token" value="[^"]*"|\b[0-9a-f]{16}\b|\d\d:\d\d:\d\d')
_LEADING = re.compile(r"(?i)://|^//|script:|^data:|vbscript")
_TOKEN = "\ue123\ue124"
_DOUBTS = ("x-error", 'role="alert"', "x-notice", "x-error-page")


class Trial:
    """Doors of a world, tried on a database that forgets."""

    def __init__(self, world: World, kept: Held, found: Found) -> None:
        self.world, self.kept, self.found = world, kept, found
        self.browsers, self.doors = Browsers(world), doors()
        self.tried = 0

    @contextmanager
    def opened(self, endpoint: str) -> Iterator[Opened]:
        """Open a door, with everything arranged for it; afterwards all of it is forgotten."""
        door = self.doors[endpoint]
        with self.kept.forgotten():
            place, made = address(self.world, self.kept, door)
            client = self.browsers.client(door.login)
            if door.enter is not None:
                door.enter(client)
            own = self.found.values.get(endpoint, {})
            data = {**own, **door.data, **made.get("data", {})}
            data.pop("csrf_token", None)
            rule = next(one for one in self.world.app.url_map.iter_rules() if one.endpoint == endpoint)
            methods = frozenset((rule.methods or set()) - {"HEAD", "OPTIONS"})
            yield Opened(door, place, made, client, data, methods)

    def every(self, opened: Opened) -> Iterator[tuple[Field, str]]:
        """Yield the fields of a door, each with what it is called in a request: one of each kind that there is."""
        for one in sorted(one for one in self.found.fields if one.endpoint == opened.door.endpoint):
            by_kind = {kind: name for name, kind in self.found.kinds.get(one, {}).items()}
            yield from ((one, name) for name in by_kind.values() or ([] if "*" in one.name else [one.name]))

    def takes_text(self, one: Field) -> bool:
        """Tell whether a field takes any text; the others have a form, or are chosen."""
        return text_of(self.doors[one.endpoint], one) is not None

    def begin(self, opened: Opened, one: Field, name: str) -> None:
        """Look at a field with a text that nobody means harm with; of what takes no text, at the first of a door."""
        opened.is_learned = False
        if self.takes_text(one) or not opened.elements:
            self._learn(opened, one, name, HARMLESS[:1])

    def _learn(self, opened: Opened, one: Field, name: str, texts: Sequence[str | bytes]) -> None:
        """See what the pages behind a field may look like."""
        opened.seen.clear()
        for text in texts:
            with self.kept.forgotten():
                for html in self._pages(opened, one, name, text):
                    counted = Read(html).shape
                    opened.shapes.add(tuple(sorted(counted.items())))
                    opened.elements |= set(counted)

    def _pages(self, opened: Opened, one: Field, name: str, text: str | bytes) -> Iterator[str]:
        answer = self.send(opened, one, name, text)
        if answer.mimetype == "text/html":
            yield answer.get_data(as_text=True)
        shown = self._shown(opened, one)
        if shown is not None and answer.status_code < 400:
            yield self._look(shown)

    def attempt(self, opened: Opened, one: Field, name: str, text: str | bytes) -> list[str]:
        """Send a text in a field and return what is wrong with the answer, in words."""
        self.tried += 1
        wrong = self._attempt(opened, one, name, text)
        if wrong and not opened.is_learned:
            opened.is_learned = True
            self._learn(opened, one, name, HARMLESS if self.takes_text(one) else FORMS)
            wrong = self._attempt(opened, one, name, text)
        return [f"{one.told} ({name}) {text[:60]!r}: {found}" for found in wrong]

    def _attempt(self, opened: Opened, one: Field, name: str, text: str | bytes) -> list[str]:
        with self.kept.forgotten():
            try:
                answer = self.send(opened, one, name, text)
                return list(self._judged(opened, one, name, text, answer))
            except Exception as error:  # the test client passes on what would be a page 500
                return [f"{type(error).__name__}: {str(error)[:200]}"]

    def send(self, opened: Opened, one: Field, name: str, text: str | bytes) -> TestResponse:
        """Send a request in order, but for the text in one of its fields."""
        return send(opened, one, name, text, is_file=FILE in self.found.kinds.get(one, {}).values())

    def _judged(self, opened: Opened, one: Field, name: str, text: str | bytes, answer: TestResponse) -> Iterator[str]:
        if answer.status_code >= 500:
            yield f"status {answer.status_code}"
            return
        yield from _headers(answer)
        html = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        looked = self._read(opened, html, text)
        yield from looked.wrong
        if isinstance(text, bytes) or "\x00" in text:
            if not isinstance(text, bytes) and one.part == "form" and answer.status_code < 400:
                yield "a NUL was taken"
            return
        yield from self._read_back(opened, one, name, text, answer, looked)

    def _read_back(
        self, opened: Opened, one: Field, name: str, text: str, answer: TestResponse, looked: Looked
    ) -> Iterator[str]:
        """A text that is taken is kept as it is, one that is refused is told and still there."""
        about, kinds = text_of(self.doors[one.endpoint], one), set(self.found.kinds.get(one, {}).values())
        html = answer.get_data(as_text=True)
        if answer.status_code >= 400:
            if (about is not None or TEXT in kinds) and SECRET not in kinds:
                yield from _told(name, html, answer, looked)
        elif about is not None and one.part == "form":
            yield from self._kept(opened, one, about, text)
        elif about is not None and name not in looked.places and about.kept(text):
            there = Page(html).fields.get(name, [""])[0]  # a question may be cut, but not otherwise changed
            if not there or not typed(text).strip().startswith(there.strip()):
                yield "the question is not shown as it was asked"

    def _read(self, opened: Opened, html: str, text: str | bytes) -> Looked:
        """Look at a page. One that differs from a page looked at before by nothing but the text, written as HTML
        writes it, need not be read again."""
        if not html:
            return Looked((), frozenset())
        sent = typed(text) if isinstance(text, str) else ""
        is_plain = bool(sent) and not sent[:1].isspace() and not _LEADING.search(sent)
        page = _CHANGING.sub("", html)
        if is_plain:
            page = typed(page).replace(str(escape(sent)), _TOKEN)
        found = opened.seen.get(page) if is_plain or not sent else None
        if found is None:
            found = self._looked(opened, html, sent)
            opened.seen[page] = found
        return found

    def _looked(self, opened: Opened, html: str, sent: str) -> Looked:
        """Read a page whole."""
        page = Read(html)
        wrong = list(page.alive)
        strange = sorted(set(page.shape) - opened.elements)
        if strange:
            wrong.append(f"elements that no harmless text brings: {strange[:3]}")
        is_new = tuple(sorted(page.shape.items())) not in opened.shapes
        if is_new and len(sent) > 2 and any(sign in sent for sign in "<>\"'") and sent in typed(html):
            wrong.append("the text stands in the page as it was typed")
        kept = {sent, strip(sent)}
        places = {name for name, values in page.fields.items() if kept & set(values)}
        return Looked(tuple(wrong), frozenset(places | ({"words"} if strip(sent) in page.text else set())))

    def _kept(self, opened: Opened, one: Field, about: Text, text: str) -> Iterator[str]:
        expected = about.kept(text)
        if about.column is not None:
            with self.kept.session() as session:
                if not session.scalar(select(func.count()).where(about.column == expected)):
                    yield f"kept otherwise: {self._newest(about, session)!r:.90}"
        shown = self._shown(opened, one)
        if shown is None or not expected:
            return
        looked = self._read(opened, self._look(shown), expected)
        yield from looked.wrong
        if not looked.places:
            yield f"{shown[1]} does not show it as it was typed"

    def _newest(self, about: Text, session: Any) -> object:
        assert about.column is not None
        table = about.column.class_
        return session.scalars(select(about.column).order_by(table.id.desc()).limit(1)).first()

    def _shown(self, opened: Opened, one: Field) -> tuple[FlaskClient, str] | None:
        about = text_of(opened.door, one)
        if about is None or about.shown is None:
            return None
        login, place = about.shown
        client = self.browsers.client(login) if login else opened.client
        with self.kept.session() as session:
            return client, place.format(**{**opened.made, **opened.door.told(session)})

    def _look(self, shown: tuple[FlaskClient, str]) -> str:
        client, place = shown
        answer = client.get(place, follow_redirects=True)
        if answer.status_code != 200:
            raise AssertionError(f"{place}: {answer.status_code}")
        return answer.get_data(as_text=True)


class Read(Page):
    """A page read once: its fields, its words, what lives in it, and how often each kind of element stands in it."""

    def __init__(self, html: str) -> None:
        self.shape: Counter[str] = Counter()
        super().__init__(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape[f"{tag} {' '.join(sorted(name for name, _value in attrs))}"] += 1
        super().handle_starttag(tag, attrs)


def _headers(answer: TestResponse) -> Iterator[str]:
    for name, value in answer.headers:
        if re.search(r"[\r\n\x00]", value):
            yield f"header {name} has a line end: {value!r:.80}"
    target = answer.headers.get("Location", "/")
    if not target.startswith("/") or target.startswith(("//", "/\\")):
        yield f"leads away: {target!r:.80}"


def _told(name: str, html: str, answer: TestResponse, looked: Looked) -> Iterator[str]:
    """A refusal says why, and what was typed is still there."""
    if answer.mimetype == "application/json":
        if not answer.get_json().get("message"):
            yield "refused without a sentence"
        return
    if not any(mark in html for mark in _DOUBTS):
        yield f"refused ({answer.status_code}) without a sentence"
    if not looked.places & {name, "words"}:
        yield f"refused ({answer.status_code}), and what was typed is gone"
