"""The pages of nomination lists, from drawing up to the frozen list, in two people's browsers."""

from __future__ import annotations

import io

from openpyxl import load_workbook
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.access.actor import Reach
from app.access.roles import Role
from app.nominations.models import Decision, ListState, Nomination, NominationList
from tests.factories.eligibility import make_four_firms, make_list
from tests.factories.nominations import decide_all, make_draft
from tests.support.people import People


def test_from_an_eligibility_list_to_a_frozen_one(session: Session, people: People) -> None:
    firms = make_four_firms(session)
    source = make_list(session)
    worker = people.browser(people.caseworker(name="陈经办"))
    worker.get(f"/office/eligibility/{source.id}")
    link = worker.page.select_one("a[href*='/office/nominations/new/']")
    assert link is not None
    worker.get(str(link["href"]))
    worker.submit({"title": "", "quota": "2"}, expect=422)
    worker.submit({"title": "高新技术企业推荐名单", "quota": "2"})
    url = worker.url
    assert firms["eligible"].name in worker.text
    assert firms["ineligible"].name not in worker.text
    worker.get(str(worker.page.select_one("a[href*='/office/nominations/places/']")["href"]))  # type: ignore[index]
    worker.submit({"decision": "defer"}, expect=422)
    assert "须写明理由" in worker.text
    worker.submit({"decision": "nominate", "amount": "10"}, expect=422)
    assert "须同时写明依据" in worker.text
    worker.submit({"decision": "nominate", "amount": ""})
    assert "未定义" in worker.text
    worker.submit({}, form="form[action$='/submit']")
    assert "等待另一位审核人锁定" in worker.text
    worker.get(f"{url}/freeze", expect=403)
    other = people.browser(people.reviewer(name="李审核"))
    other.get(f"{url}/freeze")
    assert firms["eligible"].name in other.text
    other.submit({})
    found = session.scalars(select(NominationList)).one()
    assert found.state is ListState.FROZEN
    assert found.digest in other.text
    assert "内容没有改变" in other.text


def test_a_reviewer_who_had_a_hand_in_it_is_refused(session: Session, people: People) -> None:
    reviewer = people.reviewer(name="王审核")
    drawn = make_draft(session, reviewer.as_actor())
    decide_all(session, drawn, people.caseworker().as_actor())
    browser = people.browser(reviewer)
    browser.get(f"/office/nominations/{drawn.list.id}")
    assert not browser.page.select("a[href$='/freeze']")
    browser.get(f"/office/nominations/{drawn.list.id}/freeze")
    browser.submit({}, expect=403)
    assert "须由另一位审核人锁定" in browser.text
    session.rollback()
    assert session.scalars(select(NominationList.state)).one() is ListState.SUBMITTED


def test_tampering_past_the_triggers_is_seen_on_the_page(session: Session, people: People) -> None:
    caseworker = people.caseworker().as_actor()
    drawn = make_draft(session, caseworker)
    decide_all(session, drawn, caseworker)
    browser = people.browser(people.reviewer())
    browser.get(f"/office/nominations/{drawn.list.id}/freeze")
    browser.submit({})
    session.rollback()
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("DROP TRIGGER nomination_keeps_update"))
    else:
        session.execute(text("ALTER TABLE nomination DISABLE TRIGGER ALL"))
    session.execute(text("UPDATE nomination SET reason = '改过' WHERE decision = 'decline'"))
    session.commit()
    browser.get(f"/office/nominations/{drawn.list.id}")
    assert "内容可能被改动" in browser.text


def test_firms_move_up_and_down_without_javascript(session: Session, people: People) -> None:
    caseworker = people.caseworker()
    drawn = make_draft(session, caseworker.as_actor())
    browser = people.browser(caseworker)
    for name in ("eligible", "second"):
        browser.get(f"/office/nominations/places/{drawn.place(session, name).id}")
        browser.submit({"decision": "nominate"})
    second = drawn.place(session, "second").id
    browser.submit({"move": "up"}, form=f"#place-{second} form[action$='/rank']")
    session.rollback()
    assert session.get_one(Nomination, second).rank == 1
    assert not browser.page.select(f"#place-{second} input[value=up]")


