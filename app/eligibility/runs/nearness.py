"""Reading who stands close to a threshold: counts of every bar of an edition by kernels, the firms of one bar exactly.

What is read are the columns as they are held, judged anew, so that outcome and figure belong to one moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from app.core.rounding import Exact, decimals, grouped, rounded, telling_places
from app.eligibility.columnar import judge, nearness
from app.eligibility.columnar.codes import Flags
from app.eligibility.columnar.nearness import Bar, Near
from app.eligibility.columnar.table import Table
from app.eligibility.engine import wording
from app.eligibility.engine.compare import unit_of
from app.eligibility.engine.conditions import checked
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.outcome import Outcome
from app.eligibility.engine.setting import make_setting
from app.eligibility.runs import service
from app.eligibility.runs.models import EligibilityRun
from app.facts.sheet import FactSheet
from app.facts.snapshot import queries as snapshots
from app.facts.snapshot.packing import BLOCK
from app.rulebooks import queries as rulebooks
from app.rulebooks.criteria import Score
from app.rulebooks.schema import Rulebook

Places = npt.NDArray[np.int64]

MOST_SHOWN = 2000
"""Firms of one bar that are told one by one; all are counted."""
PLACES = 2
"""Decimals to which figures are rounded in print: what reads as the threshold there and is not is flagged."""
MOST_PLACES = 6


@dataclass(frozen=True, slots=True)
class NearBar:
    """One bar and the firms near it, by id."""

    bar: Bar
    met: Sequence[int]
    unmet: Sequence[int]
    on_it: Sequence[int]


@dataclass(frozen=True, slots=True)
class Close:
    """One firm beside a bar: ``value`` and ``margin`` (value less threshold) are exact, in ``unit``.

    ``is_rounded`` says that rounded to two decimals the value reads as the threshold, and is another one.
    """

    firm_id: int
    is_met: bool
    is_on_it: bool
    is_rounded: bool
    value: Fraction
    margin: Fraction
    unit: str
    value_text: str
    required_text: str
    margin_text: str
    share: Fraction | None


@dataclass(frozen=True, slots=True)
class Nearness:
    """An edition's bars with the firms near them, and the firms of the chosen bar, the closest first.

    ``known_at`` is the moment of the figures, None where none were ever gathered; ``odd`` firms could not be looked at.
    """

    edition_id: int
    rulebook: Rulebook
    within: Fraction
    known_at: datetime | None
    bars: Sequence[NearBar]
    closest: Sequence[Close] = ()
    odd: int = 0


@dataclass
class _Found:
    met: list[int] = field(default_factory=list)
    unmet: list[int] = field(default_factory=list)
    on_it: list[int] = field(default_factory=list)

    def add(self, near: Near, where: Flags, first: int) -> None:
        """Add the firms of one block."""
        for held, flags in ((self.met, near.met), (self.unmet, near.unmet), (self.on_it, near.on_it)):
            held.extend((np.flatnonzero(flags & where) + first).tolist())


def read(
    session: Session, run: EligibilityRun, edition_id: int, within: Fraction, *, bar: str = "",
    only: Sequence[int] | None = None,
) -> Nearness:  # fmt: skip
    """Return who is near the bars of an edition of the run; ``only`` narrows the firms, ``bar`` is told in full."""
    rulebook = rulebooks.rulebook_of(rulebooks.edition(session, edition_id))
    there = nearness.bars(rulebook, run.kind)
    chosen = next((one for one in there if one.name == bar), None)
    found = {one.name: _Found() for one in there}
    closest: list[Close] = []
    odd = 0
    for first, table, where in _blocks(session, run, rulebook, only):
        judged = judge.judged(table, rulebook, where)
        for name, near in nearness.near(table, rulebook, judged.outcomes, within).items():
            found[name].add(near, where, first)
            if chosen is not None and name == chosen.name:
                room = MOST_SHOWN - len(closest)
                closest += _closest(
                    table, chosen, rulebook, np.flatnonzero((near.met | near.unmet) & where)[:room], first
                )
        odd += nearness.count(table.odd & where)
    held = snapshots.snapshot(session)
    closest.sort(key=lambda one: (abs(one.margin), one.firm_id))
    bars = [NearBar(one, found[one.name].met, found[one.name].unmet, found[one.name].on_it) for one in there]
    return Nearness(edition_id, rulebook, within, held.known_at if held else None, bars, closest, odd)


def _blocks(
    session: Session, run: EligibilityRun, rulebook: Rulebook, only: Sequence[int] | None
) -> Iterator[tuple[int, Table, Flags]]:
    spots = judge.wanted([rulebook], run.as_of, run.kind)
    ids = None if only is None else np.array(sorted(only), dtype=np.int64)
    for block in range(service.blocks(session)):
        held = service.table_of(session, block, spots, run.as_of, run.kind)
        if held is not None:
            table, where = held
            if ids is not None:
                where &= np.isin(np.arange(table.size) + block * BLOCK, ids)
            yield block * BLOCK, table, where


def _closest(table: Table, bar: Bar, rulebook: Rulebook, places: Places, first: int) -> list[Close]:
    found = (close(rulebook, table.sheet(place), bar, place + first, table) for place in places.tolist())
    return [one for one in found if one is not None]


def close(rulebook: Rulebook, sheet: FactSheet, bar: Bar, firm_id: int, table: Table) -> Close | None:
    """Return one firm beside a bar, by the exact judge; None where it has no number after all."""
    setting = make_setting(rulebook, sheet, table.as_of, table.kind)
    if isinstance(bar.test.measure, Score):
        setting.score = evaluate(rulebook, sheet, table.as_of, table.kind).score
    check = checked(setting, bar.test)
    unit = "分" if isinstance(bar.test.measure, Score) else unit_of(setting, bar.test)
    if not check.actual_exact:
        return None
    value, threshold = Fraction(check.actual_exact), bar.bound.exact
    margin = value - threshold
    return Close(
        firm_id=firm_id,
        is_met=check.outcome is Outcome.MET,
        is_on_it=not margin,
        is_rounded=bool(margin) and _reads(value, unit) == _reads(threshold, unit),
        value=value,
        margin=margin,
        unit=unit,
        value_text=check.actual_text,
        required_text=check.required_text,
        margin_text=margin_text(margin, unit),
        share=margin / abs(threshold) if threshold else None,
    )


def _reads(value: Fraction, unit: str) -> Exact:
    return rounded(value * 100 if unit == "比例" else value, PLACES)


def margin_text(margin: Fraction, unit: str) -> str:
    """Return a margin with its sign: −0.005 个百分点, +12 万元; about where no decimal of six places is exact."""
    number = abs(margin) * 100 if unit == "比例" else abs(margin)
    places = max(min(decimals(number), MOST_PLACES), telling_places(number, 0, 0))
    shown = rounded(number, places)
    about = "" if Fraction(shown) == number else "约 "
    sign = "+" if margin > 0 else "−" if margin < 0 else ""
    return (
        f"{about}{sign}{grouped(shown)} 个百分点" if unit == "比例" else f"{about}{sign}{wording.amount(shown, unit)}"
    )
