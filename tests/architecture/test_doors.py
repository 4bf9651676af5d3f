"""Every route × every role × own or foreign firm, built from the URL map: nothing opens wrongly, nothing leaks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.access.actions import Action
from app.access.actor import Actor
from app.access.policy import decide
from app.access.roles import FIRM_ROLES, GRANTS, Role
from app.audit.models import AuditEvent
from app.core.db import Database
from app.firms import queries as firms
from app.firms.models import Firm
from app.web.surfaces import OPEN, UndeclaredDoor, check_doors, declared
from tests.architecture.world import World
from tests.support.people import PASSWORD

pytestmark = pytest.mark.slow
OPEN_DOORS = {
    "favicon", "healthz", "language", "static",
    "public.accounts.sign_in", "public.accounts.start", "public.dossiers.start", "public.dossiers.verify",
    "public.accounts.code", "public.accounts.reset",
    "public.mandates.invitation", "public.mandates.register",
}  # fmt: skip
# what a person does to their own account is the same for everybody
OWN_ACCOUNT = {
    f"public.accounts.{view}"
    for view in (
        "password", "profile", "sessions", "end_session", "sign_out", "security", "stop_factor", "renew_codes",
        "begin_factor", "confirm_factor",
    )
}  # fmt: skip


def rules(app: Flask, method: str) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint not in OPEN_DOORS | OWN_ACCOUNT:
            yield rule


def test_every_door_declares_its_action(world_app: Flask) -> None:
    for rule in world_app.url_map.iter_rules():
        action = declared(world_app, rule.endpoint)
        assert isinstance(action, Action) or (action == OPEN and rule.endpoint in OPEN_DOORS), rule.endpoint


def test_a_bare_door_keeps_the_program_from_starting(own_app: Flask) -> None:
    own_app.add_url_rule("/bare", "bare", lambda: "open")
    with pytest.raises(UndeclaredDoor, match="/bare"):
        check_doors(own_app)


def test_every_role_has_grants_and_portal_roles_hold_no_office_action() -> None:
    assert set(GRANTS) == set(Role)
    for role in FIRM_ROLES:
        nouns = {action.value.split(":")[0] for action in GRANTS[role]}
        assert nouns <= {"own", "account", "session"}


def test_portal_addresses_carry_no_firm(world_app: Flask) -> None:
    for rule in world_app.url_map.iter_rules():
        if rule.endpoint.startswith("portal."):
            assert "firm_id" not in rule.arguments, rule


def test_a_stranger_is_sent_to_sign_in(world_app: Flask, world: World) -> None:
    client = world_app.test_client()
    for method in ("GET", "POST"):
        for rule in rules(world_app, method):
            for address in world.addresses(rule, own=True):
                answer = client.open(address, method=method)
                assert answer.status_code == 302, f"{method} {address}: {answer.status_code}"
                assert "/sign-in" in answer.headers["Location"]


@pytest.mark.parametrize("login", World.LOGINS)
def test_what_a_role_may_read_opens_and_the_rest_stays_shut(world_app: Flask, world: World, login: str) -> None:
    person, client = world.people[login], sign_in(world_app, login)
    for rule in rules(world_app, "GET"):
        for address in world.addresses(rule, own=True, for_=person):
            answer = client.get(address)
            allowed = may(world_app, person, rule.endpoint)
            expected = {200, 302} if allowed else {403}
            assert answer.status_code in expected, f"{login} GET {address}: {answer.status_code}"
            leaks(world, person, address, answer)


@pytest.mark.parametrize("login", World.SCOPED)
def test_foreign_things_do_not_exist(world_app: Flask, world: World, login: str) -> None:
    person, client = world.people[login], sign_in(world_app, login)
    for method in ("GET", "POST"):
        for rule in rules(world_app, method):
            if not rule.arguments:
                continue
            for address in world.addresses(rule, own=False, for_=person):
                answer = client.open(address, method=method)
                expected = {404} if may(world_app, person, rule.endpoint) else {403}
                assert answer.status_code in expected, f"{login} {method} {address}: {answer.status_code}"
                leaks(world, person, address, answer)


@pytest.mark.parametrize("login", World.LOGINS)
def test_a_role_without_the_action_cannot_post_and_nothing_changes(world_app: Flask, world: World, login: str) -> None:
    person, client = world.people[login], sign_in(world_app, login)
    before = events(world_app)
    for rule in rules(world_app, "POST"):
        if may(world_app, person, rule.endpoint):
            continue
        for address in world.addresses(rule, own=True, for_=person):
            answer = client.post(address)
            assert answer.status_code == 403, f"{login} POST {address}: {answer.status_code}"
    assert events(world_app) == before


def sign_in(app: Flask, login: str) -> FlaskClient:
    client = app.test_client()
    answer = client.post("/sign-in", data={"login": login, "password": World.PASSWORDS.get(login, PASSWORD)})
    assert answer.status_code == 302, login
    return client


def may(app: Flask, person: Actor, endpoint: str) -> bool:
    if endpoint.startswith("office.") and person.is_firm or endpoint.startswith("portal.") and not person.is_firm:
        return False
    action = declared(app, endpoint)
    assert isinstance(action, Action)
    return decide(person, action).allowed


def leaks(world: World, person: Actor, address: str, answer: TestResponse) -> None:
    """No page, workbook or paper may carry the name of a firm out of reach."""
    text = words_of(answer)
    found = [name for name in world.names_out_of_reach(person) if name in text]
    assert not found, f"{person.login} {address} shows {found[:3]}"


def words_of(answer: TestResponse) -> str:
    return _words(answer.get_data())


@lru_cache(maxsize=64)  # one paper is given out to many people
def _words(content: bytes) -> str:
    if content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as archive:
            return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    if content.startswith(b"%PDF") and len(content) > 1000:  # the evidence of the world is a stub of a PDF
        return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return content.decode("utf-8", "replace")


def events(app: Flask) -> int:
    database: Database = app.extensions["yuqi_database"]
    with database.session() as session:
        quiet = (Action.ACCOUNT_SIGN_IN, Action.ACCOUNT_SIGN_OUT)
        return session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.action.not_in(quiet))) or 0


def test_reach_is_what_the_pages_say(world_app: Flask, world: World) -> None:
    """The walk means nothing unless scoped people reach some firms and not others."""
    database: Database = world_app.extensions["yuqi_database"]
    with database.session() as session:
        total = session.scalar(select(func.count()).select_from(Firm)) or 0
        for login in World.SCOPED:
            reached = session.scalar(
                select(func.count()).select_from(Firm).where(firms.visible_to(world.people[login]))
            )
            assert 0 < (reached or 0) < total, login
    with world_app.test_request_context():
        assert url_for("office.firms.index")
