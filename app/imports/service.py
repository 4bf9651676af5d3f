"""Stage, rehearse, apply, discard: every change of a batch. Undo has a file of its own.

Nothing live is written before ``apply``, and ``apply`` writes all or nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import Message, tr
from app.facts import service as facts
from app.facts.models import SourceKind
from app.facts.service import Statement
from app.files import service as files
from app.files.models import StoredFile
from app.files.store import FileStore
from app.firms import service as firm_service
from app.imports import queries, register
from app.imports.entry import Entry, Figure, entry_from_json
from app.imports.models import BatchState, ImportBatch, ImportRow, RowOutcome
from app.imports.plan import Ground, Planned, plan
from app.imports.problem import Problem, message_to_json
from app.imports.profile import Profile, profile
from app.imports.rows import NoData
from app.imports.table import UPLOAD_LIMITS, Table
from app.sheets.signature import recognise

FIRST_YEAR = 2000
WRITES = frozenset({RowOutcome.NEW, RowOutcome.UPDATED})
GOOD = WRITES | {RowOutcome.UNCHANGED}
_APPLY_LOCK = 7_340_311  # one import is applied at a time: two could create the same firm


class RehearsalOutdated(Conflict):
    """The register changed after the rehearsal that was shown; nothing was written."""


def subject(batch: ImportBatch) -> Subject:
    """Return a batch as the log names it."""
    return Subject("import_batch", batch.id, str(tr("批次 %(id)s %(file)s", id=batch.id, file=batch.file.name)))


def check_year(year: int) -> int:
    """Return a fiscal year that may be imported. Raises ``Invalid`` (``year``)."""
    latest = clock.today().year - 1
    if year > latest:
        raise Invalid(
            "year", tr("%(year)s 年度还没有结束，年度数据最晚只能导入 %(latest)s 年度的。", year=year, latest=latest)
        )
    if year < FIRST_YEAR:
        raise Invalid("year", tr("年度应在 %(first)s 至 %(latest)s 之间。", first=FIRST_YEAR, latest=latest))
    return year


def receive(
    session: Session, store: FileStore, *, name: str, content: bytes, profile_id: str, year: int, by: Actor
) -> ImportBatch:
    """Keep an uploaded file and open a batch for it; nothing of it is read yet.

    Raises ``Invalid`` (``file``, ``profile`` or ``year``) for what can be told at once: empty, encrypted, no table.
    """
    known = profile(profile_id)
    check_year(year)
    recognise(content, UPLOAD_LIMITS)
    plain = (
        "".join(sign for sign in name.replace("\\", "/").rpartition("/")[2] if sign.isprintable()).strip() or "upload"
    )
    file = files.keep(session, store, name=plain, media_type=_media_type(plain), content=content, by=by)
    batch = ImportBatch(
        file_id=file.id, file=file, profile=known.id, year=year, staged_by=by.id, staged_by_name=by.name
    )
    session.add(batch)
    session.flush()
    changes: dict[str, list[Any]] = {"file": [None, file.name], "profile": [None, known.title], "year": [None, year]}
    record(session, by, Action.IMPORT_STAGE, subject(batch), changes=changes)
    return batch


def _media_type(name: str) -> str:
    return "text/csv" if name.lower().endswith(".csv") else "application/octet-stream"


def refuse(session: Session, batch: ImportBatch, why: Message) -> None:
    """Note that the file could not be read, and why."""
    _must_be(batch, BatchState.QUEUED)
    batch.state = BatchState.REFUSED
    batch.refusal = message_to_json(why)
    session.flush()


def stage(session: Session, batch: ImportBatch, table: Table, *, by: Actor) -> None:
    """Keep all rows of the file and rehearse them."""
    _must_be(batch, BatchState.QUEUED)
    entries = [row.content for row in table.rows if isinstance(row.content, Entry)]
    outcomes = {(one.entry.sheet, one.entry.row): one for one in _rehearsed(session, entries, by)}
    kept = []
    for row in table.rows:
        content = row.content
        place = {"batch_id": batch.id, "sheet": row.sheet, "row": row.row, "cells": row.cells, "created_firm": False}
        if isinstance(content, NoData):
            kept.append({**place, **_nothing(content)})
        else:
            planned = outcomes[(row.sheet, row.row)]
            kept.append({**place, "values": content.as_json(), "name": content.named.shown[:160], **_planned(planned)})
    for start in range(0, len(kept), 1000):
        session.execute(insert(ImportRow), kept[start : start + 1000])
    batch.state = BatchState.STAGED
    batch.report = {
        "sheets": list(table.sheets),
        "columns": [note.as_json() for note in table.columns],
    }
    batch.layouts = {name: layout.as_json() for name, layout in table.layouts.items()}
    _summarise(batch, [RowOutcome(one["outcome"]) for one in kept], list(outcomes.values()))
    session.flush()


def _nothing(content: NoData) -> dict[str, Any]:
    return {
        "values": {}, "name": "", "stated": [], "problems": [content.problem.as_json()], "missing": "",
        "kinds": f",{content.problem.kind.value},", "outcome": RowOutcome.SKIPPED, "firm_id": None,
    }  # fmt: skip


def _planned(planned: Planned) -> dict[str, Any]:
    entry = planned.entry
    return {
        "stated": [figure.key for figure in planned.stated],
        "problems": [problem.as_json() for problem in planned.problems],
        "missing": _between_commas(entry.missing if planned.outcome in GOOD | {RowOutcome.REVIEW} else ()),
        "kinds": _between_commas(sorted({problem.kind.value for problem in planned.problems})),
        "outcome": planned.outcome,
        "firm_id": planned.firm_id,
    }


def _between_commas(words: Sequence[str]) -> str:
    return f",{','.join(words)}," if words else ""


def _summarise(batch: ImportBatch, outcomes: Sequence[RowOutcome], planned: Sequence[Planned]) -> None:
    counts = Counter(outcomes)
    batch.counts = {outcome.value: counts[outcome] for outcome in RowOutcome}
    shown = [one for one in planned if one.outcome in GOOD | {RowOutcome.REVIEW}]
    missing = Counter(key for one in shown for key in one.entry.missing)
    kinds = Counter(problem.kind.value for one in planned for problem in one.problems)
    batch.report = {
        **batch.report,
        "missing": dict(missing),
        "kinds": dict(kinds),
        "stated": sum(len(one.stated) for one in planned),
    }


def _rehearsed(session: Session, entries: Sequence[Entry], by: Actor) -> list[Planned]:
    matches = register.matches(session, entries, by=by)
    ids = [found.firm_id for found in matches if found.firm_id is not None]
    ground = Ground(matches, queries.held(session, ids), queries.reachable(session, ids, by), by)
    return plan(entries, ground)


def rehearse(session: Session, batch: ImportBatch, *, by: Actor) -> int:
    """Look again at what every row would do now; return how many rows changed their outcome."""
    _must_be(batch, BatchState.STAGED)
    rows = queries.data_rows(session, batch.id)
    planned = _rehearsed(session, [_entry(row) for row in rows], by)
    changed = [(row, one) for row, one in zip(rows, planned, strict=True) if _differs(row, one)]
    if changed:
        session.execute(update(ImportRow), [{"id": row.id, **_planned(one)} for row, one in changed])
    blank = sum(batch.counts.values()) - len(rows)
    _summarise(batch, [*(one.outcome for one in planned), *[RowOutcome.SKIPPED] * blank], planned)
    session.flush()
    return len(changed)


def _entry(row: ImportRow) -> Entry:
    return entry_from_json(row.values, sheet=row.sheet, row=row.row, problems=row.problems)


def _differs(row: ImportRow, planned: Planned) -> bool:
    stated = [figure.key for figure in planned.stated]
    return (row.outcome, row.firm_id, row.stated) != (planned.outcome, planned.firm_id, stated)


def apply(session: Session, batch: ImportBatch, *, by: Actor) -> None:
    """Create the firms and state the figures of exactly the rehearsal that was shown, all or nothing.

    Raises ``RehearsalOutdated`` when the register changed since then, ``Conflict`` when there is nothing to import.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _APPLY_LOCK})
    _must_be(batch, BatchState.STAGED)
    rows = queries.data_rows(session, batch.id)
    planned = _rehearsed(session, [_entry(row) for row in rows], by)
    if changed := sum(_differs(row, one) for row, one in zip(rows, planned, strict=True)):
        raise RehearsalOutdated(
            tr("预检之后企业库有了变化，有 %(n)s 行的结果不同。已重新预检，请再看一遍后导入；本次没有写入。", n=changed)
        )
    if not any(one.outcome in GOOD for one in planned):
        raise Conflict(tr("没有可以导入的行：请按各行的提示修改表格后重新上传。"))
    known = profile(batch.profile)
    statements: list[Statement] = []
    for row, one in zip(rows, planned, strict=True):
        if one.outcome is RowOutcome.NEW:
            row.firm_id = _create_firm(session, one.entry, batch, known, by)
            row.created_firm = True
        if one.outcome in WRITES:
            assert row.firm_id is not None
            statements += [_statement(row.firm_id, one.entry, figure, batch) for figure in one.stated]
    session.flush()
    facts.state_many(session, statements, by=by)
    batch.state = BatchState.APPLIED
    batch.applied_by, batch.applied_by_name, batch.applied_at = by.id, by.name, clock.now()
    session.flush()
    record(session, by, Action.IMPORT_APPLY, subject(batch), changes=_applied(batch))


