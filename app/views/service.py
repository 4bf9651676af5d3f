"""Saving, changing, taking over and retiring views; each leaves its event in the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.changes import diff
from app.audit.service import Subject
from app.core import clock
from app.core.errors import Conflict, Invalid, Refused
from app.core.text import tr
from app.views import queries
from app.views.models import SavedView
from app.views.queries import Kinds


@dataclass(frozen=True)
class ViewDraft:
    """What a person gives a view."""

    name: str
    purpose: str = ""
    is_shared: bool = False


def save(
    session: Session, kinds: Kinds, listing: str, asked: Mapping[str, str], draft: ViewDraft, *, by: Actor
) -> SavedView:
    """Keep a list with its filters; what the list does not understand is left out. Raises ``Invalid``."""
    if listing not in kinds:
        raise Invalid("name", tr("这个列表不能保存视图。"))
    kept = kinds[listing].clean(asked)
    if not kept:
        raise Invalid("name", tr("还没有筛选条件，先在列表上筛选再保存。"))
    _check(session, draft, by=by, but=None)
    made = SavedView(
        name=draft.name.strip(), purpose=draft.purpose.strip(), listing=listing, asked=kept,
        is_shared=draft.is_shared, owner_id=by.id, owner_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    changes = {"name": (None, made.name), "purpose": (None, made.purpose), "is_shared": (None, made.is_shared)}
    audit.record(session, by, Action.VIEW_SAVE, subject(made), changes=changes)
    return made


def edit(session: Session, view: SavedView, draft: ViewDraft, *, by: Actor) -> None:
    """Change name, purpose or sharing of one's own view."""
    _must_own(view, by)
    _check(session, draft, by=by, but=view.id)
    view.name, view.purpose, view.is_shared = draft.name.strip(), draft.purpose.strip(), draft.is_shared
    changes = diff(view, leave_out=frozenset())
    if changes:
        session.flush()
        audit.record(session, by, Action.VIEW_SAVE, subject(view), changes=changes)


def retire(session: Session, view: SavedView, *, by: Actor) -> None:
    """Take a view out of use; its address says so."""
    _must_own(view, by)
    if view.retired_at is not None:
        raise Conflict(tr("这个视图已经停用。"))
    view.retired_at = clock.now()
    audit.record(session, by, Action.VIEW_RETIRE, subject(view))


def take_over(session: Session, view: SavedView, *, by: Actor) -> None:
    """Become the owner of a shared view, or of any whose owner has gone, at a handover."""
    if view.owner_id == by.id:
        raise Conflict(tr("您已经是这个视图的负责人。"))
    if view.retired_at is not None or not (view.is_shared or queries.left(session, [view])):
        raise Conflict(tr("只能接手共享的、或负责人已停用的视图，而且视图要在用。"))
    old = view.owner_name
    view.owner_id, view.owner_name = by.id, by.name
    audit.record(session, by, Action.VIEW_TAKE, subject(view), changes={"owner_name": (old, by.name)})


def subject(view: SavedView) -> Subject:
    """Return a view as the log names it."""
    return Subject("saved_view", view.id, view.name)


def _must_own(view: SavedView, by: Actor) -> None:
    if view.owner_id != by.id:
        raise Refused(tr("只有负责人（%(name)s）可以修改，或者先接手这个视图。", name=view.owner_name))


def _check(session: Session, draft: ViewDraft, *, by: Actor, but: int | None) -> None:
    name = draft.name.strip()
    if not name:
        raise Invalid("name", tr("请给视图起个名字。"))
    if draft.is_shared and not draft.purpose.strip():
        raise Invalid("purpose", tr("共享给同事的视图请写明用途。"))
    same = select(SavedView.id).where(
        SavedView.owner_id == by.id, SavedView.name == name, SavedView.retired_at.is_(None), SavedView.id != (but or 0)
    )
    if session.scalar(same) is not None:
        raise Invalid("name", tr("您已经有一个叫“%(name)s”的视图。", name=name))
