"""Recording many statements at once at the speed of the database: what holds for a key and year is looked up once.

The guards are those of one statement: whatever is not a plain number within its bounds goes through them one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.audit.service import record_many
from app.core import clock
from app.core.bulk import Written, insert_rows, reserve_ids
from app.facts import keeping, review
from app.facts.catalogue import Indicator
from app.facts.models import Claim, ClaimState
from app.facts.telling import Telling
from app.facts.values import Value

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
    """What a key may hold in a year, looked up once; ``is_number`` allows the quick way."""

    indicator: Indicator
    year: int | None
    is_number: bool
    lowest: Decimal
    highest: Decimal
    whole: bool

    def columns(self, value: Value) -> keeping.Columns:
        """Return the value as a claim keeps it. Raises Invalid as for a single statement."""
        if (
            self.is_number
            and type(value) is Decimal
            and value.is_finite()
            and self.lowest <= value <= self.highest
            and (not self.whole or value == value.to_integral_value())
        ):
            return value, None
        return keeping.kept(keeping.checked(self.indicator, value))


def _bounds(key: str, year: int | None, latest: int) -> _Bounds:
    indicator = keeping.stated(key, year)
    lowest = Decimal(0) if not indicator.signed else -PLAIN_MOST
    if indicator.minimum is not None:
        lowest = Decimal(indicator.minimum)
    highest = PLAIN_MOST if indicator.maximum is None else min(PLAIN_MOST, Decimal(indicator.maximum))
    checked = keeping.checked_year(indicator, year, latest=latest)
    return _Bounds(indicator, checked, indicator.kind == "number", lowest, highest, indicator.whole)


def state_all(
    session: Session, statements: Sequence[Said], sources: Sequence[str], *, by: Actor, action: Any, note: str
) -> list[int]:
    """Keep statements as pending claims with one event a firm in the log; return the ids in the order given."""
    table = Claim.__table__
    ids = list(reserve_ids(session, table, len(statements)))  # type: ignore[arg-type]
    telling = Telling()
    changes: dict[int, dict[str, list[Any]]] = {}
    rows = _rows(statements, ids, sources, by, clock.now(), telling, changes)
    insert_rows(session, table, COLUMNS, rows)  # type: ignore[arg-type]
    record_many(session, by, action, review.per_firm(changes), note=note)
    return ids


def _rows(
    statements: Sequence[Said],
    ids: Sequence[int],
    sources: Sequence[str],
    by: Actor,
    now: datetime,
    telling: Telling,
    changes: dict[int, dict[str, list[Any]]],
) -> Iterator[tuple[Any, ...]]:
    latest = clock.today().year
    bounds: dict[tuple[str, int | None], _Bounds] = {}
    for one, number_of, source in zip(statements, ids, sources, strict=True):
        place = (one.key, one.year)
        held = bounds.get(place)
        if held is None:
            held = bounds[place] = _bounds(one.key, one.year, latest)
        number, value = held.columns(one.value)
        name, said = telling.written(one.key, held.year, number, value)
        changes.setdefault(one.firm_id, {})[name] = [None, said]
        yield (
            number_of, one.firm_id, one.key, held.year, number, value, one.raw, one.source_kind, source,
            one.source_label[:300], one.written or dict(one.reference), one.batch_id, ClaimState.PENDING, one.note,
            by.id, by.name, now, "", "",
        )  # fmt: skip
