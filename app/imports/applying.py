"""Applying a confirmed batch: firms, missing fields, figures and rosters in one transaction, some rows at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import record
from app.core import clock
from app.core.bulk import Written
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.facts import service as facts
from app.facts import trust
from app.facts.models import SourceKind
from app.facts.service import Statement
from app.files.models import StoredFile
from app.firms import holding, registry
from app.firms import service as firm_service
from app.firms.models import Firm
from app.imports import confirmation, filling, queries, rehearsal, saved
from app.imports.cells.entry import Entry, Figure
from app.imports.cells.kept import Entries, shortened, stated_of
from app.imports.layouts.profile import Profile
from app.imports.models import BatchState, Decision, ImportBatch, ImportRow, RowOutcome
from app.imports.plans import doubles
from app.imports.plans.matching import Match
from app.imports.plans.planned import Planned
from app.imports.rehearsal import GOOD, WRITES
from app.imports.service import must_be, subject

_APPLY_LOCK = 7_340_311  # one import is applied at a time: two could create the same firm
CHUNK = 500


class RehearsalOutdated(Conflict):
    """The register changed after the rehearsal that was shown; nothing was written."""


def apply(session: Session, batch: ImportBatch, *, by: Actor, alone: bool = False) -> None:
    """Create the firms and state the figures of exactly the rehearsal that was shown, all or nothing.

    ``by`` confirms what another person submitted; ``alone`` (command line, one-person office) lifts that rule.
    Raises ``RehearsalOutdated`` when the register changed since then, ``Conflict`` when there is nothing to import,
    ``Refused`` for the person who submitted it.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _APPLY_LOCK})
    must_be(batch, BatchState.SUBMITTED)
    confirmation.refuse_own(batch, by, alone=alone)
    if not any(batch.counts[one.value] for one in GOOD):
        raise Conflict(tr("没有可以导入的行：请按各行的提示修改表格后重新上传。"))
    if asked := batch.report.get("asks"):
        raise Conflict(tr("重新预检后有 %(n)s 个数据变动异常、还没有写明原因，请退回提交人补写后再确认。", n=asked))
    speaking = rehearsal.speaker(session, batch, by)
    holding.to_write(session, Firm.id.in_(select(ImportRow.firm_id).where(ImportRow.batch_id == batch.id)))
    looked = _look(session, batch, speaking)
    writing = _Writing(session, batch, saved.named(session, batch.profile), speaking, looked, Entries(batch))
    for rows in queries.data_chunks(session, batch.id, CHUNK, outcomes=GOOD):
        writing.write(rows)
    batch.state = BatchState.APPLIED
    batch.applied_by, batch.applied_by_name, batch.applied_at = by.id, by.name, clock.now()
    session.flush()
    record(session, by, Action.IMPORT_APPLY, subject(batch), changes=_applied(batch))


@dataclass(slots=True)
class _Looked:
    """What the whole batch means, found before its first row is written: a row sees nothing of what another writes.

    ``parts`` are the places of the figures that are stated, of rows that do not state all of theirs; ``renamed`` the
    new names by row; ``several`` the firms of which the batch has more rows than one.
    """

    parts: dict[int, tuple[int, ...]] = field(default_factory=dict)
    renamed: dict[int, str] = field(default_factory=dict)
    several: set[int] = field(default_factory=set)
    firms: set[int] = field(default_factory=set)

    def note(self, row: ImportRow, one: Planned, match: Match) -> None:
        """Keep what writing the row needs."""
        if len(one.stated) != len(one.entry.figures):
            stated = {id(figure) for figure in one.stated}
            self.parts[row.id] = tuple(place for place, it in enumerate(one.entry.figures) if id(it) in stated)
        if match.firm_id is None:
            return
        (self.several if match.firm_id in self.firms else self.firms).add(match.firm_id)
        if match.new_name:
            self.renamed[row.id] = match.new_name


def _look(session: Session, batch: ImportBatch, speaking: Actor) -> _Looked:
    """Compare every row with the rehearsal that was shown. Raises ``RehearsalOutdated`` at the first difference."""
    looked = _Looked()
    entries = Entries(batch)
    for rows in queries.data_chunks(session, batch.id, CHUNK, outcomes=GOOD):
        spoken = [rehearsal.said_of(row, entries) for row in rows]
        matches = rehearsal.matches_of(session, spoken, speaking)
        planned = rehearsal.planned_alone(session, batch, spoken, matches, speaking)
        for row, one, match in zip(rows, planned, matches, strict=True):
            if _differs(row, one):
                raise RehearsalOutdated(tr("预检之后企业库有了变化，本次没有写入；请重新预检。"))
            looked.note(row, one, match)
    return looked


