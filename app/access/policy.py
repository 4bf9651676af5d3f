"""The decision: may this actor do this? The reason is shown to the user."""

from __future__ import annotations

from dataclasses import dataclass

from app.access.actions import Action
from app.access.actor import Actor
from app.access.roles import GRANTS, Role
from app.core.text import Message, tr


@dataclass(frozen=True)
class Decision:
    """Allowed or not, with the sentence that says why not."""

    allowed: bool
    reason: Message | None = None


def decide(actor: Actor | None, action: Action) -> Decision:
    """Decide by role; which firms a person reaches is decided in the queries (``visible_to``)."""
    if actor is None:
        return Decision(False, tr("请先登录。"))
    if action in GRANTS[actor.role]:
        return Decision(True)
    if actor.role is Role.FIRM_APPLICANT:
        return Decision(False, tr("您现在没有代表企业的有效授权，可能已经到期或被终止。请在“选择企业”中查看或申请。"))
    return Decision(
        False,
        tr(
            "您的岗位（%(role)s）没有“%(action)s”的权限，如需办理请联系管理员。",
            role=Message(actor.role.label),
            action=Message(action.label),
        ),
    )
