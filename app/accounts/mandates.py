"""The power to act for a firm: granted until a day, ended early with a reason, chosen in a browser."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app.access.actions import Action
from app.access.actor import Actor
from app.access.roles import POWERS, Role
from app.accounts.models import Mandate, SignInSession, User, live
from app.audit import service as audit
from app.audit.service import Subject
from app.core import clock
from app.core.digest import sha256_hex
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import tr

USUAL = timedelta(days=365)
LONGEST = timedelta(days=2 * 366)


@dataclass(frozen=True)
class Power:
    """What a mandate gives: for which firm, as what, until when (that day counts), through which intermediary."""

    firm_id: int
    role: Role
    valid_until: date
    agency: str = ""


def subject(mandate: Mandate, user: User) -> Subject:
    """Return a mandate as the log names it."""
    return Subject("mandate", mandate.id, f"{user.name}（{user.login}）", mandate.firm_id)


def check(power: Power) -> None:
    """Raise ``Invalid`` when a power cannot be given so."""
    today = clock.today()
    if power.role not in POWERS:
        raise Invalid("role", tr("授权只能是“企业填报人”或“企业负责人”。"))
    if power.agency and power.role is not Role.FIRM_FILLER:
        raise Invalid("role", tr("中介机构人员只能作为填报人，签署须由企业自己的负责人办理。"))
    if power.valid_until < today:
        raise Invalid("valid_until", tr("授权截止日已经过去，请填写今天（%(day)s）或以后的日期。", day=today))
    if power.valid_until > today + LONGEST:
        raise Invalid("valid_until", tr("授权最长两年，最晚可填 %(day)s；到期前可以续期。", day=today + LONGEST))


def grant(session: Session, user: User, power: Power, *, by: Actor, basis: str, action: Action) -> Mandate:
    """Give ``user`` a power from today on; one of the same kind that is live is replaced. Raises ``Invalid``."""
    check(power)
    if not user.is_firm:
        raise Invalid("login", tr("“%(login)s”是局内账号，不能代表企业。", login=user.login))
    for one in of_user(session, user.id):
        if one.firm_id == power.firm_id and one.role is power.role:
            _end(one, by, "由新的授权接替")
    mandate = Mandate(
        user_id=user.id, firm_id=power.firm_id, role=power.role, agency=power.agency.strip(),
        valid_from=clock.today(), valid_until=power.valid_until, basis=basis[:300],
        granted_by=by.id, granted_by_name=by.name[:60],
    )  # fmt: skip
    session.add(mandate)
    session.flush()
    changes = {"role": (None, power.role.value), "valid_until": (None, power.valid_until)}
    if mandate.agency:
        changes["agency"] = (None, mandate.agency)
    audit.record(session, by, action, subject(mandate, user), changes=changes, note=basis)
    return mandate


def end(session: Session, mandate: Mandate, *, by: Actor, why: str, action: Action) -> None:
    """End a mandate at once, in every browser. Raises ``Conflict`` when it has ended, ``Invalid`` without a reason."""
    if not why.strip():
        raise Invalid("why", tr("请写明终止授权的原因，本人登录时会看到。"))
    if mandate.ended_at is not None:
        raise Conflict(tr("这项授权已于 %(day)s 终止。", day=clock.local(mandate.ended_at).date()))
    _end(mandate, by, why.strip())
    audit.record(session, by, action, subject(mandate, mandate.user), note=why.strip())


def _end(mandate: Mandate, by: Actor, why: str) -> None:
    mandate.ended_at, mandate.ended_by_name, mandate.ended_why = clock.now(), by.name[:60], why[:300]


def act(session: Session, user: User, mandate_id: int, *, token: str) -> str:
    """Act by another mandate in the browser of ``token``; return its new token, since the old one dies with the change.

    Raises ``NotFound`` when the mandate is not the person's own or no longer counts.
    """
    mandate = next((one for one in of_user(session, user.id) if one.id == mandate_id), None)
    if mandate is None:
        raise NotFound(tr("这项授权不存在、已到期或已终止，请刷新后重新选择。"))
    fresh = secrets.token_urlsafe(32)
    session.execute(
        update(SignInSession)
        .where(SignInSession.token_hash == sha256_hex(token), SignInSession.ended_at.is_(None))
        .values(token_hash=sha256_hex(fresh), mandate_id=mandate.id)
        .execution_options(synchronize_session=False)
    )
    audit.record(session, user.as_actor(mandate), Action.OWN_ACT, subject(mandate, user))
    return fresh


def of_user(session: Session, user_id: int) -> Sequence[Mandate]:
    """Return the live mandates of a person, oldest first."""
    return session.scalars(
        select(Mandate).where(Mandate.user_id == user_id, live(clock.today())).order_by(Mandate.id)
    ).all()


def ended_of_user(session: Session, user_id: int, *, most: int = 10) -> Sequence[Mandate]:
    """Return the mandates of a person that no longer count, newest first."""
    return session.scalars(
        select(Mandate).where(Mandate.user_id == user_id, ~live(clock.today())).order_by(Mandate.id.desc()).limit(most)
    ).all()


def of_firm(session: Session, firm_id: int) -> Sequence[Mandate]:
    """Return all mandates of a firm with their people: live ones first, then the newest."""
    found = session.scalars(
        select(Mandate).where(Mandate.firm_id == firm_id).options(joinedload(Mandate.user)).order_by(Mandate.id.desc())
    ).all()
    today = clock.today()
    return sorted(found, key=lambda one: not one.is_live(today))


def names(session: Session, firm_id: int) -> list[str]:
    """Return the names of those who may act for a firm now, each once."""
    today = clock.today()
    return list(dict.fromkeys(one.user.name for one in of_firm(session, firm_id) if one.is_live(today)))


def mandate(session: Session, mandate_id: int) -> Mandate:
    """Return one mandate with its person, or raise ``NotFound``."""
    found = session.get(Mandate, mandate_id, options=[joinedload(Mandate.user)])
    if found is None:
        raise NotFound
    return found
