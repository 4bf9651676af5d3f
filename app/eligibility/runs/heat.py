"""Firms × clauses, by town, by cluster or firm by firm: where a whole district stands under one edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.choices import Choice
from app.core.text import N_
from app.eligibility.engine.outcome import Outcome
from app.eligibility.runs.queries import Standing
from app.firms import queries as firms
from app.firms.models import Firm, FirmCluster
from app.firms.taxonomy import ClusterCode, Town
from app.rulebooks.schema import Clause

ASKED = (Outcome.MET, Outcome.UNMET, Outcome.UNKNOWN, Outcome.NEEDS_REVIEW)
"""Outcomes of firms to which a clause applies."""


class By(Choice):
    """What a row of the table is."""

    TOWN = "town", N_("按镇街")
    CLUSTER = "cluster", N_("按产业集群")
    FIRM = "firm", N_("逐家企业")


@dataclass(frozen=True)
class Cell:
    """How the firms of a row came out under one clause; ``step`` is the share that met it, in fifths (0 to 4), None
    where it applies to nobody."""

    numbers: Mapping[Outcome, int]
    total: int
    step: int | None


@dataclass(frozen=True)
class Row:
    """One group: the value by which a list is narrowed to it, its label, how many firms, a cell for every clause."""

    value: str
    label: str
    firms: int
    cells: Sequence[Cell]


def clauses_of(standing: Standing) -> list[Clause]:
    """Return the clauses that decide, in the order of the edition."""
    return [clause for clause in standing.rulebook.clauses if clause.decides]


def rows(session: Session, standing: Standing, by: By, *, for_: Actor) -> list[Row]:
    """Return one row for every town or cluster in reach that has firms in the run."""
    grouped = _members(session, by, for_=for_)
    found = []
    for value, label in _labels(by):
        part = standing.narrowed(grouped.get(value, ()))
        if len(part):
            counted = part.outcomes()
            found.append(Row(value, label, len(part), [_cell(counted[one.id]) for one in clauses_of(standing)]))
    return found


def narrowed(session: Session, standing: Standing, town: str, cluster: str, *, for_: Actor) -> Standing:
    """Return the standing of the firms of one town and one cluster; an unknown value narrows nothing."""
    for by, value in ((By.TOWN, town), (By.CLUSTER, cluster)):
        if value in {code for code, _label in _labels(by)}:
            standing = standing.narrowed(_members(session, by, for_=for_).get(value, ()))
    return standing


def label_of(town: str, cluster: str) -> str:
    """Return what a list is narrowed to, as a msgid; empty for everything."""
    labels = dict((*_labels(By.TOWN), *_labels(By.CLUSTER)))
    return labels.get(town, "") or labels.get(cluster, "")


def _labels(by: By) -> list[tuple[str, str]]:
    choices: type[Choice] = Town if by is By.TOWN else ClusterCode
    return [(one.value, one.label) for one in choices]


def _members(session: Session, by: By, *, for_: Actor) -> dict[str, list[int]]:
    if by is By.TOWN:
        statement = select(Firm.town, Firm.id).where(firms.visible_to(for_), Firm.town.is_not(None))
    else:
        statement = (
            select(FirmCluster.cluster, FirmCluster.firm_id)  # type: ignore[assignment]
            .join(Firm, Firm.id == FirmCluster.firm_id)
            .where(firms.visible_to(for_))
        )
    found: dict[str, list[int]] = {}
    for choice, firm_id in session.execute(statement):
        found.setdefault(choice.value, []).append(firm_id)  # type: ignore[union-attr]
    return found


def _cell(numbers: Mapping[Outcome, int]) -> Cell:
    total = sum(numbers.get(one, 0) for one in ASKED)
    met = numbers.get(Outcome.MET, 0)
    return Cell(numbers, total, None if not total else min(4, 5 * met // total))
