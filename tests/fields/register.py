"""Which fields there are: found by walking over the doors, sending what their pages offer, and noticing what is read.

A field is a door, the part of a request that it stands in (``form``, ``query``, ``path``, ``header``), and its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from flask import url_for
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from app.web.surfaces import OPEN, declared
from tests.architecture.test_doors import may, sign_in
from tests.architecture.world import World
from tests.fields import entrances, formwork, record
from tests.fields.doors import Door, Text
from tests.fields.holding import Held
from tests.fields.noticing import noticed
from tests.fields.pages import TEXT, Form, forms_of

ROOMS = ("portal.", "public.", "office.assessments.", "office.mandates.", "office.facts.",
         "office.eligibility.publishing.")  # fmt: skip
"""The portal, the doors that stand open, and what the office says back to a firm."""
OF_EVERY_PAGE = frozenset({"header Accept", "header HX-Request", "header Origin", "header Referer"})
LOGINS = ("demo-filler", "demo-signatory", "nobody", "agent", "demo-reviewer", "demo-caseworker")
ADMIN = "demo-admin"
_FIGURE = re.compile(r"(value|reason|reply|confirm)-[A-Za-z][A-Za-z0-9_]*-(?:\d{4})?$")
_TRIED = re.compile(r"^f-[A-Za-z][A-Za-z0-9_]*-(?:\d{4})?$")


def doors() -> dict[str, Door]:
    """Return every door by its endpoint."""
    return {door.endpoint: door for room in (entrances, formwork, record) for door in room.DOORS}


@dataclass(frozen=True, order=True)
class Field:
    """One field: ``name`` stands for all that are alike (``value-*``)."""

    endpoint: str
    part: str
    name: str

    @property
    def told(self) -> str:
        return f"{self.endpoint}: {self.part} {self.name}"


@dataclass
class Found:
    """What was found of the fields: which there are, the kind of each name on its page, what the form around it sends,
    and the page that it stands on."""

    fields: set[Field] = field(default_factory=set)
    kinds: dict[Field, dict[str, str]] = field(default_factory=dict)
    values: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)

    def texts(self) -> Iterator[tuple[Field, Text]]:
        """Yield what takes any text."""
        known = doors()
        for one in sorted(self.fields):
            text = text_of(known[one.endpoint], one) if one.endpoint in known else None
            if text is not None:
                yield one, text


def alike(name: str) -> str:
    """Return what a name has in common with others of its kind."""
    if _TRIED.match(name):
        return "f-*"
    return re.sub(r"\d+", "N", _FIGURE.sub(r"\1-*", name))


def text_of(door: Door, one: Field) -> Text | None:
    """Return what is known of a field as a text, or None."""
    if one.part not in ("form", "query") or f"{one.part} {one.name}" in door.fixed:
        return None
    return next((text for name, text in door.texts.items() if fnmatchcase(one.name, name)), None)


def unaccounted(found: Found) -> list[str]:
    """Return the fields that no door accounts for, and what doors tell of and is not there."""
    known, told = doors(), []
    for one in sorted(found.fields):
        door, kinds = known.get(one.endpoint), set(found.kinds.get(one, {}).values())
        if door is None:
            told.append(f"no door takes {one.told}")
        elif not _is_known(door, one, kinds):
            told.append(f"nothing accounts for {one.told}")
    there = {(one.endpoint, one.name) for one in found.fields}
    for door in known.values():
        told += [
            f"{door.endpoint} has no field {name}"
            for name in door.texts
            if not any(endpoint == door.endpoint and fnmatchcase(one, name) for endpoint, one in there)
        ]
    return told


def _is_known(door: Door, one: Field, kinds: set[str]) -> bool:
    """A text is told of, or what is no text is said to be none, or its page shows that it is none."""
    is_fixed = f"{one.part} {one.name}" in door.fixed
    return text_of(door, one) is not None or is_fixed or bool(kinds) and TEXT not in kinds


def find(world: World, kept: Held) -> Found:
    """Walk over every door as everybody who may, send every form as it stands, and note what is read."""
    found, walk = Found(), _Walk(world, kept)
    with noticed(world.app) as read:
        for rule in world.app.url_map.iter_rules():
            if rule.endpoint.startswith(ROOMS) or rule.endpoint == "language":
                found.fields |= {Field(rule.endpoint, "path", name) for name in _words(rule)}
                walk.through(rule)
        for method, action, form, page, client in list(walk.forms.values()):
            walk.send(found, method, action, form, page, client)
        for endpoint, part, name in read:
            one = Field(endpoint, "form" if part == "file" else part, alike(name))
            if _is_ours(endpoint) and f"{part} {name}" not in OF_EVERY_PAGE:
                found.fields.add(one)
    return found


def _is_ours(endpoint: str) -> bool:
    return endpoint.startswith(ROOMS) or endpoint == "language"


def _words(rule: Rule) -> list[str]:
    """The parts of an address that take any word."""
    return [name for name, converter in rule._converters.items() if converter.part_isolating and
            type(converter).__name__ == "UnicodeConverter"]  # fmt: skip


class Browsers:
    """Everybody, signed in."""

    def __init__(self, world: World) -> None:
        self.app = world.app
        self.signed_in = {login: sign_in(world.app, login) for login in (*LOGINS, ADMIN)}

    def client(self, login: str) -> FlaskClient:
        """A browser of theirs, whose cookies are its own: some doors change them."""
        made = self.app.test_client()
        made.environ_base["HTTP_ORIGIN"] = "http://localhost"  # as a browser says with every form
        if login:
            made._cookies = dict(self.signed_in[login]._cookies or {})
        return made


class _Walk:
    """Goes through doors; ``forms`` are those of the pages, each once."""

    def __init__(self, world: World, kept: Held) -> None:
        self.world, self.kept, self.doors, self.browsers = world, kept, doors(), Browsers(world)
        self.forms: dict[tuple[str, ...], tuple[str, str, Form, str, FlaskClient]] = {}

    def through(self, rule: Rule) -> None:
        """Go through a door as whoever may, with what was arranged for it."""
        door = self.doors.get(rule.endpoint)
        if door is not None and door.arrange is not None:
            with self.kept.forgotten():
                client = self.browsers.client(door.login)
                place, made = address(self.world, self.kept, door)
                if door.enter is not None:
                    door.enter(client)
                self.look(rule, place, client)
                if door.page:
                    self.read(door.page.format(**made), client)
            return
        for login in (door.login,) if door is not None else self.may(rule.endpoint):
            person = self.world.people[login] if login else None
            for place in self.world.addresses(rule, own=True, for_=person):
                self.look(rule, place, self.browsers.client(login))

    def may(self, endpoint: str) -> list[str]:
        if declared(self.world.app, endpoint) == OPEN:
            return [""]
        return [login for login in LOGINS if may(self.world.app, self.world.people[login], endpoint)]

    def look(self, rule: Rule, place: str, client: FlaskClient) -> None:
        methods = rule.methods or set()
        if "GET" in methods:
            self.read(place, client)
        for method in methods & {"POST", "PATCH"}:
            with self.kept.forgotten():
                client.open(place, method=method, data={"x": "x"})

    def read(self, place: str, client: FlaskClient) -> None:
        """Look at a page and keep its forms."""
        with self.kept.forgotten():
            answer = client.get(place)
        if answer.mimetype != "text/html":
            return
        for form in forms_of(answer.get_data(as_text=True), place):
            if "/sign-out" not in form.action:
                target = re.sub(r"\d+", "N", form.action.partition("?")[0])
                key = (form.method, target, *sorted(map(alike, form.kinds)))
                self.forms.setdefault(key, (form.method, form.action, form, place, client))

    def send(self, found: Found, method: str, action: str, form: Form, page: str, client: FlaskClient) -> None:
        """Send a form as it stands, and keep what is known of its fields."""
        endpoint, part = self.endpoint(action, method), "query" if method == "get" else "form"
        if not _is_ours(endpoint):
            return
        found.pages.setdefault(endpoint, page)
        for name, kind in form.kinds.items():
            if name != "csrf_token":
                one = Field(endpoint, part, alike(name))
                found.fields.add(one)
                found.kinds.setdefault(one, {}).setdefault(name, kind)
        if part == "form":
            found.values.setdefault(endpoint, form.values)
            with self.kept.forgotten():
                more = self.doors[endpoint].data if endpoint in self.doors else {}
                client.post(action, data={**form.values, **more})

    def endpoint(self, action: str, method: str) -> str:
        try:
            matched = self.world.app.url_map.bind("").match(urlsplit(action).path, method=method.upper())
        except HTTPException:
            return ""
        return str(matched[0])


def address(world: World, kept: Held, door: Door) -> tuple[str, Mapping[str, Any]]:
    """Arrange what a door needs and return its address with what was arranged."""
    rule = next(one for one in world.app.url_map.iter_rules() if one.endpoint == door.endpoint)
    made: dict[str, Any] = {}
    if door.arrange is not None:
        with kept.session() as session, world.app.app_context():
            made.update(door.arrange(world, session))
            session.commit()
    if not rule.arguments or rule.arguments <= set(made):
        with world.app.test_request_context():
            return url_for(door.endpoint, **{name: made[name] for name in rule.arguments}), made
    if made:
        named = (values for rows in world.places.values() for values, _firm in rows if set(values) == rule.arguments)
        place = next(one for one in named if all(one[key] == made[key] for key in made if key in one))
        with world.app.test_request_context():
            return url_for(door.endpoint, **place), {**place, **made}  # type: ignore[arg-type]
    found = next(iter(world.addresses(rule, own=True, for_=world.people[door.login]))).partition("?")[0]
    method = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})[0]
    _endpoint, values = world.app.url_map.bind("").match(found, method=method)
    return found, values
