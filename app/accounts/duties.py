"""What a person looks after, so that nothing is left with somebody who has gone; the register knows the kinds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.core.text import Message, tr

EXTENSION = "yuqi_duties"


@dataclass(frozen=True)
class Duty:
    """One kind: ``label`` is a msgid, ``count`` how many of them a person has, by the person's id.

    ``endpoint`` is the list where they are handed on, open to who may ``action``; ``owner`` is the word of its address
    that narrows it to one person. Without ``endpoint`` they end by themselves.
    """

    label: str
    count: Callable[[Session, int], int]
    action: Action
    endpoint: str = ""
    owner: str = ""

    def address(self, user_id: int) -> dict[str, int]:
        """Return what the address of the list carries for one person."""
        return {self.owner: user_id} if self.owner else {}


@dataclass(frozen=True)
class Left:
    """So many of a kind are with a person."""

    duty: Duty
    number: int


def left_with(session: Session, duties: Sequence[Duty], user_id: int) -> list[Left]:
    """Return what is with a person, kinds of which there is nothing left out."""
    counted = (Left(one, one.count(session, user_id)) for one in duties)
    return [one for one in counted if one.number]


def in_words(left: Sequence[Left]) -> Message | str:
    """Say what is left, for the log; empty when nothing is."""
    if not left:
        return ""
    named = "、".join(f"{Message(one.duty.label)} {one.number}" for one in left)
    return tr("停用时名下还有：%(named)s", named=named)
