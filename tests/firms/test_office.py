"""The firms pages as a person uses them."""

from __future__ import annotations

import io

import openpyxl
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Reach
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.firms import contacts, queries, service
from app.firms.contacts import ContactDraft
from app.firms.models import Contact, Firm
from app.firms.taxonomy import ChainRole, ClusterCode, FirmStatus, Town
from tests.factories.firms import credit_code, make_firm
from tests.support.people import People


def _look_again(session: Session) -> None:
    session.rollback()
    session.expire_all()


def _count(session: Session, action: Action) -> int:
    _look_again(session)
    return session.scalar(select(func.count()).where(AuditEvent.action == action)) or 0


def test_a_caseworker_creates_finds_and_edits_a_firm(people: People, session: Session) -> None:
    browser = people.browser(people.caseworker())
    browser.get("/office/firms/new")
    code = credit_code(41)
    browser.submit(
        {
            "name": "虚构海信机电有限公司",
            "credit_code": f" {code.lower()} ",
            "town": "duruan",
            "primary_cluster": "motorcycles",
            "other_clusters": ["motorcycles", "health_food"],
            "chain_role": "supplier",
        }
    )
    assert "已新增" in browser.text
    assert code in browser.text
    assert "摩托车及零配件" in browser.text
    assert "健康食品" in browser.text
    for asked in ("海信", "hx", "haixin", code[:10], "ＨＸ"):
        browser.get("/office/firms/", query_string={"q": asked})
        assert "虚构海信机电有限公司" in browser.text, asked
    browser.get("/office/firms/?q=geli")
    assert "没有符合条件的企业" in browser.text
    firm = session.scalars(select(Firm)).one()
    browser.get(f"/office/firms/{firm.id}/edit")
    browser.submit({"short_name": "海信", "town": "hetang"})
    assert "已保存" in browser.text
    assert "荷塘镇" in browser.text
    browser.get(f"/office/firms/{firm.id}/timeline")
    assert "修改企业" in browser.text
    assert "镇街 原值 杜阮镇 新值 荷塘镇" in browser.text
    assert "链上角色 配套企业" in browser.text
    assert "duruan" not in browser.text


def test_the_edit_form_changes_neither_status_nor_name_without_day_and_document(
    people: People, session: Session
) -> None:
    firm = make_firm(session, name="虚构误名公司", status=FirmStatus.MOVED_OUT)
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{firm.id}/edit")
    assert not browser.page.select("[name=status]")
    browser.submit({"name": "虚构新名公司"}, expect=422)
    assert "填写更名日期和依据" in browser.text
    assert browser.page.select(f'a[href$="/firms/{firm.id}/history"]')
    browser.submit({"name": "虚构正名公司", "corrects_name": "y", "address": "虚构路 9 号"})
    assert "已保存" in browser.text
    _look_again(session)
    kept = session.get_one(Firm, firm.id)
    assert (kept.name, kept.address, kept.status) == ("虚构正名公司", "虚构路 9 号", FirmStatus.MOVED_OUT)
    assert not queries.former_names(session, firm.id)


def test_a_wrong_code_is_refused_with_its_place_and_a_repair(people: People, session: Session) -> None:
    browser = people.browser(people.caseworker())
    browser.get("/office/firms/new")
    code = credit_code(1)
    browser.submit({"name": "虚构甲厂", "credit_code": code.replace("0", "O", 2)}, expect=422)
    assert "第 5 位是字母 O，统一社会信用代码不使用 I、O、S、V、Z" in browser.text
    assert f"是否应为 {code}" in browser.text
    assert session.scalar(select(func.count()).select_from(Firm)) == 0
    assert _count(session, Action.FIRM_CREATE) == 0


