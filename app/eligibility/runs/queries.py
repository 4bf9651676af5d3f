"""Reading runs: which there are, how everybody came out under an edition, who is one clause short, and one firm.

A ``Standing`` holds a whole edition as arrays, narrowed to the firms within reach; everything about it is counting.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.access.actor import Actor, Reach
from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE, Page
from app.core.text import tr
from app.eligibility.columnar import demands, judge, packing, points
from app.eligibility.columnar.codes import OUTCOMES, Flags
from app.eligibility.columnar.judge import Judged
from app.eligibility.columnar.packing import PackedResult
from app.eligibility.engine.outcome import Outcome
from app.eligibility.models import Shortfall, VerdictState
from app.eligibility.queries import LARGEST_ID
from app.eligibility.runs.models import EligibilityRun, EligibilityRunBlock
from app.facts.models import Fact
from app.facts.sheet import EXPERT
from app.facts.snapshot.packing import BLOCK
from app.firms import queries as firms
from app.firms.models import Firm
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition
from app.rulebooks.schema import Rulebook

STATES: Mapping[int, VerdictState] = {
    demands.ELIGIBLE: VerdictState.ELIGIBLE,
    demands.INELIGIBLE: VerdictState.INELIGIBLE,
    demands.UNDETERMINED: VerdictState.UNDETERMINED,
    demands.NEEDS_REVIEW: VerdictState.NEEDS_REVIEW,
}
SHORTFALLS = (
    Shortfall.NONE, Shortfall.ONE_EXPERT, Shortfall.ONE_DATA, Shortfall.ONE_SUBSTANCE, Shortfall.MORE,
)  # fmt: skip
PARTS = (
    EligibilityRunBlock.block, EligibilityRunBlock.size, EligibilityRunBlock.clauses, EligibilityRunBlock.width,
    EligibilityRunBlock.data,
)  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """How firms came out under one edition: ``firm_ids[i]`` is the firm of place ``i`` in every array.

    A firm whose figures cannot be judged has no state and counts as refused.
    """

    run: EligibilityRun
    edition_id: int
    rulebook: Rulebook
    firm_ids: npt.NDArray[np.int64]
    judged: Judged

    def __len__(self) -> int:
        return len(self.firm_ids)

    def counts(self) -> dict[VerdictState, int]:
        """Return how many firms there are of each state."""
        found = np.bincount(self.judged.decision, minlength=max(STATES) + 1)
        return {state: int(found[code]) for code, state in STATES.items()}

    @property
    def refused(self) -> list[int]:
        """The firms that cannot be judged because a figure is impossible."""
        return self._ids(self.judged.decision == demands.REFUSED)

    def of(self, state: VerdictState) -> list[int]:
        """Return the firms of a state, by id."""
        return self._ids(self.judged.decision == next(code for code, one in STATES.items() if one is state))

    def short(self, shortfall: Shortfall, clause: str = "") -> list[int]:
        """Return the firms that are so far from eligible; with ``clause``, those which it alone keeps from it."""
        where = self.judged.shortfall == SHORTFALLS.index(shortfall)
        where &= self.judged.decision != demands.REFUSED
        return self._ids(where & (self.judged.short == self._place(clause)) if clause else where)

    def short_counts(self) -> dict[Shortfall, dict[str, int]]:
        """Return ``{shortfall: {clause: firms}}`` for the firms that exactly one clause keeps from being eligible."""
        found: dict[Shortfall, dict[str, int]] = {}
        for one in (Shortfall.ONE_DATA, Shortfall.ONE_SUBSTANCE, Shortfall.ONE_EXPERT):
            where = self.judged.shortfall == SHORTFALLS.index(one)
            numbers = np.bincount(self.judged.short[where], minlength=len(self.rulebook.clauses))
            found[one] = {
                clause.id: int(number) for clause, number in zip(self.rulebook.clauses, numbers, strict=False) if number
            }
        return found

    def with_outcome(self, clause: str, outcome: Outcome) -> list[int]:
        """Return the firms for which a clause came out so."""
        return self._ids(self.judged.outcomes[self._place(clause)] == OUTCOMES.index(outcome))

    def outcomes(self, where: Flags | None = None) -> dict[str, dict[Outcome, int]]:
        """Return ``{clause: {outcome: firms}}``, of some places only if asked: one row of a heat table."""
        table = self.judged.outcomes if where is None else self.judged.outcomes[:, where]
        found = {}
        for clause, row in zip(self.rulebook.clauses, table, strict=True):
            numbers = np.bincount(row, minlength=len(OUTCOMES))
            found[clause.id] = {outcome: int(numbers[code]) for code, outcome in enumerate(OUTCOMES) if numbers[code]}
        return found

    def heat(self, groups: Mapping[str, Iterable[int]]) -> dict[str, dict[str, dict[Outcome, int]]]:
        """Return ``{group: {clause: {outcome: firms}}}`` for groups of firms (towns, clusters), given by their ids."""
        return {
            name: self.outcomes(np.isin(self.firm_ids, np.fromiter(ids, dtype=np.int64)))
            for name, ids in groups.items()
        }

    def firm(self, firm_id: int) -> FirmResult | None:
        """Return how one firm came out, None when it was not judged or is out of reach."""
        place = int(np.searchsorted(self.firm_ids, firm_id))
        if place >= len(self) or self.firm_ids[place] != firm_id:
            return None
        return _result(self.run, self.edition_id, self.rulebook, self.judged, place)

    def narrowed(self, firm_ids: Iterable[int]) -> Standing:
        """Return the standing of these firms only (a filter of the page, a cluster)."""
        where = np.isin(self.firm_ids, np.fromiter(firm_ids, dtype=np.int64))
        return Standing(self.run, self.edition_id, self.rulebook, self.firm_ids[where], _taken(self.judged, where))

    def _place(self, clause: str) -> int:
        return [one.id for one in self.rulebook.clauses].index(clause)

    def _ids(self, where: Flags) -> list[int]:
        found: list[int] = self.firm_ids[where].tolist()
        return found


@dataclass(frozen=True)
class FirmResult:
    """How one firm came out of a run under one edition; ``state`` is None where its figures cannot be judged.

    Findings with sentences come from the exact executor: ``eligibility.service.preview`` or ``judge``.
    """

    run_id: int
    edition_id: int
    edition_code: str
    edition_title: str
    as_of: date
    kind: str
    known_at: datetime
    state: VerdictState | None
    shortfall: Shortfall
    short_clause: str
    outcomes: Mapping[str, Outcome]
    score_low: Decimal | None
    score_high: Decimal | None
    is_stale: bool = False


def latest(session: Session, *, limit: int = 20) -> Sequence[EligibilityRun]:
    """Return the newest runs, complete or not."""
    return session.scalars(select(EligibilityRun).order_by(EligibilityRun.id.desc()).limit(limit)).all()


def run(session: Session, run_id: int, *, lock: bool = False) -> EligibilityRun:
    """Return one run, or raise ``NotFound``."""
    found = None
    if 0 < run_id <= LARGEST_ID:
        found = session.get(EligibilityRun, run_id, with_for_update=True if lock else None)
    if found is None:
        raise NotFound(tr("没有找到这次全部判定。"))
    return found


def newest(session: Session, *, kind: str = "new", edition_code: str = "") -> EligibilityRun | None:
    """Return the newest complete run of a kind of application (in which that edition was judged, if asked)."""
    wanted = (
        select(EligibilityRun)
        .where(EligibilityRun.is_complete, EligibilityRun.kind == kind)
        .order_by(EligibilityRun.id.desc())
        .limit(50)
    )
    for found in session.scalars(wanted):
        if not edition_code or any(one["code"] == edition_code for one in found.editions):
            return found
    return None


def passed_over(session: Session, found: EligibilityRun) -> list[Edition]:
    """Return the editions in force on the run's day by which nobody was judged: others take their place here."""
    used = {one["code"] for one in found.editions}
    return [
        one
        for one in rulebooks.editions(session)
        if one.code not in used and rulebooks.rulebook_of(one).governs(found.as_of, found.kind)
    ]


