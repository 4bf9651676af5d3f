"""Trying one text in one field, through the door, and judging the answer: nothing breaks, nothing is lost, nothing lives."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.web.forms import strip
from tests.architecture.world import World
from tests.fields.doors import PDF, Door, Text, doors
from tests.fields.holding import Held
from tests.fields.pages import FILE, SECRET, TEXT
from tests.fields.register import Browsers, Field, Found, address, text_of
from tests.support.hostile import typed
from tests.support.markup import Page

HARMLESS = ("甲", "", "12", "-3", "1" * 30, "2025-06-30", "2025", "甲" * 45, "甲" * 70, "甲" * 110, "甲" * 150,
            "甲" * 250, "甲" * 350, "甲" * 600, "甲" * 1100, "甲" * 2500, "甲" * 6000, "甲\n乙\n丙", "12.5%", "是", "a@b.cn",
            "new", "甲；乙；2024", "甲/乙", "a.pdf", "a.exe", "\x00")  # fmt: skip
"""Texts that nobody means harm with: what a page looks like with them is what it may look like."""
_CHANGING = re.compile(r'name="csrf_token" value="[^"]*"|\b[0-9a-f]{16}\b|\d\d:\d\d:\d\d')
_LEADING = re.compile(r"(?i)://|^//|script:|^data:|vbscript")
_TOKEN = "\ue123\ue124"
_DOUBTS = ("x-error", 'role="alert"', "x-notice")


@dataclass(frozen=True, slots=True)
class Looked:
    """A page that was read whole: what is wrong with it, and where the text stood in it (``"words"``, names of fields)."""

    wrong: tuple[str, ...]
    places: frozenset[str]


@dataclass
class Opened:
    """A door that stands open: its address, what a request in order sends, and how pages look with harmless texts."""

    door: Door
    place: str
    made: Mapping[str, Any]
    client: FlaskClient
    data: dict[str, Any]
    methods: frozenset[str]
    shapes: set[tuple[tuple[str, int], ...]] = field(default_factory=set)
    elements: set[str] = field(default_factory=set)
    seen: dict[str, Looked] = field(default_factory=dict)
    is_learned: bool = False  # whether every harmless text was looked at, which is done when one seems harmful


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
            data = {**{key: value for key, value in own.items() if key != "csrf_token"}, **door.data, **made.get("data", {})}
            rule = next(one for one in self.world.app.url_map.iter_rules() if one.endpoint == endpoint)
            methods = frozenset((rule.methods or set()) - {"HEAD", "OPTIONS"})
            yield Opened(door, place, made, client, data, methods)

    def begin(self, opened: Opened, one: Field, name: str) -> None:
        """Look at a field with a text that nobody means harm with."""
        opened.shapes.clear()
        opened.elements.clear()
        opened.is_learned = False
        self._learn(opened, one, name, HARMLESS[:1])

    def _learn(self, opened: Opened, one: Field, name: str, texts: Sequence[str]) -> None:
        """See what the pages behind a field may look like."""
        opened.seen.clear()
        for text in texts:
            with self.kept.forgotten():
                for html in self._pages(opened, one, name, text):
                    counted = Read(html).shape
                    opened.shapes.add(tuple(sorted(counted.items())))
                    opened.elements |= set(counted)

    def _pages(self, opened: Opened, one: Field, name: str, text: str) -> Iterator[str]:
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
            self._learn(opened, one, name, HARMLESS)
            wrong = self._attempt(opened, one, name, text)
        return [f"{one.told} ({name}) {text[:60]!r}: {found}" for found in wrong]

    def _attempt(self, opened: Opened, one: Field, name: str, text: str | bytes) -> list[str]:
        with self.kept.forgotten():
            try:
                answer = self.send(opened, one, name, text)
                return list(self._judged(opened, one, name, text, answer))
            except Exception as error:  # the test client passes on what would be a page 500
                return [f"{type(error).__name__}: {str(error)[:200]}"]

    # --- sending -----------------------------------------------------------------------------------------------------

    def send(self, opened: Opened, one: Field, name: str, text: str | bytes) -> TestResponse:
        """Send a request in order, but for the text in one of its fields."""
        client, door = opened.client, opened.door
        place, query = opened.place, dict(door.query)
        if one.part == "query":
            return client.get(f"{place}?{_coded({**query, name: text})}")
        asked = f"?{_coded(query)}" if query else ""
        if one.part == "path":
            return client.get(_with_word(opened, one.name, text))
        if one.part == "header":
            return _with_header(opened, one.name, text)
        if one.part == "cookie":
            client.set_cookie(one.name, text if isinstance(text, str) else "")
            return client.get("/sign-in")
        data = {**opened.data, name: text}
        kinds = self.found.kinds.get(one, {})
        if isinstance(text, bytes):
            return client.post(place + asked, data=_coded(data), content_type="application/x-www-form-urlencoded")
        if FILE in kinds.values():
            named = {**{key: (BytesIO(PDF), value) for key, value in door.files.items()}, name: (BytesIO(PDF), _sent_name(text))}
            return client.post(place + asked, data={**opened.data, **named}, content_type="multipart/form-data")
        if door.files:
            files = {key: (BytesIO(PDF), value) for key, value in door.files.items()}
            return client.post(place + asked, data={**data, **files}, content_type="multipart/form-data")
        if door.alike.get(name):
            data[door.alike[name]] = text
        return client.post(place + asked, data=data)

    # --- judging -----------------------------------------------------------------------------------------------------

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
        about, kinds = text_of(self.doors[one.endpoint], one), set(self.found.kinds.get(one, {}).values())
        if answer.status_code >= 400:
            if (about is not None or TEXT in kinds) and SECRET not in kinds:
                yield from _told(name, html, answer, looked)
        elif about is not None and one.part == "form":
            yield from self._kept(opened, one, about, text)
        elif about is not None and name not in looked.places and about.kept(text):
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
            return client, place.format(**{"page": self.found.pages.get(one.endpoint, ""), **opened.made, **opened.door.told(session)})

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
    if name not in looked.places:
        yield f"refused ({answer.status_code}), and what was typed is gone"


def _coded(values: Mapping[str, Any]) -> str:
    return urlencode(values, doseq=True, encoding="utf-8", errors="surrogatepass")


def _with_word(opened: Opened, name: str, text: str | bytes) -> str:
    word = quote(text, safe="", errors="surrogatepass") if isinstance(text, str) else quote(text, safe="")
    held = str(opened.made[name])
    parts = [word if unquote(part) == held else part for part in urlsplit(opened.place).path.split("/")]
    return "/".join(parts)


def _with_header(opened: Opened, name: str, text: str | bytes) -> TestResponse:
    """Send bytes in a header as a server hands them on: one sign each."""
    content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    said = content.decode("latin-1")
    if name == "Upload-Metadata":
        coded = base64.b64encode(content).decode()
        said = ",".join(f"{key} {coded}" for key in ("filename", "title", "kind", "valid_from", "sha256"))
    key = f"HTTP_{name.upper().replace('-', '_')}"
    usual = {"HTTP_UPLOAD_LENGTH": "100", "HTTP_UPLOAD_OFFSET": "0", "HTTP_TUS_RESUMABLE": "1.0.0"}
    return opened.client.open(
        opened.place, method=next(iter(sorted(opened.methods, reverse=True))), environ_overrides={**usual, key: said},
        data=opened.data or b"x",
    )  # fmt: skip


def _sent_name(text: str) -> str:
    """What a browser makes of a file's name in a form."""
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
