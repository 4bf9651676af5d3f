"""The rehearsal: what every row would do to the register, without doing it (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from app.access.actor import Actor, Reach
from app.core.choices import Choice
from app.core.text import N_, Message, tr
from app.facts import display
from app.facts.keeping import indicator_of
from app.facts.models import ClaimState
from app.firms.taxonomy import Town
from app.imports.cells.entry import Entry, Figure
from app.imports.models import Decision, RowOutcome
from app.imports.plans import anomalies
from app.imports.plans.matching import Match, row_message
from app.imports.plans.planned import Planned
from app.imports.problem import Kind, Level, Problem

Place = tuple[int, str, int | None]
"""Firm, key, year."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is already said about a figure: the value as a claim keeps it, and where that claim stands."""

    columns: tuple[Any, Any]
    state: ClaimState


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person said about a row: a decision about the whole of it, reasons for odd figures by key."""

    decision: Decision | None = None
    firm_id: int | None = None
    by: str = ""
    reasons: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


NO_WISH = Wish()


@dataclass(frozen=True, slots=True)
class Ground:
    """What a rehearsal looks at: whom the rows mean, what is held, which of the firms the person may touch.

    ``known`` is what the register knows of the firms, by field. ``policy`` tells by key what happens where something
    is held already; without an entry the new figure is stated beside it. ``roster_year`` is set for rosters.
    """

    matches: Sequence[Match]
    held: Mapping[Place, Sequence[Held]]
    reachable: Collection[int]
    by: Actor
    known: Mapping[int, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    wishes: Sequence[Wish] = ()
    policy: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    roster_year: int | None = None


class Policy(Choice):
    """What happens to a figure whose place already holds something. An accepted figure survives in every case."""

    BESIDE = "beside", N_("并列申报，由审核人选定")
    KEEP = "keep", N_("已有核定值的不申报")
    BLANK = "blank", N_("只补没有数据的")


def wished(found: Match, wish: Wish) -> Match:
    """Return whom a row means after a person decided."""
    if wish.decision is Decision.FIRM and wish.firm_id is not None:
        return Match(wish.firm_id)
    return Match() if wish.decision is Decision.NEW else found


def plan(entries: Sequence[Entry], ground: Ground) -> list[Planned]:
    """Return what every row would do by itself, in the order of the rows; doubles are settled afterwards."""
    wishes = ground.wishes or [NO_WISH] * len(entries)
    spoken_of = {firm_id for firm_id, _key, _year in ground.held}
    return [
        _single(entry, found, wish, ground, spoken_of)
        for entry, found, wish in zip(entries, ground.matches, wishes, strict=True)
    ]


def _single(entry: Entry, found: Match, wish: Wish, ground: Ground, spoken_of: Collection[int]) -> Planned:
    """``spoken_of`` are the firms of which anything is held."""
    if wish.decision is Decision.SKIP:
        return _set_aside(entry, found, wish, ground)
    refusal = _out_of_reach(entry, found, ground)
    own = tuple(_answered(problem, wish.decision) for problem in entry.problems)
    problems = own + found.problems + ((refusal,) if refusal else ())
    if entry.is_refused or refusal:
        return Planned(entry, RowOutcome.REJECTED, None, (), problems, decision=wish.decision)
    if found.is_open or any(_holds(problem, wish.decision) for problem in entry.problems):
        return Planned(entry, RowOutcome.REVIEW, found.firm_id, (), problems, decision=wish.decision)
    if found.firm_id is None:
        made = _new(entry, problems, wish.decision)
        return made._replace(fills=_fills(entry, ground, None)) if made.outcome is RowOutcome.NEW else made
    stated: Sequence[Figure] = entry.figures
    notes: Sequence[Problem] = ()
    odd: Sequence[anomalies.Finding] = ()
    if found.firm_id in spoken_of:
        stated, notes = _compared(entry, found.firm_id, ground)
        odd = _odd(entry, found.firm_id, stated, ground.held)
    fills = _fills(entry, ground, found.firm_id)
    outcome = RowOutcome.UPDATED if stated or fills else RowOutcome.UNCHANGED
    asks = tuple(one.key for one in odd if one.key not in wish.reasons)
    unlike = _unlike(entry, ground, found.firm_id)
    told = (*problems, *notes, *(one.problem for one in odd), *_filling(entry, fills), *unlike)
    return Planned(entry, outcome, found.firm_id, stated, told, asks, fills, wish.decision)


HEALED = {
    Decision.NEW: frozenset({Kind.BRANCH, Kind.CERTIFICATE, Kind.HIDDEN}),
    Decision.FIRM: frozenset({Kind.BRANCH, Kind.CODE, Kind.CERTIFICATE, Kind.HIDDEN, Kind.IDENTITY}),
}
"""Errors that are answered by a person saying which firm the row is; a cell that cannot be read is not among them."""


def _holds(problem: Problem, decision: Decision | None) -> bool:
    if problem.level is not Level.ERROR:
        return False
    return decision is None or problem.kind not in HEALED.get(decision, ())


def _answered(problem: Problem, decision: Decision | None) -> Problem:
    """Return an error that a person's decision answered as something to look at: it keeps no row out any more."""
    is_healed = problem.level is Level.ERROR and decision is not None and not _holds(problem, decision)
    return replace(problem, level=Level.WARNING) if is_healed else problem