def test_every_firm_that_is_not_on_the_list_has_one_line_why(session: Session, people: People) -> None:
    caseworker = people.caseworker()
    drawn = make_draft(session, caseworker.as_actor())
    decide_all(session, drawn, caseworker.as_actor())
    browser = people.browser(caseworker)
    browser.get(f"/office/nominations/{drawn.list.id}/absent")
    rows = {row.select_one("a").get_text(strip=True): row for row in browser.page.select("#results tbody tr")}  # type: ignore[union-attr]
    assert set(rows) == {drawn.firms[n].name for n in ("third", "ineligible", "undetermined", "needs_review")}
    assert "本年度已获同类支持" in rows[drawn.firms["third"].name].get_text()
    assert "不低于 5%" in rows[drawn.firms["ineligible"].name].get_text()
    browser.get(f"/office/nominations/{drawn.list.id}/absent?q=灯饰")
    assert len(browser.page.select("#results tbody tr")) == 1


def test_a_firm_is_added_by_search_with_a_reason(session: Session, people: People) -> None:
    caseworker = people.caseworker()
    drawn = make_draft(session, caseworker.as_actor())
    browser = people.browser(caseworker)
    browser.get(f"/office/nominations/{drawn.list.id}/add?q=丙五金")
    browser.submit({"firm_id": drawn.firms["undetermined"].id}, form="form[method=post]:has([name=reason])", expect=422)
    assert "须写明理由" in browser.text
    browser.submit({"reason": "材料已送达"}, form="form[method=post]:has([name=reason])")
    assert "材料已送达" in browser.text
    assert session.scalar(select(func.count()).where(Nomination.list_id == drawn.list.id)) == 4


def test_the_list_goes_out_as_a_workbook_with_codes_as_text(session: Session, people: People) -> None:
    caseworker = people.caseworker()
    drawn = make_draft(session, caseworker.as_actor())
    decide_all(session, drawn, caseworker.as_actor())
    browser = people.browser(caseworker)
    browser.get(f"/office/nominations/{drawn.list.id}/export")
    browser.submit()
    browser.get(f"{browser.url}/file")
    book = load_workbook(io.BytesIO(browser.response.data))
    assert book.sheetnames == ["推荐名单", "未列入名单的企业"]
    cells = {cell.value for row in book["推荐名单"].iter_rows() for cell in row}
    assert drawn.firms["eligible"].credit_code in cells
    assert any("尚未锁定" in str(value) for value in cells)
    people.browser(people.make(Role.AUDITOR)).get(f"/office/nominations/{drawn.list.id}/export", expect=403)


def test_a_person_with_a_narrow_reach_sees_no_other_firms(session: Session, people: People) -> None:
    drawn = make_draft(session, people.caseworker().as_actor())
    browser = people.browser(people.caseworker(reach=Reach.TOWNS, towns=["baisha"]))
    browser.get(f"/office/nominations/{drawn.list.id}")
    assert drawn.firms["eligible"].name not in browser.text
    browser.get(f"/office/nominations/{drawn.list.id}/absent")
    assert drawn.firms["ineligible"].name not in browser.text
    browser.get(f"/office/nominations/places/{drawn.place(session, 'eligible').id}", expect=404)


def test_a_second_save_of_the_same_decision_form_is_a_conflict(session: Session, people: People) -> None:
    drawn = make_draft(session, people.caseworker().as_actor())
    url = f"/office/nominations/places/{drawn.place(session, 'eligible').id}"
    one, two = people.browser(people.caseworker(name="甲")), people.browser(people.caseworker(name="乙"))
    one.get(url)
    two.get(url)
    one.submit({"decision": "nominate"})
    two.submit({"decision": "decline", "reason": "另议"}, expect=409)
    session.rollback()
    assert drawn.place(session, "eligible").decision is Decision.NOMINATE
