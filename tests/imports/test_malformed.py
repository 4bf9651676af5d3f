"""Whatever an office sends through the browser is answered: taken and read, or refused with a sentence; never a 500."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.imports.models import BatchState, ImportBatch
from app.jobs.models import Job, JobState
from tests.support.people import People
from tests.support.workbooks.case import Case
from tests.support.workbooks.every import all_workbooks

pytestmark = pytest.mark.usefixtures("in_process")
NEW = "/office/imports/new"
REFUSED_AT_THE_DOOR, REFUSED_WHEN_READ = 35, 60
"""At least so many of the files: the test means nothing when all of them are taken."""


def test_every_file_is_read_or_refused_with_reason_place_and_remedy(
    app: Flask, people: People, session: Session
) -> None:
    client = people.browser(people.caseworker(name="经办人甲")).client
    app.config["WTF_CSRF_ENABLED"] = False
    unsaid = {case.name: told for case, answer in sent(client) if (told := case.unsaid(answer))}
    assert unsaid == {}
    ran = app.extensions["yuqi_worker"].run_pending()
    found = session.scalars(select(ImportBatch).options(joinedload(ImportBatch.file)))
    batches = {batch.file.name: batch for batch in found}
    assert ran == len(batches) <= len(all_workbooks()) - REFUSED_AT_THE_DOOR
    jobs = session.scalars(select(Job)).all()
    assert [(job.title, job.error) for job in jobs if job.state is not JobState.DONE] == []
    taken = [case for case in all_workbooks() if named(case) in batches]
    refused = [case for case in taken if batches[named(case)].state is BatchState.REFUSED]
    for case in refused:
        page = words(client.get(f"/office/imports/{batches[named(case)].id}").data)
        if told := case.unsaid(page):
            unsaid[case.name] = told
    assert unsaid == {}
    assert len(refused) >= REFUSED_WHEN_READ
    assert {case.name for case in taken if case.refused} <= {case.name for case in refused}
    for case in taken:
        batch = batches[named(case)]
        if batch.state is not BatchState.REFUSED:
            assert batch.state is BatchState.STAGED, case.name
            # no row is lost: every one of the sheets that were read has an outcome
            assert sum(batch.counts.values()) >= sum(one["rows"] for one in batch.report["sheets"] if one["read"])


def named(case: Case) -> str:
    """Return a file name that tells the cases apart and lies as the case's own does."""
    return f"{case.name}-{case.filename}"


def sent(client: FlaskClient) -> Iterator[tuple[Case, str]]:
    """Upload every file; yield those refused at once, with what the page says."""
    for case in all_workbooks():
        fields = {"file": (io.BytesIO(case.content), named(case)), "profile": "annual-firms", "year": "2025"}
        answer = client.post(NEW, data=fields, content_type="multipart/form-data")
        assert answer.status_code in {302, 422}, f"{case.name}: {answer.status_code}"
        if answer.status_code == 422:
            yield case, words(answer.data, "#error-summary")


def words(content: bytes, part: str = "main") -> str:
    """Return the visible text of a part of a page."""
    found = BeautifulSoup(content, "html.parser").select_one(part)
    return " ".join(found.get_text(" ").split()) if found else ""
