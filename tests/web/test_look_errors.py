"""Error pages and signing in: what happened, what to do, a number to quote; never a bare stack or an empty page."""

from __future__ import annotations

import pytest
from flask import Flask, abort
from sqlalchemy.exc import OperationalError

from app.core.errors import Conflict, NotFound, Refused
from app.core.text import tr
from app.web.errors import PAGES
from app.web.surfaces import open_door
from tests.support.browser import Browser
from tests.support.people import People

DOMAIN = {409: Conflict, 404: NotFound, 403: Refused}


@pytest.fixture
def broken(own_app: Flask) -> Flask:
    """The application with doors that fail in a chosen way."""

    @open_door
    def fail(status: int) -> str:
        abort(status)

    @open_door
    def refuse(status: int) -> str:
        raise DOMAIN[status](tr("名单已锁定，不能再修改。"))

    @open_door
    def fall() -> str:
        raise OperationalError("SELECT 1", {}, Exception("no server"))

    own_app.add_url_rule("/fail/<int:status>", "fail", fail)
    own_app.add_url_rule("/refuse/<int:status>", "refuse", refuse)
    own_app.add_url_rule("/fall", "fall", fall)
    return own_app


@pytest.mark.parametrize("status", sorted(PAGES))
def test_each_status_has_a_page_that_helps(broken: Flask, status: int) -> None:
    browser = Browser(broken)
    browser.get(f"/fail/{status}", expect=status)
    page = browser.page
    assert page.select_one("main h1")
    assert page.select("main li"), "what to do"
    assert page.select_one("main a[href]"), "a way on"
    assert f"状态码 {status}" in browser.text
    assert "请求编号" in browser.text


@pytest.mark.parametrize("status", sorted(DOMAIN))
def test_the_reason_of_the_domain_is_shown(broken: Flask, status: int) -> None:
    browser = Browser(broken)
    browser.get(f"/refuse/{status}", expect=status)
    assert "名单已锁定，不能再修改。" in browser.text


def test_a_fallen_database_gives_a_page_without_asking_it(broken: Flask) -> None:
    browser = Browser(broken)
    browser.get("/fall", expect=503)
    assert browser.response.headers["Retry-After"] == "30"
    assert "系统暂时不可用" in browser.text


def test_an_unknown_address_gives_the_page(app: Flask) -> None:
    browser = Browser(app)
    browser.get("/no-such-page", expect=404)
    assert "没有找到这个页面" in browser.text


@pytest.mark.parametrize("came_from", ["http://[", "http://localhost//elsewhere.example/page"])
def test_what_a_browser_says_of_itself_breaks_no_error_page_and_leads_nowhere_else(app: Flask, came_from: str) -> None:
    browser = Browser(app)
    browser.get("/nirgendwo", expect=404, headers={"Referer": came_from, "Origin": came_from})
    assert not [a["href"] for a in browser.page.select("main a[href]") if a["href"].startswith(("//", "http"))]


def test_a_reason_is_escaped(own_app: Flask) -> None:
    @open_door
    def odd() -> str:
        raise Refused("<script>alert(1)</script>")

    own_app.add_url_rule("/odd", "odd", odd)
    browser = Browser(own_app)
    browser.get("/odd", expect=403)
    assert not browser.page.select("main script")


def test_signing_in_with_nothing_names_both_fields(people: People) -> None:
    browser = people.browser()
    browser.get("/sign-in")
    browser.submit({"login": "", "password": ""}, expect=422)
    page = browser.page
    assert [str(link["href"]) for link in page.select("#error-summary a")] == ["#login", "#password"]


def test_a_wrong_password_is_said_once_and_not_echoed(people: People) -> None:
    user = people.caseworker()
    browser = people.browser()
    browser.get("/sign-in")
    browser.submit({"login": user.login, "password": "not-the-password"}, expect=422)
    page = browser.page
    assert browser.text.count("账号或密码不正确") == 1
    assert "not-the-password" not in browser.response.get_data(as_text=True)
    login = page.select_one("#login")
    assert login is not None
    assert login["value"] == user.login, "what was typed stays"


def test_the_language_is_switched_on_any_page_and_comes_back_to_it(people: People) -> None:
    browser = people.browser()
    browser.get("/sign-in")
    browser.submit(form="header form", button="language=en")
    page = browser.page
    assert page.html is not None
    assert page.html["lang"] == "en"
    assert browser.url.startswith("/sign-in")
    browser.submit(form="header form", button="language=zh_Hans_CN")
    page = browser.page
    assert page.html is not None
    assert page.html["lang"] == "zh-Hans"