def test_a_failing_check_digit_asks_and_can_be_confirmed(people: People, session: Session) -> None:
    browser = people.browser(people.caseworker())
    browser.get("/office/firms/new")
    assert not browser.page.select("[name=code_confirmed]")
    code = credit_code(1)
    wrong = code[:-1] + ("7" if code[-1] != "7" else "8")
    browser.submit({"name": "虚构甲厂", "credit_code": wrong}, expect=422)
    assert f"按规则应为 {code[-1]}" in browser.text
    browser.submit({"code_confirmed": "y"})
    assert "校验码不符，已人工确认" in browser.text
    firm = session.scalars(select(Firm)).one()
    # a later edit does not ask again, another doubtful code does
    browser.get(f"/office/firms/{firm.id}/edit")
    browser.submit({"address": "虚构路 1 号"})
    assert "已保存" in browser.text
    browser.get(f"/office/firms/{firm.id}/edit")
    browser.submit({"credit_code": credit_code(2)[:-1] + ("7" if credit_code(2)[-1] != "7" else "8")}, expect=422)
    assert "按规则应为" in browser.text


def test_namesakes_are_shown_before_a_second_firm_is_made(people: People, session: Session) -> None:
    make_firm(session, name="江门市海信电子有限公司", town=Town.DURUAN)
    make_firm(session, name="广东海欣电子有限公司", town=Town.HETANG)
    browser = people.browser(people.caseworker(reach=Reach.TOWNS, towns=["duruan"]))
    browser.get("/office/firms/new")
    browser.submit({"name": "海信电子股份有限公司", "town": "duruan"}, expect=422)
    assert "江门市海信电子有限公司" in browser.text
    assert "管理范围之外有 1 家" in browser.text
    assert "海欣" not in browser.text
    assert session.scalar(select(func.count()).select_from(Firm)) == 2
    browser.submit({"not_the_same": "y"})
    assert "已新增" in browser.text


def test_a_second_save_shows_both_versions(people: People, session: Session) -> None:
    firm = make_firm(session)
    slow, quick = people.browser(people.caseworker()), people.browser(people.caseworker())
    slow.get(f"/office/firms/{firm.id}/edit")
    quick.get(f"/office/firms/{firm.id}/edit")
    quick.submit({"address": "快手填的地址"})
    slow.submit({"address": "慢手填的地址"}, expect=409)
    assert "已被他人修改" in slow.text
    row = next(row for row in slow.page.select(".x-compare tr") if "地址" in row.get_text())
    assert "慢手填的地址" in row.get_text()
    assert "快手填的地址" in row.get_text()
    assert "不同" in row.get_text()
    _look_again(session)
    assert session.get_one(Firm, firm.id).address == "快手填的地址"
    slow.submit({"address": "两人商定的地址"})
    _look_again(session)
    assert session.get_one(Firm, firm.id).address == "两人商定的地址"
    assert _count(session, Action.FIRM_EDIT) == 2


def test_another_towns_firm_is_not_there(people: People, session: Session) -> None:
    firm = make_firm(session, name="虚构邻镇厂", town=Town.HETANG)
    for person in (
        people.caseworker(reach=Reach.TOWNS, towns=["duruan"]),
        people.caseworker(reach=Reach.PORTFOLIO),
    ):
        browser = people.browser(person)
        for path in ("identity", "edit", "timeline", "contacts/new"):
            browser.get(f"/office/firms/{firm.id}/{path}", expect=404)
            assert "邻镇" not in browser.text
        for path in (f"{firm.id}/roster", f"{firm.id}/former-names", "export"):
            browser.get("/office/firms/new")
            sent = {"id": str(firm.id), "year": "2025", "source": "名录", "name": "甲"}
            browser.post(f"/office/firms/{path}", sent, expect=404)
        browser.get("/office/firms/?q=邻镇")
        assert "虚构邻镇厂" not in browser.text
    browser.get("/office/firms/99999999999999999999/identity", expect=404)
    reviewer = people.browser(people.reviewer())
    reviewer.get(f"/office/firms/{firm.id}/identity")


