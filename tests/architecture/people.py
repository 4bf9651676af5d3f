"""Who acts for the firms of the world: an intermediary for all of them, an invitation and a request of each."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM
from app.access.roles import Role
from app.accounts import mandates
from app.accounts import service as accounts
from app.accounts.mandates import Power
from app.accounts.models import Mandate
from app.core import clock
from app.files import service as files
from app.firms.models import Firm
from app.mandates import service
from app.mandates.models import Invitation, MandateRequest
from tests.support.people import PASSWORD

NOBODY = "nobody"
Place = tuple[dict[str, object], int | None]


def fill(session: Session, app: Flask) -> None:
    """Give every firm somebody from outside, an invitation and a request; one account acts for nobody."""
    agent, _ = accounts.create(
        session, login="agent", name="代办", role=Role.FIRM_APPLICANT, by=SYSTEM, password=PASSWORD
    )
    accounts.create(session, login=NOBODY, name="无授权", role=Role.FIRM_APPLICANT, by=SYSTEM, password=PASSWORD)
    until = clock.today() + timedelta(days=30)
    store = app.extensions["yuqi_store"]
    file = files.keep(
        session, store, name="授权书.pdf", media_type="application/pdf", content=b"%PDF-1.4\n%%EOF\n", by=SYSTEM
    )
    for firm in session.scalars(select(Firm).order_by(Firm.id)).all():
        power = Power(firm.id, Role.FIRM_FILLER, until, "示例代办机构")
        mandates.grant(session, agent, power, by=SYSTEM, basis="示例", action=Action.MANDATE_GRANT)
        service.invite(session, firm, power, invitee="王五", by=SYSTEM)
        session.add(
            MandateRequest(
                user_id=agent.id,
                credit_code=firm.credit_code or "",
                firm_name="示例企业",
                role=Role.FIRM_FILLER,
                file_id=file.id,
            )  # fmt: skip
        )


def places(session: Session) -> dict[str, list[Place]]:
    """Return mandates, invitations and requests with their firms; the demo people come last, since tests end some."""
    asked = select(MandateRequest.id, Firm.id).join(Firm, Firm.credit_code == MandateRequest.credit_code)
    return {
        "mandate_id": [
            ({"mandate_id": row[0]}, row[1])
            for row in session.execute(select(Mandate.id, Mandate.firm_id).order_by(Mandate.id.desc()))
        ],
        "invitation_id": [
            ({"invitation_id": row[0]}, row[1]) for row in session.execute(select(Invitation.id, Invitation.firm_id))
        ],
        "request_id": [({"request_id": row[0]}, row[1]) for row in session.execute(asked)],
    }
