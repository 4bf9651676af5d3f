"""Firms' figures for tests: claims and facts as the services make them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.access.roles import Role
from app.facts import service
from app.facts.models import Claim, Fact, SourceKind
from app.facts.service import Statement
from app.facts.values import Value

# people without an account: the log and the claims keep their names
STATER = Actor(id=None, login="filler", name="系统导入", role=Role.CASEWORKER)


def make_statement(firm_id: int, **changes: Any) -> Statement:
    """Return a statement: sales revenue of 2025, 62,974 万元, from a cell."""
    values: dict[str, Any] = {
        "firm_id": firm_id,
        "key": "sales_revenue",
        "year": 2025,
        "value": Decimal("62974"),
        "raw": "62,974",
        "source_kind": SourceKind.IMPORT,
        "source_label": "2025年度企业情况表.xlsx Sheet1!F12",
        "batch_id": None,
    }
    return Statement(**{**values, **changes})


def make_claim(session: Session, firm_id: int, *, by: Actor = STATER, **changes: Any) -> Claim:
    """Return a pending claim."""
    return service.state(session, make_statement(firm_id, **changes), by=by)


def make_fact(
    session: Session, firm_id: int, key: str, year: int | None, value: Value, *, reviewer: Actor, reason: str = "更正"
) -> Fact:
    """Return a current fact, stated by the import and accepted by the reviewer."""
    claim = make_claim(session, firm_id, key=key, year=year, value=value, raw=str(value))
    return service.accept(session, claim, by=reviewer, reason=reason)
