"""Names, events, duplicates and merging as a person does them in the browser, without JavaScript."""

from __future__ import annotations

from datetime import date

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Reach
from app.audit.models import AuditEvent
from app.firms import duplicates, registry
from app.firms.models import DuplicatePair, Firm, FirmEvent, FirmMerge, FormerName
from app.firms.taxonomy import FirmStatus, PairState, Town
from app.jobs.models import Job
from tests.factories.facts import make_fact
from tests.factories.firms import credit_code, make_firm
from tests.support.people import People


def again(session: Session) -> None:
    session.rollback()
    session.expire_all()


def test_a_caseworker_renames_a_firm_and_corrects_the_days(people: People, session: Session) -> None:
    firm = make_firm(session, name="虚构甲厂")
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{firm.id}/history")
    browser.submit({"name": "虚构 甲厂", "on": "2024-05-01", "document": "通知书"}, form="#rename-form", expect=422)
    assert "新名称与现用名相同" in browser.text
    browser.submit({"name": "虚构乙有限公司", "on": "2024-05-01", "document": "通知书 1 号"}, form="#rename-form")
    assert "已更名" in browser.text
    assert "虚构甲厂" in browser.text
    again(session)
    assert session.get_one(Firm, firm.id).name == "虚构乙有限公司"
    names = session.scalars(select(FormerName.id)).one()
    browser.submit({"since": "2001-01-01", "until": "2024-04-30", "document": ""}, form=f"#name-{names}")
    assert "起止日期已保存" in browser.text


def test_a_name_offered_is_taken_up_or_declined(people: People, session: Session) -> None:
    firm = make_firm(session, name="虚构甲厂")
    registry.offer_names(session, [(firm.id, "虚构丙厂", "批次 3 第 12 行")])
    session.commit()
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{firm.id}/history")
    assert "批次 3 第 12 行中，这家企业的名称是“虚构丙厂”" in browser.text
    browser.submit({"reason": "表中笔误"}, form="#offer-1")
    assert "以后不再提示" in browser.text
    assert "批次 3" not in browser.text


def test_an_event_changes_the_status_and_can_be_voided(people: People, session: Session) -> None:
    firm = make_firm(session)
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{firm.id}/history")
    browser.submit({"kind": "moved_out", "on_day": "2024-05-01", "to_place": ""}, form="#event-form", expect=422)
    assert "请写明迁往哪里" in browser.text
    browser.submit({"kind": "moved_out", "on_day": "2024-05-01", "to_place": "江海区"}, form="#event-form")
    assert "往江海区" in browser.text
    again(session)
    assert session.get_one(Firm, firm.id).status is FirmStatus.MOVED_OUT
    browser.submit({"reason": "录错企业"}, form=f"#event-{session.scalars(select(FirmEvent.id)).one()}")
    assert "录错企业" in browser.text
    again(session)
    assert session.get_one(Firm, firm.id).status is FirmStatus.ACTIVE


def test_a_branch_names_its_legal_entity(people: People, session: Session) -> None:
    parent = make_firm(session, name="虚构母公司", credit_code=credit_code(71))
    branch = make_firm(session, name="虚构母公司杜阮分公司")
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{branch.id}/history")
    browser.submit({"kind": "branch", "on_day": "2024-05-01", "parent": "没有这家"}, form="#event-form", expect=422)
    assert "请填写所属法人的名称" in browser.text
    browser.submit({"kind": "branch", "on_day": "2024-05-01", "parent": credit_code(71)}, form="#event-form")
    assert "虚构母公司" in browser.text
    browser.get(f"/office/firms/{parent.id}/history")
    assert "虚构母公司杜阮分公司" in browser.text


def test_duplicates_are_looked_for_told_apart_and_brought_back(app: Flask, people: People, session: Session) -> None:
    for name in ("江门市恒丰机电有限公司", "恒丰机电厂"):
        make_firm(session, name=name, credit_code=None, town=Town.DURUAN)
    browser = people.browser(people.reviewer())
    browser.get("/office/duplicates")
    assert "没有待核对的疑似重复" in browser.text
    browser.submit(form="form[action$=scan]")
    assert "正在后台查找" in browser.text
    app.extensions["yuqi_worker"].run_pending()
    browser.get("/office/duplicates")
    assert "去掉地名和组织形式后相同" in browser.text
    number = session.scalars(select(DuplicatePair.id)).one()
    browser.submit({"reason": "已电话核实"}, form=f"#pair-{number}")
    assert "以后不再提示" in browser.text
    browser.get("/office/duplicates?state=different")
    assert "已电话核实" in browser.text
    browser.submit(form="form[action$=reopen]")
    again(session)
    assert session.scalars(select(DuplicatePair.state)).one() is PairState.OPEN
    assert session.scalars(select(Job.name)).all() == ["identity.scan"]


def test_somebody_with_a_smaller_scope_is_told_only_how_many(people: People, session: Session) -> None:
    make_firm(session, name="江门市恒丰机电有限公司", credit_code=None, town=Town.DURUAN)
    make_firm(session, name="恒丰机电厂", credit_code=None, town=Town.HETANG)
    duplicates.scan(session)
    session.commit()
    browser = people.browser(people.caseworker(reach=Reach.TOWNS, towns=["duruan"]))
    browser.get("/office/duplicates")
    assert "另有 1 对中有一家在您的管理范围之外" in browser.text
    assert "恒丰机电厂" not in browser.text


def test_a_reviewer_merges_two_records_and_takes_it_back(people: People, session: Session) -> None:
    reviewer = people.reviewer()
    one = make_firm(session, name="江门市恒丰机电有限公司", credit_code=credit_code(5), address="")
    other = make_firm(session, name="恒丰机电厂", credit_code=None, address="建设路 1 号")
    for firm, value in ((one, 10), (other, 20)):
        make_fact(session, firm.id, "sales_revenue", 2024, value, reviewer=reviewer.as_actor())  # type: ignore[arg-type]
    duplicates.scan(session)
    session.commit()
    browser = people.browser(reviewer)
    browser.get(f"/office/firms/{one.id}/other?q=恒丰")
    browser.get(f"/office/firms/{one.id}/merge/{other.id}")
    assert "建设路 1 号" in browser.text
    assert "销售收入 2024 年" in browser.text
    browser.submit({"reason": ""}, expect=422)
    browser.submit({"reason": "同一营业执照重复建档"})
    assert "已合并" in browser.text
    again(session)
    assert session.get_one(Firm, one.id).address == "建设路 1 号"
    browser.get(f"/office/firms/{other.id}/identity")
    assert "已并入“江门市恒丰机电有限公司”" in browser.text
    browser.get("/office/firms/")
    assert "恒丰机电厂" not in browser.text
    assert "江门市恒丰机电有限公司" in browser.text
    done = session.scalars(select(FirmMerge)).one()
    browser.get("/office/duplicates?state=merged")
    assert browser.page.select(f'a[href="/office/merges/{done.id}"]')
    browser.get(f"/office/merges/{done.id}")
    browser.submit({"reason": "核对后确为两家"})
    assert "合并已撤销" in browser.text
    again(session)
    assert session.get_one(Firm, other.id).status is FirmStatus.ACTIVE
    events = select(func.count()).where(AuditEvent.action.in_([Action.FIRM_MERGE, Action.FIRM_UNMERGE]))
    assert session.scalar(events) == 4
    assert date(2024, 1, 1) < done.merged_at.date()


def test_a_caseworker_may_not_merge(people: People, session: Session) -> None:
    one, other = make_firm(session), make_firm(session)
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{one.id}/merge/{other.id}", expect=403)