def _differs(row: ImportRow, planned: Planned) -> bool:
    stated = stated_of(planned.stated, planned.entry.figures)
    outcome = RowOutcome.NEW if _follows(row) else row.outcome
    held = (outcome, row.firm_id, shortened(row), dict(row.fills))
    return held != (planned.outcome, planned.firm_id, stated, dict(planned.fills))


def _follows(row: ImportRow) -> bool:
    """A later year of a firm that another row of the batch creates; alone it would create the firm itself."""
    return row.outcome is RowOutcome.UPDATED and row.firm_id is None


def _creates(row: ImportRow) -> bool:
    return row.firm_id is None and not _follows(row)


@dataclass(slots=True)
class _Writing:
    """Writes the rows of a batch, some at a time. ``founded`` are the firms it created, by the marks of their rows."""

    session: Session
    batch: ImportBatch
    known: Profile
    speaking: Actor
    looked: _Looked
    entries: Entries
    founded: dict[str, int] = field(default_factory=dict)
    said: set[tuple[object, ...]] = field(default_factory=set)

    def write(self, rows: Sequence[ImportRow]) -> None:
        """Create firms, fill what records lack, state figures."""
        created: list[dict[str, Any]] = []
        planned: list[tuple[int, Planned]] = []
        statements: list[Statement] = []
        ones = [self._planned(row) for row in rows]
        made = self._create([(row, one.entry) for row, one in zip(rows, ones, strict=True) if _creates(row)])
        for row, one in zip(rows, ones, strict=True):
            firm_id = row.firm_id or made.get(row.id) or self._followed(one.entry)
            if row.firm_id is None:
                created.append({"id": row.id, "firm_id": firm_id, "created_firm": row.outcome is RowOutcome.NEW})
            planned.append((firm_id, one))
            sayer = _Sayer(self.batch, row, firm_id, one.entry, self.known.source_code)
            statements += map(sayer.statement, self._once(firm_id, one.stated))
        if created:
            self.session.execute(update(ImportRow), created)
        filled = [(firm_id, one) for firm_id, one in planned if one.fills]
        filling.fill(self.session, self.batch, filled, self.known.source or self.known.title, self.speaking)
        facts.state_many(self.session, statements, by=self.speaking)
        _offer_names(self.session, self.batch, rows, self.looked.renamed)

    def _planned(self, row: ImportRow) -> Planned:
        entry = self.entries.of(row)
        places = self.looked.parts.get(row.id)
        figures = entry.figures if places is None else tuple(entry.figures[place] for place in places)
        stated = figures if row.outcome in WRITES else ()
        return Planned(entry, row.outcome, row.firm_id, stated, fills=row.fills)

    def _create(self, rows: Sequence[tuple[ImportRow, Entry]]) -> dict[int, int]:
        """Create the firms of rows, all at once; return them by row."""
        drafts = [_draft(row, entry, self.batch, self.known) for row, entry in rows]
        sound: list[tuple[firm_service.FirmDraft, dict[str, Any]]] = []
        found = firm_service.checked_all(self.session, drafts, by=self.speaking)
        for (_row, entry), draft, values in zip(rows, drafts, found, strict=True):
            if isinstance(values, Invalid):
                named = entry.named.shown
                why = tr("第 %(row)s 行“%(name)s”：%(why)s", row=entry.row, name=named, why=values.message)
                raise Invalid("", why) from values
            sound.append((draft, values))
        made: dict[int, int] = {}
        for (row, entry), firm in zip(
            rows, firm_service.create_all(self.session, sound, by=self.speaking), strict=True
        ):
            made[row.id] = firm.id
            self.looked.several.add(firm.id)
            self.founded.update((mark, firm.id) for mark in doubles.strong_marks(entry))
        return made

    def _followed(self, entry: Entry) -> int:
        """Return the firm that an earlier row of the same firm created."""
        strong = doubles.strong_marks(entry)
        found = next((self.founded[mark] for mark in strong if mark in self.founded), None)
        if found is None:
            raise RehearsalOutdated(tr("预检之后企业库有了变化，本次没有写入；请重新预检。"))
        self.founded.update((mark, found) for mark in strong)
        return found

    def _once(self, firm_id: int, figures: Sequence[Figure]) -> Sequence[Figure]:
        """Leave out what another row of the same firm has said already: last year's column repeats last year's row."""
        if firm_id not in self.looked.several:
            return figures
        fresh = {(firm_id, one.key, one.year, repr(one.columns)): one for one in figures}
        left = [one for said, one in fresh.items() if said not in self.said]
        self.said.update(fresh)
        return left


