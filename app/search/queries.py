"""Asking every room that a person may read; what is out of reach is neither shown nor counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.access.policy import decide
from app.firms import search_text
from app.search import firms, work
from app.search.hits import Asked, Group

FEW = 5
ALL = 200
Finder = Callable[[Session, Asked, Actor], Group]

GROUPS: Sequence[tuple[str, Action, Finder]] = (
    ("firms", Action.FIRM_READ, firms.firms),
    ("alike", Action.FIRM_READ, firms.alike),
    ("contacts", Action.FIRM_READ, firms.contacts),
    ("notes", Action.FIRM_READ, firms.notes),
    ("files", Action.CLAIM_READ, work.files),
    ("clauses", Action.EDITION_READ, work.clauses),
    ("lists", Action.FIRM_READ, work.lists),
    ("dossiers", Action.DOSSIER_READ, work.dossiers),
    ("indicators", Action.CLAIM_READ, work.indicators),
)


def found(session: Session, text: str, *, for_: Actor, only: str = "") -> list[Group]:
    """Return the groups that hold something, each with its first hits; one group in full when ``only`` names it."""
    terms = search_text.terms(text)
    if not terms:
        return []
    asked = Asked(text.strip()[: search_text.LONGEST_QUERY], terms, ALL if only else FEW)
    groups = [
        find(session, asked, for_)
        for key, action, find in GROUPS
        if (not only or key == only) and decide(for_, action).allowed
    ]
    return [group for group in groups if group.hits]