def standing(session: Session, found: EligibilityRun, edition_id: int, *, for_: Actor) -> Standing:
    """Return how the firms within reach came out of a complete run. Raises NotFound for another edition's id."""
    if not found.is_complete or edition_id not in {one["id"] for one in found.editions}:
        raise NotFound(tr("这次全部判定没有这一版规则的结果。"))
    return standings(session, found, for_=for_, only=edition_id)[0]


def standings(session: Session, found: EligibilityRun, *, for_: Actor, only: int | None = None) -> list[Standing]:
    """Return how the firms within reach came out under every edition of a complete run, in three statements.

    With ``only`` under that edition alone.
    """
    wanted = [one["id"] for one in found.editions if only in (None, one["id"])]
    editions = rulebooks.codes(session, wanted)
    held: dict[int, tuple[list[Any], list[Judged]]] = {edition_id: ([], []) for edition_id in wanted}
    rows = session.execute(
        select(EligibilityRunBlock.edition_id, *PARTS)
        .where(EligibilityRunBlock.run_id == found.id, EligibilityRunBlock.edition_id.in_(wanted))
        .order_by(EligibilityRunBlock.block)
    )
    for edition_id, block, size, clauses, width, data in rows:
        part = packing.unpack(PackedResult(size, clauses, width, data))
        here = part.decision > 0
        ids, parts = held[edition_id]
        ids.append(np.flatnonzero(here) + block * BLOCK)
        parts.append(_taken(part, here))
    within = None if for_.reach is Reach.DISTRICT and not for_.is_firm else _within_reach(session, for_)
    result = []
    for edition_id, (ids, parts) in held.items():
        rulebook = rulebooks.rulebook_of(editions[edition_id])
        whole = Standing(found, edition_id, rulebook, _joined(ids), _together(parts, rulebook))
        result.append(whole if within is None else whole.narrowed(within))
    return result


