"""Nominations with everything under them: figures with their cells, a verdict, a frozen list."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor
from app.access.roles import Role
from app.accounts.models import User
from app.core import clock
from app.core.digest import content_hash
from app.eligibility import service as eligibility
from app.eligibility.models import EligibilityList
from app.facts import service as facts
from app.facts.models import SourceKind
from app.facts.service import Statement, Upload
from app.facts.sheet import FactSheet
from app.files import service as files
from app.files.store import FileStore
from app.firms import contacts
from app.firms.contacts import ContactDraft
from app.firms.models import Firm
from app.nominations.models import Decision, ListState, Nomination, NominationList
from app.rulebooks import queries as rulebooks
from app.rulebooks import service as rulebook_service
from tests.factories.firms import make_firm

AS_OF = date(2024, 6, 15)
WORKBOOK = "2023年度企业情况表.xlsx"
CASES = Path(__file__).parents[2] / "app/rulebooks/editions/hnte-2016/cases.toml"
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
    """Judge a firm and nominate it on a list of its own, frozen; ``changes`` are columns of ``Nomination``."""
    rulebook_service.sync(session, by=SYSTEM)
    given = base_figures() if figures is None else figures
    make_figures(session, firm, given, reviewer=reviewer.as_actor(), store=store)
    return make_list(session, [firm], reviewer=reviewer, **changes)[0]


def make_list(session: Session, firms: Sequence[Firm], *, reviewer: User, frozen: bool = True, **changes: Any
) -> list[Nomination]:  # fmt: skip
    """Judge firms and nominate them on one list; ``frozen`` false leaves it in the making."""
    rulebook_service.sync(session, by=SYSTEM)
    edition = rulebooks.by_code(session, "hnte-2016")
    source = EligibilityList(edition_id=edition.id, as_of=AS_OF, title="高企资格清单", created_by=reviewer.id)
    session.add(source)
    session.flush()
    chosen = NominationList(
        eligibility_list_id=source.id, title="2024 年高新技术企业拟推荐名单", created_by_name="林晓"
    )
    session.add(chosen)
    session.flush()
    found = []
    for rank, firm in enumerate(firms, start=1):
        verdict = eligibility.judge(session, firm.id, edition, AS_OF, by=SYSTEM)
        values: dict[str, Any] = {
            "decision": Decision.NOMINATE,
            "reason": "各项条件均符合",
            "rank": rank,
            "decided_by_name": "林晓",
            "decided_at": clock.now(),
        }
        nomination = Nomination(list_id=chosen.id, firm_id=firm.id, verdict_id=verdict.id, **{**values, **changes})
        session.add(nomination)
        found.append(nomination)
    session.flush()
    if frozen:
        freeze(session, chosen, reviewer)
    session.commit()
    return found


def freeze(session: Session, chosen: NominationList, reviewer: User) -> None:
    """Freeze a list as its own room does: content, hash, who and when."""
    chosen.content = {"list": chosen.id}
    chosen.digest = content_hash(chosen.content)
    chosen.frozen_by, chosen.frozen_by_name, chosen.frozen_at = reviewer.id, reviewer.name, clock.now()
    chosen.state = ListState.FROZEN
    session.flush()


def make_demo_firm(session: Session, **changes: Any) -> Firm:
    """Create an invented firm with a contact."""
    firm = make_firm(session, name="虚构犇鑫㙟智能装备有限公司", is_demo=True, **changes)
    contacts.add(session, firm, ContactDraft(name="王某", post="财务负责人", phone="13800001234"), by=SYSTEM)
    session.commit()
    return firm
