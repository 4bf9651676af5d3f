"""Bad input at every door, built from the URL map and the pages' own forms: refused or passed over, never a fault.

Every parameter and every field is tried with some of the values; which ones goes round, so that all are tried in
every room. On PostgreSQL too, which refuses more than SQLite does (NUL, text where a number belongs).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import cycle
from urllib.parse import parse_qsl, quote, urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient

from app.core.steps import PLACES
from app.web.forms import LARGEST
from tests.architecture.test_doors import may, rules, sign_in
from tests.architecture.world import World
from tests.support.browser import values_of

pytestmark = pytest.mark.slow

# cursors as the pages make them, with what no column of theirs can be compared with
CURSORS = (
    "WzEsMl0=",
    "WyJhXHUwMDAwYiIsMV0=",
    "WyJhIiw5OTk5OTk5OTk5OTk5OTk5OTk5OV0=",
    "WyJcdWQ4MDAiLDFd",
    "W10=",
    "bm90",
)
HOSTILE = (
    "abc", "9" * 25, "9" * 5000, "-1", "0", "99999999999", "₀₁₂", "1e999", "NaN", "-Infinity", "2025-02-30",
    "0001-01-01", "9999-12-31", "字" * 10_000, "a\x00b", "\ufffd\u202eabc", "'\"><script>", "{{7*7}}", *CURSORS,
)  # fmt: skip
ALWAYS = ("after", "before", "page", "year", "q", "next")
TRIES = 1
FILES = {
    "x.xlsx": b"PK\x03\x04",
    "a\x00.csv": b"a,b\n1,2\n",
    "../../x.pdf": b"%PDF-1.4",
    "": b"",
    "x.csv": b"\xff\xfe\x00",
}
PEOPLE = ("demo-reviewer", "demo-filler")


@pytest.mark.parametrize("login", PEOPLE)
def test_no_parameter_breaks_a_page_and_no_field_a_form(world_app: Flask, world: World, login: str) -> None:
    """All pages first, their forms afterwards: what a form changes must not take a page away."""
    client, values = sign_in(world_app, login), cycle(HOSTILE)
    faults: list[str] = []
    forms: dict[tuple[str, ...], tuple[str, Tag]] = {}
    for address, page in pages(world_app, world, client, login):
        faults += asked_badly(client, page, address, values)
        for form in page.select("form[method=post]"):
            target = urljoin(address, str(form.get("action") or address))
            if "sign-out" not in target and not target.startswith(("/sessions", "/language")):
                forms.setdefault((re.sub(r"\d+", "N", target), *sorted(fields(form))), (target, form))
    for target, form in forms.values():
        filled = values_of(form)
        for sent in ({}, dict.fromkeys(fields(form), ""), *tries(filled, fields(form), values)):
            faults += fault(client, "POST", target, data=sent)
        for sent in uploads(form, filled):
            faults += fault(client, "POST", target, data=sent, content_type="multipart/form-data")
    assert len(forms) > 1
    assert faults == []


@pytest.mark.parametrize("login", PEOPLE)
def test_no_number_breaks_an_address(world_app: Flask, login: str) -> None:
    client, faults = sign_in(world_app, login), []
    for rule in world_app.url_map.iter_rules():
        if not rule.arguments or rule.endpoint == "static":
            continue
        for value in ("9" * 25, "9" * 5000, "2147483648", "0", "a%00b", "%ED%A0%80", "字"):
            address = re.sub(r"<[^>]+>", value, rule.rule)
            for method in sorted({"GET", "POST"} & (rule.methods or set())):
                faults += fault(client, method, address)
    assert faults == []


def asked_badly(client: FlaskClient, page: BeautifulSoup, address: str, values: Iterator[str]) -> list[str]:
    """Try every parameter of a page."""
    faults = []
    path, _, own = address.partition("?")
    asked = dict(parse_qsl(own))
    for name in sorted(parameters(page, address) | set(ALWAYS) | set(asked)):
        cursors = cycle(CURSORS) if name in {"after", "before"} else values
        for value in (next(cursors) for _ in range(TRIES)):
            faults += fault(client, "GET", path, query_string={**asked, name: value})
    return faults


def pages(app: Flask, world: World, client: FlaskClient, login: str) -> Iterator[tuple[str, BeautifulSoup]]:
    """Every page that the person may open, with a thing in reach."""
    person = world.people[login]
    for rule in rules(app, "GET"):
        if may(app, person, rule.endpoint):
            for address in world.addresses(rule, own=True, for_=person):
                answer = client.get(address)
                text = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
                yield address, BeautifulSoup(text, "html.parser")


def parameters(page: BeautifulSoup, address: str) -> set[str]:
    """What a page can be asked: the fields of its searching forms, and what its links to itself carry."""
    names = {str(field["name"]) for field in page.select("form:not([method=post]) [name]")}
    here = urlsplit(address).path.rstrip("/")
    targets = [urlsplit(urljoin(address, str(link["href"]))) for link in page.select("a[href]")]
    return names | {name for one in targets if one.path.rstrip("/") == here for name, _value in parse_qsl(one.query)}


def fields(form: Tag) -> set[str]:
    """The names that a form sends, but for its token."""
    return {str(field["name"]) for field in form.select("[name]")} - {"csrf_token"}


def tries(filled: Mapping[str, object], names: set[str], values: Iterator[str]) -> Iterator[dict[str, object]]:
    for name in sorted(names):
        for value in (next(values) for _ in range(TRIES)):
            yield {**filled, name: value}


def uploads(form: Tag, filled: Mapping[str, object]) -> Iterator[dict[str, object]]:
    for field in form.select("input[type=file]"):
        for name, content in FILES.items():
            yield {**filled, str(field["name"]): (BytesIO(content), name)}


def fault(client: FlaskClient, method: str, address: str, **sent: object) -> list[str]:
    """Return what went wrong in words, or nothing: any answer below 500 is a decision, not an accident."""
    told = f"{method} {address[:80]} {str({key: quote(str(one))[:300] for key, one in sent.items()})}"
    try:
        answer = client.open(address, method=method, **sent)  # type: ignore[arg-type]
    except Exception as error:  # the client passes on what would be a page 500
        return [f"{told}: {type(error).__name__}: {str(error)[:200]}"]
    return [f"{told}: {answer.status_code}"] if answer.status_code >= 500 else []


def test_the_largest_number_of_a_form_fits_the_column() -> None:
    assert LARGEST * 10**PLACES < 2**63
