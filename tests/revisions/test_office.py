"""A policy is revised from clone to seal: text, cases, impact, a second person; decided things stay."""

from __future__ import annotations

import re
from datetime import date

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.roles import Role
from app.audit.models import AuditEvent
from app.eligibility import service as eligibility
from app.eligibility.models import Verdict
from app.revisions.models import Revision, RevisionText
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition
from tests.factories.eligibility import AS_OF, editions, make_judged_firm
from tests.support.browser import Browser
from tests.support.people import People

CODE = "hnte-2027"
FORM = "main form[method=post]"


def _started(browser: Browser, edition: Edition) -> str:
    browser.get(f"/office/rulebooks/{edition.id}")
    browser.get(f"/office/rulebooks/revisions/new/{edition.id}")
    browser.submit({"code": "高企", "effective_from": "2027-01-01", "reason": "新办法"}, form=FORM, expect=422)
    assert "编号用小写字母、数字和连字符" in browser.text
    browser.submit({"code": "hnte-2016", "effective_from": "2027-01-01", "reason": "新办法"}, form=FORM, expect=422)
    assert "编号“hnte-2016”已有" in browser.text
    browser.submit({"code": CODE, "effective_from": "2027-01-01", "reason": "虚构的新办法，试用"}, form=FORM)
    return browser.url


def _edit(browser: Browser, page: str, name: str, old: str, new: str) -> None:
    browser.get(page)
    link = next(one for one in browser.page.select("#text li a") if one.get_text() == name)
    browser.get(str(link["href"]))
    area = browser.page.select_one("textarea[name=text]")
    assert area is not None
    assert old in area.get_text()
    browser.submit({"text": area.get_text().lstrip("\n").replace(old, new)}, form=FORM)


def _cases_for(text: str) -> str:
    """The cases of 60 % become those of 70 %."""
    return re.sub(r"(?s)\n\[\[(case|sweep)\]\](?:(?!\n\[\[).)*HNTE-11-5d(?:(?!\n\[\[).)*", "\n", text)


def test_a_revision_goes_from_clone_to_seal_and_the_old_verdict_stays(
    app: Flask, people: People, session: Session
) -> None:
    writer = people.reviewer(name="起草人")
    editions(session)
    firm = make_judged_firm(
        session, "虚构甲电机有限公司", {"rd_expense_hnte_domestic": {2023: 100, 2024: 110, 2025: 115}}
    )
    old = rulebooks.by_code(session, "hnte-2016")
    kept = eligibility.judge(session, firm.id, old, AS_OF, by=writer.as_actor())
    before, kept_id = (kept.state, kept.digest, kept.edition_id), kept.id
    session.commit()
    browser = people.browser(writer)
    page = _started(browser, old)
    assert "与原版 hnte-2016 的差别（1 处）" in browser.text, "the first day alone"

    _edit(browser, page, "HNTE-11-5d", "at_least = 0.60", "at_least = ")
    assert "不是有效的 TOML" in browser.text
    assert len(session.scalars(select(RevisionText)).all()) == 2, "a text that cannot be read is kept"
    _edit(browser, page, "HNTE-11-5d", "at_least = ", "at_least = 0.70")
    assert "HNTE-11-5d：判定方式改了而条款文字没有改" in browser.text
    assert "不符" in browser.text
    browser.submit(form="form[action$='/submit']", expect=409)
    assert "个算例与文本不符" in browser.text

    browser.get(f"{page}/text")
    assert browser.page.h1 is not None
    assert browser.page.h1.get_text(strip=True) == "编辑全文"
    browser.get(f"{page}/cases")
    assert browser.page.h1 is not None
    assert browser.page.h1.get_text(strip=True) == "编辑算例"
    area = browser.page.select_one("textarea[name=text]")
    assert area is not None
    browser.submit({"text": _cases_for(area.get_text().lstrip("\n"))}, form=FORM)
    assert "每个算例的结果都与文本一致" in browser.text
    browser.submit(form="form[action$='/submit']", expect=409)
    assert "还没有按现在的文本测算影响" in browser.text

    browser.get(page)
    browser.submit({"as_of": AS_OF.isoformat(), "amount": "20"}, form="form[action$='/impact']")
    app.extensions["yuqi_worker"].run_pending()
    browser.get(page)
    assert "逐家判定 1 家：新符合 0 家，不再符合 1 家" in browser.text
    assert "减少 20 万元，净增 -20 万元" in browser.text
    assert firm.name in browser.text
    browser.submit(form="form[action$='/submit']")
    browser.get(f"{page}/seal")
    browser.submit({"note": "自己封"}, form=FORM, expect=403)

    other = people.browser(people.make(Role.LEADER, name="封存人"))
    other.get(f"{page}/seal")
    assert "0.70" in other.text or "70%" in other.text
    other.submit({"note": "与新办法逐条一致"}, form=FORM)
    assert CODE in other.text
    session.rollback()
    new = rulebooks.by_code(session, CODE)
    assert (new.effective_from, rulebooks.rulebook_of(new).is_checked) == (date(2027, 1, 1), False)
    again = session.get_one(Verdict, kept_id)
    assert (again.state, again.digest, again.edition_id) == before
    assert [
        one.action.value
        for one in session.scalars(select(AuditEvent).order_by(AuditEvent.id))
        if one.action.value.startswith("revision:")
    ][-2:] == ["revision:submit", "revision:seal"]
    other.get(f"/office/rulebooks/compare?old=hnte-2016&new={CODE}")
    row = next(one for one in other.page.select("tbody tr") if "HNTE-11-5d" in one.get_text())
    assert [one.get_text() for one in row.select("del, ins")] == ["60%", "70%"]


