"""Receipts: frozen when it happens, printed by a job, taken by who may, verified by anybody, true to what was sent."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor, Reach
from app.access.roles import Role
from app.accounts.models import User
from app.assessments import attaching, submitting
from app.assessments import queries as assessments
from app.assessments.models import Assessment
from app.assessments.places import Place
from app.assessments.receipts import printing, service
from app.assessments.receipts.models import Occasion, Receipt, ReceiptState
from app.audit.models import AuditEvent
from app.core.text import tr
from app.documents.press import PrintingStopped
from app.facts import locker
from app.facts.locker import Upload
from app.files.store import FileStore
from app.firms.models import Firm
from app.firms.taxonomy import Town
from app.jobs import service as jobs
from app.jobs.models import Job, JobState
from app.jobs.worker import Worker
from tests.assessments.conftest import NOW, STAFF, Fill
from tests.factories.firms import make_firm
from tests.facts.samples import PDF, PNG
from tests.support.browser import Browser
from tests.support.hostile import bundles
from tests.support.papers import LIVELY, as_drawn, as_read, read_back, words_of
from tests.support.people import People


@pytest.fixture
def worker(app: Flask) -> Worker:
    found: Worker = app.extensions["yuqi_worker"]
    return found


def sign(browser: Browser, form: Assessment) -> None:
    browser.get(f"/portal/assessments/{form.id}/sign")
    browser.submit({"agrees": "y"}, form="form:has(input[name=agrees])")


def work(session: Session, worker: Worker) -> int:
    """Run what waits; the clock of these tests stands still, a job's does not."""
    session.execute(update(Job).values(run_after=NOW))
    session.commit()
    return worker.run_pending()


def taken(browser: Browser, form: Assessment, number: int, occasion: str = "submitted", room: str = "portal") -> bytes:
    address = f"/{room}/assessments/{form.id}/submissions/{number}/receipts/{occasion}/file"
    answer = browser.client.get(address)
    assert answer.status_code == 200, answer.status_code
    return bytes(answer.data)


def without(text: str, repeated: Sequence[str]) -> str:
    """A text without what stands on every page: its head, its foot, the heads of its tables."""
    for one in repeated:
        text = text.replace(one, "")
    return re.sub("第[0-9]+页共[0-9]+页", "", as_read(text))


def receipts(session: Session) -> list[Receipt]:
    session.rollback()
    return list(session.scalars(select(Receipt).order_by(Receipt.id).execution_options(populate_existing=True)))


def test_a_signature_is_followed_by_a_receipt_that_a_job_prints(
    session: Session, worker: Worker, people: People, whole: Assessment, head_user: User
) -> None:
    head = people.browser(head_user)
    sign(head, whole)
    assert "正在生成" in head.text
    assert head.page.select_one("[data-progress-url]") is not None
    assert head.page.select_one(".x-nojs a") is not None
    [found] = receipts(session)
    assert (found.occasion, found.state) == (Occasion.SUBMITTED, ReceiptState.WAITING)
    job = session.get_one(Job, found.job_id)
    job.state, job.attempts, job.heartbeat_at = JobState.RUNNING, 1, NOW - timedelta(minutes=2)
    session.commit()  # its worker was stopped in the middle
    assert work(session, worker) == 0
    assert jobs.reap(session) == 1
    session.commit()
    assert work(session, worker) == 1
    [found] = receipts(session)
    content = taken(head, whole, 1)
    assert hashlib.sha256(content).hexdigest() == found.sha256
    text = words_of(content)
    for wanted in (
        "江门甲电机有限公司", "国科发火〔2016〕32号", "高新技术企业认定自评（2025年度）", "第1次", "新申请",
        "2026年6月15日14:32", "本人作为企业负责人，已审阅本表全部内容", "赵填报", "钱总", found.number,
        found.context["round"]["digest"], "科技人员", "20", "审计调增", "3,700", "没有随本次提交的佐证材料", "第1页共",
    ):  # fmt: skip
        assert wanted in text, wanted
    head.get(head.url)
    assert "下载 PDF" in head.text
    assert found.sha256 in head.text
    assert worker.handlers["assessments.receipt"](
        type("Context", (), {"database": worker.database, "tools": worker.tools})(), found.id
    )["sha256"] == found.sha256  # fmt: skip