def test_who_may_not_edit_is_refused(people: People, session: Session) -> None:
    firm = make_firm(session)
    for role in (Role.LEADER, Role.AUDITOR):
        browser = people.browser(people.make(role))
        browser.get(f"/office/firms/{firm.id}/identity")
        assert not browser.page.select(f'a[href$="/{firm.id}/edit"]')
        browser.get(f"/office/firms/{firm.id}/edit", expect=403)
        browser.get("/office/firms/new", expect=403)
    worker = people.browser(people.caseworker())
    worker.get("/office/firms/")
    worker.post("/office/firms/assign", {"id": str(firm.id), "caseworker": "1"}, expect=403)
    assert people.browser(people.make(Role.AUDITOR)).client.get("/office/firms/export").status_code == 403
    assert _count(session, Action.FIRM_EDIT) == _count(session, Action.FIRM_ASSIGN) == 0


def test_chosen_firms_are_assigned_together(people: People, session: Session) -> None:
    firms = [make_firm(session) for _ in range(3)]
    worker = people.caseworker(name="王专员")
    browser = people.browser(people.reviewer())
    browser.get("/office/firms/")
    browser.post("/office/firms/assign", {"id": [str(firm.id) for firm in firms[:2]]})
    assert "已选 2 家企业" in browser.text
    browser.submit({"caseworker": str(worker.id), "id": [str(firm.id) for firm in firms[:2]]})
    assert "已将 2 家企业的经办人改为王专员" in browser.text
    _look_again(session)
    assert [session.get_one(Firm, firm.id).caseworker_id for firm in firms] == [worker.id, worker.id, None]
    assert _count(session, Action.FIRM_ASSIGN) == 2
    browser.post("/office/firms/assign", {})
    assert "没有选择企业" in browser.text
    browser.post("/office/firms/assign", {"id": str(firms[0].id), "caseworker": "9999"}, expect=404)
    assert _count(session, Action.FIRM_ASSIGN) == 2


def test_a_phone_is_masked_until_asked_for_and_asking_is_logged(people: People, session: Session) -> None:
    firm = make_firm(session)
    contact = contacts.add(session, firm, ContactDraft(name="李工", phone="13812341234"), by=SYSTEM)
    session.commit()
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{firm.id}/identity")
    assert "138****1234" in browser.text
    assert "13812341234" not in browser.response.get_data(as_text=True)
    browser.get(f"/office/firms/{firm.id}/contacts/{contact.id}")
    assert "13812341234" not in browser.response.get_data(as_text=True)
    browser.submit({"post": "技术负责人"})
    _look_again(session)
    assert session.get_one(Contact, contact.id).phone == "13812341234"
    browser.submit(form=f'form[action*="/contacts/{contact.id}/reveal"]')
    assert "13812341234" in browser.text
    assert _count(session, Action.FIRM_REVEAL) == 1
    auditor = people.browser(people.make(Role.AUDITOR))
    auditor.get(f"/office/firms/{firm.id}/identity")
    assert not auditor.page.select('form[action*="/reveal"]')
    auditor.post(f"/office/firms/{firm.id}/contacts/{contact.id}/reveal", {}, expect=403)
    assert _count(session, Action.FIRM_REVEAL) == 1


def test_contacts_names_and_rosters_are_kept_on_the_identity_page(people: People, session: Session) -> None:
    firm, other = make_firm(session), make_firm(session)
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{firm.id}/contacts/new")
    browser.submit({"name": ""}, expect=422)
    browser.submit({"name": "赵经理", "phone": "0750-3123456", "is_primary": "y"})
    assert "赵经理" in browser.text
    contact = session.scalars(select(Contact)).one()
    browser.get(f"/office/firms/{other.id}/contacts/{contact.id}", expect=404)
    browser.get(f"/office/firms/{firm.id}/identity")
    browser.submit({"name": "虚构旧名厂"}, form="#former-name")
    assert "虚构旧名厂" in browser.text
    browser.submit({"name": "虚构旧名厂"}, form="#former-name", expect=422)
    assert "已经登记为曾用名" in browser.text
    browser.submit({"year": "2O25", "source": "名录"}, form="#roster-form", expect=422)
    browser.submit({"year": "2025", "source": "虚构名录"}, form="#roster-form")
    assert "规上 2025" in browser.text
    browser.submit(form='form[action$="/roster/2025/remove"]')
    assert "不在任何年度的规上名录中" in browser.text
    browser.submit(form='form[action*="/former-names/"][action$="/remove"]')
    assert "没有登记曾用名" in browser.text
    browser.submit(form='form[action*="/contacts/"][action$="/remove"]')
    assert "还没有登记联系人" in browser.text


