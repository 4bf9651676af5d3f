"""The rehearsal: what every row would do to the register, without doing it (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.access.actor import Actor, Reach
from app.core.text import Message, tr
from app.facts.catalogue import load_catalogue
from app.facts.models import ClaimState
from app.firms.taxonomy import Town
from app.imports.entry import Entry, Figure
from app.imports.matching import Match, doubles, row_message
from app.imports.models import RowOutcome
from app.imports.problem import Kind, Level, Problem

Place = tuple[int, str, int | None]
"""Firm, key, year."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is already said about a figure: the value as a claim keeps it, and where that claim stands."""

    columns: tuple[Any, Any]
    state: ClaimState


@dataclass(frozen=True, slots=True)
class Planned:
    """One data row: outcome, the firm if it is in the register, the figures that would be stated, all problems."""

    entry: Entry
    outcome: RowOutcome
    firm_id: int | None = None
    stated: tuple[Figure, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What a rehearsal looks at: whom the rows mean, what is held, which of the firms the person may touch."""

    matches: Sequence[Match]
    held: Mapping[Place, Sequence[Held]]
    reachable: Collection[int]
    by: Actor


def plan(entries: Sequence[Entry], ground: Ground) -> list[Planned]:
    """Return what every row would do, in the order of the rows."""
    planned = [_single(entry, found, ground) for entry, found in zip(entries, ground.matches, strict=True)]
    open_places = [place for place, one in enumerate(planned) if _names_a_firm(one)]
    groups = doubles([entries[place] for place in open_places], [ground.matches[place] for place in open_places])
    for group in groups:
        _mark_doubles(planned, [open_places[place] for place in group])
    return planned


def _names_a_firm(one: Planned) -> bool:
    """A row that cannot found a firm for want of a name still speaks of the firm of its code."""
    return not one.entry.is_refused and all(problem.kind is not Kind.REACH for problem in one.problems)


def _single(entry: Entry, found: Match, ground: Ground) -> Planned:
    refusal = _out_of_reach(entry, found, ground)
    problems = entry.problems + found.problems + ((refusal,) if refusal else ())
    if entry.is_refused or refusal:
        return Planned(entry, RowOutcome.REJECTED, None, (), problems)
    if entry.is_held or found.is_open:
        return Planned(entry, RowOutcome.REVIEW, found.firm_id, (), problems)
    if found.firm_id is None:
        return _new(entry, problems)
    stated, notes = _compared(entry, found.firm_id, ground.held)
    outcome = RowOutcome.UPDATED if stated else RowOutcome.UNCHANGED
    return Planned(entry, outcome, found.firm_id, stated, problems + notes)


def _out_of_reach(entry: Entry, found: Match, ground: Ground) -> Problem | None:
    """A person imports only what they may see; that a firm exists is said, nothing of what is held about it."""
    by = ground.by
    if by.reach is Reach.DISTRICT or entry.is_refused or found.is_open:
        return None
    if found.firm_id is not None:
        if found.firm_id in ground.reachable:
            return None
        why = tr("这家企业不在您的管理范围内，请交由其经办人或审核人导入")
    elif by.reach is Reach.TOWNS and (entry.named.town is None or entry.named.town.value not in by.towns):
        own = "、".join(Town(code).label for code in by.towns)
        why = tr(
            "企业库中没有这家企业；您只能新建所辖镇街（%(towns)s）的企业，请填写所属镇街或交由审核人导入", towns=own
        )
    else:
        return None
    return Problem(Level.ERROR, Kind.REACH, row_message(entry, why))


def _new(entry: Entry, problems: tuple[Problem, ...]) -> Planned:
    named = entry.named
    if any(problem.kind is Kind.CHECK_DIGIT for problem in problems):
        why = tr("信用代码校验位不符，不自动建档；核对无误的请先在企业库中新建并确认代码，再导入")
        return Planned(entry, RowOutcome.REVIEW, None, (), (*problems, _error(entry, Kind.CHECK_DIGIT, why)))
    if not (named.name or named.short_name):
        why = tr("企业库中没有这个代码的企业，表中又没有名称，无法建档；请补填企业名称")
        return Planned(entry, RowOutcome.REJECTED, None, (), (*problems, _error(entry, Kind.IDENTITY, why)))
    if not named.name:
        why = tr("没有企业全称，将以简称建档，请随后补全")
        note = Problem(Level.WARNING, Kind.SHORT_NAME, row_message(entry, why))
        problems = (*problems, note)
    return Planned(entry, RowOutcome.NEW, None, entry.figures, problems)


def _error(entry: Entry, kind: Kind, why: Message) -> Problem:
    return Problem(Level.ERROR, kind, row_message(entry, why))


def _compared(
    entry: Entry, firm_id: int, held: Mapping[Place, Sequence[Held]]
) -> tuple[tuple[Figure, ...], tuple[Problem, ...]]:
    """Return the figures that nobody has stated yet, and notes on those that differ from what is held."""
    stated: list[Figure] = []
    notes: list[Problem] = []
    for figure in entry.figures:
        there = held.get((firm_id, figure.key, figure.year), ())
        same = [one for one in there if one.columns == figure.columns]
        if not same:
            stated.append(figure)
            notes.extend(_difference(entry, figure, there))
        elif all(one.state is ClaimState.REJECTED for one in same):
            why = tr("这个数值曾被退回，未重复申报；如确认无误，请由经办人在企业页面重新填报")
            notes.append(_about(entry, figure, Level.WARNING, Kind.ALREADY, why))
    return tuple(stated), tuple(notes)


def _difference(entry: Entry, figure: Figure, there: Sequence[Held]) -> list[Problem]:
    live = [one for one in there if one.state is not ClaimState.REJECTED]
    if not live:
        return []
    latest = next((one for one in live if one.state is ClaimState.ACCEPTED), live[-1])
    number, value = latest.columns
    why = tr(
        "与现有值 %(held)s（%(state)s）不同，将并列申报，由审核人选定",
        held=_shown(number if number is not None else value),
        state=Message(latest.state.label),
    )
    return [_about(entry, figure, Level.INFO, Kind.DIFFERENT, why)]


def _shown(value: object) -> str:
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)


def _about(entry: Entry, figure: Figure, level: Level, kind: Kind, why: Message) -> Problem:
    place = tr("第 %(row)s 行『%(header)s』", row=entry.row, header=load_catalogue().get(figure.key).short)
    return Problem(level, kind, tr("%(place)s：%(problem)s", place=place, problem=why), figure.cell)


def _mark_doubles(planned: list[Planned], places: Sequence[int]) -> None:
    """Rows that mean the same firm: equal ones count once, different ones wait for a person."""
    rows = [planned[place].entry for place in places]
    if all(one.said == rows[0].said for one in rows):
        for place in places[1:]:
            why = tr("与第 %(first)s 行完全相同，只导入一次", first=rows[0].row)
            note = Problem(Level.INFO, Kind.DUPLICATE, row_message(planned[place].entry, why))
            planned[place] = replace(
                planned[place], outcome=RowOutcome.SKIPPED, stated=(), problems=(*planned[place].problems, note)
            )
        return
    for place in places:
        others = "、".join(str(one.row) for one in rows if one is not planned[place].entry)
        why = tr("与第 %(others)s 行是同一家企业但内容不同，都未导入；请核对后只保留正确的一行", others=others)
        problem = _error(planned[place].entry, Kind.DUPLICATE, why)
        planned[place] = replace(
            planned[place], outcome=RowOutcome.REVIEW, stated=(), problems=(*planned[place].problems, problem)
        )
