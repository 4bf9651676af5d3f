"""Ways in: signing in, the second factor, a new password, who acts for a firm, asking whether a paper is genuine."""

from __future__ import annotations

from datetime import timedelta

import pyotp
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.access.roles import Role
from app.accounts import resetting, second_factor
from app.accounts.mandates import Power
from app.accounts.models import Mandate, SecondFactor, SignInSession, User
from app.core import clock
from app.demo.accounts import PASSWORD
from app.dossiers.models import Dossier
from app.firms.models import Firm
from app.mandates import service as mandates
from app.mandates.models import Invitation, MandateRequest
from tests.architecture.people import NOBODY
from tests.architecture.world import World
from tests.fields.doors import Arranged, Door, Text, stripped

NEW = "xin-mi-ma-4429"
DAY = (clock.today() + timedelta(days=30)).isoformat()
FILLER, HEAD, REVIEWER, CASEWORKER = "demo-filler", "demo-signatory", "demo-reviewer", "demo-caseworker"


def person(session: Session, login: str) -> User:
    return session.scalars(select(User).where(User.login == login)).one()


def newest(session: Session, login: str) -> int:
    """The firm that somebody acts for."""
    found = select(Mandate.firm_id).join(User, User.id == Mandate.user_id).where(User.login == login)
    return session.scalars(found).first() or 0


def secured(world: World, session: Session) -> Arranged:
    """The filler has a second factor."""
    user, box = person(session, FILLER), world.app.extensions["yuqi_box"]
    second_factor.begin(session, box, user)
    session.flush()
    session.get_one(SecondFactor, user.id).confirmed_at = clock.now()
    return {}


def half_way(client: FlaskClient) -> None:
    """The password was right, the code is asked for."""
    client.post("/sign-in", data={"login": FILLER, "password": PASSWORD})


def begun(world: World, session: Session) -> Arranged:
    """The filler has begun to set up a second factor."""
    user, box = person(session, FILLER), world.app.extensions["yuqi_box"]
    second_factor.begin(session, box, user)
    session.flush()
    return {"data": {"code": pyotp.TOTP(second_factor.seed(session, box, user.id)).now()}}


def reset_link(world: World, session: Session) -> Arranged:
    key = world.app.config["YUQI_SETTINGS"].secret_key
    return {"token": resetting.link_token(session, key, person(session, FILLER), by=SYSTEM)}


def invited(world: World, session: Session) -> Arranged:
    firm = session.get_one(Firm, newest(session, FILLER))
    power = Power(firm.id, Role.FIRM_FILLER, clock.today() + timedelta(days=30))
    _made, token = mandates.invite(session, firm, power, invitee="王五", by=SYSTEM)
    return {"token": token}


def paper(world: World, session: Session) -> Arranged:
    return {"code": session.scalars(select(Dossier.verification_code).order_by(Dossier.id)).first()}


def ended(world: World, session: Session) -> Arranged:
    """The mandate of the filler, which the head of the firm may end."""
    found = select(Mandate.id).join(User, User.id == Mandate.user_id).where(User.login == FILLER)
    return {"mandate_id": session.scalars(found).first()}


def waiting(world: World, session: Session) -> Arranged:
    """A request of a firm of the district that is not decided."""
    asked = select(MandateRequest.id).join(Firm, Firm.credit_code == MandateRequest.credit_code)
    return {"request_id": session.scalars(asked.order_by(MandateRequest.id)).first()}


def coded(world: World, session: Session) -> Arranged:
    """A credit code that there is."""
    return {"data": {"credit_code": session.get_one(Firm, newest(session, FILLER)).credit_code}}


def asked(session: Session) -> dict[str, object]:
    return {"asked": session.scalars(select(MandateRequest.id).order_by(MandateRequest.id.desc())).first()}


def opened(world: World, session: Session) -> Arranged:
    """A session of the filler."""
    found = select(SignInSession.id).where(SignInSession.user_id == person(session, FILLER).id)
    return {"session_id": session.scalars(found).first()}


def lowered(text: str) -> str:
    return stripped(text).lower()


