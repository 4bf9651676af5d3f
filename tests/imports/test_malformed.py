"""Whatever an office sends through the browser is answered: taken and read, or refused with a sentence; never a 500."""

from __future__ import annotations

import io

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.imports.models import BatchState, ImportBatch
from app.imports.problem import message_from_json
from app.jobs.models import Job, JobState
from tests.support.people import People
from tests.support.workbooks.every import all_workbooks

READ_EVERY = 17
"""Reading starts a process of its own: all files are taken in at the door, and a part of every kind is read."""


def test_every_kind_of_file_is_answered(app: Flask, people: People, session: Session) -> None:
    client = people.browser(people.caseworker(name="经办人甲")).client
    token = None
    names = []
    for case in all_workbooks():
        if token is None:
            page = client.get("/office/imports/new").get_data(as_text=True)
            token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        sent = {"file": (io.BytesIO(case.content), case.filename), "profile": "annual-firms", "year": "2025",
                "csrf_token": token}  # fmt: skip
        answer = client.post("/office/imports/new", data=sent, content_type="multipart/form-data")
        assert answer.status_code in {302, 413, 422}, f"{case.name}: {answer.status_code}"
        if answer.status_code == 422:
            assert "error-summary" in answer.get_data(as_text=True), case.name
        names.append(case.name)
    assert len(names) >= 100
    jobs = session.scalars(select(Job).where(Job.state == JobState.QUEUED).order_by(Job.id)).all()
    assert len(jobs) >= 50
    for place, job in enumerate(jobs):
        if place % READ_EVERY:
            job.state = JobState.CANCELLED
    session.commit()
    ran = app.extensions["yuqi_worker"].run_pending()
    session.expire_all()
    done = session.scalars(select(Job).where(Job.state != JobState.CANCELLED)).all()
    assert len(done) == ran
    assert {job.state for job in done} == {JobState.DONE}, [(job.title, job.error) for job in done]
    for batch in session.scalars(select(ImportBatch).where(ImportBatch.state != BatchState.QUEUED)):
        if batch.state is BatchState.REFUSED:
            assert batch.refusal is not None
            assert len(str(message_from_json(batch.refusal))) > 8
        else:
            assert batch.state is BatchState.STAGED
            assert sum(batch.counts.values()) >= sum(sheet["rows"] for sheet in batch.report["sheets"] if sheet["read"])
