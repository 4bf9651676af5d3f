"""Taking a form out as a workbook, bringing it back, taking over what a person chose. Nothing is written unshown."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.assessments import queries, returned
from app.assessments.offline import queries as offline
from app.assessments.offline import workbook
from app.assessments.offline.differences import Difference, Kind
from app.assessments.offline.models import BroughtBack, ReturnState, TakenOut
from app.assessments.offline.who import action_of, consent_of
from app.assessments.queries import Form
from app.assessments.saving import Typed, save
from app.assessments.subject import subject_of
from app.audit.service import record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import tr

MOST_A_DAY = 100
"""Workbooks of one form that are made in a day: each is noted with all that stood in it."""


def take_out(session: Session, assessment_id: int, *, by: Actor) -> tuple[Form, bytes]:
    """Return the form and its workbook as it stands now; what is given out is noted, so that it can come back.

    Raises NotFound, Refused (staff without a consent), Invalid (too many in a day; a figure that is held is
    impossible).
    """
    form = queries.form(session, assessment_id, for_=by)
    consent_id = consent_of(session, assessment_id, by)
    _not_without_end(session, form)
    filled = queries.filled(session, form)
    code, now = secrets.token_hex(10).upper(), clock.now()
    content, cells = workbook.made(
        filled, returned.cards(session, form, filled), firm=form.firm_name, title=form.title, code=code, by=by.name,
        at=now, is_for_firm=consent_id is not None,
    )  # fmt: skip
    session.add(
        TakenOut(assessment_id=form.row.id, code=code, revision=form.row.revision, cells=cells, made_by=by.id,
                 made_by_name=by.name[:60], made_at=now, consent_id=consent_id)
    )  # fmt: skip
    record(session, by, action_of(by), subject_of(form.row), changes={"workbook": [None, code]})
    session.flush()
    return form, content


def _not_without_end(session: Session, form: Form) -> None:
    lately = select(func.count()).where(
        TakenOut.assessment_id == form.row.id, TakenOut.made_at > clock.now() - timedelta(days=1)
    )
    if (session.scalar(lately) or 0) >= MOST_A_DAY:
        raise Invalid("", tr("每份自评一天最多下载 %(n)s 次，请使用已下载的 Excel，或明天再下载。", n=MOST_A_DAY))


def take_over(
    session: Session, assessment_id: int, upload_id: int, chosen: Mapping[str, int], *, by: Actor
) -> tuple[int, list[Difference]]:
    """Save what was chosen, by the fields' names with the version that was looked at; return how many fields were
    saved, and those that were not because they had changed meanwhile: then the upload goes on waiting.

    What clashed and was not chosen is kept in the history as a text that was not taken. Raises NotFound, Conflict,
    Refused (staff without a consent), Invalid (nothing chosen).
    """
    form = queries.form(session, assessment_id, for_=by)
    brought = _decide(session, form, upload_id, ReturnState.TAKEN, by)
    shown = offline.compared(session, form, brought, for_=by)
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
        "workbook": [None, _code(brought)], "taken": [None, len(picked) - len(late)]
    }  # fmt: skip
    record(session, by, action_of(by), subject_of(form.row), changes=changes)
    session.flush()
    return len(picked) - len(late), late


def give_up(session: Session, assessment_id: int, upload_id: int, *, by: Actor) -> BroughtBack:
    """Take over nothing of an upload; its file and what differs stay readable. Raises NotFound, Conflict."""
    form = queries.form(session, assessment_id, for_=by)
    consent_of(session, assessment_id, by)
    brought = _decide(session, form, upload_id, ReturnState.DROPPED, by)
    record(session, by, action_of(by), subject_of(form.row),
           changes={"workbook": [None, _code(brought)], "taken": [None, 0]})  # fmt: skip
    session.flush()
    return brought


def _code(brought: BroughtBack) -> str:
    return brought.workbook.code if brought.workbook is not None else ""


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
