"""Load the demo data through the same services that people use, so that every figure has its claim and its reviewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor
from app.accounts import service as accounts
from app.accounts.models import User
from app.core.db import Database
from app.core.errors import Conflict
from app.core.text import tr
from app.demo import accounts as people
from app.demo import firm_side, lines, published, record
from app.demo.invented import LAST_YEAR, SOURCE, InventedFirm, invented_firms
from app.facts import service as facts
from app.facts.models import SourceKind
from app.facts.service import Statement
from app.facts.sheet import FactSheet, decimal_text
from app.facts.values import Value
from app.files.store import FileStore
from app.firms import service as firms
from app.firms.models import Firm
from app.firms.service import FirmDraft

PENDING_KEYS = ("rd_expense_hnte", "tech_staff_month_avg")
WITH_PENDING = frozenset({2, 12, 22, 32})
WITH_CONFLICT = frozenset({5, 15, 25})


@dataclass(frozen=True)
class Demo:
    """What was loaded: people by login, invented firms by number."""

    people: Mapping[str, Actor]
    firms: Mapping[int, Firm]

    def actor(self, login: str) -> Actor:
        return self.people[login]


def load(database: Database, store: FileStore) -> Demo:
    """Load everything; raise ``Conflict`` when demo data is there already.

    The invented part is one transaction; the published rows then come in as any workbook does.
    """
    demo = _invented(database)
    published.load(database, store, by=demo.actor("demo-caseworker"), reviewer=demo.actor("demo-reviewer"))
    return demo


def load_firm_side(database: Database, store: FileStore) -> None:
    """Fill in forms of the first firm; the editions of the policies must be there (``database migrate``)."""
    with database.transaction() as session:
        firm_side.load(session, store)


def _invented(database: Database) -> Demo:
    with database.transaction() as session:
        if session.scalar(select(User.id).where(User.login == people.ACCOUNTS[0].login)) is not None:
            raise Conflict(tr("演示数据已经装入，无需重复装入。"))
        staff = {
            account.login: _account(session, account, firm_id=None).as_actor()
            for account in people.ACCOUNTS
            if account.firm_number is None
        }
        found = _firms(session, staff)
        for account in people.ACCOUNTS:
            if account.firm_number is not None:
                staff[account.login] = _account(session, account, firm_id=found[account.firm_number].id).as_actor()
        demo = Demo(staff, found)
        _figures(session, demo)
        lines.load(session, demo.firms, by=demo.actor("demo-caseworker"))
        caseworker, reviewer = demo.actor("demo-caseworker"), demo.actor("demo-reviewer")
        record.load(session, demo.firms, caseworker=caseworker, reviewer=reviewer)
    return demo


def _account(session: Session, account: people.DemoAccount, *, firm_id: int | None) -> User:
    user, _ = accounts.create(
        session,
        login=account.login,
        name=account.name,
        role=account.role,
        by=SYSTEM,
        password=people.PASSWORD,
        reach=account.reach,
        towns=account.towns,
        firm_id=firm_id,
        phone=account.phone,
    )
    return user


def _firms(session: Session, staff: Mapping[str, Actor]) -> dict[int, Firm]:
    caseworker = staff["demo-caseworker"]
    assigned = (staff["demo-caseworker"].id, staff["demo-duruan"].id)
    made: dict[int, Firm] = {}
    for invented in invented_firms():
        draft = FirmDraft(
            name=invented.name,
            short_name=invented.short_name,
            credit_code=invented.credit_code,
            town=invented.town,
            address=f"江门市蓬江区{invented.town.label}虚构路{invented.number}号",
            industry="C 制造业",
            clusters=invented.clusters,
            chain_role=invented.role,
            registered_on=date.fromisoformat(str(invented.figures["registration_date"])),
            caseworker_id=assigned[0] if invented.number % 2 else assigned[1],
            source=SOURCE,
            is_demo=True,
        )
        firm = firms.create(session, draft, by=caseworker)
        made[invented.number] = firm
        if invented.on_roster:
            for year in (LAST_YEAR - 1, LAST_YEAR):
                firms.set_roster(session, firm.id, year, True, source=SOURCE, by=caseworker)
    return made


def _figures(session: Session, demo: Demo) -> None:
    caseworker, reviewer = demo.actor("demo-caseworker"), demo.actor("demo-reviewer")
    settled: list[Statement] = []
    waiting: list[Statement] = []
    for invented in invented_firms():
        statements = _statements(invented, demo.firms[invented.number].id)
        for statement in statements:
            late = invented.number in WITH_PENDING and statement.key in PENDING_KEYS and statement.year == LAST_YEAR
            (waiting if late else settled).append(statement)
    claims = facts.state_many(session, settled, by=caseworker)
    facts.accept_many(session, claims, by=reviewer, reason="演示数据批量核定")
    facts.state_many(session, [*waiting, *_second_sources(settled, demo)], by=caseworker)
    _from_the_portal(session, demo)


def _statements(invented: InventedFirm, firm_id: int) -> list[Statement]:
    sheet = FactSheet.from_plain(invented.figures, source=SOURCE)
    return [
        Statement(
            firm_id=firm_id,
            key=fact.key,
            year=fact.year,
            value=fact.value,
            raw=_raw(fact.value),
            source_kind=SourceKind.CASEWORKER,
            source_label=f"{SOURCE}：第 {invented.number} 号样例企业",
        )
        for fact in sheet.facts()
    ]


def _raw(value: Value) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return decimal_text(value) if isinstance(value, Decimal) else str(value)


def _second_sources(settled: Sequence[Statement], demo: Demo) -> list[Statement]:
    """A second source that differs by a little, for some firms: a person has to choose."""
    chosen = {demo.firms[number].id for number in WITH_CONFLICT}
    return [
        Statement(
            firm_id=statement.firm_id,
            key=statement.key,
            year=statement.year,
            value=statement.value + 35,
            raw=_raw(statement.value + 35),
            source_kind=SourceKind.CASEWORKER,
            source_label=f"{SOURCE}：税务申报表样例",
            source="tax",
        )
        for statement in settled
        if statement.firm_id in chosen
        and statement.key == "sales_revenue"
        and statement.year == LAST_YEAR
        and isinstance(statement.value, Decimal)
    ]


def _from_the_portal(session: Session, demo: Demo) -> None:
    filler, firm = demo.actor("demo-filler"), demo.firms[1]
    for key, value in (("rd_staff", Decimal(26)), ("invention_patent_count", Decimal(2))):
        statement = Statement(
            firm_id=firm.id,
            key=key,
            year=LAST_YEAR if key == "rd_staff" else None,
            value=value,
            raw=_raw(value),
            source_kind=SourceKind.FIRM,
            source_label="企业自报（演示）",
        )
        facts.state(session, statement, by=filler)
