"""Reading saved views: one's own and those that are shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.accounts.models import User
from app.core.errors import NotFound
from app.core.text import tr
from app.views.models import SavedView

LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class ViewKind:
    """A list whose views can be saved: ``clean`` keeps what it understands, ``words`` says it; ``label`` is a msgid."""

    label: str
    action: Action
    clean: Callable[[Mapping[str, str]], dict[str, str]]
    words: Callable[[Session, Actor, Mapping[str, str]], str]


Kinds = Mapping[str, ViewKind]


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``SavedView``."""
    return or_(SavedView.owner_id == actor.id, SavedView.is_shared, is_left())


def view(session: Session, view_id: int, *, for_: Actor) -> SavedView:
    """Return one view, or raise ``NotFound``."""
    found = None
    if 0 < view_id <= LARGEST_ID:
        found = session.scalars(select(SavedView).where(SavedView.id == view_id, visible_to(for_))).first()
    if found is None:
        raise NotFound(tr("没有找到这个视图，可能是他人没有共享的视图。"))
    return found


def views(session: Session, *, for_: Actor, limit: int = 200) -> Sequence[SavedView]:
    """Return the views one may open, those in use first, own ones before others', newest first."""
    return session.scalars(
        select(SavedView)
        .where(visible_to(for_))
        .order_by(SavedView.retired_at.is_not(None), (SavedView.owner_id == for_.id).desc(), SavedView.id.desc())
        .limit(limit)
    ).all()


def count_of(session: Session, owner_id: int) -> int:
    """Return how many views in use a person looks after."""
    mine = select(func.count()).where(SavedView.owner_id == owner_id, SavedView.retired_at.is_(None))
    return session.scalar(mine) or 0


def is_left() -> ColumnElement[bool]:
    """Return the condition that a view's owner has gone: a colleague may take it over, shared or not."""
    return SavedView.owner_id.in_(select(User.id).where(~User.is_active))


def left(session: Session, views: Sequence[SavedView]) -> frozenset[int]:
    """Return which of the views are with an owner who has gone, by their ids."""
    ids = [one.id for one in views]
    return frozenset(session.scalars(select(SavedView.id).where(SavedView.id.in_(ids), is_left())))
