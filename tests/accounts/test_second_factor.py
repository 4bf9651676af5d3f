"""A password alone is not enough for who asked for more; a lost device and a forgotten password have a way back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Reach
from app.access.roles import Role
from app.access.towns import Town
from app.accounts import mandates, resetting, second_factor, service
from app.accounts.mandates import Power
from app.accounts.models import RecoveryCode, SecondFactor, User
from app.core import clock
from app.core.db import Database
from app.core.errors import Refused
from app.core.sealing import Box
from app.factory import create_app
from config import Settings, UnsafeSettings
from tests.factories.firms import make_firm
from tests.support.browser import Browser
from tests.support.people import PASSWORD, People

FORM = "main form.x-form"


class Clock:
    """A clock that a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def on(self, seconds: int) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def code_at(seed: str, moment: datetime) -> str:
    return pyotp.TOTP(seed).at(moment)


def secured(people: People, user: User, moved: Clock) -> tuple[Browser, str, list[str]]:
    """Switch the second factor on; return the browser, the seed and the recovery codes."""
    browser = people.browser(user)
    browser.get("/security")
    browser.submit({}, form='form[action="/security/begin"]')
    seed = browser.page.select_one("p.x-mono").text  # type: ignore[union-attr]
    browser.submit({"password": PASSWORD, "code": "000000"}, form=FORM, expect=422)
    browser.submit({"password": PASSWORD, "code": code_at(seed, moved.at)}, form=FORM)
    return browser, seed, [one.text for one in browser.page.select("ol.x-mono li")]


def signing_in(people: People, user: User) -> Browser:
    browser = people.browser()
    browser.get("/sign-in?next=/password")
    browser.submit({"login": user.login, "password": PASSWORD})
    assert "输入验证码" in browser.text
    return browser


def test_signing_in_asks_for_a_code_which_is_good_once(people: People, moved: Clock) -> None:
    user = people.caseworker()
    _browser, seed, _codes = secured(people, user, moved)
    moved.on(60)
    code = code_at(seed, moved.at)
    browser = signing_in(people, user)
    browser.get("/office/", expect=200)
    assert "登录" in browser.text  # half signed in is not signed in
    browser = signing_in(people, user)
    browser.submit({"code": code}, form=FORM)
    assert "原密码" in browser.text  # where it was going
    again = signing_in(people, user)
    again.submit({"code": code}, form=FORM, expect=422)
    assert "已用过" in again.text


