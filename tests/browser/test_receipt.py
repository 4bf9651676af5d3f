"""In a real browser: the filler hands over, the head looks through everything and signs, the receipt comes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.assessments import attaching, queries, saving
from app.assessments.places import Place, field_of
from app.facts import locker
from app.facts.locker import Upload
from app.files.store import FileStore
from tests.browser.conftest import SIZES, sign_in
from tests.facts.samples import PDF
from tests.support.axe import complaints
from tests.support.papers import words_of

pytestmark = pytest.mark.browser
STAFF = "tech_staff_month_avg-2025"


@pytest.fixture
def ready(begun: tuple[int, User, User, User], session: Session, store: FileStore) -> tuple[int, User, User, User]:
    """The form with everything answered, one reason that is no longer needed, and a document."""
    form_id, filler, _head, _reviewer = begun
    by = filler.as_actor()
    form = queries.form(session, form_id, for_=by)
    for texts in ({f"reason-{STAFF}": "花名册待研发部核对后补填"}, answers(session, form)):
        typed = [saving.Typed(field, text, 0) for name, text in texts.items() if (field := field_of(name))]
        saving.save(session, form_id, typed, by=by)
    upload = Upload("花名册.pdf", PDF, title="2025 年社保参保缴费证明（全年）", valid_until=date(2026, 12, 31))
    paper = locker.keep(session, store, form.row.firm_id, upload, by=by)
    attaching.attach(session, form_id, Place("tech_staff_month_avg", 2025), [paper], by=by)
    session.commit()
    return begun


def answers(session: Session, form: queries.Form) -> dict[str, str]:
    filled = queries.filled(session, form)
    texts = {line.name("confirm"): "yes" for line in filled.lines if line.may_confirm}
    texts |= {line.name("value"): "无" for line in filled.lines if line.question.is_declaration}
    return {**texts, f"value-{STAFF}": "20"}


def look(page: Page) -> None:
    """At both sizes nothing sticks out, and axe finds nothing."""
    for size in ("phone", "wide"):
        page.set_viewport_size(SIZES[size])
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
        assert not complaints(page)


def test_handed_over_signed_and_a_receipt_in_the_hand(
    ready: tuple[int, User, User, User], window: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    form_id, filler, head, reviewer = ready
    clerk = sign_in(window(), filler)
    clerk.goto(f"/portal/assessments/{form_id}")
    expect(clerk.get_by_text("已不再需要的说明（1 处，不影响提交）")).to_be_visible()
    look(clerk)
    clerk.get_by_role("button", name="请负责人签署").click()
    expect(clerk.get_by_text("等待负责人签署：赵填报 已于")).to_be_visible()
    boss = sign_in(window(), head)
    boss.get_by_role("link", name="已填好，请您核对后签署提交").click()
    expect(boss.get_by_role("link", name="2025 年社保参保缴费证明（全年）").first).to_be_visible()
    look(boss)
    boss.get_by_label("我已阅读并作出以上声明").check()
    boss.get_by_role("button", name="签署并提交").click()
    expect(boss.get_by_role("heading", name="提交回执")).to_be_visible()
    link = boss.get_by_role("link", name="下载 PDF")
    expect(link).to_be_visible(timeout=60_000)  # the page looks by itself until it is there
    look(boss)
    with boss.expect_download() as taking:
        link.click()
    taking.value.save_as(tmp_path / "回执.pdf")
    content = (tmp_path / "回执.pdf").read_bytes()
    assert taking.value.suggested_filename == "自评提交回执 第1次 江门甲电机有限公司 2025年度.pdf"
    assert "2025年社保参保缴费证明（全年）" in words_of(content)
    expect(boss.get_by_text(hashlib.sha256(content).hexdigest())).to_be_visible()
    office = sign_in(window(), reviewer)
    office.goto(f"/office/assessments/{form_id}/submissions/1")
    expect(office.get_by_role("link", name="下载 PDF")).to_be_visible()
    look(office)
