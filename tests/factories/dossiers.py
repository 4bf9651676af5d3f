"""Nominations with everything under them: figures with their cells, a verdict, a frozen list."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor
from app.access.roles import Role
from app.accounts.models import User
from app.eligibility import service as eligibility
from app.facts import service as facts
from app.facts.locker import Upload
from app.facts.models import SourceKind
from app.facts.service import Statement
from app.facts.sheet import FactSheet
from app.files import service as files
from app.files.store import FileStore
from app.firms import contacts
from app.firms.contacts import ContactDraft
from app.firms.models import Firm
from app.nominations import service as nominations
from app.nominations.models import Decision, Nomination, NominationList
from app.rulebooks import queries as rulebooks
from app.rulebooks import service as rulebook_service
from tests.factories.firms import make_firm

AS_OF = date(2024, 6, 15)
WORKBOOK = "2023年度企业情况表.xlsx"
CASES = Path(__file__).parents[2] / "app/rulebooks/editions/hnte-2016/cases.toml"
CASEWORKER = Actor(id=None, login="lin", name="林晓", role=Role.CASEWORKER)
IMPORTER = Actor(id=None, login="import", name="表格导入", role=Role.CASEWORKER)


def base_figures() -> dict[str, Any]:
    """Return the figures of the edition's worked base case, which meets every clause."""
    data = tomllib.loads(CASES.read_text(encoding="utf-8"), parse_float=Decimal)["base"]
    return {
        key: {int(year): item for year, item in value.items()} if isinstance(value, dict) and key != "expert" else value
        for key, value in data.items()
    }


def make_figures(
    session: Session, firm: Firm, figures: Mapping[str, Any], *, reviewer: Actor, store: FileStore | None = None
) -> None:
    """State every figure from a cell of its own in one workbook, and let the reviewer accept it."""
    reference: dict[str, Any] = {}
    if store is not None:
        kept = files.keep(
            session, store, name=WORKBOOK, media_type="application/octet-stream", content=b"workbook", by=IMPORTER
        )
        reference = {"file": kept.id, "sheet": "企业情况"}
    for row, fact in enumerate(FactSheet.from_plain(figures).facts(), start=12):
        claim = facts.state(
            session,
            Statement(
                firm_id=firm.id,
                key=fact.key,
                year=fact.year,
                value=fact.value,
                raw=str(fact.value),
                source_kind=SourceKind.IMPORT,
                source_label=f"{WORKBOOK} 企业情况!F{row}",
                reference={**reference, "row": row, "cell": f"F{row}"},
            ),
            by=IMPORTER,
        )
        if store is not None and fact.key == "rd_expense_hnte" and fact.year == 2023:
            upload = Upload("2023研发费用专项审计报告.pdf", b"%PDF-1.7\naudit\n%%EOF\n", "研发费用专项审计报告")
            facts.attach(session, store, claim, upload, by=IMPORTER)
        facts.accept(session, claim, by=reviewer)


def make_nomination(
    session: Session,
    firm: Firm,
    *,
    reviewer: User,
    figures: Mapping[str, Any] | None = None,
    store: FileStore | None = None,
    **changes: Any,
) -> Nomination:
    """Judge a firm and nominate it on a list of its own, frozen; ``changes`` as in ``make_list``."""
    rulebook_service.sync(session, by=SYSTEM)
    given = base_figures() if figures is None else figures
    make_figures(session, firm, given, reviewer=reviewer.as_actor(), store=store)
    return make_list(session, [firm], reviewer=reviewer, **changes)[0]


def make_list(
    session: Session,
    firms: Sequence[Firm],
    *,
    reviewer: User,
    frozen: bool = True,
    decision: Decision = Decision.NOMINATE,
    reason: str = "各项条件均符合，专题会议议定",
    amount: Decimal | None = None,
    amount_source: str = "",
) -> list[Nomination]:
    """Judge all firms and decide on the given ones, in their order, on one list; commits.

    ``frozen`` false leaves the list in the making. Other eligible firms are deferred.
    """
    rulebook_service.sync(session, by=SYSTEM)
    edition = rulebooks.by_code(session, "hnte-2016")
    drawn = eligibility.draw_up(session, edition, AS_OF, by=SYSTEM)
    chosen = nominations.draw_up(session, drawn, by=CASEWORKER, title="2024 年高新技术企业拟推荐名单")
    there = {one.firm_id: one for one in session.scalars(select(Nomination).where(Nomination.list_id == chosen.id))}
    found = []
    for firm in firms:
        place = there.pop(firm.id, None) or nominations.add(session, chosen.id, firm.id, by=CASEWORKER, reason=reason)
        nominations.decide(
            session, place, decision, by=CASEWORKER, reason=reason, amount=amount, amount_source=amount_source
        )
        found.append(place)
    for place in there.values():
        nominations.decide(session, place, Decision.DEFER, by=CASEWORKER, reason="留待下批")
    if frozen:
        freeze(session, chosen, reviewer)
    session.commit()
    return found


def freeze(session: Session, chosen: NominationList, reviewer: User) -> None:
    """Hand a list over and freeze it, as its own room does."""
    nominations.submit(session, chosen.id, by=CASEWORKER)
    nominations.freeze(session, chosen.id, by=reviewer.as_actor())


def make_demo_firm(session: Session, **changes: Any) -> Firm:
    """Create an invented firm with a contact."""
    firm = make_firm(session, name="虚构犇鑫㙟智能装备有限公司", is_demo=True, **changes)
    contacts.add(session, firm, ContactDraft(name="王某", post="财务负责人", phone="13800001234"), by=SYSTEM)
    session.commit()
    return firm