def _set_aside(entry: Entry, found: Match, wish: Wish, ground: Ground) -> Planned:
    """The row names no firm that the person may not see: its page shows what is held about the firm."""
    why = tr("由%(who)s决定不导入这一行", who=wish.by)
    note = Problem(Level.INFO, Kind.SET_ASIDE, row_message(entry, why))
    firm_id = found.firm_id if found.firm_id in ground.reachable else None
    return Planned(entry, RowOutcome.SET_ASIDE, firm_id, (), (*entry.problems, note), decision=wish.decision)


def _odd(
    entry: Entry, firm_id: int, stated: Sequence[Figure], held: Mapping[Place, Sequence[Held]]
) -> list[anomalies.Finding]:
    found: list[anomalies.Finding] = []
    for figure in stated:
        if figure.year is None:
            continue
        others = [one.columns[0] for one in held.get((firm_id, figure.key, figure.year), ())
                  if one.state is not ClaimState.REJECTED and one.columns[0] is not None]  # fmt: skip
        last = best(held.get((firm_id, figure.key, figure.year - 1), ()))
        odd = anomalies.compared(entry.row, figure, last.columns[0] if last else None, others)
        if odd is not None:
            found.append(odd)
    return found


def best(there: Sequence[Held]) -> Held | None:
    """Return what counts of a place: the accepted value, else the latest that was not sent back."""
    live = [one for one in there if one.state is not ClaimState.REJECTED]
    return next((one for one in reversed(live) if one.state is ClaimState.ACCEPTED), live[-1] if live else None)


FILLED = ("town", "address", "industry", "registered_on")
ROSTER = "roster"
"""Among what a row fills in: the year on whose above-scale roster its firm is put."""


def _fills(entry: Entry, ground: Ground, firm_id: int | None) -> dict[str, str]:
    """Return what the register does not know of the firm and the row does; what it knows is never overwritten."""
    if not ground.known and ground.roster_year is None:
        return {}
    known = ground.known.get(firm_id or 0, {})
    found = {}
    for name in FILLED:
        value = getattr(entry.named, name)
        if value and name in known and not known[name]:
            found[name] = str(value)
    year = entry.year or ground.roster_year
    if ground.roster_year is not None and year not in known.get(ROSTER, ()):
        found[ROSTER] = str(year)
    return found


FIELD_LABELS = {
    "town": N_("所属镇街"), "address": N_("注册地址"), "industry": N_("所属行业"), "registered_on": N_("注册日期"),
    ROSTER: N_("规上名录"),
}  # fmt: skip


def _filling(entry: Entry, fills: Mapping[str, str]) -> tuple[Problem, ...]:
    if not fills:
        return ()
    named = "、".join(FIELD_LABELS[name] for name in fills)
    why = tr("企业档案中这几项是空的，导入时按表格补上：%(fields)s", fields=named)
    return (Problem(Level.INFO, Kind.FILLED, row_message(entry, why)),)


BETWEEN_CALENDARS = 1462
"""Days between the two beginnings from which spreadsheets count: 1900 and 1904."""
COMPARED = ("town", "registered_on")
"""What is told when table and register disagree. Addresses and industries are free text: spelling is no news."""


