"""The look in a real browser: accessibility by axe, two widths, no script, keyboard, live filters, drafts, jobs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from tests.support.axe import bring_axe, complaints
from tests.support.people import PASSWORD, People
from tests.web.gallery import doors

pytestmark = pytest.mark.browser

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PAGES = ["/gallery/list", "/gallery/form", "/gallery/detail", "/gallery/portal", "/password"]


@pytest.fixture
def app(own_app: Flask) -> Flask:
    doors.install(own_app)
    return own_app


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def open_context(chromium: Browser, size: Any, **options: Any) -> BrowserContext:
    context = chromium.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", **options)
    if options.get("java_script_enabled", True):
        bring_axe(context)
    return context


def sign_in(context: BrowserContext, address: str, people: People) -> Page:
    user = people.caseworker()
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.get_by_label("账号").fill(user.login)
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_pages_are_accessible_fit_and_obey_the_policy(
    chromium: Browser, address: str, people: People, size: dict[str, int]
) -> None:
    with open_context(chromium, size, is_mobile=size is PHONE, has_touch=size is PHONE) as context:
        page = sign_in(context, address, people)
        heard: list[str] = []
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        for path in PAGES:
            page.goto(address + path)
            assert not complaints(page), path
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, (
                path
            )
        assert not heard, "console: scripts fail or the Content-Security-Policy was broken"
        for path in ("/gallery/form", "/gallery/portal"):
            page.goto(address + path)
            page.locator("main button[type=submit]").first.click()
            expect(page.locator("#error-summary")).to_be_focused()
            assert not complaints(page), f"{path} with errors"


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_sign_in_and_error_pages_are_accessible(chromium: Browser, address: str, size: dict[str, int]) -> None:
    with open_context(chromium, size) as context:
        page = context.new_page()
        for path in ("/sign-in", "/no-such-page"):
            page.goto(address + path)
            assert not complaints(page), path


def test_targets_on_the_phone_are_large(chromium: Browser, address: str, people: People) -> None:
    with open_context(chromium, PHONE, is_mobile=True, has_touch=True) as context:
        page = sign_in(context, address, people)
        for path in ("/gallery/list", "/gallery/form"):
            page.goto(address + path)
            small = page.evaluate(
                "[...document.querySelectorAll('.x-btn, .x-tabs a, .x-filter input, .x-filter select, .x-paging a,"
                " .x-tick, .x-top__menu, summary, .x-choice, .x-input, .x-select, .x-check')]"
                ".map(e => [e.className || e.tagName, e.getBoundingClientRect()])"
                ".filter(([, box]) => box.height > 0 && box.height < 43.5)"
                ".map(([name, box]) => `${name} ${box.height}`)"
            )
            assert not small, path


def test_everything_opens_without_a_script(chromium: Browser, address: str, people: People) -> None:
    with open_context(chromium, PHONE, java_script_enabled=False) as context:
        page = sign_in(context, address, people)
        page.goto(f"{address}/gallery/list")
        expect(page.locator("#nav")).to_be_hidden()
        page.get_by_role("link", name="打开导航").click()
        expect(page.locator("#nav")).to_be_visible()
        page.get_by_role("link", name="收起导航").click()
        expect(page.locator("#nav")).to_be_hidden()
        page.locator("summary").click()
        expect(page.get_by_role("button", name="退出登录")).to_be_visible()
        page.locator("summary").click()  # the menu lies over the page on a phone
        expect(page.get_by_role("button", name="分派经办人")).to_be_visible()
        expect(page.locator("[data-select-all]")).to_be_hidden()
        page.get_by_label("企业名称或统一社会信用代码").fill("海舟")
        page.get_by_role("button", name="查询").click()
        expect(page.locator("tbody tr")).to_have_count(1)


def test_rows_are_chosen_and_counted(chromium: Browser, address: str, people: People) -> None:
    with open_context(chromium, WIDE) as context:
        page = sign_in(context, address, people)
        page.goto(f"{address}/gallery/list")
        bar, every = page.locator("[data-bulk]"), page.locator("[data-select-all]")
        expect(bar).to_be_hidden()
        page.locator("[data-select-one]").nth(2).check()
        expect(bar).to_contain_text("已选 1 家")
        assert every.evaluate("box => box.indeterminate")
        every.check()
        expect(bar).to_contain_text("已选 10 家")
        page.get_by_role("button", name="取消选择").click()
        expect(bar).to_be_hidden()
        expect(every).to_be_focused()


def test_a_live_filter_changes_rows_address_and_tabs_and_keeps_what_is_chosen(
    chromium: Browser, address: str, people: People
) -> None:
    with open_context(chromium, WIDE) as context:
        page = sign_in(context, address, people)
        page.goto(f"{address}/gallery/list")
        page.keyboard.press("/")
        expect(page.locator("#global-search")).to_be_focused()
        search = page.get_by_label("企业名称或统一社会信用代码")
        search.fill("海舟")
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(search).to_be_focused()
        assert "town=" not in page.url, "empty filters stay out of the address"
        assert "q=%E6%B5%B7%E8%88%9F" in str(page.locator("#tabs a").nth(1).get_attribute("href"))
        page.locator("[data-select-one]").first.check()
        page.wait_for_timeout(600)  # long enough for a second, needless request to wipe the choice
        expect(page.locator("[data-bulk]")).to_contain_text("已选 1 家")
        search.fill("")
        expect(page.locator("tbody tr")).to_have_count(10)
        page.go_back()
        expect(page.locator("tbody tr")).to_have_count(1)


def test_a_failed_filter_leaves_the_page_and_says_so(chromium: Browser, address: str, people: People) -> None:
    with open_context(chromium, WIDE) as context:
        page = sign_in(context, address, people)
        page.goto(f"{address}/gallery/list")
        search = page.get_by_label("企业名称或统一社会信用代码")
        search.fill("boom")
        expect(page.locator("#toasts")).to_contain_text("没有完成")
        expect(page.locator("tbody tr")).to_have_count(10)
        assert "boom" not in page.url
        search.fill("海舟")
        expect(page.locator("tbody tr")).to_have_count(1)
        expect(page.locator("#toasts")).not_to_contain_text("没有完成")


def test_unsaved_text_is_not_left_without_asking(chromium: Browser, address: str, people: People) -> None:
    with open_context(chromium, WIDE) as context:
        page = sign_in(context, address, people)
        asked: list[str] = []
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        page.goto(f"{address}/gallery/form")
        page.goto(f"{address}/gallery/list")
        assert asked == []
        page.goto(f"{address}/gallery/form")
        page.locator("#revenue").fill("12")
        page.goto(f"{address}/gallery/list")
        assert asked == ["beforeunload"]


def test_a_draft_comes_back_until_the_server_has_it(chromium: Browser, address: str, people: People) -> None:
    with open_context(chromium, WIDE) as context:
        page = sign_in(context, address, people)
        page.goto(f"{address}/gallery/portal")
        page.locator("#revenue").fill("77")
        page.locator("#org-1").check()
        expect(page.locator("[data-autosave-state]")).to_contain_text("草稿已暂存")
        page.goto(f"{address}/gallery/portal")
        expect(page.locator("#revenue")).to_have_value("77")
        expect(page.locator("#org-1")).to_be_checked()
        page.get_by_role("button", name="保存并继续").click()
        expect(page.locator("#error-summary")).to_be_visible()
        page.locator("#expense").fill("5")
        page.wait_for_timeout(900)
        page.goto(f"{address}/gallery/portal")
        expect(page.locator("#expense")).to_have_value("5")
        expect(page.locator("#revenue")).to_have_value("77")


def test_chosen_files_are_named(chromium: Browser, address: str, people: People) -> None:
    with open_context(chromium, WIDE) as context:
        page = sign_in(context, address, people)
        page.goto(f"{address}/gallery/form")
        page.locator("#proof").set_input_files(
            {"name": "审计报告.pdf", "mimeType": "application/pdf", "buffer": b"x" * 70000}
        )
        expect(page.locator("[data-file-names]")).to_have_text("审计报告.pdf (69 KB)")


def test_a_job_is_followed_to_its_end(chromium: Browser, address: str, people: People) -> None:
    with open_context(chromium, WIDE) as context:
        page = sign_in(context, address, people)
        page.goto(f"{address}/gallery/detail")
        expect(page.locator("[data-progress-text]")).to_contain_text("2 / 3", timeout=10_000)
        expect(page.locator("[data-progress-url]")).to_have_count(0, timeout=10_000)


def test_the_account_menu_closes_by_escape_and_by_a_click_elsewhere(
    chromium: Browser, address: str, people: People
) -> None:
    with open_context(chromium, WIDE) as context:
        page = sign_in(context, address, people)
        page.goto(f"{address}/gallery/list")
        menu = page.locator("details.x-who")
        for leave in (lambda: page.keyboard.press("Escape"), lambda: page.locator("h1").click()):
            page.locator("summary").click()
            expect(menu).to_have_attribute("open", "")
            leave()
            expect(menu).not_to_have_attribute("open", "")
