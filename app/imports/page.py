"""What the page of a batch shows, gathered once and named (no query in a template)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core import clock
from app.core.paging import Page
from app.core.text import N_, Message, message_from_json, tr
from app.facts import display
from app.facts.keeping import indicator_of
from app.facts.models import ClaimState
from app.facts.queries import batch_states
from app.firms import queries as firms
from app.imports import queries, rehearsal, repairs, saved
from app.imports.cells.kept import Entries, states
from app.imports.layouts.header import UNIT_UNSAID
from app.imports.layouts.layout import ColumnNote, Layout
from app.imports.layouts.profile import profiles
from app.imports.layouts.units import MONEY_UNITS
from app.imports.mapping.changes import changes
from app.imports.mapping.service import before
from app.imports.models import BatchState, ImportBatch, ImportRow, RowOutcome
from app.imports.policies import PolicyView, policies
from app.imports.problem import Kind, Problem
from app.imports.service import FIRST_YEAR
from app.imports.table import NO_YEAR
from app.jobs.models import FINISHED, Job, JobState

MOST_NAMED = 8
SKIPPED = RowOutcome.SKIPPED
_SOUND = tuple(one for one in RowOutcome if one is not SKIPPED)


@dataclass(frozen=True, slots=True)
class MissingFigure:
    """A figure that some rows leave empty."""

    key: str
    label: str
    rows: int


@dataclass(frozen=True, slots=True)
class SheetSums:
    """The rows of one sheet by what they do; they add up to its rows."""

    name: str
    total: int
    parts: Sequence[tuple[RowOutcome, int]]


@dataclass(frozen=True, slots=True)
class BatchView:
    """What is told about a batch above its rows. ``job`` is the work that is under way or failed, if any."""

    profile_id: str
    title: str
    total: int
    data_rows: int
    parts: Sequence[tuple[RowOutcome, int]]
    used: Sequence[ColumnNote]
    not_used: Sequence[ColumnNote]
    missing: Sequence[MissingFigure]
    kinds: Sequence[tuple[str, str]]
    unread_sheets: Sequence[str]
    refusal: Message | None
    understood: Message | None
    asked: Sequence[ColumnNote]
    changes: Sequence[Message]
    earlier: Sequence[ImportBatch]
    job: Job | None
    is_working: bool
    failed: str
    claims: Mapping[ClaimState, int]
    sheets: Sequence[SheetSums]
    supplements: Sequence[ImportBatch]
    asks: int
    reasoned: bool
    policies: Sequence[PolicyView] = ()

    @property
    def missing_options(self) -> list[tuple[str, str]]:
        """The missing figures as choices of a filter."""
        return [(one.key, one.label) for one in self.missing]

    @property
    def has_no_figures(self) -> bool:
        """Whether only identity columns were recognised, so that firms but no figures would come in."""
        figures = any(note.unit for note in self.used) or self.is_roster
        return bool(self.used) and not figures

    @property
    def is_roster(self) -> bool:
        """Whether the file is a roster, which brings firms and no figures."""
        known = profiles().get(self.profile_id)
        return known is not None and known.roster

    @property
    def unknown(self) -> Sequence[ColumnNote]:
        """The columns that nothing knows."""
        return [note for note in self.not_used if note.state == "unknown"]

    @property
    def unknown_names(self) -> Sequence[str]:
        """Their headers, each once, cut short where they are many."""
        names = list(dict.fromkeys(note.header for note in self.unknown))
        return [*names[:MOST_NAMED], *(["……"] if len(names) > MOST_NAMED else [])]

    @property
    def money_units(self) -> Sequence[str]:
        """The units of money to choose from."""
        return MONEY_UNITS

    @property
    def years(self) -> Sequence[int]:
        """The years that may be imported, the latest first."""
        return range(clock.today().year - 1, FIRST_YEAR - 1, -1)

    @property
    def unit_asked(self) -> Sequence[ColumnNote]:
        """The columns of money for which nothing in the file names a unit."""
        return [note for note in self.asked if _asks_unit(note)]

    @property
    def otherwise_asked(self) -> Sequence[ColumnNote]:
        """The other columns that a person should confirm."""
        return [note for note in self.asked if not _asks_unit(note)]

    @property
    def lacks_year(self) -> bool:
        """Whether the file was refused because nothing in it says its year."""
        return self.refusal is not None and self.refusal.msgid == NO_YEAR

    @property
    def has_several_sheets(self) -> bool:
        """Whether columns of more than one sheet were read, so that each must name its own."""
        return len({note.sheet for note in self.used}) > 1

    @property
    def can_apply(self) -> bool:
        """Whether there is anything to import."""
        return any(count for outcome, count in self.parts if outcome in rehearsal.GOOD) and not self.is_working

    @property
    def writes(self) -> int:
        """How many rows would change something."""
        return sum(count for outcome, count in self.parts if outcome in rehearsal.WRITES)

    @property
    def left_out(self) -> int:
        """How many rows wait for a person or are refused."""
        return sum(count for outcome, count in self.parts if outcome in {RowOutcome.REVIEW, RowOutcome.REJECTED})


def batch_view(session: Session, batch: ImportBatch, for_: Actor) -> BatchView:
    """Gather what the page of a batch shows."""
    report, counts = batch.report, batch.counts
    notes = [ColumnNote.from_json(kept) for kept in report.get("columns", ())]
    job = session.get(Job, batch.job_id) if batch.job_id is not None else None
    is_working = job is not None and job.state not in FINISHED
    has_failed = job is not None and job.state in {JobState.FAILED, JobState.CANCELLED} and _open(batch)
    return BatchView(
        profile_id=batch.profile,
        title=saved.titles(session).get(batch.profile, str(tr("自动识别"))),
        total=sum(counts.values()),
        data_rows=sum(counts.get(one.value, 0) for one in _SOUND),
        parts=[(one, counts.get(one.value, 0)) for one in RowOutcome],
        used=[note for note in notes if note.state == "used"],
        not_used=[note for note in notes if note.state != "used"],
        missing=_missing(report.get("missing", {})),
        kinds=[(kind.value, kind.label) for kind in Kind if report.get("kinds", {}).get(kind.value)],
        unread_sheets=[sheet["name"] for sheet in report.get("sheets", ()) if not sheet["read"]],
        refusal=message_from_json(batch.refusal) if batch.refusal else None,
        understood=message_from_json(report["understood"]["sentence"]) if "understood" in report else None,
        asked=[note for note in notes if note.asks],
        changes=_changes(session, batch),
        earlier=queries.earlier(session, batch),
        job=job if job is not None and (is_working or has_failed) and job.created_by == for_.id else None,
        is_working=is_working,
        failed=(job.error or N_("任务已取消，没有写入任何内容。")) if job is not None and has_failed else "",
        claims=batch_states(session, batch.id) if batch.state in {BatchState.APPLIED, BatchState.UNDONE} else {},
        sheets=[_sheet(sheet) for sheet in report.get("sheets", ()) if sheet.get("counts")],
        supplements=queries.supplements(session, batch.id, for_),
        asks=report.get("asks", 0),
        policies=policies(batch) if report.get("kinds", {}).get(Kind.DIFFERENT.value) or report.get("policy") else (),
        reasoned=bool({Kind.SWING.value, Kind.UNIT_SUSPECT.value} & set(report.get("kinds", {}))),
    )


def _asks_unit(note: ColumnNote) -> bool:
    return note.note is not None and note.note.msgid == UNIT_UNSAID


def _sheet(sheet: Mapping[str, Any]) -> SheetSums:
    counts = sheet["counts"]
    parts = [(one, counts[one.value]) for one in RowOutcome if counts.get(one.value)]
    return SheetSums(sheet["name"], sum(counts.values()), parts)


def _changes(session: Session, batch: ImportBatch) -> list[Message]:
    """Return what is different in the columns from the last file of the same kind, while it still matters."""
    if not batch.layouts or not _open(batch):
        return []
    now = {name: Layout.from_json(kept) for name, kept in batch.layouts.items()}
    return changes(now, before(session, batch))


def _open(batch: ImportBatch) -> bool:
    return batch.state in {BatchState.QUEUED, BatchState.STAGED, BatchState.SUBMITTED}


def _missing(counts: Mapping[str, int]) -> list[MissingFigure]:
    found = [MissingFigure(key, indicator_of(key).short, rows) for key, rows in counts.items()]
    return sorted(found, key=lambda one: (-one.rows, one.key))


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure as the page writes it; ``is_stated`` tells whether this import states it."""

    label: str
    year: int | None
    text: display.Text
    unit: str
    raw: str
    cell: str
    is_stated: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """One row with its firm, problems and figures."""

    row: ImportRow
    firm: str
    firm_id: int | None
    problems: Sequence[Problem]
    figures: Sequence[ShownFigure]

    @property
    def stated(self) -> int:
        """How many of its figures this import states."""
        return sum(one.is_stated for one in self.figures)