def test_each_step_of_a_round_has_its_own_receipt_and_the_earlier_ones_stay(
    session: Session, worker: Worker, people: People, whole: Assessment, head_user: User, filler: Actor,
    reviewer_user: User, fill: Fill, firm: Firm, store: FileStore,
) -> None:  # fmt: skip
    papers = [
        locker.keep(session, store, firm.id, upload, by=filler)
        for upload in (
            Upload("花名册.pdf", PDF, title="社保名册", valid_until=date(2026, 12, 31)),
            Upload("审计.png", PNG, title="年度审计报告"),
        )
    ]
    attaching.attach(session, whole.id, Place("tech_staff_month_avg", 2025), papers, by=filler)
    session.commit()
    head, office = people.browser(head_user), people.browser(reviewer_user)
    sign(head, whole)
    office.get(f"/office/assessments/{whole.id}/submissions/1")
    assert office.page.select_one("[data-progress-url]") is not None
    item = f"value-{STAFF.removeprefix('value-')}"
    words = {"item": item, f"why-{item}": "请按月平均数填写", "note": "逐项核对", "due_on": "2026-06-25"}
    office.submit(words, form="form#give-back")
    fill(filler, {STAFF: "21", "reply-tech_staff_month_avg-2025": "已按 12 个月重算"})
    sign(head, whole)
    office.get(f"/office/assessments/{whole.id}/submissions/2")
    office.submit({"reason": "与名册一致"}, form="form#accept")
    assert work(session, worker) == 5
    found = {(one.number.split("-", 1)[1]): one for one in receipts(session)}
    assert list(found) == ["1-1", "1-2", "2-1", "1-3", "2-2"]
    assert {one.state for one in found.values()} == {ReceiptState.MADE}
    first = words_of(taken(head, whole, 1))
    for wanted in (
        "附件1、附件2", "社保名册", "至2026-12-31", "未注明", hashlib.sha256(PDF).hexdigest(), "待审核", "科技人员",
    ):  # fmt: skip
        assert wanted in first, wanted
    assert "请按月平均数填写" not in first
    answered = words_of(taken(office, whole, 1, "answered", "office"))
    for wanted in ("退回与答复", "王审核", "请按月平均数填写", "逐项核对", "20人", "21人", "已按12个月重算"):
        assert wanted in answered, wanted
    last = words_of(taken(head, whole, 2, "decided"))
    for wanted in ("办理结果", "已核定", "与名册一致", "已采信", "上次退回的内容和本次答复", "上次填写20人", "第1次"):
        assert wanted in last, wanted
    head.get(f"/portal/assessments/{whole.id}/submissions/2")
    page = head.page
    assert len(page.select("#receipts a[download]")) == 2
    assert "已按 12 个月重算" in head.text
    with pytest.raises(DatabaseError):  # what was frozen is frozen in the database too
        session.execute(update(Receipt).where(Receipt.id == found["1-1"].id).values(context="{}"))
    session.rollback()
    told = session.scalars(
        select(AuditEvent).where(AuditEvent.action == Action.OWN_PRINT).order_by(AuditEvent.id)
    ).all()
    assert len(told) == 3  # two signatures, and the first round answered by the second


def test_a_stranger_learns_form_firm_day_and_digest_and_nothing_else(
    app: Flask, session: Session, worker: Worker, people: People, whole: Assessment, head_user: User
) -> None:
    head = people.browser(head_user)
    sign(head, whole)
    work(session, worker)
    [found] = receipts(session)
    stranger = Browser(app)
    stranger.get(f"/verify/{found.verification_code}")
    for wanted in (
        "核验自评回执",
        "高新技术企业认定自评（2025 年度）",
        "江门甲电机有限公司",
        "2026-06-15",
        found.context["round"]["digest"],
    ):
        assert wanted in stranger.text, wanted
    for secret in (
        "钱总",
        "赵填报",
        "3,700",
        "科技人员",
        found.number,
        "14:32",
        str(found.context["form"]["credit_code"]),
    ):
        assert secret not in stranger.text, secret
    content = taken(head, whole, 1)
    for sent, wanted in ((content, "逐字节相同"), (content + b" ", "不是本局出具的原始 PDF")):
        stranger.get(f"/verify/{found.verification_code}")
        stranger.submit({"file": (io.BytesIO(sent), "回执.pdf")}, form="#compare form")
        assert wanted in stranger.text


