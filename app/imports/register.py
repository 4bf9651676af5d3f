"""The rows of a batch against the register: a few look-ups for the names and codes that occur, however many firms."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.firms import keys
from app.firms import queries as firms
from app.firms.keys import Sought
from app.imports.entry import Entry
from app.imports.matching import Index, Match, match, sought


def matches(session: Session, entries: Sequence[Entry], *, by: Actor) -> list[Match]:
    """Return the firm of every row; rows that are refused anyway are not looked up.

    What code or name tell is looked up first; only rows that they leave open are looked at for names that are alike.
    """
    looked = [entry for entry in entries if not entry.is_refused]
    index = _index(session, sought(looked), by, alike=False)
    found = [Match() if entry.is_refused else match(entry, index) for entry in entries]
    unknown = [place for place, entry in enumerate(entries) if found[place] == Match() and not entry.is_refused]
    if unknown:
        index = _index(session, sought(entries[place] for place in unknown), by, alike=True)
        for place in unknown:
            found[place] = match(entries[place], index)
    return found


def _index(session: Session, wanted: Sought, by: Actor, *, alike: bool) -> Index:
    likely = keys.likely(session, wanted, alike=alike)
    return Index(likely, firms.beyond(session, [one.id for one in likely], by), alike=alike)
