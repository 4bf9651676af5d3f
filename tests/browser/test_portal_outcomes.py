"""The portal where work is under way, went wrong, clashes or was taken back: axe finds nothing at either width."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import select, update

from app.assessments.models import Assessment, AssessmentState, Part, Submission, SubmissionState
from app.assessments.offline.models import BroughtBack, ReturnState
from app.assessments.places import FieldPlace
from app.assessments.receipts.models import Occasion, Receipt, ReceiptState
from app.assessments.saving import Typed, save
from app.core import clock
from app.core.db import Database
from app.core.text import message_to_json, tr
from app.eligibility.models import Verdict
from app.eligibility.publishing import service as publishing
from app.eligibility.publishing.models import Publication
from app.jobs.models import Job, JobState
from tests.architecture.forms import SECTION, STAFF
from tests.architecture.world import World
from tests.browser.conftest import SIZES
from tests.browser.eye import Eye
from tests.support.axe import bring_axe

pytestmark = pytest.mark.browser
RUNNING, FAILED, STOPPED = (
    {"state": JobState.RUNNING, "done_steps": 1, "all_steps": 3, "finished_at": None},
    {"state": JobState.FAILED, "error": "读取用时超过 30 秒"},
    {"state": JobState.CANCELLED, "error": ""},
)


@pytest.fixture
def eye(chromium: Browser, world_address: str) -> Iterator[Eye]:
    context = chromium.new_context(base_url=world_address, viewport=SIZES["wide"], locale="zh-CN")
    bring_axe(context)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("账号").fill("demo-filler")
    page.get_by_label("密码").fill(World.PASSWORDS["demo-filler"])
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    yield Eye(page)
    context.close()


@pytest.fixture
def database(world_app: Flask) -> Database:
    found: Database = world_app.extensions["yuqi_database"]
    return found


@pytest.fixture
def form_id(world: World, database: Database) -> int:
    with database.session() as session:
        own = world.people["demo-filler"].firm_id
        chosen = select(Assessment.id).where(Assessment.firm_id == own, Assessment.programme == "hitech_recognition")
        return session.scalars(chosen).one()


def test_a_workbook_in_every_state(eye: Eye, world: World, database: Database, form_id: int) -> None:
    with database.transaction() as session:
        form = session.get_one(Assessment, form_id)
        field = FieldPlace(STAFF, form.year, Part.VALUE)
        save(session, form_id, [Typed(field, "21", 0)], by=world.people["demo-filler"])
        upload = session.scalars(select(BroughtBack).where(BroughtBack.assessment_id == form_id)).one()
        upload_id, job_id = upload.id, upload.job_id
    page = f"/portal/assessments/{form_id}/offline/uploads/{upload_id}"
    eye.visit(page)
    expect(eye.page.locator("main")).to_contain_text("21")  # what a colleague wrote stands beside the cell
    for state, job in ((ReturnState.READING, RUNNING), (ReturnState.READING, FAILED), (ReturnState.STOPPED, STOPPED)):
        eye.page.goto("about:blank")  # nobody follows the job while it changes
        with database.transaction() as session:
            session.execute(update(Job).where(Job.id == job_id).values(heartbeat_at=clock.now(), **job))
            session.execute(
                update(BroughtBack)
                .where(BroughtBack.id == upload_id)
                .values(state=state, decided_at=clock.now(), decided_by_name="赵填")
            )
        eye.visit(page)
    with database.transaction() as session:
        found = session.get_one(BroughtBack, upload_id)
        found.state, found.refusal = ReturnState.REFUSED, message_to_json(tr("请选择填好的 Excel 文件。"))
    eye.visit(page)
    eye.visit(f"/portal/assessments/{form_id}/offline/")
    assert eye.wrong == []


def test_a_receipt_under_way_and_failed(eye: Eye, database: Database, form_id: int) -> None:
    with database.transaction() as session:
        made = session.scalars(select(Submission).where(Submission.assessment_id == form_id)).one()
        made.state, made.decided_at, made.decided_by_name = SubmissionState.RETURNED, clock.now(), "王审核"
        first = session.scalars(select(Receipt).where(Receipt.submission_id == made.id)).one()
        job = Job(name="assessments.receipt", title="办理结果", heartbeat_at=clock.now(), **RUNNING)
        session.add(job)
        session.flush()
        receipt = Receipt(
            submission_id=made.id, occasion=Occasion.DECIDED, number="试〔2026〕1", verification_code="trial",
            context=first.context, context_digest=first.context_digest, job_id=job.id, requested_by_name="赵填",
        )  # fmt: skip
        session.add(receipt)
        session.flush()
        job_id, receipt_id = job.id, receipt.id
    page = f"/portal/assessments/{form_id}/submissions/1"
    eye.visit(page)
    expect(eye.page.locator("[data-progress-url]")).to_be_visible()
    eye.page.goto("about:blank")  # nobody follows the job while it fails
    with database.transaction() as session:
        session.execute(update(Job).where(Job.id == job_id).values(**FAILED))
        why = {"state": ReceiptState.FAILED, "error": "生成用时超过限制"}
        session.execute(update(Receipt).where(Receipt.id == receipt_id).values(**why))
    eye.visit(page)
    expect(eye.page.get_by_text("生成用时超过限制")).to_be_visible()
    assert eye.wrong == []


def test_a_publication_taken_back(eye: Eye, world: World, database: Database) -> None:
    with database.transaction() as session:
        own = world.people["demo-filler"].firm_id
        chosen = (
            select(Publication.id).join(Verdict, Verdict.id == Publication.verdict_id).where(Verdict.firm_id == own)
        )
        publication = session.scalars(chosen).first()
        assert publication is not None
        publishing.withdraw(session, publication, "数据有误，须重新判定", by=world.people["demo-reviewer"])
    eye.visit("/portal/eligibility/")
    expect(eye.page.get_by_text("已撤回").first).to_be_visible()
    eye.visit(f"/portal/eligibility/{publication}")
    assert eye.wrong == []


def test_what_was_typed_into_a_form_that_was_handed_in_meanwhile_is_told(
    eye: Eye, database: Database, form_id: int
) -> None:
    page = eye.page
    page.goto(f"/portal/assessments/{form_id}/sections/{SECTION}")
    with database.transaction() as session:
        session.get_one(Assessment, form_id).state = AssessmentState.SUBMITTED
    name = f"value-{STAFF}-{clock.today().year - 1}"
    with page.expect_navigation() as said:
        page.locator(f"[id='{name}']").evaluate("one => { one.value = '33'; one.form.submit(); }")  # without a script
    assert said.value.status == 409
    eye.look("handed in meanwhile")
    expect(page.get_by_text("33").first).to_be_visible()
    assert eye.wrong == []
