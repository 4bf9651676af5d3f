"""Rehearsing rows against the register as it is now: a chunk, a linked group, or a whole batch.

A row is first planned by itself, then beside the rows of its file that may mean the same firm (``doubles``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.accounts.models import User
from app.imports import queries, saved
from app.imports.cells.entry import Entry
from app.imports.cells.kept import Entries, shortened, stated_of, values_of
from app.imports.cells.plain import years_of
from app.imports.cells.rows import NoData
from app.imports.models import BatchMarks, ImportBatch, ImportRow, RowOutcome
from app.imports.plans import doubles, register
from app.imports.plans.marks import Marks, number_of, packed
from app.imports.plans.matching import Match
from app.imports.plans.plan import NO_WISH, Ground, Wish, plan, wished
from app.imports.plans.planned import Planned
from app.imports.plans.tally import Tally, between_commas, tag, tally_of

WRITES = frozenset({RowOutcome.NEW, RowOutcome.UPDATED})
GOOD = WRITES | {RowOutcome.UNCHANGED}
CHUNK = 1_000
Content = Entry | NoData
NONE: Mapping[int, Content] = MappingProxyType({})


class Said(NamedTuple):
    """A row as it stands now, and what a person wished for it."""

    entry: Entry
    wish: Wish = NO_WISH


def speaker(session: Session, batch: ImportBatch, by: Actor) -> Actor:
    """Return in whose name and reach the figures are stated: who staged the batch, not who confirms it."""
    user = session.get(User, batch.staged_by) if batch.staged_by is not None else None
    return user.as_actor() if user is not None else by


def matches_of(session: Session, rows: Sequence[Said], by: Actor) -> list[Match]:
    """Return whom each row means, a person's decision first."""
    found = register.matches(session, [row.entry for row in rows], by=by)
    return [wished(match, row.wish) for match, row in zip(found, rows, strict=True)]


def planned_alone(
    session: Session, batch: ImportBatch, rows: Sequence[Said], matches: Sequence[Match], speaking: Actor
) -> list[Planned]:
    """Return what each row would do if it were the only one of its firm."""
    ids = [found.firm_id for found in matches if found.firm_id is not None]
    entries = [row.entry for row in rows]
    years = {year for entry in entries for year in years_of(entry.figures)}
    roster = bool(batch.profile) and saved.named(session, batch.profile).roster
    ground = Ground(
        matches,
        queries.held(session, ids, years | {year - 1 for year in years}),
        queries.reachable(session, ids, speaking),
        speaking,
        known=queries.known(session, ids) if roster or any(_may_fill(entry) for entry in entries) else {},
        wishes=[row.wish for row in rows],
        policy=batch.report.get("policy", {}),
        roster_year=batch.year if roster else None,
    )
    return plan(entries, ground)


def _may_fill(entry: Entry) -> bool:
    named = entry.named
    return bool(named.town or named.address or named.industry or named.registered_on)


@dataclass(slots=True)
class Work:
    """What a rehearsal carries along: in whose name it is, the sums so far."""

    by: Actor
    tally: Tally


def columns_of(planned: Planned) -> dict[str, Any]:
    """Return what a row keeps of its plan."""
    if not planned.problems and not planned.entry.missing:
        return {
            "stated": stated_of(planned.stated, planned.entry.figures), "problems": [], "missing": "", "kinds": "",
            "asks": "", "fills": dict(planned.fills), "outcome": planned.outcome, "firm_id": planned.firm_id,
        }  # fmt: skip
    kinds = {problem.kind.value for problem in planned.problems}
    tags = {tag(one.kind.value, one.alike) for one in planned.problems if one.alike and one.repair}
    shows_missing = planned.outcome in GOOD | {RowOutcome.REVIEW}
    return {
        "stated": stated_of(planned.stated, planned.entry.figures),
        "problems": [problem.as_json() for problem in planned.problems],
        "missing": between_commas(planned.entry.missing if shows_missing else ()),
        "kinds": between_commas([*sorted(kinds), *sorted(tags)]),
        "asks": between_commas(planned.asks),
        "fills": dict(planned.fills),
        "outcome": planned.outcome,
        "firm_id": planned.firm_id,
    }


