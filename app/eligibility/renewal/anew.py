"""Which of some verdicts are overtaken, by what, and what comes out today (pure).

Figures and editions overtake a verdict by themselves: it no longer rests on what stands. The day overtakes it only when
something comes out otherwise for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from app.core.digest import canonical_json
from app.core.errors import Invalid
from app.eligibility import overtaken
from app.eligibility.models import Shortfall, VerdictState
from app.eligibility.overtaken import Overtaken
from app.eligibility.past.steps import Datum, Situation, Step, Why, causes, until, walk
from app.eligibility.rows import row_of
from app.facts import display
from app.facts.keeping import indicator_of
from app.facts.sheet import FactSheet, FactValue
from app.rulebooks.models import Edition
from app.rulebooks.queries import keys_of, rulebook_of

MOST_TOLD = 12


class Stands(NamedTuple):
    """What is compared to see whether anything came out otherwise."""

    state: VerdictState
    shortfall: Shortfall
    obstacles: str
    score_low: Decimal | None
    score_high: Decimal | None


@dataclass(frozen=True, slots=True)
class Case:
    """The newest verdict of a firm, an edition and a kind of application, without its texts."""

    id: int
    firm_id: int
    edition_id: int
    as_of: date
    kind: str
    sheet_digest: str
    stands: Stands


@dataclass(frozen=True, slots=True)
class Basis:
    """A verdict beside what it would rest on today; ``why`` is None where only the day is another."""

    case: Case
    old: Edition
    now: Edition
    sheet: FactSheet
    as_of: date
    why: Overtaken | None = None
    kept: Sequence[Any] | None = None

    @property
    def same_figures(self) -> bool:
        """Whether the figures of now, as of the verdict's own day, are those of the verdict to the last sign."""
        return until(self.sheet, self.case.as_of).digest == self.case.sheet_digest


@dataclass(frozen=True, slots=True)
class Renewed:
    """A verdict that was overtaken: by what, the row of the new one (None: refused), and what did it, for people."""

    old_id: int
    firm_id: int
    edition_id: int
    title: str
    why: Overtaken
    before: VerdictState
    row: dict[str, Any] | None
    refused: str
    told: list[dict[str, Any]]

    @property
    def changed(self) -> bool:
        """Whether the verdict itself came out otherwise."""
        return self.row is not None and self.row["state"] is not self.before


def standing(
    cases: Sequence[Case],
    sheets: Mapping[int, FactSheet],
    held: Sequence[Edition],
    editions: Mapping[int, Edition],
    today: date,
) -> list[Basis]:
    """Return each verdict beside what it would rest on; of several that lead to one edition only the newest.

    A verdict whose programme has no edition any more stays as it is.
    """
    found: dict[tuple[int, str, str], Basis] = {}
    for case in sorted(cases, key=lambda one: one.id):
        day = max(case.as_of, today)
        old = editions[case.edition_id]
        now = overtaken.current(held, old, day, case.kind)
        if now is not None:
            found[case.firm_id, now.code, case.kind] = Basis(case, old, now, until(sheets[case.firm_id], day), day)
    return list(found.values())


def to_compare(stands: Sequence[Basis]) -> list[int]:
    """Return the verdicts whose kept figures have to be read: those that are not the same to the last sign."""
    return [one.case.id for one in stands if one.now.id != one.old.id or not one.same_figures]


def with_reason(basis: Basis, kept: Sequence[Any] | None) -> Basis | None:
    """Return the verdict with what overtook it, None where nothing can have; ``kept`` is its sheet if that was read."""
    why = None
    if kept is not None:
        ids = {(one.key, one.year): one.fact_id or 0 for one in basis.sheet.facts()}
        why = overtaken.differing(kept, ids, basis.old, basis.case.as_of)
    if basis.now.id != basis.old.id:
        why = Overtaken.EDITION
    if why is None and basis.case.as_of == basis.as_of:
        return None
    return replace(basis, why=why, kept=kept)


def judged(bases: Sequence[Basis]) -> list[Renewed | None]:
    """Judge verdicts anew; None for those that the day did not change."""
    return [_judged(one) for one in bases]


def _judged(basis: Basis) -> Renewed | None:
    case = basis.case
    new = Situation(rulebook_of(basis.now), basis.sheet, basis.as_of, case.kind)
    try:
        row = row_of(new.judged(), basis.sheet)
    except Invalid as error:
        if basis.why is None:
            return None
        return _renewed(basis, basis.why, None, str(error.message)[:400], [])
    if basis.why is None and Stands(*(row[name] for name in Stands._fields)) == case.stands:
        return None
    kept = (
        until(basis.sheet, case.as_of) if basis.kept is None else FactSheet.from_canonical(canonical_json(basis.kept))
    )
    old = Situation(rulebook_of(basis.old), kept, case.as_of, case.kind)
    keys = {one.rulebook.id: keys_of(one.rulebook) for one in (old, new)}
    try:
        steps = walk(old, new, keys)
    except Invalid:  # one of the stages between is impossible; both ends are not
        steps = []
    return _renewed(basis, basis.why or Overtaken.DAY, {"firm_id": case.firm_id, **row}, "", _told(steps))


def _renewed(
    basis: Basis, why: Overtaken, row: dict[str, Any] | None, refused: str, told: list[dict[str, Any]]
) -> Renewed:
    case = basis.case
    return Renewed(case.id, case.firm_id, basis.now.id, basis.now.title, why, case.stands.state, row, refused, told)


def _told(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return what did it: edition and day, the figures that turned clauses (else all that differ), the clauses."""
    rows = []
    for step in steps:
        if step.why is Why.EDITION:
            rows.append(_row(Why.EDITION.label, step.before.edition, step.after.edition, ""))
        if step.why is Why.DAY and step.changes:
            rows.append(_row(Why.DAY.label, step.before.as_of.isoformat(), step.after.as_of.isoformat(), ""))
    data = causes(steps) or [datum for step in steps for datum in step.data]
    rows += [_figure(one) for one in data[:MOST_TOLD]]
    changes = [change for step in steps for change in step.changes]
    for change in changes[:MOST_TOLD]:
        before, after = (one.outcome.label if one is not None else "" for one in (change.before, change.after))
        rows.append(_row(f"{change.clause} {change.article}", before, after, change.said))
    return rows


def _figure(datum: Datum) -> dict[str, Any]:
    source = datum.after.source if datum.after is not None else ""
    return _row(datum.label, _said(datum.before), _said(datum.after), source)


def _said(value: FactValue | None) -> str:
    return "" if value is None else display.with_unit(indicator_of(value.key), value.value)


def _row(what: str, old: str, new: str, source: str) -> dict[str, Any]:
    return {"what": what, "old": old, "new": new, "source": source}