def test_no_other_firm_and_nobody_out_of_reach_takes_a_receipt(
    session: Session, worker: Worker, people: People, whole: Assessment, head_user: User
) -> None:
    sign(people.browser(head_user), whole)
    work(session, worker)
    other = make_firm(session, name="别的企业有限公司")
    session.commit()
    outsiders = [
        ("portal", people.make(Role.FIRM_FILLER, firm_id=other.id)),
        ("office", people.caseworker(reach=Reach.TOWNS, towns=[Town.HETANG.value])),
    ]
    for room, user in outsiders:
        browser = people.browser(user)
        at = f"/{room}/assessments/{whole.id}/submissions/1/receipts"
        assert [browser.client.get(f"{at}/submitted/{part}").status_code for part in ("file", "progress")] == [404, 404]
        browser.get(f"/{room}/")
        browser.post(f"{at}/", {}, expect=404)
    head = people.browser(head_user)
    assert head.client.get(f"/portal/assessments/{whole.id}/submissions/1/receipts/other/file").status_code == 404


def test_a_receipt_that_failed_is_asked_for_again_and_one_of_old_days_on_demand(
    session: Session, worker: Worker, people: People, whole: Assessment, head: Actor, head_user: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    seen = assessments.form(session, whole.id, for_=head).row.revision
    submitting.submit(session, whole.id, seen=seen, agrees=True, by=head)  # as before there were receipts
    session.commit()
    browser = people.browser(head_user)
    browser.get(f"/portal/assessments/{whole.id}/submissions/1")
    assert "还没有生成" in browser.text

    def stopped(_context: object) -> bytes:
        raise PrintingStopped(tr("文件在 %(seconds)s 秒内未能排完，已停止。请减少内容后重试。", seconds=120))

    with monkeypatch.context() as patch:
        patch.setattr(printing, "pdf", stopped)
        browser.submit({}, form="#receipts form")
        work(session, worker)
    browser.get(browser.url)
    assert "未能排完" in browser.text
    browser.submit({}, form="#receipts form")
    assert work(session, worker) == 1
    assert receipts(session)[0].state is ReceiptState.MADE


@pytest.mark.parametrize(
    ("firm", "name"),
    [
        ("江门甲有限公司", "自评提交回执 第1次 江门甲有限公司 2025年度.pdf"),
        ('a/b\\c:*?"<>|\u202e\n', "自评提交回执 第1次 a b c 2025年度.pdf"),
    ],
)
def test_a_download_has_a_name_that_every_disk_takes(firm: str, name: str) -> None:
    form = SimpleNamespace(firm=firm, year=2025)
    told: Any = SimpleNamespace(title="自评提交回执", round=SimpleNamespace(number=1), form=form)
    assert printing.file_name(told) == name


def test_every_hostile_text_is_read_back_from_a_receipt(
    session: Session, worker: Worker, people: People, whole: Assessment, head_user: User
) -> None:
    sign(people.browser(head_user), whole)
    context = service.opened(receipts(session)[0])
    section, one = context.sections[0], context.sections[0].answers[0]
    kept = list(bundles(5000))
    answers = [replace(one, name=f"第{place}项", said="", reason=text) for place, text in enumerate(kept)]
    odd = replace(context, sections=(replace(section, answers=tuple(answers)),), form=replace(context.form, firm="甲"))
    content = printing.print_here(odd)
    words, off = read_back(content)
    assert off == []  # nothing stands outside of the margins
    head = f"{context.organ}自评提交回执扫码核验真伪{context.code}"
    repeated = [head, "甲自评提交回执", context.number, "指标和口径企业填写单位现有核定值"]
    told = without(words, repeated)
    assert [text for text in kept if without(as_read(as_drawn(text)), repeated) not in told] == []
    assert not [mark for mark in LIVELY if mark.encode() in content]