@pytest.mark.parametrize(("seconds", "fits"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_device_may_be_half_a_minute_wrong(people: People, moved: Clock, seconds: int, *, fits: bool) -> None:
    user = people.caseworker()
    _browser, seed, _codes = secured(people, user, moved)
    moved.on(300)
    browser = signing_in(people, user)
    shown = code_at(seed, moved.at + timedelta(seconds=seconds))
    browser.submit({"code": shown}, form=FORM, expect=200 if fits else 422)


def test_a_recovery_code_stands_in_once(people: People, moved: Clock, session: Session) -> None:
    user = people.caseworker()
    _browser, _seed, codes = secured(people, user, moved)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    browser = signing_in(people, user)
    browser.submit({"code": codes[0].upper()}, form=FORM)
    browser.get("/security")
    assert "还有 9 个恢复码" in browser.text
    signing_in(people, user).submit({"code": codes[0]}, form=FORM, expect=422)
    kept = session.scalars(select(RecoveryCode.code_hash)).all()
    assert not set(kept) & set(codes)


def test_guessing_codes_is_paused_and_the_password_does_not_reset_the_count(people: People, moved: Clock) -> None:
    user = people.caseworker()
    secured(people, user, moved)
    for _ in range(service.MOST_FAILURES):
        signing_in(people, user).submit({"code": "111111"}, form=FORM, expect=422)
    browser = people.browser()
    browser.get("/sign-in")
    browser.submit({"login": user.login, "password": PASSWORD}, expect=429)


def test_the_step_between_times_out_and_dies_with_the_password(
    people: People, moved: Clock, database: Database
) -> None:
    user = people.caseworker()
    _browser, seed, _codes = secured(people, user, moved)
    moved.on(60)
    late = signing_in(people, user)
    moved.on(301)
    late.submit({"code": code_at(seed, moved.at)}, form=FORM)
    assert "已超时" in late.text
    changed = signing_in(people, user)
    with database.transaction() as writing:
        service.reset_password(writing, writing.merge(user), by=user.as_actor())
    changed.submit({"code": code_at(seed, moved.at)}, form=FORM)
    assert "已超时" in changed.text


def test_it_is_switched_off_with_password_and_code_or_by_an_administrator(
    people: People, moved: Clock, session: Session
) -> None:
    user, other = people.caseworker(), people.caseworker()
    browser, seed, _codes = secured(people, user, moved)
    moved.on(60)
    browser.get("/security")
    browser.submit({"password": "wrong", "code": code_at(seed, moved.at)}, form="#stop")
    assert "密码不正确" in browser.text
    browser.submit({"password": PASSWORD, "code": code_at(seed, moved.at)}, form="#stop")
    assert "已停用" in browser.text
    lost, _seed, _codes = secured(people, other, moved)
    admin = people.browser(people.admin())
    admin.get(f"/office/accounts/{other.id}")
    admin.submit({}, form='form[action$="/unlock"]')
    assert lost.client.get("/security").status_code == 302  # its sessions ended
    session.rollback()
    assert session.scalars(select(SecondFactor)).all() == []


def test_the_seed_lies_sealed_and_old_keys_still_open(people: People, moved: Clock, session: Session) -> None:
    user = people.caseworker()
    _browser, seed, _codes = secured(people, user, moved)
    session.rollback()
    assert seed not in session.scalars(select(SecondFactor.seed)).one()
    old, new = Box(("o" * 32,)), Box(("n" * 32, "o" * 32))
    renewed = new.renew(old.seal(seed))
    assert Box(("n" * 32,)).open(renewed) == seed
    with pytest.raises(Refused, match="YUQI_SEAL_KEYS"):
        old.open(renewed)


def test_where_the_settings_ask_for_it_nothing_else_opens_before(
    settings: Settings, app: Flask, people: People
) -> None:
    user = people.caseworker()
    strict = create_app(replace(settings, second_factor="staff"))
    browser = Browser(strict)
    browser.get("/sign-in")
    browser.submit({"login": user.login, "password": PASSWORD})
    assert "本单位要求启用两步验证" in browser.text
    browser.get("/office/firms")
    assert "本单位要求启用两步验证" in browser.text
    strict.extensions["yuqi_database"].dispose()  # an application of its own keeps its own connections
    with pytest.raises(UnsafeSettings, match="YUQI_SECOND_FACTOR"):
        Settings.from_env({"YUQI_SECOND_FACTOR": "always", "YUQI_DATA_DIR": str(settings.data_dir)})


def link_for(people: People, user: User) -> str:
    admin = people.browser(people.admin())
    admin.get(f"/office/accounts/{user.id}")
    admin.submit({}, form='form[action$="/reset-link"]')
    return str(admin.page.select_one("input[readonly]")["value"]).removeprefix("http://yuqi.test")  # type: ignore[index]


def test_a_reset_link_works_once_within_an_hour(people: People) -> None:
    user = people.caseworker()
    signed_in = people.browser(user)
    link, new = link_for(people, user), "brand-new-secret"
    browser = people.browser()
    browser.get(link)
    browser.submit({"password": "short", "again": "short"}, form=FORM, expect=422)
    browser.submit({"password": new, "again": new}, form=FORM)
    assert signed_in.client.get("/password").status_code == 302
    browser.submit({"login": user.login, "password": new}, form=FORM)
    browser.get(link, expect=409)
    assert "已经使用过" in browser.text
    people.browser().get(link[:-3] + "xyz", expect=404)


def test_a_reset_link_runs_out(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    user = people.caseworker()
    link = link_for(people, user)
    monkeypatch.setattr(resetting, "GOOD_FOR", -1)
    browser = people.browser()
    browser.get(link, expect=409)
    assert "一小时" in browser.text


def test_a_caseworker_resets_people_of_firms_within_reach_only(people: People, session: Session) -> None:
    near, far = make_firm(session), make_firm(session, town=Town.HETANG)
    filler = people.make(Role.FIRM_FILLER, firm_id=near.id)
    both = people.make(Role.FIRM_FILLER, firm_id=near.id)
    with people.database.transaction() as writing:
        power = Power(far.id, Role.FIRM_FILLER, clock.today())
        mandates.grant(writing, writing.merge(both), power, by=SYSTEM, basis="", action=Action.MANDATE_GRANT)
    office = people.browser(people.caseworker(reach=Reach.TOWNS, towns=["duruan"]))
    office.get(f"/office/firms/{near.id}/people")
    forms = {str(one["action"]) for one in office.page.select('form[action$="/reset"]')}
    assert len(forms) == 2
    mine = {one.user_id: one.id for one in mandates.of_firm(session, near.id)}
    office.submit({}, form=f'form[action$="/{mine[filler.id]}/reset"]')
    assert "/reset/" in office.response.get_data(as_text=True)
    office.get(f"/office/firms/{near.id}/people")
    office.submit({}, form=f'form[action$="/{mine[both.id]}/reset"]', expect=403)
    assert "管理范围之外" in office.text
