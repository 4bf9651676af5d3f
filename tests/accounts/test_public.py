"""Signing in and out, as a person does it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import service
from app.accounts.models import SignInFailure
from app.core.db import Database
from app.factory import create_app
from config import Settings
from tests.support.people import PASSWORD, People


def test_a_caseworker_signs_in_and_out(people: People) -> None:
    browser = people.browser(people.caseworker())
    assert browser.client.get("/sign-in").status_code == 200
    browser.get("/password")
    assert "原密码" in browser.text


def test_a_wrong_password_says_so_without_saying_which(people: People) -> None:
    user = people.caseworker()
    browser = people.browser()
    browser.get("/sign-in")
    browser.submit({"login": user.login, "password": "wrong-password"}, expect=422)
    assert "账号或密码不正确" in browser.text
    browser.submit({"login": "nobody", "password": "wrong-password"}, expect=422)
    assert "账号或密码不正确" in browser.text


def test_too_many_failures_pause_the_login(people: People) -> None:
    user = people.caseworker()
    browser = people.browser()
    browser.get("/sign-in")
    for _ in range(service.MOST_FAILURES):
        browser.submit({"login": user.login, "password": "wrong-password"}, expect=422)
    browser.submit({"login": user.login, "password": PASSWORD}, expect=429)
    assert "15 分钟" in browser.text


def test_an_ended_session_is_signed_out_at_once(people: People, database: Database) -> None:
    user = people.caseworker()
    browser = people.browser(user)
    browser.get("/password")
    with database.transaction() as session:
        service.end_all(session, user)
    assert browser.client.get("/password").status_code == 302


def test_a_disabled_user_is_signed_out_at_once(people: People, database: Database, session: Session) -> None:
    user, admin = people.caseworker(), people.admin()
    browser = people.browser(user)
    with database.transaction() as writing:
        service.set_active(writing, writing.merge(user), active=False, by=admin.as_actor())
    assert browser.client.get("/password").status_code == 302


def test_a_link_that_leaves_the_site_is_not_followed(people: People) -> None:
    user = people.caseworker()
    for target in ("//evil.example", "https://evil.example", "/\\evil.example"):
        browser = people.browser()
        browser.get("/sign-in")
        answer = browser.client.post(
            f"/sign-in?next={target}",
            data={
                "login": user.login,
                "password": PASSWORD,
                "csrf_token": str(browser.page.select_one("input[name=csrf_token]")["value"]),  # type: ignore[index]
            },
        )
        assert answer.headers["Location"] == "/office/"


def test_the_address_comes_from_the_proxies_only_where_there_are_some(settings: Settings) -> None:
    for proxies, expected in ((0, "127.0.0.1"), (1, "203.0.113.9")):
        app = create_app(replace(settings, proxies=proxies))
        people = People(app, app.extensions["yuqi_database"])
        browser = people.browser()
        browser.get("/sign-in")
        token = str(browser.page.select_one("input[name=csrf_token]")["value"])  # type: ignore[index]
        browser.client.post(
            "/sign-in",
            data={"login": "nobody", "password": "wrong-word-1", "csrf_token": token},
            headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"},  # the first is what the visitor claims himself
        )
        with app.extensions["yuqi_database"].session() as session:
            newest = select(SignInFailure.address).order_by(SignInFailure.id.desc()).limit(1)
            assert session.scalar(newest) == expected
        app.extensions["yuqi_database"].dispose()
