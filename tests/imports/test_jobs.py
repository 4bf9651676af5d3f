"""Imports in the background, and what a killed process leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core import clock
from app.core.db import Database
from app.facts.models import Claim
from app.files.store import FileStore
from app.firms.models import Firm
from app.imports import confirmation, jobs, queries, service
from app.imports.models import BatchState, ImportBatch, ImportRow
from app.jobs import service as job_service
from app.jobs.models import Job, JobState
from tests.factories.imports import FIGURES, PROFILE, listed_csv, listed_row
from tests.support.clamd import VIRUS, fake_clamd

SIXTY = listed_csv(listed_row(number) for number in range(1, 61))


def _received(database: Database, store: FileStore, by: Actor, content: bytes = SIXTY, name: str = "表.csv") -> int:
    with database.transaction() as session:
        batch = service.receive(session, store, name=name, content=content, profile_id=PROFILE, year=2025, by=by)
        job = job_service.enqueue(session, jobs.STAGE, title="预检", by=by, arguments={"batch_id": batch.id})
        batch.job_id = job.id
    return batch.id


def _enqueue_apply(database: Database, batch_id: int, by: Actor, confirmer: Actor) -> int:
    with database.transaction() as session:
        batch = queries.batch(session, batch_id, for_=by, lock=True)
        if batch.state is BatchState.STAGED:
            confirmation.submit(session, batch, by=by)
        return job_service.enqueue(session, jobs.APPLY, title="导入", by=confirmer, arguments={"batch_id": batch_id}).id


def test_staging_and_applying_as_jobs(
    app: Flask, database: Database, store: FileStore, session: Session, importer: Actor, reviewer: Actor
) -> None:
    batch_id = _received(database, store, importer)
    worker = app.extensions["yuqi_worker"]
    assert worker.run_pending() == 1
    job_id = _enqueue_apply(database, batch_id, importer, reviewer)
    assert worker.run_pending() == 1
    job = session.get_one(Job, job_id)
    assert (job.state, job.error) == (JobState.DONE, "")
    assert session.get_one(ImportBatch, batch_id).state is BatchState.APPLIED
    assert session.scalar(select(func.count()).select_from(Claim)) == 60 * FIGURES


def test_a_refused_file_ends_the_job_and_says_why_on_the_batch(
    app: Flask, database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    batch_id = _received(database, store, importer, b"a,b\n1,2\n", "别的.csv")
    app.extensions["yuqi_worker"].run_pending()
    assert session.get_one(ImportBatch, batch_id).state is BatchState.REFUSED


def test_a_workbook_is_read_when_the_scanner_has_found_it_clean(
    app: Flask, database: Database, store: FileStore, session: Session, importer: Actor, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    path, worker = tmp_path / "clamd.ctl", app.extensions["yuqi_worker"]
    monkeypatch.setattr(store, "rules", replace(store.rules, scanner=f"unix://{path}"))
    clean, ill = _received(database, store, importer), _received(database, store, importer, SIXTY + VIRUS, "坏.csv")
    worker.run_pending()
    assert session.scalars(select(Job.state)).all() == [JobState.QUEUED] * 4, "the scanner is down: all of it waits"
    session.execute(update(Job).values(run_after=clock.now() - timedelta(seconds=1)))
    session.commit()
    with fake_clamd(path):
        worker.run_pending()
    assert session.scalars(select(Job.state)).all() == [JobState.DONE] * 5, "the fifth told of the infection"
    states = {one.id: one.state for one in session.scalars(select(ImportBatch))}
    assert states == {clean: BatchState.STAGED, ill: BatchState.REFUSED}


def test_a_job_that_runs_twice_imports_once(
    app: Flask, database: Database, store: FileStore, session: Session, importer: Actor, reviewer: Actor
) -> None:
    batch_id = _received(database, store, importer)
    worker = app.extensions["yuqi_worker"]
    worker.run_pending()
    for _ in range(2):
        _enqueue_apply(database, batch_id, importer, reviewer)
    assert worker.run_pending() == 2
    assert session.scalar(select(func.count()).select_from(Firm)) == 60
    assert session.scalar(select(func.count()).select_from(ImportRow)) == 61


def test_a_disabled_account_imports_nothing(
    app: Flask, database: Database, store: FileStore, session: Session, importer: Actor
) -> None:
    from app.accounts.models import User  # noqa: PLC0415 - only this test looks at accounts

    batch_id = _received(database, store, importer)
    with database.transaction() as writing:
        writing.get_one(User, importer.id).is_active = False
    app.extensions["yuqi_worker"].run_pending()
    assert session.get_one(ImportBatch, batch_id).state is BatchState.QUEUED
    assert session.scalars(select(Job.error)).one() == "提交任务的账号已停用，任务没有执行。"
