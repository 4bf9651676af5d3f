"""The rows of a batch against the register: a few look-ups for the names and codes that occur, however many firms."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.firms import keys
from app.firms import queries as firms
from app.firms.keys import Sought
from app.imports.cells.entry import Entry
from app.imports.plans.matching import Index, Match, by_code_only, match, match_by_code, sought


def matches(session: Session, entries: Sequence[Entry], *, by: Actor) -> list[Match]:
    """Return the firm of every row; rows that are refused anyway are not looked up.

    Codes are looked up first, then the names of rows that they leave open, then names that are only alike.
    """
    found = [Match()] * len(entries)
    left = [place for place, entry in enumerate(entries) if not entry.is_refused]
    index = _index(session, by_code_only(entries[place] for place in left), by, alike=False)
    for place in left:
        found[place] = match_by_code(entries[place], index) or Match()
    for alike in (False, True):
        left = [place for place in left if found[place] == Match()]
        if left:
            index = _index(session, sought(entries[place] for place in left), by, alike=alike)
            for place in left:
                found[place] = match(entries[place], index)
    return found


def _index(session: Session, wanted: Sought, by: Actor, *, alike: bool) -> Index:
    likely = keys.likely(session, wanted, alike=alike)
    return Index(likely, firms.beyond(session, [one.id for one in likely], by), alike=alike)
