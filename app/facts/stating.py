"""Recording many statements at once at the speed of the database: what holds for a key and year is looked up once.

The guards are those of one statement: whatever is not a plain number within its bounds goes through them one by one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil, floor
from typing import Any, Protocol, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.audit.service import record_many
from app.core import clock
from app.core.bulk import Turn, Written, insert_rows, reserve_ids, turner
from app.core.steps import SCALE, STEPS
from app.facts import keeping, review
from app.facts.catalogue import Indicator
from app.facts.models import Claim, ClaimState, SourceKind
from app.facts.telling import Telling
from app.facts.values import Value

TABLE = cast("Table", Claim.__table__)
PENDING = ClaimState.PENDING.value
PLAIN_MOST = Decimal(10) ** 9
COLUMNS = (
    "id", "firm_id", "key", "year", "number", "value", "raw", "source_kind", "source", "source_label", "reference",
    "batch_id", "state", "note", "stated_by", "stated_by_name", "stated_at", "reviewed_by_name", "review_note",
)  # fmt: skip


class Said(Protocol):
    """What a statement brings (``service.Statement``)."""

    @property
    def firm_id(self) -> int: ...
    @property
    def key(self) -> str: ...
    @property
    def year(self) -> int | None: ...
    @property
    def value(self) -> Value: ...
    @property
    def raw(self) -> str: ...
    @property
    def source_kind(self) -> Any: ...
    @property
    def source_label(self) -> str: ...
    @property
    def reference(self) -> Any: ...
    @property
    def written(self) -> Written | None: ...
    @property
    def note(self) -> str: ...
    @property
    def batch_id(self) -> int | None: ...


@dataclass(slots=True)
class _Bounds:
    """What a key may hold in a year, looked up once; ``is_number`` allows the quick way. Bounds are steps of 10⁻⁸."""

    indicator: Indicator
    year: int | None
    is_number: bool
    lowest: int
    highest: int
    whole: bool

    def steps(self, value: Value) -> int | None:
        """Return a plain number within the bounds as its column keeps it; None for what must be looked at closely."""
        if self.is_number and type(value) is Decimal and value.is_finite():
            exact = value * STEPS
            steps = int(exact)
            if self.lowest <= steps <= self.highest and steps == exact and not (self.whole and steps % SCALE):
                return steps
        return None


def _bounds(key: str, year: int | None, latest: int) -> _Bounds:
    indicator = keeping.stated(key, year)
    lowest = Decimal(0) if not indicator.signed else -PLAIN_MOST
    if indicator.minimum is not None:
        lowest = Decimal(indicator.minimum)
    highest = PLAIN_MOST if indicator.maximum is None else min(PLAIN_MOST, Decimal(indicator.maximum))
    checked = keeping.checked_year(indicator, year, latest=latest)
    return _Bounds(
        indicator, checked, indicator.kind == "number", ceil(lowest * STEPS), floor(highest * STEPS), indicator.whole
    )


def state_all(
    session: Session, statements: Sequence[Said], sources: Sequence[str], *, by: Actor, action: Any, note: str
) -> list[int]:
    """Keep statements as pending claims with one event a firm in the log; return the ids in the order given."""
    ids = list(reserve_ids(session, TABLE, len(statements)))
    writing = _Writing.begun(session, by)
    rows = (writing.row(number, one, code) for number, one, code in zip(ids, statements, sources, strict=True))
    insert_rows(session, TABLE, COLUMNS, rows, ready=COLUMNS)
    record_many(session, by, action, review.written_per_firm(writing.changes), note=note)
    return ids


@dataclass(slots=True)
class _Writing:
    """Makes the rows of claims as the database keeps them; notes what the log tells of each firm.

    ``end`` are the columns after ``note``, alike in all rows; ``kinds`` the kinds of source as they are kept.
    """

    turns: dict[str, Turn | None]
    latest: int
    end: tuple[Any, ...]
    kinds: dict[Any, str]
    telling: Telling = field(default_factory=Telling)
    bounds: dict[tuple[str, int | None], _Bounds] = field(default_factory=dict)
    changes: dict[int, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def begun(cls, session: Session, by: Actor) -> _Writing:
        """Look up once what holds for all rows."""
        turns = {name: turner(session, TABLE, name) for name in ("number", "reference", "stated_at")}
        now = clock.now()
        turn = turns["stated_at"]
        end = (by.id, by.name, turn(now) if turn else now, "", "")
        return cls(turns, clock.today().year, end, {kind: kind.value for kind in SourceKind})

    def row(self, number: int, one: Said, source: str) -> tuple[Any, ...]:
        """Return a claim as its row. Raises Invalid as for a single statement."""
        key = one.key
        held = self.bounds.get((key, one.year))
        if held is None:
            held = self.bounds[key, one.year] = _bounds(key, one.year, self.latest)
        steps = held.steps(one.value)
        kept = (steps, None) if steps is not None else self._kept(held.indicator, one.value)
        name, said = self.telling.told(key, held.year, kept)
        firm_id = one.firm_id
        told = self.changes.get(firm_id)
        if told is None:
            told = self.changes[firm_id] = {}
        told[name] = f"[null, {said}]"
        return (
            number, firm_id, key, held.year, *kept, one.raw, self.kinds[one.source_kind], source,
            one.source_label[:300], one.written or self._turned("reference", dict(one.reference)), one.batch_id,
            PENDING, one.note, *self.end,
        )  # fmt: skip

    def _kept(self, indicator: Indicator, value: Value) -> tuple[int | None, str | None]:
        """Take the way of a single statement with all its guards."""
        number, rest = keeping.kept(keeping.checked(indicator, value))
        return self._turned("number", number), None if rest is None else json.dumps(rest)

    def _turned(self, name: str, value: Any) -> Any:
        turn = self.turns[name]
        return turn(value) if turn is not None else value
