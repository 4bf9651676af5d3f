"""The decision: may this actor do this? The reason is shown to the user."""

from __future__ import annotations

from dataclasses import dataclass

from app.access.actions import Action
from app.access.actor import Actor
from app.access.roles import GRANTS
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
    return Decision(
        False,
        tr(
            "您的岗位（%(role)s）没有“%(action)s”的权限，如需办理请联系管理员。",
            role=Message(actor.role.label),
            action=Message(action.label),
        ),
    )
