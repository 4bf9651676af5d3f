"""Reading exports: everybody sees their own, auditors see all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, joinedload

from app.access.actor import Actor, Reach
from app.access.roles import Role
from app.core import clock
from app.core.errors import NotFound
from app.core.paging import Page, SortKey, capped_count, read_page
from app.core.text import tr
from app.exports.models import Export, ExportState
from app.jobs.models import FINISHED, Job, JobState

LARGEST_ID = 2**31 - 1
_STATES = {
    JobState.QUEUED: ExportState.QUEUED,
    JobState.RUNNING: ExportState.RUNNING,
    JobState.FAILED: ExportState.FAILED,
    JobState.CANCELLED: ExportState.CANCELLED,
}


@dataclass(frozen=True)
class Shown:
    """An export with where it stands."""

    export: Export
    job: Job | None
    state: ExportState

    @property
    def is_waiting(self) -> bool:
        return self.job is not None and self.job.state not in FINISHED


def count_kept(session: Session, user_id: int) -> int:
    """Return how many files of a person's exports are kept still."""
    kept = select(func.count()).where(Export.created_by == user_id, Export.file_id.is_not(None))
    return session.scalar(kept) or 0


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``Export``."""
    sees_all = actor.role is Role.AUDITOR and actor.reach is Reach.DISTRICT
    return true() if sees_all else Export.created_by == actor.id


def export(session: Session, export_id: int, *, for_: Actor) -> Shown:
    """Return one export, or raise ``NotFound``."""
    found = None
    if 0 < export_id <= LARGEST_ID:
        statement = select(Export).where(Export.id == export_id, visible_to(for_)).options(joinedload(Export.file))
        found = session.scalars(statement).first()
    if found is None:
        raise NotFound(tr("没有找到这次导出，可能是他人的导出。"))
    return _shown([found], session)[0]


def exports(session: Session, *, for_: Actor, after: str = "", before: str = "") -> Page[Shown]:
    """Return a page of exports, newest first."""
    statement = select(Export).where(visible_to(for_)).options(joinedload(Export.file))
    page = read_page(
        session, statement, [SortKey(Export.id, "id", descending=True)], key_of=lambda row: [row[0].id],
        total=capped_count(session, select(Export.id).where(visible_to(for_))), after=after, before=before,
    )  # fmt: skip
    items = _shown([row[0] for row in page.items], session)
    return Page(items, page.total, page.after, page.before, page.is_capped)


def _shown(found: Sequence[Export], session: Session) -> list[Shown]:
    ids = [one.job_id for one in found if one.job_id is not None]
    jobs = {job.id: job for job in session.scalars(select(Job).where(Job.id.in_(ids)))} if ids else {}
    return [Shown(one, jobs.get(one.job_id or 0), _state(one, jobs.get(one.job_id or 0))) for one in found]


def _state(one: Export, job: Job | None) -> ExportState:
    if one.removed_at is not None or (one.expires_at is not None and one.expires_at <= clock.now()):
        return ExportState.EXPIRED
    if one.file_id is not None:
        return ExportState.READY
    return _STATES.get(job.state, ExportState.FAILED) if job else ExportState.FAILED
