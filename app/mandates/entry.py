"""Inviting, ending and taking back, done alike in the office and by a firm: they differ in whose firm it is."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, url_for

from app.access.actions import Action
from app.accounts import mandates
from app.core.errors import Invalid
from app.core.text import tr
from app.firms import queries as firms
from app.mandates import queries, service
from app.mandates.forms import InviteForm, ReasonForm
from app.mandates.models import Invitation
from app.web.forms import attach
from app.web.i18n import translate
from app.web.session import settings, transaction
from app.web.surfaces import actor


@dataclass(frozen=True)
class Sent:
    """An invitation with its link, which is shown this once."""

    invitation: Invitation
    link: str


def invite(form: InviteForm, firm_id: int) -> Sent | None:
    """Invite as the form says; None while it is not sent, or has faults, which then stand at its fields."""
    if not form.sent_and_valid():
        return None
    try:
        with transaction() as session:
            firm = firms.firm(session, firm_id, for_=actor())
            made, token = service.invite(
                session, firm, form.power(firm_id), invitee=form.invitee.data or "", by=actor()
            )
    except Invalid as error:
        attach(error, form)
        return None
    return Sent(made, settings().public_url + url_for("public.mandates.invitation", token=token))


def end(form: ReasonForm, mandate_id: int, action: Action) -> bool:
    """End a mandate as the form says; False while it is not sent or has faults. Raises NotFound, Conflict."""
    if not form.sent_and_valid():
        return False
    with transaction() as session:
        found = queries.mandate(session, mandate_id, for_=actor())
        mandates.end(session, found, by=actor(), why=form.reason.data or "", action=action)
    flash(translate(tr("授权已终止，立即生效。")), "success")
    return True


def revoke(invitation_id: int) -> int:
    """Take an invitation back; return its firm. Raises NotFound, Conflict."""
    with transaction() as session:
        made = queries.invitation(session, invitation_id, for_=actor())
        service.revoke(session, made, by=actor())
        firm_id = made.firm_id
    flash(translate(tr("邀请已收回，链接不能再使用。")), "success")
    return firm_id
