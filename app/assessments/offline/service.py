"""Taking a form out as a workbook, bringing it back, taking over what a person chose. Nothing is written unshown."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.assessments import queries, returned
from app.assessments.models import OPEN_STATES
from app.assessments.offline import found as found_cells
from app.assessments.offline import queries as offline
from app.assessments.offline import workbook
from app.assessments.offline.differences import Difference, Kind
from app.assessments.offline.models import BroughtBack, ReturnState, TakenOut
from app.assessments.queries import Form
from app.assessments.saving import Typed, save
from app.assessments.subject import subject_of
from app.audit.service import record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import Message, tr
from app.files import service as files
from app.files.store import FileStore
from app.sheets.filled import FilledSheet, read_filled

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_A_DAY = 50
"""Uploads of one form: their files are kept for ever and count on no quota."""


def take_out(session: Session, assessment_id: int, *, by: Actor) -> tuple[Form, bytes]:
    """Return the form and its workbook as it stands now; what is given out is noted, so that it can come back.

    Raises NotFound, Invalid (a figure that is held is impossible).
    """
    form = queries.form(session, assessment_id, for_=by)
    filled = queries.filled(session, form)
    code, now = secrets.token_hex(10).upper(), clock.now()
    content, cells = workbook.made(
        filled, returned.cards(session, form, filled), firm=form.firm_name, title=form.title, code=code, by=by.name,
        at=now,
    )  # fmt: skip
    session.add(
        TakenOut(assessment_id=form.row.id, code=code, revision=form.row.revision, cells=cells, made_by=by.id,
                 made_by_name=by.name, made_at=now)
    )  # fmt: skip
    record(session, by, Action.OWN_EXCHANGE, subject_of(form.row), changes={"workbook": [None, code]})
    session.flush()
    return form, content


def read(content: bytes, name: str) -> list[FilledSheet]:
    """Return the sheets of an uploaded workbook, read in the bounded child. Raises ``NotATable`` (``file``)."""
    return read_filled(content, name, marked=workbook.MARK, titles=workbook.COLUMNS)


def bring_back(
    session: Session,
    store: FileStore,
    assessment_id: int,
    sheets: Sequence[FilledSheet],
    *,
    name: str,
    content: bytes,
    by: Actor,
) -> BroughtBack:
    """Keep an uploaded workbook with what differs in it; the form is not touched.

    Raises NotFound, Conflict (the form is not open), Invalid (``file``: not of this form, too many in a day).
    """
    form = queries.form(session, assessment_id, for_=by)
    if form.row.state not in OPEN_STATES:
        raise Conflict(tr("这份自评%(state)s，现在不能修改。", state=Message(form.row.state.label)))
    _not_without_end(session, form)
    taken = _workbook_of(session, form, sheets)
    result = found_cells.returned({field: text for field, text, _version in taken.cells}, sheets)
    file = files.receive(session, store, name=_plain_name(name), media_type=XLSX, content=content, by=by)
    differs = bool(result.found or result.strays)
    now = clock.now()
    made = BroughtBack(
        assessment_id=form.row.id, workbook_id=taken.id, file_id=file.id, missing=result.missing,
        found=[one.as_json() for one in result.found], strays=list(result.strays),
        state=ReturnState.WAITING if differs else ReturnState.SAME, brought_by=by.id, brought_by_name=by.name,
        brought_at=now, decided_at=None if differs else now,
    )  # fmt: skip
    session.add(made)
    changes: dict[str, Sequence[Any]] = {
        "workbook": [None, taken.code], "file": [None, file.name], "differences": [None, len(result.found)]
    }  # fmt: skip
    record(session, by, Action.OWN_EXCHANGE, subject_of(form.row), changes=changes)
    session.flush()
    return made


def _not_without_end(session: Session, form: Form) -> None:
    lately = select(func.count()).where(
        BroughtBack.assessment_id == form.row.id, BroughtBack.brought_at > clock.now() - timedelta(days=1)
    )
    if (session.scalar(lately) or 0) >= MOST_A_DAY:
        raise Invalid("file", tr("每份自评一天最多上传 %(n)s 次，请明天再传，或在网页上填写。", n=MOST_A_DAY))


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


def take_over(
    session: Session, assessment_id: int, upload_id: int, chosen: Mapping[str, int], *, by: Actor
) -> tuple[int, list[Difference]]:
    """Save what was chosen, by the fields' names with the version that was looked at; return how many fields were
    saved, and those that were not because they had changed meanwhile: then the upload goes on waiting.

    What clashed and was not chosen is kept in the history as a text that was not taken. Raises NotFound, Conflict,
    Invalid (nothing chosen).
    """
    form = queries.form(session, assessment_id, for_=by)
    brought = _decide(session, form, upload_id, ReturnState.TAKEN, by)
    shown = offline.compared(session, form, brought)
    picked = [one for one in shown if one.field.name in chosen and one.may_be_taken]
    if not picked:
        raise Invalid("", tr("还没有选择要采用的内容；一项都不采用的，请点“都不采用”。"))
    left = [one for one in shown if one.kind is Kind.CONFLICT and one.may_be_taken and one not in picked]
    typed = [Typed(one.field, one.brought, chosen[one.field.name]) for one in picked]
    _revision, stands = save(
        session, assessment_id, [*typed, *(Typed(one.field, one.brought, one.seen) for one in left)], by=by
    )
    late = [one for one, stand in zip(picked, stands[: len(picked)], strict=True) if not stand.is_mine]
    brought.taken += len(picked) - len(late)
    if late:
        brought.state, brought.decided_at, brought.decided_by_name = ReturnState.WAITING, None, ""
    changes: dict[str, Sequence[Any]] = {
        "workbook": [None, brought.workbook.code], "taken": [None, len(picked) - len(late)]
    }  # fmt: skip
    record(session, by, Action.OWN_EXCHANGE, subject_of(form.row), changes=changes)
    session.flush()
    return len(picked) - len(late), late


def give_up(session: Session, assessment_id: int, upload_id: int, *, by: Actor) -> BroughtBack:
    """Take over nothing of an upload; its file and what differs stay readable. Raises NotFound, Conflict."""
    form = queries.form(session, assessment_id, for_=by)
    brought = _decide(session, form, upload_id, ReturnState.DROPPED, by)
    record(session, by, Action.OWN_EXCHANGE, subject_of(form.row),
           changes={"workbook": [None, brought.workbook.code], "taken": [None, 0]})  # fmt: skip
    session.flush()
    return brought


def _decide(session: Session, form: Form, upload_id: int, state: ReturnState, by: Actor) -> BroughtBack:
    """Note the decision about an upload that waits; only one person can be the first."""
    decided = session.execute(
        update(BroughtBack)
        .where(
            BroughtBack.id == upload_id,
            BroughtBack.assessment_id == form.row.id,
            BroughtBack.state == ReturnState.WAITING,
        )
        .values(state=state, decided_by_name=by.name, decided_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    brought = offline.upload(session, form.row.id, upload_id)
    if getattr(decided, "rowcount", 0) != 1:
        raise Conflict(tr("这次上传已经办理，请刷新后查看。"))
    return brought


def _plain_name(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable()).strip()[:200] or "upload.xlsx"
