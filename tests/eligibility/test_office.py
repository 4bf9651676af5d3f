"""Lists, verdicts and the firm's tab in the office."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Reach
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.core.db import Database
from app.eligibility import service
from app.eligibility.models import EligibilityList, Verdict
from app.firms.taxonomy import Town
from app.jobs.models import Job, JobState
from app.jobs.worker import Worker
from app.rulebooks import queries as rulebooks
from tests.factories.eligibility import (
    HNTE,
    LACKS_STAFF,
    NO_EXPERTS,
    editions,
    hold,
    make_four_firms,
    make_judged_firm,
    make_list,
    make_verdict,
)
from tests.factories.firms import make_firm
from tests.support.browser import Browser
from tests.support.people import People


def _rows(browser: Browser) -> list[str]:
    return [row.get_text(" ", strip=True) for row in browser.page.select("#results tbody tr")]


def _tab_counts(browser: Browser) -> dict[str, int]:
    found = {}
    for link in browser.page.select("#tabs a"):
        tab = re.search(r"tab=(\w+)", str(link["href"]))
        assert tab is not None
        found[tab[1]] = int(str(link.select_one("b").get_text()))  # type: ignore[union-attr]
    return found


def _hnte(session: Session) -> str:
    found = str(rulebooks.by_code(session, HNTE).id)
    session.commit()  # what the browser writes is seen by the next question
    return found


def test_a_list_is_drawn_up_by_a_job_and_shown_when_it_is_complete(
    app: Flask, session: Session, people: People
) -> None:
    editions(session)
    make_four_firms(session)
    browser = people.browser(people.caseworker())
    browser.get("/office/eligibility/new")
    browser.submit({"edition": _hnte(session), "as_of": "2026-06-01"})
    assert "全部企业判定完毕后" in browser.text or "逐家判定" in browser.text
    assert "江门甲电机" not in browser.text
    url = browser.url
    worker: Worker = app.extensions["yuqi_worker"]
    assert worker.run_pending() == 1
    browser.get(url)
    assert _tab_counts(browser) == {
        "all": 4, "eligible": 1, "ineligible": 1, "undetermined": 1, "needs_review": 1, "short": 3,
    }  # fmt: skip
    assert len(_rows(browser)) == 4


def test_drawing_up_outside_of_an_edition_is_refused_on_the_form(session: Session, people: People) -> None:
    editions(session)
    make_firm(session)
    browser = people.browser(people.caseworker())
    browser.get("/office/eligibility/new")
    browser.submit({"edition": _hnte(session), "as_of": "2015-06-01"}, expect=422)
    assert "自 2016-01-01 起施行" in browser.text
    browser.submit({"as_of": ""}, expect=422)
    assert session.scalar(select(func.count()).select_from(EligibilityList)) == 0


def test_every_count_equals_its_rows(session: Session, people: People) -> None:
    make_four_firms(session)
    found = make_list(session)
    browser = people.browser(people.caseworker())
    browser.get(f"/office/eligibility/{found.id}")
    for tab, number in _tab_counts(browser).items():
        browser.get(f"/office/eligibility/{found.id}?tab={tab}")
        assert len(_rows(browser)) == number, tab
    for short in ("one_data", "one_substance", "one_expert"):
        browser.get(f"/office/eligibility/{found.id}?tab=short&short={short}")
        assert len(_rows(browser)) == 1, short


def test_filters_narrow_rows_and_counts_alike(session: Session, people: People) -> None:
    make_judged_firm(session, "江门甲电机有限公司", LACKS_STAFF, town=Town.BAISHA)
    make_judged_firm(session, "江门乙灯饰有限公司", town=Town.DURUAN)
    found = make_list(session)
    browser = people.browser(people.caseworker())
    for query, name in (
        ("town=baisha", "江门甲电机"),
        ("q=灯饰", "江门乙灯饰"),
        ("clause=HNTE-11-4", "江门甲电机"),
    ):
        browser.get(f"/office/eligibility/{found.id}?{query}")
        assert len(_rows(browser)) == 1, query
        assert name in _rows(browser)[0]
        assert _tab_counts(browser)["all"] == 1
    browser.get(f"/office/eligibility/{found.id}?cluster=motorcycles")
    assert "没有符合条件的企业" in browser.text
    browser.get(f"/office/eligibility/{found.id}?caseworker=none")
    assert len(_rows(browser)) == 2


@pytest.mark.parametrize(
    "query", ["list_id=7&_scheme=x", "after=zzz", "caseworker=99999999999999", "tab=x&town=y", "q=%01"]
)
def test_odd_addresses_open_the_list_all_the_same(session: Session, people: People, query: str) -> None:
    make_firm(session)
    found = make_list(session)
    browser = people.browser(people.caseworker())
    browser.get(f"/office/eligibility/{found.id}?{query}")
    assert "资格清单" in browser.text


def test_a_person_sees_rows_and_counts_of_their_own_firms_only(session: Session, people: People) -> None:
    make_judged_firm(session, "江门甲电机有限公司", town=Town.BAISHA)
    other = make_judged_firm(session, "江门乙灯饰有限公司", town=Town.DURUAN)
    found = make_list(session)
    browser = people.browser(people.caseworker(reach=Reach.TOWNS, towns=["baisha"]))
    browser.get(f"/office/eligibility/{found.id}")
    assert _tab_counts(browser)["all"] == 1
    assert "江门乙灯饰" not in browser.text
    verdict = session.scalars(select(Verdict.id).where(Verdict.firm_id == other.id)).one()
    browser.get(f"/office/eligibility/verdicts/{verdict}", expect=404)
    browser.get(f"/office/firms/{other.id}/verdicts", expect=404)


def test_pages_follow_each_other_without_loss(session: Session, people: People) -> None:
    for number in range(55):
        make_firm(session, name=f"虚构甲{number:02d}有限公司")
    found = make_list(session)
    browser = people.browser(people.caseworker())
    browser.get(f"/office/eligibility/{found.id}")
    first = _rows(browser)
    browser.get(str(browser.page.select_one("a[rel=next]")["href"]))  # type: ignore[index]
    second = _rows(browser)
    assert (len(first), len(second)) == (50, 5)
    assert not set(first) & set(second)
    browser.get(str(browser.page.select_one("a[rel=prev]")["href"]))  # type: ignore[index]
    assert _rows(browser) == first


def test_the_export_keeps_codes_as_text_and_is_logged(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", LACKS_STAFF)
    found = make_list(session)
    browser = people.browser(people.caseworker(name="陈经办"))
    browser.get(f"/office/eligibility/{found.id}/export?tab=short")
    browser.submit()
    browser.get(f"{browser.url}/file")
    sheet = load_workbook(io.BytesIO(browser.response.data)).active
    assert sheet is not None
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(number for number, row in enumerate(cells) if "统一社会信用代码" in row)
    above = " ".join(str(value) for row in cells[:head] for value in row if value)
    assert "hnte-2016" in above
    assert "2026-06-01" in above
    row = dict(zip(cells[head], cells[head + 1], strict=True))
    assert row["统一社会信用代码"] == firm.credit_code
    assert isinstance(row["统一社会信用代码"], str)
    assert "科技人员" in str(row["理由"])
    assert row["只差条款编号"] == "HNTE-11-4"
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == Action.ELIGIBILITY_EXPORT)).one()
    assert (event.actor_name, event.subject_id) == ("陈经办", found.id)
    assert event.changes == {"filters": [None, f"{found.title}：只差一项"], "rows": [None, 1]}


def test_an_auditor_may_read_but_not_draw_up_export_or_judge(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司")
    found = make_list(session)
    browser = people.browser(people.make(Role.AUDITOR))
    browser.get(f"/office/eligibility/{found.id}")
    browser.get("/office/eligibility/new", expect=403)
    browser.get(f"/office/eligibility/{found.id}/export", expect=403)
    browser.get(f"/office/firms/{firm.id}/verdicts")
    assert not browser.page.select("form#judge, #judge form")
    browser.post(f"/office/firms/{firm.id}/verdicts", {}, expect=403)


def test_a_verdict_shows_every_figure_with_its_source_and_what_is_missing(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", LACKS_STAFF)
    verdict = make_verdict(session, firm)
    browser = people.browser(people.caseworker())
    browser.get(f"/office/eligibility/verdicts/{verdict.id}")
    row = browser.page.select_one("#clause-HNTE-11-5a")
    assert row is not None
    words = " ".join(row.get_text(" ").split())
    assert "不低于 5%" in words
    assert "虚构企业情况表.xlsx Sheet1!F12" in words
    assert row.select("a.x-source[href*='/office/facts/claims/']")
    lacking = browser.page.select_one("#clause-HNTE-11-4")
    assert lacking is not None
    assert "缺：2025 年" in lacking.get_text(" ")
    link = lacking.select_one("a[href*='key=tech_staff_month_avg']")
    assert link is not None
    browser.get(str(link["href"]))
    assert "科技人员" in browser.text
    browser.get(f"/office/eligibility/verdicts/{verdict.id}")
    assert verdict.sheet_digest in browser.text
    assert verdict.digest in browser.text
    assert "尚未经人工核对" in browser.text


def test_judging_again_from_the_firms_tab(session: Session, people: People) -> None:
    firm = make_judged_firm(session, "江门甲电机有限公司", LACKS_STAFF)
    make_verdict(session, firm)
    hold(session, firm.id, {"tech_staff_month_avg": {2025: 20}})
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{firm.id}/verdicts")
    assert "结果可能过时" in browser.text
    browser.submit({"edition": _hnte(session), "as_of": "2015-01-01"}, form="#judge form", expect=422)
    browser.submit({"edition": _hnte(session), "as_of": "2026-06-01"}, form="#judge form")
    assert "符合条件" in browser.text
    browser.get(f"/office/firms/{firm.id}/verdicts")
    assert "结果可能过时" not in browser.text
    assert session.scalar(select(func.count()).select_from(Verdict)) == 2


def test_a_cancelled_list_shows_nothing_and_goes_on_where_it_stopped(
    app: Flask, database: Database, session: Session, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 2)
    editions(session)
    for number in range(5):
        make_firm(session, name=f"虚构乙{number}有限公司")
    browser = people.browser(people.caseworker())
    browser.get("/office/eligibility/new")
    browser.submit({"as_of": "2026-06-01"})
    url = browser.url
    worker: Worker = app.extensions["yuqi_worker"]
    with database.transaction() as writing:
        job = writing.scalars(select(Job)).one()
        job.cancel_requested = True
    worker.run_pending()
    session.rollback()
    assert session.scalars(select(Job.state)).one() is JobState.CANCELLED
    judged = set(session.scalars(select(Verdict.id)))
    assert len(judged) == 2
    browser.get(url)
    assert "虚构乙" not in browser.text
    firm_id = session.scalars(select(Verdict.firm_id)).first()
    browser.get(f"/office/firms/{firm_id}/verdicts")
    assert "还没有判定" in browser.text
    browser.get(url)
    browser.submit({}, form="form[action$='/resume']")
    assert worker.run_pending() == 1
    session.rollback()
    assert judged < set(session.scalars(select(Verdict.id)))
    assert session.scalar(select(func.count()).select_from(Verdict)) == 5
    browser.get(url)
    assert _tab_counts(browser)["all"] == 5


def test_a_job_run_twice_changes_nothing(app: Flask, database: Database, session: Session, people: People) -> None:
    editions(session)
    make_firm(session)
    browser = people.browser(people.caseworker())
    browser.get("/office/eligibility/new")
    browser.submit({"as_of": "2026-06-01"})
    worker: Worker = app.extensions["yuqi_worker"]
    worker.run_pending()
    with database.transaction() as writing:
        writing.scalars(select(Job)).one().state = JobState.QUEUED
    assert worker.run_pending() == 1
    session.rollback()
    assert session.scalars(select(Job.state)).one() is JobState.DONE
    assert session.scalar(select(func.count()).select_from(Verdict)) == 1


def test_an_open_score_leads_to_where_experts_scores_are_entered(session: Session, people: People) -> None:
    verdict = make_verdict(session, make_judged_firm(session, "江门丁摩配有限公司", NO_EXPERTS))
    browser = people.browser(people.caseworker())
    browser.get(f"/office/eligibility/verdicts/{verdict.id}")
    link = browser.page.select_one("a[href*='expert']")
    assert link is not None
    browser.get(str(link["href"]))
    assert "专家评分" in browser.text


def test_the_edition_that_applies_is_proposed_with_its_reason(session: Session, people: People) -> None:
    editions(session)
    old, new = (rulebooks.by_code(session, code) for code in ("lg-2022", "lg-2026"))
    session.commit()
    browser = people.browser(people.caseworker())
    browser.get(f"/office/eligibility/new?edition={new.id}&as_of=2026-05-20&kind=review")
    told = browser.page.select_one("#proposal")
    assert told is not None
    assert "所选的 lg-2026 不是应用的版本。2026-05-20 的复核适用 lg-2022：" in told.get_text()
    assert "复核仍按63号办理（工信厅企业函〔2026〕117号）" in told.get_text()
    link = next(one for one in told.select("a") if one.get_text() == "改用 lg-2022")
    browser.get(str(link["href"]))
    chosen = browser.page.select_one("#edition option[selected]")
    assert chosen is not None
    assert chosen["value"] == str(old.id)
    assert "2026-05-20 的复核适用 lg-2022" in browser.text


def test_a_firm_is_judged_under_the_proposed_edition(session: Session, people: People) -> None:
    editions(session)
    gd = rulebooks.by_code(session, "srdi-gd-2024")
    firm = make_firm(session)
    session.commit()
    browser = people.browser(people.caseworker())
    page = f"/office/firms/{firm.id}/verdicts"
    browser.get(f"{page}?edition={gd.id}&as_of=2026-05-20")
    assert "2026-05-20 的新申请适用 srdi-2026：广东省江门市蓬江区当日没有自己的版本" in browser.text
    browser.get(f"{page}?edition={gd.id}&as_of=2026-03-20")
    assert "2026-03-20 的新申请适用 srdi-gd-2024：广东省的版本" in browser.text
    browser.get(f"{page}?edition=99999&as_of=gestern&kind=x")
    assert browser.page.select_one("#proposal") is not None
