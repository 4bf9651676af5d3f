"""Taking a view out: at once when it is small, as a job when it is large; always logged, with a purpose when many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.access.policy import decide
from app.audit import service as audit
from app.audit.service import Subject
from app.core import clock
from app.core.errors import Invalid, Refused
from app.core.text import tr
from app.exports.kinds import Asked, ExportKind
from app.exports.models import Export
from app.files import service as files
from app.files.models import StoredFile
from app.files.store import FileStore
from app.jobs import service as jobs
from app.sheets.write import Record, Table, Watermark, write_workbook

RUN = "exports.run"
SWEEP = "exports.sweep"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STEP = 500
Report = Callable[[int], None]


@dataclass(frozen=True)
class Limits:
    """Above ``purpose_rows`` a purpose is asked for, above ``job_rows`` a job does the work; files stay ``days``."""

    purpose_rows: int
    job_rows: int
    days: int


def order(session: Session, kind: ExportKind, asked: Asked, *, purpose: str, by: Actor, limits: Limits) -> Export:
    """Enter an export in the centre and in the log; a large one is given to a job, a small one is for ``fulfil``."""
    decision = decide(by, kind.action)
    if not decision.allowed:
        raise Refused(decision.reason or tr("没有权限。"))
    asked = kind.clean(asked)
    rows, purpose = kind.count(session, by, asked), purpose.strip()
    if rows > limits.purpose_rows and not purpose:
        raise Invalid("purpose", tr("共 %(n)s 行，超过 %(most)s 行须写明用途。", n=rows, most=limits.purpose_rows))
    made = Export(
        kind=kind.key, asked=asked, described=kind.words(session, by, asked), rows=rows, purpose=purpose,
        created_by=by.id, created_by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    if rows > limits.job_rows:
        title = f"{tr('导出')}{kind.label}：{made.described}"
        made.job_id = jobs.enqueue(session, RUN, title=title, by=by, arguments={"export_id": made.id}).id
    subject = kind.about(session, by, asked) if kind.about else Subject(kind.subject, made.id, kind.label)
    changes = {"filters": (None, made.described), "rows": (None, rows)} | (
        {"purpose": (None, purpose)} if purpose else {}
    )
    audit.record(session, by, kind.action, subject, changes=changes)
    return made


def workbook(session: Session, kind: ExportKind, made: Export, *, by: Actor, report: Report | None = None) -> bytes:
    """Return the view as .xlsx, with who took it and when under each table."""
    now = clock.now()
    tables = [_counted(one, report) for one in kind.tables(session, by, made.asked)]
    return write_workbook(tables, created=now, watermark=Watermark(by.name, now))


def keep(
    session: Session, store: FileStore, made: Export, kind: ExportKind, content: bytes, *, by: Actor, days: int
) -> None:
    """Keep the file until it expires, and see that somebody removes it then."""
    now = clock.now()
    name = f"{_file_of(session, kind, made, by)}_{clock.local(now):%Y-%m-%d}.xlsx"
    made.file_id = files.keep(session, store, name=name, media_type=XLSX, content=content, by=by).id
    made.finished_at, made.expires_at = now, now + timedelta(days=days)
    day = clock.local(made.expires_at).date()
    sweep = jobs.enqueue(session, SWEEP, title=str(tr("清理过期的导出文件")), by=by, key=f"{SWEEP}:{day}")
    sweep.run_after = max(sweep.run_after, made.expires_at)


def _file_of(session: Session, kind: ExportKind, made: Export, by: Actor) -> str:
    if kind.about is None:
        return kind.label
    named = kind.about(session, by, made.asked).label.replace("/", "_")
    return named if kind.label in named else f"{named}{kind.label}"


def sweep(session: Session, store: FileStore) -> int:
    """Remove the files of exports that have expired; their rows stay. Return how many."""
    now = clock.now()
    gone = session.scalars(select(Export).where(Export.expires_at <= now, Export.file_id.is_not(None))).all()
    for made in gone:
        file = session.get_one(StoredFile, made.file_id)
        made.file_id, made.removed_at = None, now
        session.flush()
        session.delete(file)
        session.flush()
        same = select(func.count()).select_from(StoredFile).where(StoredFile.sha256 == file.sha256)
        if not session.scalar(same):
            store.remove(file.sha256)
    return len(gone)


def _counted(table: Table, report: Report | None) -> Table:
    if report is None:
        return table
    return replace(table, rows=_reporting(table.rows, report))


def _reporting(rows: Iterator[Record] | Sequence[Record] | object, report: Report) -> Iterator[Record]:
    for number, row in enumerate(rows, start=1):  # type: ignore[arg-type, var-annotated]
        if number % STEP == 0:
            report(number)
        yield row
