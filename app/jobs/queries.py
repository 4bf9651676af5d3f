"""Reading jobs: a person sees the jobs they asked for; administrators and auditors see all."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from app.access.actor import Actor, Reach
from app.access.roles import Role
from app.core.errors import NotFound
from app.jobs.models import Job

SEES_ALL = frozenset({Role.ADMIN, Role.AUDITOR, Role.REVIEWER})


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on the jobs that ``actor`` may see.

    Notes of jobs name firms, so all jobs are only for those who see the whole district.
    """
    sees_all = actor.role in SEES_ALL and actor.reach is Reach.DISTRICT
    return true() if sees_all else Job.created_by == actor.id


def job(session: Session, job_id: int, *, for_: Actor) -> Job:
    """Return one job, or raise ``NotFound``."""
    found = session.scalars(select(Job).where(Job.id == job_id, visible_to(for_))).first()
    if found is None:
        raise NotFound
    return found


def if_visible(session: Session, job_id: int | None, *, for_: Actor) -> Job | None:
    """Return one job, or None when there is none that ``for_`` may see (pages that only mention it)."""
    if job_id is None:
        return None
    return session.scalars(select(Job).where(Job.id == job_id, visible_to(for_))).first()


def latest(session: Session, *, for_: Actor, limit: int = 50) -> Sequence[Job]:
    """Return the newest jobs."""
    return session.scalars(select(Job).where(visible_to(for_)).order_by(Job.id.desc()).limit(limit)).all()