def _unlike(entry: Entry, ground: Ground, firm_id: int) -> tuple[Problem, ...]:
    """Tell where the register holds something else about the firm: it stays, and somebody may have to see to it."""
    known = ground.known.get(firm_id, {})
    told = []
    for name in COMPARED:
        said, held = getattr(entry.named, name), known.get(name)
        if said and held and said != held:
            why = tr(
                "企业档案中的%(field)s是“%(held)s”，表中是“%(said)s”；导入不改档案，确有变动请到企业页面办理",
                field=Message(FIELD_LABELS[name]), held=_named(held), said=_named(said),
            )  # fmt: skip
            if name == "registered_on" and abs((said - held).days) == BETWEEN_CALENDARS:
                why = tr("%(why)s；两个日期正好相差 1462 天，表格很可能按 1904 日期系统计数，请核对", why=why)
            told.append(Problem(Level.WARNING, Kind.RECORD, row_message(entry, why)))
    return tuple(told)


def _named(value: Town | date) -> Message | str:
    return Message(value.label) if isinstance(value, Town) else value.isoformat()


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


def _new(entry: Entry, problems: tuple[Problem, ...], decision: Decision | None) -> Planned:
    named = entry.named
    doubtful = any(problem.kind is Kind.CHECK_DIGIT for problem in problems)
    if doubtful and decision is not Decision.NEW:
        why = tr("信用代码校验位不符，不自动建档；请改正代码，核对无误的请在这一行选“是新企业”")
        return Planned(entry, RowOutcome.REVIEW, None, (), (*problems, _error(entry, Kind.CHECK_DIGIT, why)))
    if not (named.name or named.short_name):
        why = tr("企业库中没有这个代码的企业，表中又没有名称，无法建档；请补填企业名称")
        return Planned(entry, RowOutcome.REJECTED, None, (), (*problems, _error(entry, Kind.IDENTITY, why)))
    if not named.name:
        why = tr("没有企业全称，将以简称建档，请随后补全")
        note = Problem(Level.WARNING, Kind.SHORT_NAME, row_message(entry, why))
        problems = (*problems, note)
    return Planned(entry, RowOutcome.NEW, None, entry.figures, problems, decision=decision)


def _error(entry: Entry, kind: Kind, why: Message) -> Problem:
    return Problem(Level.ERROR, kind, row_message(entry, why))


def _compared(entry: Entry, firm_id: int, ground: Ground) -> tuple[tuple[Figure, ...], tuple[Problem, ...]]:
    """Return the figures that nobody has stated yet, and notes on those that differ from what is held."""
    stated: list[Figure] = []
    notes: list[Problem] = []
    for figure in entry.figures:
        there = ground.held.get((firm_id, figure.key, figure.year))
        if not there:
            stated.append(figure)
            continue
        same = [one for one in there if one.columns == figure.columns]
        if same:
            if all(one.state is ClaimState.REJECTED for one in same):
                why = tr("这个数值曾被退回，未重复申报；如确认无误，请由经办人在企业页面重新填报")
                notes.append(_about(entry, figure, Level.WARNING, Kind.ALREADY, why))
        elif _is_kept(there, ground.policy.get(figure.key, "")):
            why = tr("与现有值 %(held)s 不同，按选定的办法保留现有值，不申报", held=_held_text(figure, best(there)))
            notes.append(_about(entry, figure, Level.INFO, Kind.DIFFERENT, why))
        else:
            stated.append(figure)
            notes.extend(_difference(entry, figure, there))
    return tuple(stated), tuple(notes)


def _is_kept(there: Sequence[Held], policy: str) -> bool:
    if policy == Policy.BLANK:
        return any(one.state is not ClaimState.REJECTED for one in there)
    return policy == Policy.KEEP and any(one.state is ClaimState.ACCEPTED for one in there)


def _held_text(figure: Figure, one: Held | None) -> str:
    """Return what is held, with its unit, as the anomalies beside it say it."""
    assert one is not None
    number, value = one.columns
    if number is not None:
        return display.with_unit(indicator_of(figure.key, figure.year), number)
    return _shown(value)


def _difference(entry: Entry, figure: Figure, there: Sequence[Held]) -> list[Problem]:
    latest = best(there)
    if latest is None:
        return []
    why = tr(
        "与现有值 %(held)s（%(state)s）不同，将并列申报，由审核人选定",
        held=_held_text(figure, latest),
        state=Message(latest.state.label),
    )
    return [_about(entry, figure, Level.INFO, Kind.DIFFERENT, why)]


def _shown(value: object) -> str:
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)


def _about(entry: Entry, figure: Figure, level: Level, kind: Kind, why: Message) -> Problem:
    place = tr("第 %(row)s 行『%(header)s』", row=entry.row, header=indicator_of(figure.key, figure.year).short)
    return Problem(level, kind, tr("%(place)s：%(problem)s", place=place, problem=why), figure.cell)
