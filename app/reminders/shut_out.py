"""Files that the scanner shut out or has kept waiting: who brought them and the bureau are told, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, select, union_all
from sqlalchemy.orm import Session

from app.access.actor import Reach
from app.access.roles import Role
from app.accounts.models import User
from app.assessments.models import Assessment, Consent
from app.assessments.offline.models import BroughtBack
from app.core import clock
from app.core.text import tr
from app.facts.models import Document
from app.files.models import QUARANTINED, WATCHED, ScanState, StoredFile
from app.firms.models import Firm
from app.recognitions.models import Recognition
from app.reminders.models import DueKind
from app.reminders.things import Due

SHOWN, LONG = timedelta(days=30), timedelta(days=1)


def _rows(
    session: Session, which: ColumnElement[bool], wanted: ColumnElement[bool]
) -> Sequence[tuple[StoredFile, Firm]]:
    """Return files that were brought for a firm, with the firm; of others people are told where they brought them.

    The files first, of which there are few: so no table of many rows is walked.
    """
    files = {one.id: one for one in session.scalars(select(StoredFile).where(WATCHED, wanted).order_by(StoredFile.id))}
    if not files:
        return []
    form = Assessment.firm_id
    whose = union_all(
        select(Document.file_id, Document.firm_id).where(Document.file_id.in_(files)),
        select(Recognition.file_id, Recognition.firm_id).where(Recognition.file_id.in_(files)),
        select(BroughtBack.file_id, form).join(Assessment, Assessment.id == BroughtBack.assessment_id)
        .where(BroughtBack.file_id.in_(files)),
        select(Consent.file_id, form).join(Assessment, Assessment.id == Consent.assessment_id)
        .where(Consent.file_id.in_(files)),
    ).subquery("whose")  # fmt: skip
    rows = session.execute(
        select(whose.c.file_id, Firm).join(Firm, Firm.id == whose.c.firm_id).where(which).order_by(whose.c.file_id)
    )
    return [(files[file_id], firm) for file_id, firm in rows]


def infected(session: Session, today: date, which: ColumnElement[bool]) -> Iterator[Due]:
    """What was found infected lately: for who brought it, and for the firm's caseworker or else those who review."""
    since = clock.now() - SHOWN
    rows = _rows(session, which, (StoredFile.scan == ScanState.INFECTED) & (StoredFile.scanned_at >= since))
    reviewers = _reviewers(session) if rows else []
    for file, firm in rows:
        bureau = [firm.caseworker_id] if firm.caseworker_id is not None else reviewers
        title = tr(
            "“%(name)s”查出病毒（%(found)s），已停用；请清除病毒后重新上传", name=file.name, found=file.scan_note
        )
        until = (clock.local(file.scanned_at or file.created_at) + SHOWN).date()
        for owner_id in dict.fromkeys([file.created_by, *bureau]):
            if owner_id is not None:
                yield Due(DueKind.INFECTED, file.id, firm.id, firm.name, title, until, owner_id, at_once=True)


def waiting(session: Session, today: date, which: ColumnElement[bool]) -> Iterator[Due]:
    """What has been in quarantine for more than a day: for those who can settle it, once for a firm and its oldest."""
    rows = _rows(session, which, StoredFile.scan.in_(QUARANTINED) & (StoredFile.created_at < clock.now() - LONG))
    reviewers = _reviewers(session) if rows else []
    firms = {firm.id: firm for _file, firm in rows}
    for firm in firms.values():
        files = [file for file, whose in rows if whose.id == firm.id]
        title = tr("有 %(n)s 个文件隔离查毒超过一天（最早的是“%(name)s”），请到“文件查毒”页查看", n=len(files),
                   name=files[0].name)  # fmt: skip
        for owner_id in dict.fromkeys([firm.caseworker_id, *reviewers]):
            if owner_id is not None:
                yield Due(DueKind.QUARANTINE, files[0].id, firm.id, firm.name, title, today + SHOWN, owner_id,
                          at_once=True)  # fmt: skip


def _reviewers(session: Session) -> Sequence[int]:
    reviews = (User.role == Role.REVIEWER, User.reach == Reach.DISTRICT, User.is_active)
    return session.scalars(select(User.id).where(*reviews).order_by(User.id)).all()
