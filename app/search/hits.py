"""What a search answers with: groups of hits, each with a way to all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.core.text import Message


@dataclass(frozen=True)
class Hit:
    """One thing found. ``endpoint`` with ``place`` is its address, ``mark`` says why it is here (「曾用名：…」)."""

    title: str
    endpoint: str
    place: Mapping[str, object]
    note: str = ""
    mark: Message | None = None
    fragment: str = ""


@dataclass(frozen=True)
class Group:
    """Hits of one kind; ``total`` counts all, up to ``capped_at``; ``all_of`` leads to the list that holds them.

    ``label`` is a msgid. Without ``all_of`` the group itself can be shown in full.
    """

    key: str
    label: str
    hits: Sequence[Hit]
    total: int
    capped_at: int = 1_000
    all_of: tuple[str, Mapping[str, object]] | None = None
    note: Message | None = None

    @property
    def is_capped(self) -> bool:
        return self.total >= self.capped_at


@dataclass(frozen=True)
class Asked:
    """What was typed, and how many hits of a group to give."""

    text: str
    terms: Sequence[str] = field(default=())
    limit: int = 5
