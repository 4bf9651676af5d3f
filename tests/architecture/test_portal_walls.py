"""A firm finds nothing of another firm: no text, no file, nothing in a search or a count, nothing at a guessed address.

Every text of every other firm is overwritten by a mark, table by table as the schema has them, and more is added to
those firms. Whatever the portal then answers carries no mark, and reads as it did before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import JSON, ColumnElement, Connection, String, Table, insert, or_, select, update
from sqlalchemy.exc import DatabaseError
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.access.actor import Actor
from app.access.roles import Role
from app.accounts.mandates import Power
from app.accounts.models import Mandate
from app.assessments import service as assessments
from app.core import clock
from app.core.db import Base, Database
from app.facts import service as facts
from app.facts.locker import Upload
from app.facts.models import Claim, Document, Evidence, SourceKind
from app.facts.service import Statement
from app.firms.models import Firm
from app.mandates import service as mandates
from tests.architecture.test_doors import may, sign_in, words_of
from tests.architecture.world import Values, World, _kind

pytestmark = pytest.mark.slow
SECRET = "乙秘"
PEOPLE = ("demo-filler", "demo-signatory")
OWN = ("portal.", "public.mandates.acting", "public.mandates.ask")
BOXES, NAME = re.compile('<input[^>]*type="search"[^>]*>'), re.compile(' name="([^"]+)"')
ENOUGH = 4
TABLES_MARKED = 20


def test_nothing_of_another_firm_is_found_and_nothing_of_it_changes_a_page(world_app: Flask, world: World) -> None:
    database: Database = world_app.extensions["yuqi_database"]
    own = next(iter(world.reach["demo-filler"]))
    clients = {login: sign_in(world_app, login) for login in PEOPLE}
    for login, client in clients.items():  # what is new is told once: the second look is the same as all later ones
        pages(world_app, world, login, client)
    before = {login: pages(world_app, world, login, client) for login, client in clients.items()}
    assert min(len(found) for found in before.values()) > 15
    with database.engine.begin() as connection:
        marked = mark(connection, own)
    assert len(marked) > TABLES_MARKED, marked
    add_more(world_app, own)
    for login, client in clients.items():
        after = pages(world_app, world, login, client)
        assert {path: text for path, text in after.items() if SECRET in text} == {}
        assert {path for path in before[login] if plain(before[login][path]) != plain(after[path])} == set()


def test_a_guessed_address_leads_to_nothing(world_app: Flask, world: World) -> None:
    tried = 0
    for login in PEOPLE:
        client, person = sign_in(world_app, login), world.people[login]
        for rule in portal_rules(world_app):
            for address in guesses(world_app, world, login, rule):
                for method in sorted({"GET", "POST"} & (rule.methods or set())):
                    answer = client.open(address, method=method)
                    expected = 404 if may(world_app, person, rule.endpoint) else 403
                    assert answer.status_code == expected, f"{login} {method} {address}: {answer.status_code}"
                    assert SECRET not in told(answer), address
                    tried += 1
    assert tried > 50


def test_a_guessed_number_in_a_form_leads_to_nothing(world_app: Flask, world: World) -> None:
    database: Database = world_app.extensions["yuqi_database"]
    client, own = sign_in(world_app, "demo-filler"), next(iter(world.reach["demo-filler"]))
    with database.session() as session:
        mine = select(Claim.id).where(Claim.firm_id == own, Claim.source_kind == SourceKind.FIRM)
        claim = session.scalars(mine).first()
        document = session.scalars(select(Document.id).where(Document.firm_id != own)).first()
        mandate = session.scalars(select(Mandate.id).where(Mandate.firm_id != own)).first()
    before = rows(database, Evidence)
    answer = client.post(f"/portal/facts/claims/{claim}/evidence", data={"document": str(document)})
    assert (answer.status_code, rows(database, Evidence)) == (422, before)
    assert client.post("/acting", data={"mandate_id": str(mandate)}).status_code == 404


def test_a_search_for_another_firm_reads_as_one_for_nobody(world_app: Flask, world: World) -> None:
    database: Database = world_app.extensions["yuqi_database"]
    own = next(iter(world.reach["demo-filler"]))
    with database.session() as session:
        other = session.scalars(select(Firm).where(Firm.id != own, Firm.credit_code.is_not(None))).first()
        assert other is not None
        asked = [other.name, other.credit_code or "", other.name[2:6], SECRET, "13800001234"]
    nobody, searches = "无此企业无此企业", 0
    for login in PEOPLE:
        client = sign_in(world_app, login)
        for path, text in pages(world_app, world, login, client).items():
            for name in sorted({found for box in BOXES.findall(text) for found in NAME.findall(box)}):
                nothing = plain(words_of(client.get(path, query_string={name: nobody})).replace(nobody, "?"))
                for text_asked in asked:
                    answer = client.get(path, query_string={name: text_asked})
                    assert plain(words_of(answer).replace(text_asked, "?")).count("<tr") == nothing.count("<tr"), path
                    searches += 1
    assert searches >= len(asked)


def portal_rules(app: Flask) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(OWN))


def pages(app: Flask, world: World, login: str, client: FlaskClient) -> dict[str, str]:
    """Everything that a person may open in the portal: ``{address: what it says, files and headers too}``."""
    found, person = {}, world.people[login]
    for rule in portal_rules(app):
        if "GET" in (rule.methods or ()) and may(app, person, rule.endpoint):
            for address in world.addresses(rule, own=True, for_=person):
                answer = client.get(address)
                assert answer.status_code in {200, 302}, f"{address}: {answer.status_code}"
                found[address] = told(answer)
    return found


def told(answer: TestResponse) -> str:
    """What an answer says: its words, and those of its headers."""
    headers = " ".join(value for name, value in answer.headers.items() if name in ("Location", "Content-Disposition"))
    return words_of(answer) + headers


def plain(text: str) -> str:
    """Without what is new in every answer."""
    return re.sub(r'(name="csrf_token"|csrf-token")[^>]*>', "", text)


def guesses(app: Flask, world: World, login: str, rule: Rule) -> Iterator[str]:
    """Addresses with things of other firms in every part: whole ones, and own ones with one part of another's."""
    if not rule.arguments:
        return
    reach = world.reach[login]
    places = world.places[_kind(rule)]
    mine = [values for values, firm_id in places if firm_id in reach]
    theirs = [values for values, firm_id in places if firm_id is not None and firm_id not in reach][:ENOUGH]
    mixed = [{**own, part: other[part]} for own in mine[:1] for other in theirs for part in rule.arguments]
    for values in [*theirs, *(one for one in mixed if one not in mine)]:
        yield address_of(app, rule, values)


