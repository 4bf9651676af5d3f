"""Applying a confirmed batch: firms, missing fields, figures and rosters in one transaction, some rows at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.facts import service as facts
from app.facts.models import SourceKind
from app.facts.service import Statement
from app.files.models import StoredFile
from app.firms import registry
from app.firms import service as firm_service
from app.imports import confirmation, filling, queries, rehearsal, saved
from app.imports.entry import Entry, Figure, entry_from_json
from app.imports.matching import Match
from app.imports.models import BatchState, Decision, ImportBatch, ImportRow, RowOutcome
from app.imports.planned import Planned
from app.imports.profile import Profile
from app.imports.rehearsal import GOOD, WRITES, Said
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
    speaking = rehearsal.speaker(session, batch, by)
    matches = _matches(session, batch, speaking)
    for rows in queries.data_chunks(session, batch.id, CHUNK, outcomes=GOOD):
        _apply_rows(session, batch, rows, [matches[row.id] for row in rows], speaking)
    batch.state = BatchState.APPLIED
    batch.applied_by, batch.applied_by_name, batch.applied_at = by.id, by.name, clock.now()
    session.flush()
    record(session, by, Action.IMPORT_APPLY, subject(batch), changes=_applied(batch))


def _matches(session: Session, batch: ImportBatch, speaking: Actor) -> dict[int, Match]:
    """Return whom the rows mean before anything is written: a firm that this import creates is nobody's match."""
    found: dict[int, Match] = {}
    for rows in queries.data_chunks(session, batch.id, 2 * CHUNK, outcomes=GOOD):
        light = [Said(_named_only(row), rehearsal.wish_of(row)) for row in rows]
        meant = rehearsal.matches_of(session, light, speaking)
        found.update((row.id, match) for row, match in zip(rows, meant, strict=True))
    return found


def _named_only(row: ImportRow) -> Entry:
    return entry_from_json({**row.values, "figures": []}, sheet=row.sheet, row=row.row, problems=row.problems)


def _apply_rows(
    session: Session, batch: ImportBatch, rows: Sequence[ImportRow], matches: Sequence[Match], speaking: Actor
) -> None:
    spoken = [rehearsal.said_of(row) for row in rows]
    planned = rehearsal.planned_alone(session, batch, spoken, matches, speaking)
    if any(_differs(row, one) for row, one in zip(rows, planned, strict=True)):
        raise RehearsalOutdated(tr("预检之后企业库有了变化，本次没有写入；请重新预检。"))
    known = saved.named(session, batch.profile)
    created: list[dict[str, Any]] = []
    statements: list[Statement] = []
    firm_of: dict[int, int] = {}
    for row, one in zip(rows, planned, strict=True):
        if one.outcome is RowOutcome.NEW:
            firm_of[row.id] = _create_firm(session, row, one.entry, batch, known, speaking)
            created.append({"id": row.id, "firm_id": firm_of[row.id], "created_firm": True})
        elif row.firm_id is not None:
            firm_of[row.id] = row.firm_id
        if one.outcome in WRITES:
            said = _Sayer(batch, row, known.source_code)
            statements += [said.statement(firm_of[row.id], one.entry, figure) for figure in one.stated]
    if created:
        session.execute(update(ImportRow), created)
    filled = [(firm_of[row.id], one) for row, one in zip(rows, planned, strict=True) if one.fills]
    filling.fill(session, batch, filled, known.source or known.title, speaking)
    facts.state_many(session, statements, by=speaking)
    _offer_names(session, batch, rows, matches)


def _offer_names(session: Session, batch: ImportBatch, rows: Sequence[ImportRow], matches: Sequence[Match]) -> None:
    """Where the table knows a firm by another name, ask a person whether it was renamed; nothing is renamed here."""
    registry.offer_names(
        session,
        [
            (match.firm_id, match.new_name, f"{batch.file.name[:120]} {row.sheet[:40]} 第 {row.row} 行")
            for row, match in zip(rows, matches, strict=True)
            if match.firm_id is not None and match.new_name
        ],
        batch_id=batch.id,
    )


def _differs(row: ImportRow, planned: Planned) -> bool:
    stated = [figure.key for figure in planned.stated]
    held = (row.outcome, row.firm_id, row.stated, dict(row.fills))
    return held != (planned.outcome, planned.firm_id, stated, dict(planned.fills))


def _applied(batch: ImportBatch) -> Mapping[str, Sequence[Any]]:
    told = {outcome.value: [None, batch.counts.get(outcome.value, 0)] for outcome in RowOutcome}
    return {"state": [BatchState.SUBMITTED, BatchState.APPLIED], **told, "stated": [None, batch.report["stated"]]}


def _create_firm(session: Session, row: ImportRow, entry: Entry, batch: ImportBatch, known: Profile, by: Actor) -> int:
    named = entry.named
    draft = firm_service.FirmDraft(
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
    try:
        return firm_service.create(session, draft, by=by).id
    except Invalid as error:
        why = tr("第 %(row)s 行“%(name)s”：%(why)s", row=entry.row, name=named.shown, why=error.message)
        raise Invalid("", why) from error


def _source(entry: Entry, file: StoredFile, known: Profile, batch_id: int) -> str:
    """Where a firm of the register comes from; public data say when they were taken."""
    place = f"{file.name[:80]} · {entry.sheet[:40]} 第 {entry.row} 行（批次 {batch_id}）"
    if entry.retrieved:
        return f"{known.source}，取自 {entry.retrieved}；{place}"
    return f"表格导入：{place}"


class _Sayer:
    """Makes the statements of one row: where each figure stands, and what a person wrote over it."""

    def __init__(self, batch: ImportBatch, row: ImportRow, source: str) -> None:
        self.batch, self.row, self.source = batch, row, source
        self.place = {"batch": batch.id, "file": batch.file_id, "sheet": row.sheet, "row": row.row}
        self.label = f"{batch.file.name[:180]} · {row.sheet[:40]}!"

    def statement(self, firm_id: int, entry: Entry, figure: Figure) -> Statement:
        reference: dict[str, Any] = {
            **self.place, "cell": figure.cell, "header": figure.header, "profile": self.batch.profile,
        }  # fmt: skip
        if entry.retrieved:
            reference["retrieved"] = entry.retrieved
        statement = Statement(
            firm_id=firm_id,
            key=figure.key,
            year=figure.year,
            value=figure.value,
            raw=figure.raw,
            source_kind=SourceKind.IMPORT,
            source_label=f"{self.label}{figure.cell}『{figure.header[:40]}』",
            reference=reference,
            # public data say themselves when they were taken: that tells their source, whatever workbook carries them
            source="" if entry.retrieved else self.source,
            note=self._reason(figure.key),
            batch_id=self.batch.id,
        )
        return self._mended(statement, figure) if self.row.edited else statement

    def _reason(self, key: str) -> str:
        given = self.row.reasons.get(key) if self.row.reasons else None
        return f"数值异常说明：{given['text']}（{given['by']}）" if given else ""

    def _mended(self, statement: Statement, figure: Figure) -> Statement:
        letter = figure.cell.rstrip("0123456789")
        mended = self.row.edited.get(letter)
        if mended is None:
            return statement
        original = self.row.cells.get(letter, "")
        reference = {**statement.reference, "original": original, "corrected": mended["new"],
                     "corrected_by": mended["by"], "corrected_at": mended["at"]}  # fmt: skip
        label = f"{statement.source_label}（原文“{original[:40]}”，{mended['by']}更正）"
        return replace(statement, reference=reference, source_label=label)
