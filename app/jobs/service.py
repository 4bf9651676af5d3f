"""Enqueue, claim, report, finish: every change of a job's row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, select, text, update
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor
from app.core import clock
from app.core.errors import Conflict
from app.core.text import N_, tr
from app.jobs.models import FINISHED, Job, JobState

NIGHT_HOUR = 2
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)
STALE_AFTER = timedelta(seconds=60)


def enqueue(
    session: Session,
    name: str,
    *,
    title: str,
    by: Actor,
    arguments: Mapping[str, Any] | None = None,
    key: str | None = None,
) -> Job:
    """Add a job in the caller's transaction; with ``key``, return the unfinished job of that key if there is one."""
    if key is not None:
        if session.get_bind().dialect.name == "postgresql":  # whoever asks second waits, and finds the first one's job
            session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
        waiting = session.scalars(select(Job).where(Job.key == key, Job.state.not_in(FINISHED))).first()
        if waiting is not None:
            return waiting
    job = Job(name=name, title=title[:200], arguments=dict(arguments or {}), key=key, created_by=by.id)
    session.add(job)
    session.flush()
    return job


def enqueue_nightly(session: Session, jobs: Mapping[str, str]) -> int:
    """Add the jobs ``{name: title}`` that are due once a night and have not run since; return how many.

    Whoever starts a worker in the morning after a night without one gets them then.
    """
    here = clock.local(clock.now())
    due = here.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    if due > here:
        due -= timedelta(days=1)
    count = 0
    for name, title in jobs.items():
        key = f"nightly:{name}"
        ran = select(Job.id).where(Job.key == key, Job.created_at >= due).limit(1)
        if session.scalar(ran) is None:
            enqueue(session, name, title=title, by=SYSTEM, key=key)
            count += 1
    return count


def _due(names: Collection[str]) -> ColumnElement[bool]:
    """The jobs that wait to be run; with ``names`` only those."""
    due = and_(Job.state == JobState.QUEUED, Job.run_after <= clock.now())
    return and_(due, Job.name.in_(names)) if names else due


def any_due(session: Session, names: Collection[str] = ()) -> bool:
    """True when a job waits to be run (a cheap look before taking the write lock)."""
    return session.scalar(select(Job.id).where(_due(names)).limit(1)) is not None


def claim_next(session: Session, names: Collection[str] = ()) -> Job | None:
    """Take the oldest queued job, of these names where some are given, or None.

    The conditional update lets only one worker have it.
    """
    job = session.scalars(select(Job).where(_due(names)).order_by(Job.id).limit(1)).first()
    if job is None:
        return None
    taken = session.execute(
        update(Job)
        .where(Job.id == job.id, Job.state == JobState.QUEUED)
        .values(state=JobState.RUNNING, attempts=Job.attempts + 1, heartbeat_at=clock.now(), error="")
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return None
    session.refresh(job)
    return job


def reap(session: Session) -> int:
    """Queue running jobs again whose worker fell silent; give up after the last attempt. Return how many."""
    silent = clock.now() - STALE_AFTER
    jobs = session.scalars(
        select(Job)
        .where(Job.state == JobState.RUNNING, Job.heartbeat_at < silent)
        .with_for_update(skip_locked=True)  # two workers reaping at once must not queue what one has taken again
    ).all()
    for job in jobs:
        if job.attempts >= job.max_attempts:
            _finish(job, JobState.FAILED)
            job.error = N_("执行任务的进程多次中断，已停止重试。")
        else:
            job.state = JobState.QUEUED
    return len(jobs)


def beat(session: Session, job_id: int) -> bool:
    """Say that the worker lives; return True when somebody asked to cancel."""
    session.execute(update(Job).where(Job.id == job_id).values(heartbeat_at=clock.now()))
    return bool(session.scalar(select(Job.cancel_requested).where(Job.id == job_id)))


def report(session: Session, job_id: int, *, done: int, total: int, note: str) -> bool:
    """Record progress; return True when somebody asked to cancel."""
    session.execute(
        update(Job)
        .where(Job.id == job_id)
        .values(done_steps=done, all_steps=total, note=note[:200], heartbeat_at=clock.now())
    )
    return bool(session.scalar(select(Job.cancel_requested).where(Job.id == job_id)))


def request_cancel(session: Session, job: Job) -> None:
    """Ask the worker to stop; a job that has not begun stops at once."""
    session.refresh(job, with_for_update=True)  # a worker may take it, or finish it, at this moment
    if job.state in FINISHED:
        raise Conflict(tr("任务已经结束，无需取消。"))
    job.cancel_requested = True
    if job.state is JobState.QUEUED:
        _finish(job, JobState.CANCELLED)


def succeed(session: Session, job_id: int, result: Mapping[str, Any] | None) -> None:
    """Record the result."""
    job = session.get_one(Job, job_id)
    job.result = dict(result) if result is not None else None
    if job.all_steps:
        job.done_steps = job.all_steps
    _finish(job, JobState.DONE)


def cancelled(session: Session, job_id: int) -> None:
    """Record that the job stopped because somebody asked."""
    _finish(session.get_one(Job, job_id), JobState.CANCELLED)


def fail(session: Session, job_id: int, error: str, *, retry: bool) -> None:
    """Record a failure; queue again with a growing pause while attempts are left and it may help."""
    job = session.get_one(Job, job_id)
    job.error = error[:4000]
    if retry and job.attempts < job.max_attempts:
        job.state = JobState.QUEUED
        job.run_after = clock.now() + timedelta(seconds=5 * 2**job.attempts)
    else:
        _finish(job, JobState.FAILED)


def postpone(session: Session, job_id: int, why: str) -> None:
    """Queue a job again that waits for something: soon at first, later every five minutes. It is no failed attempt."""
    job, now = session.get_one(Job, job_id), clock.now()
    job.error, job.state, job.attempts = why[:4000], JobState.QUEUED, job.attempts - 1
    job.run_after = now + min(max((now - job.created_at) / 4, SHORTEST_WAIT), LONGEST_WAIT)


def _finish(job: Job, state: JobState) -> None:
    job.state = state
    job.finished_at = clock.now()
