"""The verdict of any past day: what was known then, under the rules of then, what changed since and why."""

from __future__ import annotations

import json
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actor import Reach
from app.core.errors import Invalid, NotFound
from app.eligibility.engine.outcome import Decision, Outcome
from app.eligibility.models import Verdict
from app.eligibility.past import service
from app.eligibility.past.service import Asked
from app.eligibility.past.steps import Why, causes
from tests.factories.days import on
from tests.factories.eligibility import HNTE, edition, hold, make_judged_firm
from tests.support.people import People

DAY = date(2026, 6, 5)
LATER = date(2026, 6, 20)


@pytest.fixture
def restated(session: Session, monkeypatch: pytest.MonkeyPatch) -> int:
    """A firm that was eligible on the evening of 5 June; on the 10th two of its figures were restated."""
    edition(session)
    on(monkeypatch, date(2026, 6, 1))
    firm = make_judged_firm(session, "虚构甲电机有限公司")
    on(monkeypatch, date(2026, 6, 10))
    hold(session, firm.id, {"rd_expense_hnte": {2025: 1}, "tech_transfer_count_3y": 16})
    on(monkeypatch, LATER)
    return firm.id


def test_what_was_known_then_and_the_datum_that_turned_each_clause(session: Session, restated: int) -> None:
    asked = Asked(date(2026, 6, 1), DAY, "new", "hitech_recognition")
    found = service.answer(session, restated, asked)
    assert (found.then.edition.code, found.then.late) == (HNTE, True)
    assert found.then.judgement.decision is Decision.ELIGIBLE
    assert found.today is not None
    assert found.today.judgement.decision is Decision.INELIGIBLE
    step = found.steps[0]
    assert (step.why, step.turns) == (Why.FIGURES, True)
    assert {one.key for one in step.data} == {"rd_expense_hnte", "tech_transfer_count_3y"}
    change = next(one for one in step.changes if one.clause == "HNTE-11-5a")
    assert change.before is not None
    assert change.after is not None
    assert (change.before.outcome, change.after.outcome) == (Outcome.MET, Outcome.UNMET)
    assert [(one.key, one.year) for one in change.data] == [("rd_expense_hnte", 2025)]
    old, new = change.data[0].before, change.data[0].after
    assert old is not None
    assert new is not None
    assert (str(old.value), str(new.value)) == ("180", "1")
    assert "王审核 2026-06-10 核定" in new.source
    assert [one.key for one in causes(found.steps)] == ["rd_expense_hnte"]
    now_known = service.answer(session, restated, Asked(date(2026, 6, 1), None, "new", "", HNTE))
    assert now_known.then.judgement.decision is Decision.INELIGIBLE
    assert session.scalar(select(func.count()).select_from(Verdict)) == 0, "nothing is stored"


def test_figures_edition_and_day_are_told_apart(session: Session, restated: int) -> None:
    asked = Asked(date(2026, 3, 20), DAY, "new", "specialised_sme")
    found = service.answer(session, restated, asked)
    assert found.then.edition.code == "srdi-gd-2024"
    assert found.today is not None
    assert found.today.edition.code == "srdi-2026"
    assert Why.EDITION in {one.why for one in found.steps}
    for before, after in zip(found.steps, found.steps[1:], strict=False):
        assert before.after == after.before
    assert found.steps[-1].after.decision is found.today.judgement.decision


def test_an_edition_out_of_its_time_and_a_programme_without_one_are_refused(session: Session, restated: int) -> None:
    with pytest.raises(Invalid, match="srdi-2026"):
        service.answer(session, restated, Asked(date(2026, 3, 20), DAY, "new", "", "srdi-2026"))
    with pytest.raises(NotFound, match="没有适用的版本"):
        service.answer(session, restated, Asked(date(2001, 3, 20), DAY, "new", "hitech_recognition"))


def test_the_page_keeps_its_state_in_the_address_and_within_reach(
    session: Session, restated: int, people: People
) -> None:
    browser = people.browser(people.caseworker())
    address = f"/office/firms/{restated}/verdicts/then"
    browser.get(f"{address}?as_of=2026-06-01&known=2026-06-05&under=p:hitech_recognition")
    assert "2026-06-05 日终已知的数据" in browser.text
    row = next(one for one in browser.page.select("tbody tr") if "HNTE-11-5a" in one.get_text())
    assert all(text in row.get_text() for text in ("180", "王审核 2026-06-10 核定", "不符合"))
    assert row.select_one("a[href*='/office/facts/']") is not None
    browser.get(f"{address}?as_of=2001-01-01&under=e:hnte-2016", expect=422)
    assert "不能用于 2001-01-01 的判定" in browser.text
    browser.get(f"{address}?as_of=x&known=y&under=z&kind=q")
    people.browser(people.caseworker(reach=Reach.PORTFOLIO)).get(address, expect=404)


def test_the_command_answers_with_both_days_and_the_causes(app: Flask, session: Session, restated: int) -> None:
    run = ["eligibility", "then", "虚构甲电机有限公司", "--as-of", "2026-06-01"]
    result = app.test_cli_runner().invoke(args=[*run, "--known", "2026-06-05", "--programme", "高企"])
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert (answer["then"]["verdict"], answer["today"]["verdict"]) == ("eligible", "ineligible")
    datum = answer["steps"][0]["clauses"][0]["data"][0]
    assert (datum["key"], datum["old"]["value"], datum["new"]["value"]) == ("rd_expense_hnte", "180", "1")
    refused = app.test_cli_runner().invoke(args=run)
    assert refused.exit_code != 0
    assert "--edition" in refused.stderr
    unknown = app.test_cli_runner().invoke(args=["eligibility", "then", "没有这家", "--edition", HNTE])
    assert "没有这家" in unknown.stderr
