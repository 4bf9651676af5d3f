"""Evidence beside a field in a dialog, and the score on a phone: nothing covers what one types."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from app.accounts.models import User
from tests.browser.conftest import sign_in
from tests.browser.eye import Eye
from tests.facts.samples import PDF, PNG

pytestmark = pytest.mark.browser
STAFF, ALL = "tech_staff_month_avg-2025", "employees_month_avg-2025"
Begun = tuple[int, User, User, User]


def focused(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.getAttribute('href')")
    return found


def test_evidence_is_attached_and_reused_without_leaving_the_field(
    begun: Begun, window: Callable[..., BrowserContext]
) -> None:
    form_id, filler, _head, _reviewer = begun
    page = sign_in(window(), filler)
    eye, dialog = Eye(page), page.get_by_role("dialog")
    page.goto(f"/portal/assessments/{form_id}/sections/staff")
    page.locator(f"#value-{STAFF}").fill("21")
    page.locator(f"#ask-{STAFF} .x-papers a").click()
    expect(dialog.get_by_role("heading", name="佐证材料：2025 年科技人员数")).to_be_focused()
    eye.look("the dialog")
    dialog.get_by_role("button", name="附上", exact=True).click()
    expect(dialog.locator("#error-summary")).to_contain_text("请选择要上传的文件")
    eye.look("the dialog refuses")
    dialog.get_by_label("文件", exact=True).set_input_files(
        [FilePayload(name="花名册.pdf", mimeType="application/pdf", buffer=PDF)]
    )
    dialog.get_by_role("button", name="附上", exact=True).click()
    expect(dialog.locator(".x-file")).to_contain_text("花名册.pdf")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert focused(page) == f"../evidence/{STAFF}"
    expect(page.locator(f"#ask-{STAFF} .x-papers")).to_contain_text("佐证材料（1）")
    expect(page.locator("#saved")).to_contain_text("已保存")  # what was typed meanwhile stands

    page.locator(f"#ask-{ALL} .x-papers a").click()
    dialog.get_by_label("花名册.pdf").check()
    dialog.get_by_role("button", name="附上", exact=True).click()
    expect(dialog.locator(".x-file")).to_contain_text("花名册.pdf")
    dialog.get_by_role("button", name="取下").click()
    expect(dialog.get_by_text("还没有附材料")).to_be_visible()
    dialog.get_by_role("button", name="关闭").click()
    assert focused(page) == f"../evidence/{ALL}"
    assert eye.wrong == []


def test_an_upload_on_its_way_keeps_the_dialog_open_and_a_lost_line_is_told(
    begun: Begun, window: Callable[..., BrowserContext]
) -> None:
    form_id, filler, _head, _reviewer = begun
    page = sign_in(window("phone"), filler)
    eye, dialog = Eye(page), page.get_by_role("dialog")
    page.goto(f"/portal/assessments/{form_id}/sections/staff")
    page.route("**/transfers/*", lambda route: route.abort())
    page.locator(f"#ask-{STAFF} .x-papers a").click()
    dialog.get_by_label("拍照上传").set_input_files(FilePayload(name="照片.png", mimeType="image/png", buffer=PNG))
    dialog.get_by_role("button", name="附上", exact=True).click()
    expect(dialog.locator("[data-transfer]")).to_contain_text("网络中断")
    dialog.get_by_role("button", name="关闭").click()
    expect(dialog.get_by_text("正在上传，请稍候")).to_be_visible()
    eye.look("on its way")
    dialog.locator("[data-transfer]").get_by_role("button", name="取消").click()
    expect(dialog.locator("[data-transfer] li")).to_have_count(0)
    dialog.get_by_role("button", name="关闭").click()
    page.route("**/evidence/**", lambda route: route.abort())
    page.locator(f"#ask-{ALL} .x-papers a").click()
    expect(dialog.get_by_role("alert")).to_contain_text("没有打开")
    eye.look("a lost line")
    assert eye.wrong == []


def test_the_score_on_a_phone_is_one_line_that_opens_and_gets_out_of_the_way(
    begun: Begun, window: Callable[..., BrowserContext]
) -> None:
    form_id, filler, _head, _reviewer = begun
    page = sign_in(window("phone"), filler)
    page.goto(f"/portal/assessments/{form_id}/sections/staff")
    bar, more = page.locator(".x-scorebar"), page.get_by_role("button", name="预评详情")
    box = bar.bounding_box()
    assert box is not None
    assert box["height"] <= 60, "no more than a line"
    expect(bar.get_by_role("heading", name="硬性条件")).to_be_hidden()
    more.click()
    expect(bar.get_by_role("heading", name="硬性条件")).to_be_visible()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    page.locator(f"#value-{STAFF}").focus()
    expect(bar).to_be_hidden()
    page.locator(f"#value-{STAFF}").blur()
    expect(bar).to_be_visible()