def _applied(batch: ImportBatch) -> Mapping[str, Sequence[Any]]:
    told = {outcome.value: [None, batch.counts[outcome.value]] for outcome in RowOutcome}
    return {"state": [BatchState.STAGED, BatchState.APPLIED], **told, "stated": [None, batch.report["stated"]]}


def _create_firm(session: Session, entry: Entry, batch: ImportBatch, known: Profile, by: Actor) -> int:
    named = entry.named
    draft = firm_service.FirmDraft(
        name=named.name or named.short_name,
        short_name=named.short_name,
        credit_code=named.credit_code or None,
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


def _statement(firm_id: int, entry: Entry, figure: Figure, batch: ImportBatch) -> Statement:
    reference = {
        "batch": batch.id,
        "file": batch.file_id,
        "sheet": entry.sheet,
        "row": entry.row,
        "cell": figure.cell,
        "header": figure.header,
        "profile": batch.profile,
    }
    if entry.retrieved:
        reference["retrieved"] = entry.retrieved
    return Statement(
        firm_id=firm_id,
        key=figure.key,
        year=figure.year,
        value=figure.value,
        raw=figure.raw,
        source_kind=SourceKind.IMPORT,
        source_label=f"{batch.file.name[:180]} · {entry.sheet[:40]}!{figure.cell}『{figure.header[:40]}』",
        reference=reference,
        batch_id=batch.id,
    )


def discard(session: Session, batch: ImportBatch, *, by: Actor) -> None:
    """Give a rehearsed batch up; its file and rows stay readable."""
    if batch.state not in {BatchState.QUEUED, BatchState.STAGED}:
        raise _wrong_state(batch)
    old, batch.state = batch.state, BatchState.DISCARDED
    session.flush()
    record(session, by, Action.IMPORT_STAGE, subject(batch), changes={"state": [old, BatchState.DISCARDED]})


def _must_be(batch: ImportBatch, state: BatchState) -> None:
    if batch.state is not state:
        raise _wrong_state(batch)


def _wrong_state(batch: ImportBatch) -> Conflict:
    return Conflict(
        tr(
            "批次 %(id)s 现在的状态是“%(state)s”，不能这样办理，请刷新页面查看。",
            id=batch.id,
            state=Message(batch.state.label),
        )
    )


def problems_of(row: ImportRow) -> list[Problem]:
    """Return the problems of a row as they were kept."""
    return [Problem.from_json(kept) for kept in row.problems]