ASKED = {
    "firm_name": Text(MandateRequest.firm_name, (REVIEWER, "/office/mandates/{asked}")),
    "agency": Text(MandateRequest.agency, (REVIEWER, "/office/mandates/{asked}")),
    "statement": Text(MandateRequest.statement, (REVIEWER, "/office/mandates/{asked}")),
    "credit_code": Text(MandateRequest.credit_code),
}
PERSON = {
    "login": Text(User.login, kept=lowered),
    "name": Text(User.name, ("demo-admin", "/office/accounts/")),
    "phone": Text(User.phone),
}
ASKING = {"firm_name": "示例企业", "role": Role.FIRM_FILLER.value}
JOINING = {"login": "xin-ren", "name": "新人", "phone": "13800000000", "password": NEW, "again": NEW}


def invited_in(people: str) -> dict[str, Text]:
    """The texts of an invitation, and where they are read."""
    return {"invitee": Text(Invitation.invitee, ("", people)), "agency": Text(Invitation.agency, ("", people))}


INVITING = {"invitee": "张三", "role": Role.FIRM_FILLER.value, "valid_until": DAY}
DOORS = (
    Door("language", FILLER, fixed=frozenset({"form next", "form language", "cookie language"})),
    Door("public.accounts.sign_in", "", {"login": Text()}, {"login": FILLER, "password": "x"},
         fixed=frozenset({"query next", "header User-Agent"})),
    Door("public.accounts.code", "", {"code": Text()}, {"code": "000000"}, fixed=frozenset({"query next"}),
         arrange=secured, enter=half_way),
    Door("public.accounts.password", FILLER, data={"old": PASSWORD, "password": NEW, "again": NEW},
         fixed=frozenset({"form username"}), alike={"password": "again"}),
    Door("public.accounts.sessions", FILLER),
    Door("public.accounts.end_session", FILLER, arrange=opened),
    Door("public.accounts.profile", FILLER, {"phone": Text(User.phone, ("", "/profile")),
                                             "email": Text(User.email, ("", "/profile"))}, {"password": PASSWORD}),
    Door("public.accounts.confirm_factor", FILLER, {"code": Text()}, {"password": PASSWORD}, page="/security",
         arrange=begun),
    Door("public.accounts.stop_factor", FILLER, {"code": Text()}, {"password": PASSWORD, "code": "000000"},
         page="/security", arrange=secured),
    Door("public.accounts.renew_codes", FILLER, {"renew-code": Text()}, {"renew-code": "000000"}, page="/security",
         arrange=secured),
    Door("public.accounts.reset", "", data={"password": NEW, "again": NEW}, arrange=reset_link,
         alike={"password": "again"}, fixed=frozenset({"path token", "form username"})),
    Door("public.mandates.invitation", "", PERSON, JOINING, arrange=invited, fixed=frozenset({"path token"})),
    Door("public.mandates.register", "", {**PERSON, **ASKED}, {**JOINING, **ASKING}, {"file": "证明.pdf"},
         arrange=coded, tell=asked),
    Door("public.mandates.ask", NOBODY, ASKED, ASKING, {"file": "证明.pdf"}, arrange=coded,
         tell=asked),
    Door("public.mandates.acting", "agent", fixed=frozenset({"form mandate_id", "query next"})),
    Door("public.dossiers.start", "", {"code": Text()}, {"code": "abcd"}),
    Door("public.dossiers.verify", "", files={"file": "论文.pdf"}, arrange=paper, fixed=frozenset({"path code"})),
    Door("portal.mandates.invite", HEAD, invited_in("/portal/people/"), INVITING),
    Door("portal.mandates.end", HEAD, {"reason": Text(Mandate.ended_why)}, {"reason": "离职"}, arrange=ended),
    Door("office.mandates.invite", REVIEWER, invited_in("/office/firms/{firm_id}/people"), INVITING),
    Door("office.mandates.end", REVIEWER, {"reason": Text(Mandate.ended_why)}, {"reason": "离职"}, arrange=ended),
    Door("office.mandates.allow", REVIEWER, {"agency": Text(Mandate.agency)},
         {"role": Role.FIRM_FILLER.value, "valid_until": DAY}, arrange=waiting),
    Door("office.mandates.refuse", REVIEWER,
         {"reason": Text(MandateRequest.reason, (REVIEWER, "/office/mandates/{request_id}"))}, {"reason": "不全"},
         arrange=waiting),
    Door("office.mandates.show", REVIEWER, arrange=waiting,
         fixed=frozenset({"form agency", "form reason", "form role", "form valid_until"})),
    Door("office.mandates.index", REVIEWER, fixed=frozenset({"query state"})),
)  # fmt: skip