def nothing(content: NoData) -> dict[str, Any]:
    """Return what a row keeps that holds no data."""
    return {
        "values": {}, "name": "", "stated": [], "problems": [content.problem.as_json()], "missing": "", "asks": "",
        "kinds": between_commas([content.problem.kind.value]), "fills": {}, "outcome": RowOutcome.SKIPPED,
        "firm_id": None,
    }  # fmt: skip


def read_columns(entry: Entry) -> dict[str, Any]:
    """Return what a row keeps of its reading."""
    return {"values": values_of(entry), "name": entry.named.shown[:160]}


def said_of(row: ImportRow, entries: Entries) -> Said:
    """Return a kept row that holds data as it stands now."""
    return Said(entries.of(row), wish_of(row))


def wish_of(row: ImportRow) -> Wish:
    """Return what a person said about a row."""
    return Wish(row.decision, row.decided_firm_id, row.decided_by_name, row.reasons)


def said(row: ImportRow, fresh: Content | None, entries: Entries) -> Said | None:
    """Return a row as it stands now, or as it was just read again; None when it holds no data."""
    if isinstance(fresh, NoData):
        return None
    if fresh is not None:
        return Said(fresh, wish_of(row))
    return said_of(row, entries) if row.values else None


def keep_marks(session: Session, batch_id: int, marked: Mapping[int, Sequence[int]]) -> bytes:
    """Keep the marks of rows, by ids of rows; return what is kept."""
    pairs = packed(marked)
    if marked:
        session.execute(insert(BatchMarks), [{"batch_id": batch_id, "pairs": pairs}])
    return pairs


def marks_of(entry: Entry, firm_id: int | None) -> tuple[int, ...]:
    """Return the marks of a row as they are kept."""
    return tuple(map(number_of, doubles.marks(entry, firm_id)))


def with_firm(marks: tuple[int, ...], entry: Entry, firm_id: int | None) -> tuple[int, ...]:
    """Return the marks of a row with that of its firm, as ``doubles.marks`` gives them."""
    return marks if firm_id is None or entry.is_refused else (*marks, number_of(f"f:{firm_id}"))


def settle_doubles(session: Session, batch: ImportBatch, marks: Marks, work: Work) -> None:
    """Settle all rows of a batch that are linked."""
    for part in _parts(marks.groups()):
        _settle(session, batch, part, work)


def _parts(groups: Sequence[Sequence[int]]) -> Iterator[list[Sequence[int]]]:
    part: list[Sequence[int]] = []
    for group in groups:
        part.append(group)
        if sum(len(one) for one in part) >= CHUNK:
            yield part
            part = []
    if part:
        yield part


def _settle(
    session: Session,
    batch: ImportBatch,
    groups: Sequence[Sequence[int]],
    work: Work,
    fresh: Mapping[int, Content] = NONE,
) -> int:
    """Plan the rows of some linked groups again and write what changed; return how many rows changed.

    ``fresh`` are rows that read otherwise than they are kept, by id.
    """
    rows = {row.id: row for row in queries.rows_by_id(session, [row for group in groups for row in group])}
    entries = Entries(batch)
    data = {
        number: spoken for number, row in rows.items() if (spoken := said(row, fresh.get(number), entries)) is not None
    }
    matches = matches_of(session, list(data.values()), work.by)
    alone = dict(zip(data, planned_alone(session, batch, list(data.values()), matches, work.by), strict=True))
    final: dict[int, dict[str, Any]] = {}
    for group in groups:
        settled = doubles.settle({row: alone[row] for row in group if row in alone})
        final.update((number, columns_of(one)) for number, one in settled.items())
    for number, content in fresh.items():
        final[number] = nothing(content) if isinstance(content, NoData) else {**final[number], **read_columns(content)}
    return write_changed(session, [(rows[number], new) for number, new in final.items()], work.tally)


