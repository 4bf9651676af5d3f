"""Two firms side by side before a merge: fields to choose from, figures of which both hold one, what would move."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.audit.labels import field_label, subject_label
from app.core.choices import Choice
from app.core.text import Message
from app.facts.display import show_columns
from app.facts.keeping import indicator_of, name_of
from app.facts.models import Fact
from app.firms.merge import FIELDS, Outlook
from app.firms.models import Firm


@dataclass(frozen=True)
class Row:
    """One field or figure in both firms; ``taken`` when the merged firm's is chosen."""

    key: str
    label: Message | str
    left: Message | str
    right: Message | str
    differs: bool
    taken: bool


@dataclass(frozen=True)
class Moving:
    """How many rows of a kind hang on either firm, and how many cannot move."""

    label: Message
    left: int
    right: int
    stay: int


def fields(session: Session, seen: Outlook, chosen: Collection[str] | None) -> list[Row]:
    """Return the fields in both firms. Without a choice yet, what the survivor lacks is taken from the other."""
    people = [one.caseworker_id for one in (seen.survivor, seen.loser) if one.caseworker_id]
    names = accounts.names(session, people)
    rows = []
    for name in FIELDS:
        mine, theirs = getattr(seen.survivor, name), getattr(seen.loser, name)
        taken = name in chosen if chosen is not None else not mine and bool(theirs)
        label = Message(field_label("firm", "caseworker" if name == "caseworker_id" else name))
        rows.append(Row(name, label, _shown(name, mine, names), _shown(name, theirs, names), mine != theirs, taken))
    return rows


def _shown(name: str, value: Any, people: Mapping[int, str]) -> Message | str:
    if name == "caseworker_id":
        return people.get(value or 0, "")
    return Message(value.label) if isinstance(value, Choice) else str(value or "")


def figures(session: Session, seen: Outlook, chosen: Collection[int]) -> list[Row]:
    """Return the figures of which both firms hold a current value."""
    ids = [number for clash in seen.facts for number in (clash.survivor_row, clash.loser_row)]
    held = {one.id: one for one in session.scalars(select(Fact).where(Fact.id.in_(ids)))} if ids else {}
    rows = []
    for clash in seen.facts:
        mine, theirs = held[clash.survivor_row], held[clash.loser_row]
        left, right = (_value(one) for one in (mine, theirs))
        same = (mine.number, mine.value) == (theirs.number, theirs.value)
        label = name_of(mine.key, mine.year)
        rows.append(Row(str(theirs.id), label, left, right, not same, theirs.id in chosen))
    return rows


def _value(fact: Fact) -> str:
    return str(show_columns(indicator_of(fact.key, fact.year), fact.number, fact.value))


def moving(seen: Outlook) -> list[Moving]:
    """Return what hangs on either firm, in words."""
    found = []
    for name in sorted({*seen.survivor_counts, *seen.loser_counts}):
        left, right = seen.survivor_counts.get(name, 0), seen.loser_counts.get(name, 0)
        stay = right if name in KEPT else seen.kept.get(name, 0)
        found.append(Moving(Message(subject_label(name)), left, right, stay))
    return found


KEPT = frozenset({"verdict", "nomination", "dossier", "audit_event", "import_row"})
"""What was decided or happened; it stays with the firm it names."""


def counted(counts: Mapping[str, int]) -> list[tuple[Message, int]]:
    """Return the counts that a merge kept, in words."""
    return [(Message(subject_label(name)), number) for name, number in sorted(counts.items())]


def labels(names: Sequence[str]) -> list[Message]:
    """Return fields in words."""
    return [Message(field_label("firm", "caseworker" if name == "caseworker_id" else name)) for name in names]


def both(firms: Sequence[Firm]) -> tuple[Firm, Firm]:
    """Return the two firms, the one that should survive first: who has a code, then who is older in the register."""
    one, other = sorted(firms, key=lambda firm: (firm.credit_code is None, firm.id))
    return one, other
