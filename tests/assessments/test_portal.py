"""The form in a browser without a script, and what a script is told."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.access.roles import Role
from app.accounts.models import User
from app.assessments import talking
from app.assessments.models import Assessment
from app.firms.models import Firm
from tests.assessments.conftest import Fill
from tests.support.browser import Browser
from tests.support.people import People

STAFF = "value-tech_staff_month_avg-2025"


@pytest.fixture
def browser(people: People, filler_user: User) -> Browser:
    return people.browser(filler_user)


def _save(browser: Browser, form: Assessment, *fields: tuple[str, str, int]) -> Any:
    browser.get(f"/portal/assessments/{form.id}/sections/staff")
    token = browser.page.select_one("#assess-form input[name=csrf_token]")
    assert token is not None
    return browser.client.post(
        f"/portal/assessments/{form.id}/answers",
        data={
            "csrf_token": token["value"],
            "name": [one[0] for one in fields],
            "text": [one[1] for one in fields],
            "seen": [str(one[2]) for one in fields],
        },
    )


def test_a_form_is_begun_filled_and_left_without_a_script(browser: Browser, firm: Firm) -> None:
    browser.get("/portal/assessments")
    browser.submit({"programme": "hitech_recognition", "year": "2025"}, form=".x-begin form")
    assert "高新技术企业认定自评（2025 年度）" in browser.text
    assert "处须改正或说明原因" in browser.text
    browser.get(browser.url + "/sections/staff")
    assert "已有 100 人" in browser.text
    assert len(browser.response.data) < 60_000
    browser.submit({STAFF: "9", "confirm-employees_month_avg-2025": "yes"}, form="#assess-form")
    assert "已保存 14:32:07" in browser.text
    assert "收入与利润" in browser.text
    browser.get(browser.url.replace("income", "staff"))
    assert "2 / 2 已完成" in browser.text
    assert "9.00% ，要求不低于 10%" in browser.text


def test_two_windows_without_a_script_show_both_texts(
    browser: Browser, form: Assessment, people: People, firm: Firm, fill: Fill
) -> None:
    browser.get(f"/portal/assessments/{form.id}/sections/staff")
    fill(people.make(Role.FIRM_FILLER, name="钱会计", firm_id=firm.id).as_actor(), {STAFF: "21"})
    browser.submit({STAFF: "22", "confirm-employees_month_avg-2025": "yes"}, form="#assess-form", expect=409)
    assert "钱会计 修改了下面这一项" in browser.text
    assert "您填写的内容：22" in browser.text
    assert "1 / 2 已完成" not in browser.text  # what did not clash was saved
    browser.submit({STAFF: "22"}, form="#assess-form")
    browser.get(f"/portal/assessments/{form.id}/texts")
    assert "没有采用" in browser.text


def test_a_script_saves_field_by_field_and_hears_of_others(browser: Browser, form: Assessment) -> None:
    answer = _save(browser, form, (STAFF, "二十", 0)).get_json()
    assert answer["fields"][0]["version"] == 1
    assert "不是数字" in answer["fields"][0]["problem"]
    assert answer["fields"][0]["at"] == "14:32:07"
    answer = _save(browser, form, (STAFF, "20", 0)).get_json()
    assert (answer["fields"][0]["mine"], answer["fields"][0]["text"]) == (False, "二十")
    changes = browser.client.get(f"/portal/assessments/{form.id}/changes?since=0").get_json()
    assert [one["name"] for one in changes["fields"]] == [STAFF]
    assert browser.client.get(f"/portal/assessments/{form.id}/changes?since=99").get_json()["fields"] == []


def test_the_preview_is_a_piece_of_the_page(browser: Browser, form: Assessment) -> None:
    _save(browser, form, (STAFF, "300", 0))
    news = browser.client.get(f"/portal/assessments/{form.id}/preview").get_json()
    assert 'id="preview"' in news["html"]
    assert "不是正式结果" in news["html"]
    assert "大于职工总数" in news["doubts"][STAFF][0]


def test_what_stands_around_a_field_follows_what_was_saved(
    browser: Browser, form: Assessment, filler: Actor, fill: Fill
) -> None:
    sales, why = "value-sales_revenue-2025", "reason-sales_revenue-2025"
    fill(filler, {"value-sales_revenue-2024": "41,862,300 元", sales: "7720.58"})

    def news() -> Any:
        return browser.client.get(f"/portal/assessments/{form.id}/preview").get_json()

    told = news()
    assert told["read"] == {"value-sales_revenue-2024": "按 4,186.23 万元 计"}
    assert told["before"][sales] == "上年 4,186.23 万元"
    assert (told["done"]["income"], len(told["doubts"][sales])) == ("0 / 6 已完成", 2)
    fill(filler, {why: "二期投产", "reason-sales_revenue-2024": "审计调整"})
    told = news()
    assert (told["done"]["income"], told["doubts"]) == ("2 / 6 已完成", {})
    browser.get(f"/portal/assessments/{form.id}/sections/income")
    assert "按 4,186.23 万元 计" in browser.text


def test_a_step_is_ticked_when_it_is_done_wherever_one_stands(
    browser: Browser, form: Assessment, filler: Actor, fill: Fill
) -> None:
    fill(filler, {"value-hitech_field_code-": "八-（二）-3", "reason-hitech_field_code-": "补到末级"})
    browser.get(f"/portal/assessments/{form.id}/sections/income")
    assert [one.text.split()[-1] for one in browser.page.select(".x-steps__done")] == ["产品与市场"]


def test_what_cannot_be_saved_says_why(
    browser: Browser, form: Assessment, monkeypatch: pytest.MonkeyPatch, session: Session
) -> None:
    assert _save(browser, form, (STAFF, "9" * 6000, 0)).status_code == 422

    def full(*_arguments: object, **_more: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(talking, "save", full)
        answer = _save(browser, form, (STAFF, "20", 0))
    assert answer.status_code == 507
    assert "磁盘已满" in answer.get_json()["message"]


def test_who_is_signed_out_is_told_so_and_not_sent_elsewhere(people: People, form: Assessment) -> None:
    stranger = people.browser()
    stranger.get("/sign-in")
    token = stranger.page.select_one("input[name=csrf_token]")
    assert token is not None
    answer = stranger.client.post(
        f"/portal/assessments/{form.id}/answers", data={"csrf_token": token["value"]}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 401


def test_work_is_shared_out(browser: Browser, form: Assessment, filler: Actor) -> None:
    browser.get(f"/portal/assessments/{form.id}")
    assert len(browser.page.select("form.x-owner select[name=owner]")[0].select("option")) == 4
    browser.submit({"owner": "research", "person": "孙工"}, form="form.x-owner")
    assert "研发 · 孙工" in browser.text