def write_changed(session: Session, rows: Sequence[tuple[ImportRow, dict[str, Any]]], tally: Tally) -> int:
    """Write the columns of rows that differ from what they hold, count the change; return how many do otherwise."""
    changed = []
    moved = 0
    for row, new in rows:
        old = held_columns(row)
        if any(getattr(row, name) != value for name, value in new.items()):
            moved += any(old[name] != new[name] for name in ("outcome", "firm_id", "stated", "fills"))
            changed.append({"id": row.id, **new})
            tally.add(old, -1)
            tally.add({**old, **new})
    if changed:
        session.execute(update(ImportRow), changed)
    return moved


def held_columns(row: ImportRow) -> dict[str, Any]:
    """Return the columns of a row that its plan fills."""
    names = ("problems", "missing", "kinds", "asks", "fills", "outcome", "firm_id", "sheet")
    return {"stated": shortened(row), **{name: getattr(row, name) for name in names}}


def replan(
    session: Session, batch: ImportBatch, changed: Sequence[int], by: Actor, fresh: Mapping[int, Content] = NONE
) -> None:
    """Rehearse rows that a person changed, and all rows linked to them before or after; keep the sums."""
    session.flush()
    work = Work(speaker(session, batch, by), tally_of(batch.report))
    linked = queries.marks(session, batch.id).linked(changed)
    rows = queries.rows_by_id(session, changed)
    entries = Entries(batch)
    data = {row.id: spoken for row in rows if (spoken := said(row, fresh.get(row.id), entries)) is not None}
    matches = matches_of(session, list(data.values()), work.by)
    marked: dict[int, tuple[int, ...]] = dict.fromkeys(changed, ())
    for (row_id, spoken), found in zip(data.items(), matches, strict=True):
        marked[row_id] = marks_of(spoken.entry, found.firm_id)
    keep_marks(session, batch.id, marked)
    marks = queries.marks(session, batch.id)
    linked |= marks.linked(changed)
    for groups in _parts(_groups(marks, linked)):
        held = {row for group in groups for row in group}
        _settle(session, batch, groups, work, {row: content for row, content in fresh.items() if row in held})
    batch.report, batch.counts = work.tally.into(batch.report), work.tally.counts()
    session.flush()


def _groups(marks: Marks, ids: set[int]) -> list[list[int]]:
    grouped = marks.groups(ids)
    inside = {row for group in grouped for row in group}
    return [*grouped, *([number] for number in sorted(ids - inside))]


def rehearse_all(session: Session, batch: ImportBatch, by: Actor) -> int:
    """Plan all rows of a batch again; return how many rows would do something else than before."""
    work = Work(speaker(session, batch, by), tally_of(batch.report))
    session.execute(delete(BatchMarks).where(BatchMarks.batch_id == batch.id))
    ids: list[int] = []
    kept: list[bytes] = []
    entries = Entries(batch)
    for rows in queries.data_chunks(session, batch.id, CHUNK):
        spoken = [said_of(row, entries) for row in rows]
        matches = matches_of(session, spoken, work.by)
        marked = {row.id: marks_of(one.entry, found.firm_id)
                  for row, one, found in zip(rows, spoken, matches, strict=True)}  # fmt: skip
        kept.append(keep_marks(session, batch.id, marked))
        ids += marked
    grouped = Marks.of(kept).groups()
    inside = {row for group in grouped for row in group}
    moved = 0
    singles: list[Sequence[int]] = [[row] for row in ids if row not in inside]
    for groups in _parts([*grouped, *singles]):
        moved += _settle(session, batch, groups, work)
    batch.report, batch.counts = work.tally.into(batch.report), work.tally.counts()
    session.flush()
    return moved
