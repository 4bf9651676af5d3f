"""The worker: takes jobs from the table one by one and lives through any single failure.

What somebody waits for in front of a browser is done beside a long job, in a thread of its own.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import DBAPIError

from app.core.db import Database
from app.core.errors import DomainError, NotYet
from app.core.text import N_
from app.jobs import service
from app.jobs.models import Job

log = logging.getLogger("yuqi.jobs")
BEAT_SECONDS = 10.0
IDLE_SECONDS = 0.2
REAP_SECONDS = 30.0
TROUBLE_SECONDS = 5.0
# what a person reads; the log has the rest, which may hold statements and paths
BROKEN = N_("任务执行时发生内部错误，已记入系统日志。请把任务编号告诉管理员。")


class Cancelled(Exception):
    """Somebody asked to stop; handlers let it pass."""


@dataclass
class JobContext:
    """What a handler gets: the database, the application's tools, and a way to say how far it is.

    ``tools`` holds what the factory hands out (settings, file store). A handler opens its own transactions.
    """

    database: Database
    job_id: int
    created_by: int | None
    tools: Mapping[str, Any] = field(default_factory=dict)

    def report(self, done: int, total: int, note: str = "") -> None:
        """Record progress; raise ``Cancelled`` when somebody asked to stop."""
        with self.database.transaction() as session:
            stop = service.report(session, self.job_id, done=done, total=total, note=note)
        if stop:
            raise Cancelled


Handler = Callable[..., Mapping[str, Any] | None]


class Worker:
    """Runs the jobs of one database with a register of handlers by name. ``quick`` are those that nobody else's long
    job should keep waiting."""

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        tools: Mapping[str, Any],
        nightly: Mapping[str, str] | None = None,
        quick: Collection[str] = (),
    ) -> None:
        self.database = database
        self.handlers = handlers
        self.tools = tools
        self.nightly = dict(nightly or {})
        self.quick = frozenset(quick)
        self.stop = threading.Event()

    def run_for_ever(self) -> None:
        """Work until ``stop`` is set; the jobs in hand are finished first."""
        beside = threading.Thread(target=self._loop, args=(self.quick, False), name="quick jobs")
        if self.quick:
            beside.start()
        try:
            self._loop()
        finally:
            self.stop.set()  # a worker that breaks down ends whole, so that it is started again, never half alive
            if self.quick:
                beside.join()

    def _loop(self, names: Collection[str] = (), keeps_house: bool = True) -> None:
        waited = REAP_SECONDS
        while not self.stop.is_set():
            try:
                if keeps_house and waited >= REAP_SECONDS:
                    with self.database.transaction() as session:
                        service.reap(session)
                        service.enqueue_nightly(session, self.nightly)
                    waited = 0.0
                if self.run_one(names):
                    continue
            except DBAPIError:  # the database restarts, or is locked too long: the jobs wait in it, so does the worker
                log.exception("the database does not answer; trying again in %s s", TROUBLE_SECONDS)
                self.stop.wait(TROUBLE_SECONDS)
            self.stop.wait(IDLE_SECONDS)
            waited += IDLE_SECONDS

    def run_pending(self) -> int:
        """Run all jobs that are due; return how many ran (for tests and commands)."""
        count = 0
        while self.run_one():
            count += 1
        return count

    def run_one(self, names: Collection[str] = ()) -> bool:
        """Run one job if one is due, of these names where some are given."""
        with self.database.session() as session:
            if not service.any_due(session, names):
                return False
        with self.database.transaction() as session:
            job = service.claim_next(session, names)
        if job is None:
            return False
        with self._beating(job.id):
            self._run(job)
        return True

    def _run(self, job: Job) -> None:
        handler = self.handlers.get(job.name)
        context = JobContext(self.database, job.id, job.created_by, self.tools)
        try:
            if handler is None:
                raise LookupError(f"no handler for job {job.name}")
            result = handler(context, **job.arguments)
        except Cancelled:
            with self.database.transaction() as session:
                service.cancelled(session, job.id)
        except NotYet as error:  # nothing is wrong here: what it waits for comes by itself
            with self.database.transaction() as session:
                service.postpone(session, job.id, str(error.message))
        except DomainError as error:  # a refusal: trying again would refuse again
            with self.database.transaction() as session:
                service.fail(session, job.id, str(error.message), retry=False)
        except Exception:  # the one place that must outlive any failure: a worker that dies helps nobody
            log.exception("job %s (%s) failed", job.id, job.name)
            with self.database.transaction() as session:
                service.fail(session, job.id, BROKEN, retry=True)
        else:
            with self.database.transaction() as session:
                service.succeed(session, job.id, result)

    @contextmanager
    def _beating(self, job_id: int) -> Iterator[None]:
        finished = threading.Event()

        def beat() -> None:
            while not finished.wait(BEAT_SECONDS):
                try:
                    with self.database.transaction() as session:
                        service.beat(session, job_id)
                except DBAPIError:  # one beat missed is no death; the next may come through
                    log.warning("job %s: a heartbeat was not written", job_id)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            finished.set()
            thread.join()
