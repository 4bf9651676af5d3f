"""Self-assessments of the small district: of the firm that has accounts, and of another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.access.roles import Role
from app.accounts.models import Mandate, User
from app.assessments import service
from app.assessments.models import Assessment
from app.core import clock
from app.firms.models import Firm

SECTION = "staff"


def begin(session: Session) -> None:
    """Begin a form of both firms."""
    own = session.scalars(
        select(Mandate.firm_id).join(User, User.id == Mandate.user_id).where(User.login == "demo-filler")
    ).first()
    other = session.scalars(select(Firm.id).where(Firm.id != own).order_by(Firm.id)).first()
    for firm_id in (own, other):
        person = Actor(id=None, login="filler", name="演示", role=Role.FIRM_FILLER, firm_id=firm_id)
        service.start(session, "hitech_recognition", "new", clock.today().year - 1, by=person)


def places(session: Session) -> Iterator[tuple[str, list[tuple[dict[str, Any], int | None]]]]:
    """Yield what addresses of forms may name, and whose it is."""
    rows = session.scalars(select(Assessment).order_by(Assessment.id)).all()
    yield "assessments:assessment_id", [({"assessment_id": row.id}, row.firm_id) for row in rows]
    yield (
        "assessments:assessment_id+section",
        [({"assessment_id": row.id, "section": SECTION}, row.firm_id) for row in rows],
    )
