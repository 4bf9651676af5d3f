"""The review queue, a claim and a firm's figures, as people in the office use them."""

from __future__ import annotations

import io
from decimal import Decimal

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.access.actor import Actor, Reach
from app.access.roles import Role
from app.core.db import Database
from app.facts import service
from app.facts.models import Claim, ClaimState, Fact, SourceKind
from app.firms.models import Firm
from app.firms.taxonomy import Town
from tests.factories.facts import make_claim, make_fact
from tests.factories.firms import make_firm
from tests.facts.samples import PDF
from tests.support.browser import Browser
from tests.support.people import People


def _send(browser: Browser, url: str, data: dict[str, object], *, expect: int = 200) -> None:
    browser.post(url, data, expect=expect)


def test_a_reviewer_accepts_from_the_queue(session: Session, firm: Firm, people: People) -> None:
    claim = make_claim(session, firm.id)
    session.commit()
    browser = people.browser(people.reviewer(name="王审核"))
    browser.get("/office/facts")
    assert "62,974 万元" in browser.text
    assert "2025年度企业情况表.xlsx Sheet1!F12" in browser.text
    form = browser.page.select_one("form#bulk")
    assert form is not None
    _send(browser, f"/office/facts/claims/{claim.id}/accept", {f"c{claim.id}-seen": "0", f"c{claim.id}-reason": ""})
    assert "已核定：销售收入 2025 年" in browser.text
    session.expire_all()
    assert session.scalars(select(Fact.number)).one() == Decimal(62974)


def test_a_choice_without_a_reason_keeps_what_was_typed_and_asks(
    session: Session, firm: Firm, people: People, reviewer: Actor
) -> None:
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal(100), reviewer=reviewer)
    claim = make_claim(session, firm.id)
    session.commit()
    browser = people.browser(people.reviewer())
    browser.get(f"/office/facts/claims/{claim.id}")
    assert "现核定值" in browser.text
    browser.submit({"reason": ""}, form="form#review-form", expect=422)
    assert "请写明采信这一来源的理由" in browser.text
    browser.submit({"reason": "以审计报告为准"}, form="form#review-form")
    session.expire_all()
    assert session.get_one(Claim, claim.id).state is ClaimState.ACCEPTED


def test_a_current_fact_that_changed_meanwhile_is_a_conflict(
    session: Session, firm: Firm, people: People, reviewer: Actor
) -> None:
    claim = make_claim(session, firm.id, value=Decimal(120))
    session.commit()
    browser = people.browser(people.reviewer())
    browser.get(f"/office/facts/claims/{claim.id}")
    other = make_claim(session, firm.id, value=Decimal(120))
    service.accept_many(session, [other.id], by=reviewer)
    session.commit()
    browser.submit({"reason": "审计数"}, form="form#review-form", expect=409)
    assert "刚刚有变化" in browser.text


def test_a_rejection_needs_a_reason_and_shows_it(session: Session, firm: Firm, people: People) -> None:
    claim = make_claim(session, firm.id)
    session.commit()
    browser = people.browser(people.reviewer())
    browser.get(f"/office/facts/claims/{claim.id}")
    _send(browser, f"/office/facts/claims/{claim.id}/reject", {"reason": ""}, expect=422)
    assert "请写明退回原因" in browser.text
    _send(browser, f"/office/facts/claims/{claim.id}/reject", {"reason": "缺审计报告"})
    browser.get(f"/office/facts/claims/{claim.id}")
    assert "缺审计报告" in browser.text
    _send(browser, f"/office/facts/claims/{claim.id}/reject", {"reason": "再退一次"}, expect=409)


def test_choosing_one_of_two_sources_keeps_the_other_readable(session: Session, firm: Firm, people: People) -> None:
    table = make_claim(session, firm.id, value=Decimal(100))
    said = make_claim(session, firm.id, value=Decimal(120), source_kind=SourceKind.FIRM, source_label="企业自报")
    session.commit()
    browser = people.browser(people.reviewer())
    browser.get("/office/facts")
    assert "来源不一致" in browser.text
    browser.get(f"/office/facts/claims/{table.id}")
    assert "选定本条" in browser.text
    _send(browser, f"/office/facts/claims/{table.id}/choose", {"reason": ""}, expect=422)
    _send(browser, f"/office/facts/claims/{table.id}/choose", {"reason": "与纳税申报表一致"})
    browser.get(f"/office/facts/claims/{said.id}")
    assert "未采信：已选定 100 万元" in browser.text
    browser.get(f"/office/firms/{firm.id}/figures/history?key=sales_revenue&year=2025")
    assert "120" in browser.text


