"""Panels that rooms above put on a firm's page: what they show is read by them, where it stands is decided here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.access.policy import decide
from app.firms.models import Firm

EXTENSION = "yuqi_firm_panels"
Load = Callable[[Session, Firm], Mapping[str, Any]]


@dataclass(frozen=True)
class FirmPanel:
    """One panel: its template gets ``firm`` and ``firm_panel``, whose ``content`` is what ``load`` read.

    ``place`` is ``top`` (the whole width), ``main`` (below the identity) or ``aside``.
    """

    template: str
    action: Action
    load: Load
    place: str = "aside"


@dataclass(frozen=True)
class ShownPanel:
    """A panel with what was read for it."""

    template: str
    place: str
    content: Mapping[str, Any]


def shown(session: Session, firm: Firm, person: Actor) -> Sequence[ShownPanel]:
    """Return the panels that the person may see."""
    panels: Sequence[FirmPanel] = current_app.extensions.get(EXTENSION, ())
    return [
        ShownPanel(one.template, one.place, one.load(session, firm))
        for one in panels
        if decide(person, one.action).allowed
    ]