def of_firm(session: Session, firm_id: int, *, kind: str = "new") -> list[FirmResult]:
    """Return how a firm came out of the newest complete run under each edition; the caller has checked the reach."""
    found = newest(session, kind=kind)
    if found is None:
        return []
    block, offset = divmod(firm_id, BLOCK)
    rows = session.execute(
        select(EligibilityRunBlock.edition_id, *PARTS[1:]).where(
            EligibilityRunBlock.run_id == found.id, EligibilityRunBlock.block == block
        )
    ).all()
    editions = rulebooks.codes(session, [row[0] for row in rows])
    stale = _changed_since(session, firm_id, found.known_at)
    results = []
    for edition_id, size, clauses, width, data in rows:
        judged = packing.unpack(PackedResult(size, clauses, width, data))
        if offset < len(judged.decision) and judged.decision[offset]:
            rulebook = rulebooks.rulebook_of(editions[edition_id])
            asked = rulebooks.keys_of(rulebook)
            is_stale = any(key in asked or key.startswith(EXPERT) for key in stale)
            results.append(_result(found, edition_id, rulebook, judged, offset, is_stale))
    return sorted(results, key=lambda one: one.edition_code)


def page_of(
    session: Session, standing: Standing, ids: Sequence[int], *, after: int, for_: Actor
) -> Page[tuple[Firm, FirmResult]]:
    """Return the next firms after an id, in ascending order of their ids, with how they came out."""
    start = bisect_right(ids, after)
    here = ids[start : start + PAGE_SIZE]
    found = session.scalars(select(Firm).where(Firm.id.in_(here), firms.visible_to(for_)).order_by(Firm.id))
    items = [(one, result) for one in found if (result := standing.firm(one.id)) is not None]
    return Page(items, len(ids), after=str(here[-1]) if start + PAGE_SIZE < len(ids) else "")


def _changed_since(session: Session, firm_id: int, known_at: datetime | None) -> set[str]:
    """Return the keys of the firm's figures that were accepted or superseded after the moment."""
    if known_at is None:
        return set()
    since = or_(Fact.accepted_at > known_at, Fact.superseded_at > known_at)
    return set(session.scalars(select(Fact.key).where(Fact.firm_id == firm_id, since).distinct()))


def _within_reach(session: Session, actor: Actor) -> Sequence[int]:
    return session.scalars(select(Firm.id).where(firms.visible_to(actor))).all()


def _result(
    found: EligibilityRun, edition_id: int, rulebook: Rulebook, judged: Judged, place: int, is_stale: bool = False
) -> FirmResult:
    short = int(judged.short[place])
    assert found.known_at is not None
    return FirmResult(
        run_id=found.id,
        edition_id=edition_id,
        edition_code=rulebook.id,
        edition_title=rulebook.title,
        as_of=found.as_of,
        kind=found.kind,
        known_at=found.known_at,
        state=STATES.get(int(judged.decision[place])),
        shortfall=SHORTFALLS[int(judged.shortfall[place])],
        short_clause="" if short == demands.NO_CLAUSE else rulebook.clauses[short].id,
        outcomes={
            clause.id: OUTCOMES[int(code)]
            for clause, code in zip(rulebook.clauses, judged.outcomes[:, place], strict=True)
        },
        score_low=_points(judged.low, place),
        score_high=_points(judged.high, place),
        is_stale=is_stale,
    )


def _points(steps: npt.NDArray[np.int64] | None, place: int) -> Decimal | None:
    if steps is None:
        return None
    whole, part = divmod(int(steps[place]), points.STEP)
    return (Decimal(int(steps[place])) / points.STEP).normalize() if part else Decimal(whole)


def _taken(judged: Judged, where: Flags) -> Judged:
    return Judged(
        judged.outcomes[:, where],
        judged.decision[where],
        judged.shortfall[where],
        judged.short[where],
        None if judged.low is None else judged.low[where],
        None if judged.high is None else judged.high[where],
        judged.exact[where],
    )


def _together(parts: Sequence[Judged], rulebook: Rulebook) -> Judged:
    if not parts:
        return judge.nothing(0, rulebook)
    scored = parts[0].low is not None
    return Judged(
        np.concatenate([one.outcomes for one in parts], axis=1),
        _joined([one.decision for one in parts]),
        _joined([one.shortfall for one in parts]),
        _joined([one.short for one in parts]),
        _joined([one.low for one in parts]) if scored else None,
        _joined([one.high for one in parts]) if scored else None,
        _joined([one.exact for one in parts]),
    )


def _joined(parts: Sequence[Any]) -> Any:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