def address_of(app: Flask, rule: Rule, values: Values) -> str:
    with app.test_request_context():
        return url_for(rule.endpoint, **values)  # type: ignore[arg-type]


def rows(database: Database, table: type[Evidence]) -> int:
    with database.session() as session:
        return len(session.scalars(select(table.id)).all())


# --- marking ---


def mark(connection: Connection, own: int) -> list[str]:
    """Double rows of other firms and put a mark into every text of theirs that the database lets be changed; return the
    tables that bear one."""
    others: dict[str, set[int]] = {}
    marked = []
    for table in Base.metadata.sorted_tables:
        belongs = belonging(table, own, others)
        if belongs is None or "id" not in table.c:
            continue
        values = {column.name: put(column) for column in table.c if is_text(table, column)}
        doubled(connection, table, belongs)
        others[table.name] = set(connection.scalars(select(table.c.id).where(belongs)))
        done = [name for name, text in values.items() if text and overwritten(connection, table, belongs, name, text)]
        marked += [table.name] if done and others[table.name] else []
    return marked


def belonging(table: Table, own: int, others: Mapping[str, set[int]]) -> ColumnElement[bool] | None:
    """Which rows are of other firms: by their firm, else by what they hang on."""
    if table.name == "firm":
        return table.c.id != own
    if "firm_id" in table.c:
        return table.c.firm_id != own
    hung = [
        key.parent.in_(others[key.column.table.name])
        for key in table.foreign_keys
        if key.column.table.name in others and key.column.name == "id"
    ]
    return or_(*hung) if hung else None


def is_text(table: Table, column: ColumnElement[object]) -> bool:
    unique = {one.name for index in table.indexes if index.unique for one in index.columns}
    unique |= {one.name for constraint in table.constraints for one in getattr(constraint, "columns", ())}
    return type(column.type).__name__ in ("String", "Text", "JSON") and column.name not in unique


def put(column: ColumnElement[object]) -> object:
    if isinstance(column.type, JSON):
        return {SECRET: SECRET}
    length = column.type.length if isinstance(column.type, String) else None
    return f"{SECRET}{column.name}"[: length or 40] if (length or 40) >= len(SECRET) else None


def overwritten(connection: Connection, table: Table, belongs: ColumnElement[bool], name: str, value: object) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(update(table).where(belongs).values({name: value}))
    except DatabaseError:  # what was decided is never changed: a trigger says so
        return False
    return True


def doubled(connection: Connection, table: Table, belongs: ColumnElement[bool]) -> None:
    """Let there be more of a few rows, where two may be alike: what is counted comes out otherwise."""
    for row in connection.execute(select(table).where(belongs).limit(ENOUGH)).mappings().all():
        try:
            with connection.begin_nested():
                same = {name: row[name] for name in row if name in table.c and name != "id"}
                connection.execute(insert(table), [same])
        except DatabaseError:  # there may be one only
            continue


def add_more(app: Flask, own: int) -> None:
    """Let other firms state, upload, begin and invite more."""
    database: Database = app.extensions["yuqi_database"]
    store, year = app.extensions["yuqi_store"], clock.today().year - 1
    with database.transaction() as session:
        for firm in session.scalars(select(Firm).where(Firm.id != own).order_by(Firm.id).limit(2)):
            by = Actor(id=None, login=SECRET, name=SECRET, role=Role.FIRM_SIGNATORY, firm_id=firm.id)
            said = Statement(firm.id, "sales_revenue", year, Decimal(7), SECRET, SourceKind.FIRM, SECRET, note=SECRET)
            claim = facts.state(session, said, by=by)
            upload = Upload(f"{SECRET}.pdf", b"%PDF-1.4\n%%EOF\n" + SECRET.encode(), SECRET)
            facts.attach(session, store, claim, upload, by=by)
            assessments.start(session, "specialised_sme", "new", year, by=by)
            mandates.invite(session, firm, Power(firm.id, Role.FIRM_FILLER, clock.today()), invitee=SECRET, by=by)