def _offer_names(session: Session, batch: ImportBatch, rows: Sequence[ImportRow], renamed: Mapping[int, str]) -> None:
    """Where the table knows a firm by another name, ask a person whether it was renamed; nothing is renamed here."""
    registry.offer_names(
        session,
        [
            (row.firm_id, renamed[row.id], f"{batch.file.name[:120]} {row.sheet[:40]} 第 {row.row} 行")
            for row in rows
            if row.firm_id is not None and row.id in renamed
        ],
        batch_id=batch.id,
    )


def _applied(batch: ImportBatch) -> Mapping[str, Sequence[Any]]:
    told = {outcome.value: [None, batch.counts.get(outcome.value, 0)] for outcome in RowOutcome}
    return {"state": [BatchState.SUBMITTED, BatchState.APPLIED], **told, "stated": [None, batch.report["stated"]]}


def _draft(row: ImportRow, entry: Entry, batch: ImportBatch, known: Profile) -> firm_service.FirmDraft:
    named = entry.named
    return firm_service.FirmDraft(
        name=named.name or named.short_name,
        short_name=named.short_name,
        credit_code=named.credit_code or None,
        code_confirmed=row.decision is Decision.NEW and bool(named.credit_code),
        security_code=named.security_code or None,
        town=named.town,
        address=named.address,
        industry=named.industry,
        clusters=named.clusters,
        registered_on=named.registered_on,
        former_names=named.former_names,
        source=_source(entry, batch.file, known, batch.id)[:200],
    )


def _source(entry: Entry, file: StoredFile, known: Profile, batch_id: int) -> str:
    """Where a firm of the register comes from; public data say when they were taken."""
    place = f"{file.name[:80]} · {entry.sheet[:40]} 第 {entry.row} 行（批次 {batch_id}）"
    if entry.retrieved:
        return f"{known.source}，取自 {entry.retrieved}；{place}"
    return f"表格导入：{place}"


class _Sayer:
    """Makes the statements of one row: where each figure stands, and what a person wrote over it."""

    def __init__(self, batch: ImportBatch, row: ImportRow, firm_id: int, entry: Entry, source: str) -> None:
        self.row, self.firm_id, self.batch_id = row, firm_id, batch.id
        self.edited, self.reasons = row.edited, row.reasons
        self.place: dict[str, Any] = {
            "batch": batch.id, "file": batch.file_id, "sheet": row.sheet, "row": row.row, "profile": batch.profile,
        }  # fmt: skip
        if entry.retrieved:
            self.place["retrieved"] = entry.retrieved
        # public data say themselves when they were taken: that tells their source, whatever workbook carries them
        said = "" if entry.retrieved else source
        self.source = said or trust.code_of(SourceKind.IMPORT.value, self.place)
        self.label = f"{batch.file.name[:180]} · {row.sheet[:40]}!"
        self.opening = json.dumps(self.place, ensure_ascii=False)[:-1]

    def statement(self, figure: Figure) -> Statement:
        key, year, value, raw, cell, header = figure
        statement = Statement(
            self.firm_id,
            key,
            year,
            value,
            raw,
            SourceKind.IMPORT,
            f"{self.label}{cell}『{header[:40]}』",
            note=self._reason(key) if self.reasons else "",
            batch_id=self.batch_id,
            source=self.source,
            written=Written(f'{self.opening}, "cell": "{cell}", "header": {_quoted(header)}}}'),
        )
        return self._mended(statement, figure) if self.edited else statement

    def _reason(self, key: str) -> str:
        given = self.reasons.get(key)
        return f"数值异常说明：{given['text']}（{given['by']}）" if given else ""

    def _mended(self, statement: Statement, figure: Figure) -> Statement:
        letter = figure.cell.rstrip("0123456789")
        mended = self.edited.get(letter)
        if mended is None:
            return statement
        original = self.row.cells.get(letter, "")
        reference = {
            **self.place, "cell": figure.cell, "header": figure.header, "original": original,
            "corrected": mended["new"], "corrected_by": mended["by"],
            "corrected_by_id": mended.get("by_id"), "corrected_at": mended["at"],
        }  # fmt: skip
        label = f"{statement.source_label}（原文“{original[:40]}”，{mended['by']}更正）"
        return statement._replace(reference=reference, written=None, source_label=label)


@lru_cache(maxsize=1_000)
def _quoted(header: str) -> str:
    return json.dumps(header, ensure_ascii=False)
