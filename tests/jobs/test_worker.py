"""Jobs: each is done once, a worker that dies loses nothing, and nobody reads what is not for them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Reach
from app.access.roles import Role
from app.core import clock
from app.core.db import Database
from app.core.errors import Conflict, Refused
from app.jobs import queries, service, worker
from app.jobs.models import Job, JobState
from app.jobs.worker import JobContext, Worker
from tests.support.people import People

AT_ONCE = 6


def enqueue(database: Database, **changes: Any) -> int:
    with database.transaction() as session:
        return service.enqueue(session, "work", title="虚构任务", by=SYSTEM, **changes).id


def state_of(database: Database, job_id: int) -> Job:
    with database.session() as session:
        return session.get_one(Job, job_id)


def at_once(task: Callable[[], Any], times: int = AT_ONCE) -> list[Any]:
    """Run a task in threads that start together: without the barrier the race would be luck."""
    barrier = threading.Barrier(times)

    def run(_number: int) -> Any:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def test_a_job_is_taken_by_one_worker(database: Database) -> None:
    ids = {enqueue(database) for _ in range(3)}
    taken: list[int] = []

    def take() -> None:
        for _ in range(4):
            with database.transaction() as session:
                job = service.claim_next(session)
            if job is not None:
                taken.append(job.id)

    at_once(take)
    assert sorted(taken) == sorted(ids)


def test_the_same_request_twice_at_once_is_one_job(database: Database) -> None:
    found = at_once(lambda: enqueue(database, key="list:1"))
    assert len(set(found)) == 1


def test_silent_jobs_are_queued_again_once_and_given_up_in_the_end(database: Database) -> None:
    job_id = enqueue(database)
    for attempt in range(1, 4):
        with database.transaction() as session:
            job = service.claim_next(session)
            assert job is not None
            assert job.attempts == attempt
            session.execute(update(Job).values(heartbeat_at=clock.now() - timedelta(minutes=5)))

        def reap() -> int:
            with database.transaction() as session:
                return service.reap(session)

        assert sum(at_once(reap)) == 1
    given_up = state_of(database, job_id)
    assert given_up.state is JobState.FAILED
    assert "多次中断" in given_up.error


def test_a_living_job_is_not_reaped(database: Database) -> None:
    enqueue(database)
    with database.transaction() as session:
        assert service.claim_next(session) is not None
        assert service.reap(session) == 0


def test_a_job_that_was_taken_meanwhile_is_asked_to_stop_not_ended(database: Database, session: Session) -> None:
    seen = session.get_one(Job, enqueue(database))
    session.commit()
    with database.transaction() as other:
        assert service.claim_next(other) is not None
    with database.transaction() as fresh:
        service.request_cancel(fresh, fresh.merge(seen, load=False))
    found = state_of(database, seen.id)
    assert (found.state, found.cancel_requested) == (JobState.RUNNING, True)


def test_what_is_over_cannot_be_cancelled(database: Database) -> None:
    job_id = enqueue(database)
    Worker(database, {"work": lambda _context: {"n": 1}}, {}).run_pending()
    assert state_of(database, job_id).result == {"n": 1}
    with pytest.raises(Conflict, match="已经结束"), database.transaction() as session:
        service.request_cancel(session, session.get_one(Job, job_id))


def test_a_refusal_is_told_and_not_tried_again(database: Database) -> None:
    def refuse(_context: JobContext) -> None:
        raise Refused("不可以")

    job_id = enqueue(database)
    Worker(database, {"work": refuse}, {}).run_pending()
    found = state_of(database, job_id)
    assert (found.state, found.error, found.attempts) == (JobState.FAILED, "不可以", 1)


def test_a_fault_is_tried_again_and_its_inside_stays_in_the_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(_context: JobContext) -> None:
        raise RuntimeError("SELECT secret FROM somewhere")

    job_id = enqueue(database)
    with caplog.at_level(logging.ERROR):
        Worker(database, {"work": break_down}, {}).run_pending()
    found = state_of(database, job_id)
    assert (found.state, found.attempts) == (JobState.QUEUED, 1)
    assert "secret" not in found.error
    assert "内部错误" in found.error
    assert "SELECT secret" in caplog.text


def test_the_worker_outlives_a_database_that_is_away(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "TROUBLE_SECONDS", 0.01)
    done: list[int] = []
    lazy = Worker(database, {"work": lambda context: done.append(context.job_id)}, {})
    reap, troubles = service.reap, iter([True, True])

    def reap_when_there(session: Session) -> int:
        if next(troubles, False):
            raise OperationalError("SELECT 1", {}, Exception("the database system is shutting down"))
        lazy.stop.set()
        return reap(session)

    monkeypatch.setattr(service, "reap", reap_when_there)
    job_id = enqueue(database)
    lazy.run_for_ever()
    assert done == [job_id]


def test_a_quick_job_is_not_kept_waiting_by_a_long_one(database: Database) -> None:
    begun, over, done = threading.Event(), threading.Event(), threading.Event()

    def long(_context: JobContext) -> None:
        begun.set()
        over.wait(20)

    with database.transaction() as session:
        service.enqueue(session, "long", title="虚构任务", by=SYSTEM)
    both = Worker(database, {"long": long, "work": lambda _context: done.set()}, {}, quick=["work"])
    running = threading.Thread(target=both.run_for_ever)
    running.start()
    try:
        assert begun.wait(20)
        enqueue(database)
        assert done.wait(20)
        assert not over.is_set()
    finally:
        over.set()
        both.stop.set()
        running.join()
    with database.session() as session:
        assert set(session.scalars(select(Job.state))) == {JobState.DONE}


def test_a_worker_that_breaks_down_ends_whole(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Worker(database, {}, {}, quick=["work"])

    def break_down(_session: Session) -> int:
        raise RuntimeError

    monkeypatch.setattr(service, "reap", break_down)
    try:
        with pytest.raises(RuntimeError):
            broken.run_for_ever()
        assert broken.stop.is_set(), "the thread beside it would keep the process alive"
    finally:
        broken.stop.set()


def test_only_those_who_see_the_district_see_everybodys_jobs(
    database: Database, session: Session, people: People
) -> None:
    enqueue(database)
    everything = session.scalar(select(func.count()).select_from(Job))
    for person, seen in (
        (people.reviewer(), everything),
        (people.reviewer(reach=Reach.TOWNS, towns=["duruan"]), 0),
        (people.make(Role.AUDITOR), everything),
        (people.caseworker(), 0),
    ):
        assert len(queries.latest(session, for_=person.as_actor())) == seen


def test_the_log_does_not_hold_what_was_typed(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, database.transaction() as session:
        session.execute(select(Job.id).where(func.nonsense(Job.title) == "13812341234"))
    assert "13812341234" not in str(caught.value)