def test_keeping_the_current_value_sends_the_claim_back(
    session: Session, firm: Firm, people: People, reviewer: Actor
) -> None:
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal(100), reviewer=reviewer)
    claim = make_claim(session, firm.id)
    session.commit()
    browser = people.browser(people.reviewer())
    browser.get(f"/office/facts/claims/{claim.id}")
    _send(browser, f"/office/facts/claims/{claim.id}/keep", {"reason": ""}, expect=422)
    _send(browser, f"/office/facts/claims/{claim.id}/keep", {"reason": "审计数为准"})
    assert "已维持现核定值" in browser.text


def test_chosen_rows_are_accepted_together_and_the_rest_is_named(
    session: Session, firm: Firm, people: People, reviewer: Actor
) -> None:
    make_fact(session, firm.id, "sales_revenue", 2024, Decimal(100), reviewer=reviewer)
    plain = make_claim(session, firm.id)
    differs = make_claim(session, firm.id, year=2024)
    session.commit()
    browser = people.browser(people.reviewer())
    browser.get("/office/facts")
    _send(browser, "/office/facts/accept", {"id": [plain.id, differs.id], "bulk_reason": ""})
    assert "已核定 1 条" in browser.text
    assert "1 条没有核定" in browser.text
    assert "销售收入 2024 年" in browser.text
    _send(browser, "/office/facts/accept", {})
    assert "没有选中" in browser.text


def test_a_whole_batch_is_accepted_after_a_page_that_says_how_many(
    session: Session, firm: Firm, people: People
) -> None:
    for year in (2023, 2024, 2025):
        make_claim(session, firm.id, year=year, batch_id=9)
    session.commit()
    browser = people.browser(people.reviewer())
    browser.get("/office/facts?batch=9")
    assert "核定整个批次 9" in browser.text
    browser.get("/office/facts/batches/9/accept")
    assert "核定 3 条数据" in browser.text
    browser.submit(form="main form")
    assert "已核定 3 条" in browser.text


def test_a_caseworker_states_a_figure_with_its_source_and_file(session: Session, firm: Firm, people: People) -> None:
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{firm.id}/figures")
    browser.get(f"/office/firms/{firm.id}/figures/indicators?q=研发费用")
    assert "研发费用" in browser.text
    browser.get(f"/office/firms/{firm.id}/figures/new?key=rd_expense_hnte&year=2025")
    sent = {"value": "3,0O0", "source": "2025 年度审计报告第 12 页"}
    browser.submit(sent, form="main form.x-form", expect=422)
    assert "第 4 位是字母 O" in browser.text
    field = browser.page.select_one("input[name=value]")
    assert field is not None
    assert field["value"] == "3,0O0"
    browser.submit({"value": "3,000.5", "file": (io.BytesIO(PDF), "审计报告.pdf")}, form="main form.x-form")
    claim = session.scalars(select(Claim)).one()
    assert (claim.number, claim.raw, claim.source_label) == (Decimal("3000.5"), "3,000.5", sent["source"])
    assert "审计报告.pdf" in browser.text


def test_a_wrong_file_keeps_nothing_of_the_claim(session: Session, firm: Firm, people: People) -> None:
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{firm.id}/figures/new?key=rd_expense_hnte&year=2025")
    page = b"<html><script>alert(1)</script>"
    browser.submit(
        {"value": "300", "source": "审计报告", "file": (io.BytesIO(page), "报告.pdf")},
        form="main form.x-form",
        expect=422,
    )
    assert "不是可接收的文件" in browser.text
    assert session.scalars(select(Claim)).all() == []


def test_every_kind_of_figure_can_be_stated(session: Session, firm: Firm, people: People) -> None:
    browser = people.browser(people.caseworker())
    for key, value, kept in (
        ("is_resident_enterprise", "否", False),
        ("registration_date", "2010年5月1日", "2010-05-01"),
        ("hnte_cert_date", "无", []),
        ("major_safety_incident_dates", "2024-01-02\n2025/3/4", ["2024-01-02", "2025-03-04"]),
        ("mgmt_system_cert", "ISO9001\nISO14001", ["ISO9001", "ISO14001"]),
        ("sci_award_records", "省级；2；2024-05-01；科技进步奖",
         [{"level": "省部级", "rank": "2", "date": "2024-05-01", "name": "科技进步奖"}]),
        ("rd_institution_level", "省级", None),
        ("market_share_statement", "见附件", "见附件"),
    ):  # fmt: skip
        browser.get(f"/office/firms/{firm.id}/figures/new?key={key}")
        browser.submit({"value": value, "source": "企业说明"}, form="main form.x-form")
        session.rollback()  # look at what is there now
        found = session.scalars(select(Claim).where(Claim.key == key)).one()
        assert kept is None or found.value == kept, key