def test_the_export_holds_the_view_with_codes_as_text_and_is_logged(people: People, session: Session) -> None:
    make_firm(session, name="虚构甲厂", credit_code=credit_code(5), security_code="000576", town=Town.DURUAN)
    make_firm(session, name="=cmd|' /C calc'!A0", town=Town.HETANG)
    hidden = make_firm(session, name="虚构丙厂", town=Town.BAISHA)
    browser = people.browser(people.caseworker(reach=Reach.TOWNS, towns=["duruan", "hetang"]))
    browser.get("/office/firms/?town=duruan")
    link = browser.page.select_one('a[href*="/office/firms/export"]')
    assert link is not None
    browser.get(str(link["href"]))
    browser.submit()
    browser.get(f"{browser.url}/file")
    cells = _cells(browser.response.data)
    assert "虚构甲厂" in cells
    assert credit_code(5) in cells
    assert "000576" in cells
    assert not any(isinstance(cell, str) and "cmd" in cell for cell in cells)
    browser.get("/office/firms/export")
    browser.submit()
    browser.get(f"{browser.url}/file")
    cells = _cells(browser.response.data)
    assert hidden.name not in cells
    assert "=cmd|' /C calc'!A0" in cells  # as text: see _cells
    assert _count(session, Action.FIRM_EXPORT) == 2
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == Action.FIRM_EXPORT).order_by(AuditEvent.id)
    ).first()
    assert event is not None
    assert event.changes == {"filters": [None, "杜阮镇"], "rows": [None, 1]}


def _cells(content: bytes) -> list[object]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    found = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in found if cell.data_type == "f"]
    return [cell.value for cell in found]


def test_filters_stand_in_the_address_and_count_what_they_show(people: People, session: Session) -> None:
    worker = people.caseworker(name="王专员")
    one = make_firm(
        session, name="虚构甲厂", town=Town.DURUAN, clusters=(ClusterCode.MOTORCYCLES, ClusterCode.HEALTH_FOOD),
        chain_role=ChainRole.LEADER, caseworker_id=worker.id,
    )  # fmt: skip
    make_firm(
        session, name="虚构乙厂", town=Town.HETANG, clusters=(ClusterCode.MOTORCYCLES,), status=FirmStatus.MOVED_OUT
    )
    service.set_roster(session, one.id, 2025, True, source="虚构名录", by=SYSTEM)
    session.commit()
    browser = people.browser(people.reviewer())
    for asked, shown in {
        "town=duruan": 1, "cluster=motorcycles": 2, "cluster=health_food": 1, "chain=leader": 1, "status=moved_out": 1,
        f"caseworker={worker.id}": 1, "caseworker=none": 1, "roster=2025": 1, "roster=2024": 0, "q=甲": 1,
        "town=nowhere&roster=99999999999999999999&caseworker=abc&sort=nonsense&after=bm90": 2,
        "q=%25_": 0, "after=WyJ4IiwxXQ==": 2,
    }.items():  # fmt: skip
        browser.get(f"/office/firms/?{asked}")
        assert len(browser.page.select("tbody tr")) == shown, asked
    browser.get("/office/firms/?town=duruan")
    tabs = [" ".join(tab.get_text(" ").split()) for tab in browser.page.select("#tabs a")]
    assert tabs[0] == "全部 1"
    assert "摩托车及零配件 1" in tabs
    row = browser.page.select_one("tbody tr")
    assert row is not None
    for words in ("杜阮镇", "链主企业", "规上 2025", "王专员", "存续", "摩托车及零配件"):
        assert words in row.get_text(" "), words
    assert queries.count(session, SYSTEM) == 2
