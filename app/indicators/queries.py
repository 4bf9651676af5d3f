"""Reading own indicators: as the catalogue composes them, with their versions, and where they are used."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session, SessionTransaction, selectinload

from app.core.errors import NotFound
from app.facts import definitions
from app.facts.catalogue import Indicator, Option, load_catalogue
from app.facts.definitions import Composed, Definition, Formula, Version
from app.facts.models import Claim, Fact
from app.indicators.models import CustomIndicator, IndicatorDefinition

_KEPT = "own_indicators"


def own(session: Session) -> Mapping[str, Definition]:
    """Return the own indicators as this transaction sees them, in one statement a transaction."""
    found: Mapping[str, Definition] | None = session.info.get(_KEPT)
    if found is None:
        if session.in_transaction():
            found = _read(session)
        else:  # between transactions: look, and leave nothing open
            with Session(session.get_bind()) as short:
                found = _read(short)
        session.info[_KEPT] = found
    return found


def composed(session: Session) -> Composed:
    """Return the whole catalogue as this transaction sees it."""
    return Composed(load_catalogue(), own(session))


def forget(session: Session) -> None:
    """Read the own indicators anew: they were just changed in this transaction."""
    session.info.pop(_KEPT, None)


def _read(session: Session) -> Mapping[str, Definition]:
    rows = session.execute(
        select(CustomIndicator, IndicatorDefinition)
        .join(IndicatorDefinition, IndicatorDefinition.indicator_id == CustomIndicator.id)
        .order_by(CustomIndicator.id, IndicatorDefinition.number)
    ).all()
    versions: dict[str, list[Version]] = {}
    indicators: dict[str, CustomIndicator] = {}
    for indicator, definition in rows:
        indicators[indicator.key] = indicator
        versions.setdefault(indicator.key, []).append(version_of(indicator, definition))
    return MappingProxyType(
        {key: Definition(key, tuple(found), indicators[key].retired_on) for key, found in versions.items()}
    )


def version_of(indicator: CustomIndicator, definition: IndicatorDefinition) -> Version:
    """Return a stored definition as the catalogue holds one."""
    formula = Formula.from_json(definition.formula)
    made = Indicator(
        key=indicator.key,
        label=definition.label,
        short=definition.short,
        kind=indicator.kind,
        period=indicator.period,
        group=definition.group_name,
        unit=definition.unit,
        hint=definition.hint,
        source="".join(part for part in (definition.document, definition.article) if part),
        derived=formula is not None,
        signed=True,
        options=tuple(Option(choice) for choice in definition.choices),
    )
    return Version(definition.number, definition.effective_year, made, formula)


class _Lookup:
    """Where the catalogue finds the own indicators: the sessions at work in this thread, the latest first.

    One that is in a transaction goes before one that only waits to be closed.
    """

    def __init__(self, session: Session, before: _Lookup | None) -> None:
        others = [] if before is None else [one for one in before.sessions if one() not in (None, session)]
        self.sessions: list[weakref.ref[Session]] = [weakref.ref(session), *others]

    def __call__(self) -> Mapping[str, Definition]:
        alive = [session for one in self.sessions if (session := one()) is not None]
        chosen = next((session for session in alive if session.in_transaction()), alive[0] if alive else None)
        return MappingProxyType({}) if chosen is None else own(chosen)


_lookup: ContextVar[_Lookup | None] = ContextVar("own_indicator_lookup", default=None)


@event.listens_for(Session, "after_begin")
def _begin(session: Session, _transaction: SessionTransaction, _connection: Any) -> None:
    """Every transaction sees the own indicators as they are when it first asks; nothing is read before."""
    forget(session)
    made = _Lookup(session, _lookup.get())
    _lookup.set(made)
    definitions.provide(made)


@dataclass(frozen=True, slots=True)
class Uses:
    """How much stands under a key: claims, current facts, firms, and the own indicators computed from it."""

    claims: int
    facts: int
    firms: int
    computed: Sequence[Indicator]

    @property
    def any(self) -> bool:
        return bool(self.claims or self.facts or self.computed)


def indicator(session: Session, indicator_id: int) -> CustomIndicator:
    """Return one own indicator with its definitions. Raises NotFound."""
    if not 0 < indicator_id < 2**31:
        raise NotFound
    found = session.scalars(
        select(CustomIndicator)
        .where(CustomIndicator.id == indicator_id)
        .options(selectinload(CustomIndicator.definitions))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def ids_by_key(session: Session) -> dict[str, int]:
    """Return the number of each own indicator by its key."""
    return {key: number for key, number in session.execute(select(CustomIndicator.key, CustomIndicator.id))}


def uses(session: Session, key: str) -> Uses:
    """Return where an own indicator is used."""
    claims, firms = session.execute(
        select(func.count(), func.count(Claim.firm_id.distinct())).where(Claim.key == key)
    ).one()
    facts = session.scalar(select(func.count()).where(Fact.key == key, Fact.superseded_at.is_(None))) or 0
    return Uses(claims, facts, firms, computed_from(own(session), key))


def computed_from(there: Mapping[str, Definition], key: str) -> list[Indicator]:
    """Return the own indicators in use whose formula, in any year, has the key as a part."""
    return [
        one.latest.indicator
        for one in there.values()
        if one.retired_on is None
        and any(part.key == key for version in one.versions if version.formula for part in version.formula.operands)
    ]


def stated_from(session: Session, key: str, year: int) -> int:
    """Return how many claims stand under the key for the year, later ones, or without a year."""
    wanted = (Claim.year.is_(None)) | (Claim.year >= year)
    return session.scalar(select(func.count()).select_from(Claim).where(Claim.key == key, wanted)) or 0
