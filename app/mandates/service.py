"""Inviting people, taking an invitation up, asking with a proof, deciding on what was asked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.access.roles import Role
from app.accounts import mandates
from app.accounts.mandates import Power
from app.accounts.models import Mandate, User
from app.audit import service as audit
from app.audit.service import Subject
from app.core import clock
from app.core.digest import sha256_hex
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.text import Message, tr
from app.facts import containers
from app.files import service as files
from app.files.store import FileStore
from app.firms import credit_code
from app.firms import queries as firms
from app.firms.models import Firm
from app.firms.taxonomy import FirmStatus
from app.mandates.models import Invitation, MandateRequest, RequestState

OPEN_FOR = timedelta(days=7)
MOST_WAITING = 3
MOST_FROM_ADDRESS = 10
WITHIN = timedelta(hours=24)
NO_LONGER_ACTIVE = frozenset({FirmStatus.CANCELLED, FirmStatus.REVOKED, FirmStatus.MERGED})


class TooManyRequests(Refused):
    """Asking is paused for this address or person; it lifts itself."""


@dataclass(frozen=True)
class Asked:
    """A request as it came: the firm as the person names it, the power, and the proof."""

    credit_code: str
    firm_name: str
    role: Role
    agency: str
    statement: str
    file_name: str
    content: bytes


def subject(invitation: Invitation) -> Subject:
    """Return an invitation as the log names it."""
    return Subject("invitation", invitation.id, invitation.invitee, invitation.firm_id)


def request_subject(asked: MandateRequest, firm_id: int | None = None) -> Subject:
    """Return a request as the log names it."""
    return Subject("mandate_request", asked.id, f"{asked.firm_name}（{asked.credit_code}）", firm_id)


def invite(session: Session, firm: Firm, power: Power, *, invitee: str, by: Actor) -> tuple[Invitation, str]:
    """Keep an invitation; return it with the token of its link, which is shown once. Raises ``Invalid``."""
    mandates.check(power)
    if not invitee.strip():
        raise Invalid("invitee", tr("请写明邀请谁，例如“张三 财务部”。"))
    _must_stand(firm)
    token = secrets.token_urlsafe(24)
    invitation = Invitation(
        firm_id=firm.id, role=power.role, agency=power.agency.strip(), invitee=invitee.strip()[:60],
        valid_until=power.valid_until, token_hash=sha256_hex(token), expires_at=clock.now() + OPEN_FOR,
        created_by=by.id, created_by_name=by.name[:60], created_by_firm=by.is_firm,
    )  # fmt: skip
    session.add(invitation)
    session.flush()
    changes = {"role": (None, power.role.value), "valid_until": (None, power.valid_until)}
    action = Action.OWN_INVITE if by.is_firm else Action.MANDATE_INVITE
    audit.record(session, by, action, subject(invitation), changes=changes)
    return invitation, token


def must_reach_all(session: Session, user: User, *, for_: Actor) -> None:
    """Raise ``Refused`` when the person also acts for firms out of reach: a new password opens those too."""
    ids = [one.firm_id for one in mandates.of_user(session, user.id)]
    if not ids or firms.beyond(session, ids, for_):
        raise Refused(tr("这个账号还代表您管理范围之外的企业，或已没有有效授权，请由平台管理员重置密码。"))


def _must_stand(firm: Firm) -> None:
    if firm.status in NO_LONGER_ACTIVE:
        status = Message(firm.status.label)
        raise Conflict(tr("%(firm)s 的登记状态为“%(status)s”，不能再授权。", firm=firm.name, status=status))


def revoke(session: Session, invitation: Invitation, *, by: Actor) -> None:
    """Take an unused invitation back. Raises ``Conflict``."""
    if invitation.used_at is not None:
        raise Conflict(tr("邀请已被接受，如需收回请终止对应的授权。"))
    if invitation.revoked_at is not None:
        raise Conflict(tr("邀请已经收回。"))
    invitation.revoked_at = clock.now()
    audit.record(session, by, Action.OWN_END if by.is_firm else Action.MANDATE_REVOKE, subject(invitation))


def open_invitation(session: Session, token: str, *, taking: bool = False) -> Invitation:
    """Return the invitation of a link while it may be used; ``taking`` locks it, so that only one person gets it.

    Raises ``NotFound``, ``Conflict`` with what to do.
    """
    statement = select(Invitation).where(Invitation.token_hash == sha256_hex(token[:200]))
    found = session.scalars(statement.with_for_update() if taking else statement).first()
    if found is None:
        raise NotFound(tr("邀请链接不完整或不存在，请从邀请人处重新复制。"))
    if found.used_at is not None:
        raise Conflict(tr("这个邀请已经使用过。每个邀请只能由一人接受一次，如是本人接受的请直接登录。"))
    if found.revoked_at is not None:
        raise Conflict(tr("邀请人已收回这个邀请，请与邀请人联系。"))
    if found.expires_at < clock.now():
        day = clock.local(found.expires_at).date()
        raise Conflict(tr("邀请链接已于 %(day)s 过期，请邀请人重新发出。", day=day))
    return found


def join(session: Session, token: str, user: User) -> Mandate:
    """Take an invitation up as ``user``. Raises ``Conflict``, ``Invalid``, ``NotFound``."""
    invitation = open_invitation(session, token, taking=True)
    power = Power(invitation.firm_id, invitation.role, invitation.valid_until, invitation.agency)
    basis = f"接受{invitation.created_by_name}的邀请（第 {invitation.id} 号）"
    by = user.as_actor()
    mandate = mandates.grant(session, user, power, by=by, basis=basis, action=Action.OWN_JOIN)
    invitation.used_at, invitation.mandate_id = clock.now(), mandate.id
    return mandate


def ask(session: Session, store: FileStore, user: User, asked: Asked, *, address: str) -> MandateRequest:
    """Keep a request to act for a firm. Raises ``Invalid``, ``TooManyRequests``.

    Nothing tells whether there is such a firm or who acts for it already.
    """
    code = _checked(asked)
    kind = containers.recognise(asked.file_name, asked.content)
    _not_too_many(session, user, address)
    file = files.receive(
        session, store, name=containers.plain_name(asked.file_name), media_type=kind.media_type,
        content=asked.content, by=user.as_actor(),
    )  # fmt: skip
    kept = MandateRequest(
        user_id=user.id, credit_code=code, firm_name=asked.firm_name.strip()[:120], role=asked.role,
        agency=asked.agency.strip(), statement=asked.statement.strip(), file_id=file.id, address=address[:60],
    )  # fmt: skip
    session.add(kept)
    session.flush()
    audit.record(session, user.as_actor(), Action.OWN_ASK, request_subject(kept))
    return kept


def _checked(asked: Asked) -> str:
    found = credit_code.check(asked.credit_code)
    if found.problem is not None and not found.is_warning:
        raise Invalid("credit_code", found.problem)
    if asked.agency and asked.role is not Role.FIRM_FILLER:
        raise Invalid("role", tr("中介机构人员只能作为填报人，签署须由企业自己的负责人办理。"))
    return found.code


def _not_too_many(session: Session, user: User, address: str) -> None:
    waiting = MandateRequest.state == RequestState.WAITING
    mine, from_here = session.execute(
        select(
            select(func.count()).where(MandateRequest.user_id == user.id, waiting).scalar_subquery(),
            select(func.count())
            .where(MandateRequest.address == address, MandateRequest.created_at > clock.now() - WITHIN)
            .scalar_subquery(),
        )
    ).one()
    if mine >= MOST_WAITING:
        raise TooManyRequests(tr("您已有 %(n)s 份申请在审核，请等待结果后再提交。", n=mine))
    if from_here >= MOST_FROM_ADDRESS:
        raise TooManyRequests(tr("今天从这个网络地址提交的申请过多，请明天再试，或联系所在镇街的经办人邀请您。"))


def allow(session: Session, asked: MandateRequest, firm: Firm, power: Power, *, by: Actor) -> Mandate:
    """Give what was asked, for the firm of the code. Raises ``Conflict``, ``Invalid``."""
    _undecided(asked)
    _must_stand(firm)
    basis = f"审核授权申请（第 {asked.id} 号）"
    mandate = mandates.grant(session, asked.user, power, by=by, basis=basis, action=Action.MANDATE_GRANT)
    asked.mandate_id = mandate.id
    _decided(asked, RequestState.GRANTED, by)
    return mandate


def refuse(session: Session, asked: MandateRequest, *, by: Actor, reason: str) -> None:
    """Refuse with a reason that the person reads. Raises ``Conflict``, ``Invalid``."""
    _undecided(asked)
    if not reason.strip():
        raise Invalid("reason", tr("请写明不同意的原因和需要补充什么，申请人会看到。"))
    asked.reason = reason.strip()[:500]
    _decided(asked, RequestState.REFUSED, by)
    audit.record(session, by, Action.MANDATE_REFUSE, request_subject(asked), note=asked.reason)


def _undecided(asked: MandateRequest) -> None:
    if asked.state is not RequestState.WAITING:
        raise Conflict(tr("这份申请已由%(name)s处理。", name=asked.decided_by_name))


def _decided(asked: MandateRequest, state: RequestState, by: Actor) -> None:
    asked.state, asked.decided_at = state, clock.now()
    asked.decided_by, asked.decided_by_name = by.id, by.name[:60]