def row_views(session: Session, batch: ImportBatch, found: Page[ImportRow]) -> Page[RowView]:
    """Return a page of rows with the names of their firms in one query."""
    names = firms.names(session, [row.firm_id for row in found.items if row.firm_id is not None])
    entries = Entries(batch)
    items = [row_view(row, entries, names.get(row.firm_id or 0, "")) for row in found.items]
    return Page(items, found.total, found.after, found.before, found.is_capped)


def row_view(row: ImportRow, entries: Entries, firm: str) -> RowView:
    """Return one row ready to be shown."""
    figures: list[ShownFigure] = []
    if row.values:
        for figure in entries.of(row).figures:
            indicator = indicator_of(figure.key, figure.year)
            figures.append(
                ShownFigure(
                    indicator.short,
                    figure.year,
                    display.show(indicator, figure.value),
                    display.unit_of(indicator),
                    figure.raw,
                    figure.cell,
                    states(row.stated, figure.key),
                )  # fmt: skip
            )
    return RowView(row, firm or row.name, row.firm_id, repairs.problems_of(row), figures)


SAMPLED = 12


def sample(session: Session, batch: ImportBatch) -> Sequence[RowView]:
    """Return the first rows that would be written, for a look before confirming."""
    return row_views(session, batch, Page(queries.first_written(session, batch.id, SAMPLED), 0)).items
