"""Nomination lists for tests, drawn up from four invented firms."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.eligibility.models import EligibilityList
from app.firms.models import Firm
from app.nominations import service
from app.nominations.models import Decision, Nomination, NominationList
from tests.factories.eligibility import make_four_firms, make_judged_firm, make_list


@dataclass
class Drawn:
    """A draft with its firms by verdict; three are eligible."""

    list: NominationList
    source: EligibilityList
    firms: dict[str, Firm]

    def place(self, session: Session, firm: str) -> Nomination:
        """Return the place of a firm by its short name."""
        return session.scalars(
            select(Nomination).where(Nomination.list_id == self.list.id, Nomination.firm_id == self.firms[firm].id)
        ).one()


def make_draft(session: Session, by: Actor, *, quota: int | None = None) -> Drawn:
    """Return a committed draft: three eligible candidates, and one firm each of the other verdicts not on it."""
    firms = make_four_firms(session)
    firms["second"] = make_judged_firm(session, "江门庚食品有限公司")
    firms["third"] = make_judged_firm(session, "江门辛照明有限公司")
    source = make_list(session)
    found = service.draw_up(session, source, by=by, title="高新技术企业推荐名单", quota=quota)
    session.commit()
    return Drawn(found, source, firms)


def decide_all(session: Session, drawn: Drawn, by: Actor) -> None:
    """Nominate the first two, decline the third, and submit; commits."""
    for name in ("eligible", "second"):
        service.decide(session, drawn.place(session, name), Decision.NOMINATE, by=by)
    service.decide(session, drawn.place(session, "third"), Decision.DECLINE, by=by, reason="本年度已获同类支持")
    service.submit(session, drawn.list.id, by=by)
    session.commit()