def test_what_two_people_type_at_once_is_not_lost(people: People, session: Session) -> None:
    editions(session)
    old = rulebooks.by_code(session, "hnte-2016")
    one, other = people.browser(people.reviewer(name="甲")), people.browser(people.reviewer(name="乙"))
    page = _started(one, old)
    for browser in (one, other):
        browser.get(f"{page}/blocks/0")
    area = one.page.select_one("textarea[name=text]")
    assert area is not None
    text = area.get_text().lstrip("\n")
    one.submit({"text": text.replace("高新技术企业认定", "高企认定")}, form=FORM)
    other.submit({"text": text.replace("高新技术企业认定", "高新企业认定")}, form=FORM, expect=422)
    assert "甲 在您之后保存过" in other.text
    shown = other.page.select_one("textarea[name=text]")
    assert shown is not None
    assert "高新企业认定" in shown.get_text()
    session.rollback()
    assert session.scalars(select(Revision.state)).one().value == "draft"


def test_a_draft_is_given_up_with_a_reason_and_stays_readable(people: People, session: Session) -> None:
    editions(session)
    old = rulebooks.by_code(session, "hnte-2016")
    browser = people.browser(people.reviewer(name="甲"))
    page = _started(browser, old)
    browser.get(f"{page}/drop")
    browser.submit({"note": ""}, form=FORM, expect=422)
    browser.submit({"note": "文件推迟"}, form=FORM)
    assert "已放弃" in browser.text
    browser.get(f"{page}/blocks/0")
    browser.submit({"text": "id = 'x'"}, form=FORM, expect=422)
    assert "这次修订的状态是“已放弃”" in browser.text


def test_a_piece_never_goes_where_another_stands_by_now(people: People, session: Session) -> None:
    one, other = people.browser(people.reviewer(name="甲")), people.browser(people.reviewer(name="乙"))
    editions(session)
    page = _started(one, rulebooks.by_code(session, "hnte-2016"))
    one.get(f"{page}/blocks/0")
    one.submit({"text": ""}, form=FORM, expect=422)
    assert "不能删除" in one.text
    one.get(f"{page}/blocks/6")
    other.get(f"{page}/blocks/4")
    other.submit({"text": ""}, form=FORM)
    for _again in range(2):
        one.submit({"text": "# 我的修改"}, form=FORM, expect=422)
        assert "乙 在您之后保存过" in one.text
    assert "# 我的修改" in one.text
