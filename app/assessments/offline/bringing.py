"""A workbook comes back: kept at once, read by a job, compared with what was given out. The form is not touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.assessments import queries
from app.assessments.models import OPEN_STATES
from app.assessments.offline import found as found_cells
from app.assessments.offline import queries as offline
from app.assessments.offline import workbook
from app.assessments.offline.models import BroughtBack, ReturnState, TakenOut
from app.assessments.offline.who import action_of, consent_of
from app.assessments.queries import Form
from app.assessments.subject import subject_of
from app.audit.service import record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import Message, message_to_json, tr
from app.documents.format import file_size
from app.files import service as files
from app.files.models import StoredFile
from app.files.store import FileStore
from app.jobs import service as jobs
from app.jobs.models import FINISHED, Job
from app.sheets.filled import LIMITS, FilledSheet, read_filled
from app.sheets.signature import glance

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
READ = "assessments.read_workbook"
MOST_A_DAY = 50
MOST_BYTES_A_DAY = 50 * 1024**2
"""Uploads of one form: their files are kept for ever and count on no quota."""
DAY = timedelta(days=1)


def may_come(session: Session, form: Form, by: Actor) -> int | None:
    """Refuse before anything is read what would not be taken; return the consent by which staff bring it.

    Raises Conflict (the form is not open), Refused (no consent), Invalid (``file``: too many in a day).
    """
    if form.row.state not in OPEN_STATES:
        raise Conflict(tr("这份自评%(state)s，现在不能修改。", state=Message(form.row.state.label)))
    consent_id = consent_of(session, form.row.id, by)
    count, size = session.execute(
        select(func.count(), func.coalesce(func.sum(StoredFile.size), 0))
        .select_from(BroughtBack)
        .join(StoredFile, StoredFile.id == BroughtBack.file_id)
        .where(BroughtBack.assessment_id == form.row.id, BroughtBack.brought_at > clock.now() - DAY)
    ).one()
    if count >= MOST_A_DAY:
        raise Invalid("file", tr("每份自评一天最多上传 %(n)s 次，请明天再传，或在网页上填写。", n=MOST_A_DAY))
    if size >= MOST_BYTES_A_DAY:
        raise Invalid("file", tr("这份自评一天内上传的 Excel 已有 %(size)s，请明天再传，或在网页上填写。",
                                 size=file_size(int(size))))  # fmt: skip
    return consent_id


def bring_back(
    session: Session, store: FileStore, assessment_id: int, *, name: str, content: bytes, by: Actor
) -> BroughtBack:
    """Keep an uploaded workbook and let a job read it. Raises NotFound, and as ``may_come``, and ``NotATable``."""
    form = queries.form(session, assessment_id, for_=by)
    consent_id = may_come(session, form, by)
    glance(content, LIMITS)
    file = files.receive(session, store, name=_plain_name(name), media_type=XLSX, content=content, by=by)
    made = BroughtBack(assessment_id=form.row.id, file=file, brought_by=by.id, brought_by_name=by.name[:60],
                       brought_at=clock.now(), consent_id=consent_id)  # fmt: skip
    session.add(made)
    session.flush()
    _ask(session, made, by)
    record(session, by, action_of(by), subject_of(form.row), changes={"file": [None, file.name]})
    session.flush()
    return made


def _ask(session: Session, brought: BroughtBack, by: Actor) -> None:
    title = str(tr("读取填好的自评：%(name)s", name=brought.file.name))
    arguments, key = {"upload_id": brought.id}, f"{READ}:{brought.id}"
    brought.job_id = jobs.enqueue(session, READ, title=title, by=by, arguments=arguments, key=key).id


def read(content: bytes, name: str, report: Callable[[int, int], None] | None = None) -> list[FilledSheet]:
    """Return the sheets of an uploaded workbook, read in the bounded child. Raises ``NotATable`` (``file``)."""
    return read_filled(content, name, marked=workbook.MARK, titles=workbook.COLUMNS, label=workbook.LABEL,
                       report=report)  # fmt: skip


def settle(session: Session, upload_id: int, sheets: Sequence[FilledSheet]) -> ReturnState:
    """Keep what differs in a workbook that was read, unless somebody stopped it. Raises Invalid: not of this form."""
    brought = _being_read(session, upload_id)
    if brought is None:
        return ReturnState.STOPPED
    form = offline.form_of(session, brought)
    taken = _workbook_of(session, form, sheets)
    astray = workbook.misplaced((field for field, _text, _version in taken.cells), sheets)
    if astray is not None:
        raise Invalid(
            "file",
            tr("工作表“%(sheet)s”第 %(row)s 行的“指标”与它隐藏的标识（A 列）对不上，可能排序时没有带上 A 列。"
               "请重新下载 Excel，把填好的内容抄过去再上传。", sheet=astray[0], row=astray[1]),
        )  # fmt: skip
    result = found_cells.returned({field: text for field, text, _version in taken.cells}, sheets)
    differs = bool(result.found or result.strays)
    brought.workbook, brought.missing = taken, result.missing
    brought.found, brought.strays = [one.as_json() for one in result.found], list(result.strays)
    brought.state = ReturnState.WAITING if differs else ReturnState.SAME
    brought.decided_at = None if differs else clock.now()
    session.flush()
    return brought.state


def refuse(session: Session, upload_id: int, why: Message) -> None:
    """Keep why a workbook could not be read, for who comes back to look; its file stays."""
    brought = _being_read(session, upload_id)
    if brought is not None:
        brought.state, brought.refusal = ReturnState.REFUSED, message_to_json(why)
        session.flush()


def stop(session: Session, assessment_id: int, upload_id: int, *, by: Actor) -> None:
    """Give up reading a workbook. Raises NotFound, Conflict when it was read already, Refused."""
    brought, form = _of(session, assessment_id, upload_id, by)
    job = session.get(Job, brought.job_id or 0)
    if job is not None and job.state not in FINISHED:
        jobs.request_cancel(session, job)
    brought.state, brought.decided_at, brought.decided_by_name = ReturnState.STOPPED, clock.now(), by.name[:60]
    changes: dict[str, Sequence[Any]] = {"state": [ReturnState.READING, ReturnState.STOPPED]}
    record(session, by, action_of(by), subject_of(form.row), changes=changes)
    session.flush()


def again(session: Session, assessment_id: int, upload_id: int, *, by: Actor) -> None:
    """Let a new job read a workbook whose job ended without an answer. Raises NotFound, Conflict, Refused."""
    brought, form = _of(session, assessment_id, upload_id, by)
    job = session.get(Job, brought.job_id or 0)
    if job is not None and job.state not in FINISHED:
        raise Conflict(tr("正在读取，请稍候。"))
    _ask(session, brought, by)
    record(session, by, action_of(by), subject_of(form.row), changes={"file": [None, brought.file.name]})
    session.flush()


def _of(session: Session, assessment_id: int, upload_id: int, by: Actor) -> tuple[BroughtBack, Form]:
    """Return an upload that is still being read, with its form. Raises NotFound, Conflict, Refused."""
    form = queries.form(session, assessment_id, for_=by)
    consent_of(session, assessment_id, by)
    offline.upload(session, assessment_id, upload_id)
    brought = _being_read(session, upload_id)
    if brought is None:
        raise Conflict(tr("这次上传已经读取完毕，请刷新后查看。"))
    return brought, form


def _being_read(session: Session, upload_id: int) -> BroughtBack | None:
    """Return an upload that waits to be read, held so that reading and stopping do not cross; None when it is over."""
    return session.scalars(
        select(BroughtBack)
        .where(BroughtBack.id == upload_id, BroughtBack.state == ReturnState.READING)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _workbook_of(session: Session, form: Form, sheets: Sequence[FilledSheet]) -> TakenOut:
    """Return the workbook that was given out, by the mark of its sheets. Raises Invalid."""
    marks: dict[str, str] = {}
    for sheet in sheets:
        marks.setdefault(sheet.mark, sheet.name)
    if not marks:
        raise Invalid(
            "file", tr("这不是从自评下载的 Excel（找不到标识）。请先在本页下载，填好后原样上传，不要另做表格。")
        )
    if len(marks) > 1:
        first, second = list(marks.values())[:2]
        raise Invalid(
            "file",
            tr("工作表“%(first)s”和“%(second)s”来自两次不同的下载，不能放在一个文件里。请把两个文件分别上传。",
               first=first, second=second),
        )  # fmt: skip
    code = next(iter(marks))
    taken = session.scalars(select(TakenOut).where(TakenOut.code == code)).first()
    if taken is not None and taken.assessment_id == form.row.id:
        return taken
    other = _title_of(session, taken, form) if taken is not None else ""
    if other:
        raise Invalid("file", tr("这个 Excel 属于“%(title)s”，请到那份自评上传。", title=other))
    raise Invalid(
        "file", tr("这个 Excel 的标识（%(code)s）不是本企业这份自评的，没有读取。请重新下载后填写。", code=code[:40])
    )


def _title_of(session: Session, taken: TakenOut, form: Form) -> str:
    """Return how another form of the same firm is called; empty where it is another firm's."""
    own = queries.forms_of(session, form.row.firm_id)
    return next((one.title for one in own if one.row.id == taken.assessment_id), "")


def _plain_name(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable()).strip()[:200] or "upload.xlsx"
