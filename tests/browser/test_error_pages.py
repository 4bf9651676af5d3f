"""Every error page as it comes about, looked at by axe at both widths: what happened, what became of what was typed."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, redirect
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session, sessionmaker

from app.access.roles import Role
from app.accounts.models import SignInSession, User
from app.core import clock
from app.core.db import Database
from app.web.surfaces import open_door
from tests.browser.conftest import running, sign_in
from tests.browser.eye import Eye
from tests.factories.eligibility import editions
from tests.factories.firms import make_firm
from tests.support.people import PASSWORD, People

pytestmark = pytest.mark.browser


@pytest.fixture
def firm_id(session: Session) -> int:
    editions(session)
    return make_firm(session).id


@pytest.fixture
def head(people: People, firm_id: int) -> User:
    return people.make(Role.FIRM_SIGNATORY, name="钱总", firm_id=firm_id)


@pytest.fixture
def staff(people: People) -> User:
    return people.make(Role.REVIEWER, name="王审核")


@pytest.fixture
def address(own_app: Flask) -> Iterator[str]:
    """The running program with a view that has a mistake in it."""

    def mistaken() -> str:
        raise ZeroDivisionError

    def full() -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    own_app.add_url_rule("/mistaken", "mistaken", open_door(mistaken), methods=["GET", "POST"])
    own_app.add_url_rule("/full", "full", open_door(full))
    own_app.add_url_rule("/kept", "kept", open_door(lambda: redirect("/portal/reminders")), methods=["POST"])
    own_app.config.update(MAX_CONTENT_LENGTH=200_000, PROPAGATE_EXCEPTIONS=False)  # as in production
    with running(own_app) as found:
        yield found


Windows = Callable[..., BrowserContext]


def told(page: Page) -> str:
    """What an error page says; it tells whom to call and which number to quote."""
    said = page.locator("main").inner_text()
    for needed in ("您可以这样做", "平台管理员", "状态码"):
        assert needed in said, said
    assert page.locator("main .x-mono").inner_text(), "the number to quote"
    return said


REFUSED = {
    "head": (("/office/firms", 403), ("/portal/assessments/77", 404), ("/language", 405), ("/full", 507)),
    "staff": (("/portal/", 403), ("/office/firms/77", 404), ("/language", 405), ("/mistaken", 500)),
    "nobody": (("/nothing-here", 404), ("/language", 405), ("/mistaken", 500)),
}


def test_every_refused_address_is_accessible(
    head: User, staff: User, window: Windows, own_app: Flask, tmp_path: Path
) -> None:
    eyes = {
        "head": Eye(sign_in(window(), head)),
        "staff": Eye(sign_in(window(), staff)),
        "nobody": Eye(window().new_page()),
    }
    for who, eye in eyes.items():
        for address, status in REFUSED[who]:
            eye.visit(address, status)
            told(eye.page)
    too_large(eyes["staff"], tmp_path)
    database: Database = own_app.extensions["yuqi_database"]
    database._sessions = sessionmaker(create_engine("postgresql+psycopg://127.0.0.1:9/gone"))  # nobody answers there
    for who in ("head", "staff"):
        eyes[who].visit("/profile", 503)
        assert "以前保存的内容不受影响" in told(eyes[who].page)
    assert [one for eye in eyes.values() for one in eye.wrong] == []


def too_large(eye: Eye, folder: Path) -> None:
    large = folder / "大表.xlsx"
    large.write_bytes(b"PK\x03\x04" + bytes(1_000_000))
    eye.page.goto("/office/imports/new")
    eye.page.locator("main input[type=file]").first.set_input_files(large)
    eye.page.locator("main form button[type=submit]").first.click()
    expect(eye.page.get_by_text("一次上传超过了 195.3 KB")).to_be_visible()
    told(eye.page)
    eye.look("too large")


def test_what_was_typed_is_told_and_put_back(head: User, window: Windows, database: Database) -> None:
    page = sign_in(window(), head)
    eye = Eye(page)
    save = page.locator("main form button[type=submit]").first
    page.goto("/profile")
    page.locator("#phone").fill("13800138000")
    page.evaluate("document.querySelector('main [name=csrf_token]').value = 'x'")
    save.click()
    expect(page.get_by_text("这次提交没有生效")).to_be_visible()
    told(page)
    expect(page.locator("#typed li").first).to_contain_text("电话")
    expect(page.locator("#typed li").first).to_contain_text("13800138000")
    eye.look("a form that stood open too long")
    page.get_by_role("link", name="返回上一页").click()
    expect(page.locator("#phone")).to_have_value("13800138000")
    expect(page.get_by_text("已填回")).to_be_visible()
    eye.look("what was typed is put back")
    with database.transaction() as session:
        session.execute(update(SignInSession).values(ended_at=clock.now()))
    save.click()
    page.get_by_label("账号").fill(head.login)
    page.get_by_label("密码").fill(PASSWORD)
    save.click()
    page.wait_for_url("**/profile")
    expect(page.locator("#phone")).to_have_value("13800138000")

    page.evaluate("document.querySelector('main form').action = '/kept'")
    save.click()
    page.wait_for_url("**/portal/reminders")  # a page without a form: what went through is not put back later
    page.wait_for_function("sessionStorage.getItem('yuqi-unsent') === null")
    page.goto("/profile")

    page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }")
    page.evaluate("document.querySelector('main form').action = '/mistaken'")
    page.locator("#phone").fill("13800138000")
    page.locator("#password").fill(PASSWORD)
    save.click()
    expect(page.locator("#typed li")).to_have_text(["13800138000"])  # as the server was sent it, and no password
    assert eye.wrong == []


def test_too_many_attempts_pause_the_account(head: User, window: Windows) -> None:
    page = window().new_page()
    eye = Eye(page)
    for _attempt in range(12):
        page.goto("/sign-in")
        page.get_by_label("账号").fill(head.login)
        page.get_by_label("密码").fill("wrong-wrong-wrong")
        with page.expect_response(lambda answer: answer.request.method == "POST") as seen:
            page.locator("main button[type=submit]").click()
        if seen.value.status == 429:
            break
    assert seen.value.status == 429
    expect(page.locator("#error-summary")).to_be_focused()
    eye.look("too many attempts")
    assert eye.wrong == []