def test_the_firms_page_shows_year_unit_source_reviewer_and_dashes(
    session: Session, firm: Firm, people: People, reviewer: Actor
) -> None:
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal("62974.5"), reviewer=reviewer)
    make_claim(session, firm.id, value=Decimal(70000), source_kind=SourceKind.FIRM, source_label="企业自报")
    session.commit()
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{firm.id}/figures")
    for words in ("62,974.5", "万元", "Sheet1!F12", "王审核 核定", "70,000", "来源不一致", "—", "填报"):
        assert words in browser.text
    browser.get(f"/office/firms/{firm.id}/figures?show=all&q=研发")
    assert "研发费用" in browser.text
    browser.get(f"/office/firms/{firm.id}/figures/history?key=nothing", expect=422)


def test_what_is_out_of_reach_is_not_there(session: Session, firm: Firm, people: People) -> None:
    claim = make_claim(session, firm.id)
    session.commit()
    browser = people.browser(people.caseworker(reach=Reach.TOWNS, towns=["hetang"]))
    browser.get("/office/facts")
    assert firm.name not in browser.text
    for url in (
        f"/office/facts/claims/{claim.id}",
        f"/office/firms/{firm.id}/figures",
        f"/office/firms/{firm.id}/figures/new?key=sales_revenue",
        f"/office/firms/{firm.id}/figures/history?key=sales_revenue",
        f"/office/firms/{firm.id}/figures/indicators",
        "/office/facts/claims/99999999999",
    ):
        browser.get(url, expect=404)


def test_who_may_not_accept_is_refused(session: Session, firm: Firm, people: People) -> None:
    claim = make_claim(session, firm.id)
    session.commit()
    for user in (people.caseworker(), people.make(Role.LEADER)):
        browser = people.browser(user)
        browser.get("/office/facts")
        assert "核定所选" not in browser.text
        for verb in ("accept", "reject", "choose", "keep"):
            browser.get(f"/office/facts/claims/{claim.id}")
            _send(browser, f"/office/facts/claims/{claim.id}/{verb}", {"reason": "可以"}, expect=403)
        browser.get("/office/facts")
        _send(browser, "/office/facts/accept", {"id": claim.id}, expect=403)
    session.expire_all()
    assert session.get_one(Claim, claim.id).state is ClaimState.PENDING


def test_filters_and_pages_agree_with_their_counts(session: Session, firm: Firm, people: People) -> None:
    other = make_firm(session, town=Town.HETANG)
    for year in range(1950, 2010):
        make_claim(session, firm.id, year=year, batch_id=3)
    make_claim(session, other.id, source_kind=SourceKind.FIRM)
    session.commit()
    browser = people.browser(people.reviewer())
    browser.get("/office/facts")
    assert "共 61 项" in browser.text
    following = browser.page.select_one("a[rel=next]")
    assert following is not None
    browser.get(str(following["href"]))
    assert "本页 11 项" in browser.text
    browser.get("/office/facts?source=firm")
    assert "本页 1 项，共 1 项" in browser.text
    browser.get("/office/facts?town=hetang")
    assert "本页 1 项，共 1 项" in browser.text
    browser.get("/office/facts?batch=3&q=海信")
    assert "共 60 项" in browser.text
    browser.get("/office/facts?batch=99999999999&firm=-1&after=x")
    browser.get("/office/facts/batches/99999999999/accept", expect=404)
    browser.get(f"/office/firms/{firm.id}/figures/history?key=sales_revenue&year=99999999999")
    browser.get("/office/facts?state=rejected&town=nowhere&batch=x")
    assert "没有符合条件的数据" in browser.text


def test_the_queue_asks_the_same_number_of_questions_for_any_number_of_rows(
    session: Session, people: People, database: Database
) -> None:
    browser = people.browser(people.reviewer())
    counts = []
    for _ in range(2):
        for _number in range(12):
            made = make_firm(session)
            make_claim(session, made.id)
            make_claim(session, made.id, value=Decimal(1))
        session.commit()
        counts.append(_statements(database, browser, "/office/facts"))
    assert counts[0] == counts[1]
    assert counts[0] < 25


def _statements(database: Database, browser: Browser, url: str) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    browser.get(url)
    event.remove(database.engine, "before_cursor_execute", note)
    return len(seen)
