"""The states of a nomination list and the moves between them, as one table."""

from __future__ import annotations

from app.access.actions import Action
from app.core.errors import Conflict
from app.core.text import Message, tr
from app.nominations.models import ListState, NominationList

MOVES: dict[ListState, dict[Action, ListState]] = {
    ListState.DRAFT: {
        Action.NOMINATION_DECIDE: ListState.DRAFT,
        Action.NOMINATION_SUBMIT: ListState.SUBMITTED,
    },
    ListState.SUBMITTED: {
        Action.NOMINATION_RETURN: ListState.DRAFT,
        Action.NOMINATION_FREEZE: ListState.FROZEN,
    },
    ListState.FROZEN: {},
}


def may(state: ListState, action: Action) -> bool:
    """Tell whether the state allows the action."""
    return action in MOVES[state]


def target(found: NominationList, action: Action) -> ListState:
    """Return the state that the action leads to. Raises Conflict where it leads nowhere."""
    reached = MOVES[found.state].get(action)
    if reached is None:
        raise Conflict(
            tr(
                "名单当前为“%(state)s”，不能“%(action)s”。请刷新页面查看最新状态。",
                state=Message(found.state.label),
                action=Message(action.label),
            )
        )
    return reached


def move(found: NominationList, action: Action) -> None:
    """Carry the list into the state that the action leads to. Raises Conflict where it leads nowhere."""
    found.state = target(found, action)
