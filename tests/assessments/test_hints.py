"""What a question says of itself, and reasons that outlived what they explained."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.accounts.models import User
from app.assessments import checks, queries
from app.assessments.helping import hints
from app.assessments.models import AnswerText, Assessment, Part
from app.facts.catalogue import load_catalogue
from app.facts.writing import help_of, how_to_write
from tests.assessments.conftest import STAFF, Fill
from tests.support.people import People

REASON = STAFF.replace("value-", "reason-")


def stale(session: Session, form: Assessment, by: Actor) -> list[str]:
    session.rollback()
    filled = queries.filled(session, queries.form(session, form.id, for_=by))
    return [line.question.key for line in checks.stale_reasons(filled)]


def test_a_declaration_says_for_which_time_it_is_made(session: Session, form: Assessment, filler: Actor) -> None:
    filled = queries.filled(session, queries.form(session, form.id, for_=filler))
    declared = {line.question.key: line.question for line in filled.lines if line.question.is_declaration}
    told = "；".join(str(hint) for hint in hints(declared["major_safety_incident_dates"]))
    assert told.startswith("申明的期间：申请前 365 天之内（含申请当天和第 365 天），不是自然年（32号第十一条（八）")
    assert told.count("“无”") == 1
    assert not any(line.question.period for line in filled.lines if not line.question.is_declaration)


def test_that_there_is_none_is_said_once() -> None:
    for indicator in load_catalogue():
        told = "；".join(str(part) for part in help_of(indicator))
        assert told.count("“无”") == int("“无”" in f"{how_to_write(indicator)}{indicator.hint}"), indicator.key


def test_a_reason_that_was_written_before_the_answer_is_taken_away_or_stays_because_somebody_says_so(
    session: Session, people: People, whole: Assessment, filler_user: User, filler: Actor, fill: Fill
) -> None:
    assert stale(session, whole, filler) == []  # the reason of the turnover explains a difference
    fill(filler, {STAFF: "", REASON: "花名册待研发部核对后补填"})
    assert stale(session, whole, filler) == []
    fill(filler, {STAFF: "20"})
    assert stale(session, whole, filler) == ["tech_staff_month_avg"]
    browser = people.browser(filler_user)
    browser.get(f"/portal/assessments/{whole.id}/sections/staff")
    assert "已不再需要" in browser.text
    browser.get(f"/portal/assessments/{whole.id}")
    assert "已不再需要的说明（1 处，不影响提交） " in browser.text
    assert "可以由企业负责人签署提交" in browser.text
    version = browser.page.select_one("#check input[name=seen]")["value"]
    browser.submit({"choice": "keep"}, form="#check form[action$='/reasons']")
    assert "说明已保留" in browser.text
    assert stale(session, whole, filler) == []
    browser.post(
        f"/portal/assessments/{whole.id}/reasons", {"name": REASON, "seen": version, "choice": "drop"}, expect=409
    )
    fill(filler, {STAFF: "21"})
    browser.get(f"/portal/assessments/{whole.id}")
    browser.submit({"choice": "drop"}, form="#check form[action$='/reasons']")
    assert "说明已删去" in browser.text
    assert stale(session, whole, filler) == []
    kept = select(AnswerText.text).where(AnswerText.part == Part.REASON, AnswerText.key == "tech_staff_month_avg")
    texts = session.scalars(kept.order_by(AnswerText.id)).all()
    assert texts == ["花名册待研发部核对后补填", "花名册待研发部核对后补填", ""]  # every text stays in the log


def test_with_a_remark_of_the_same_moment_nothing_is_asked(
    session: Session, whole: Assessment, filler: Actor, fill: Fill
) -> None:
    fill(filler, {STAFF: "21", REASON: "含两名兼职"})
    assert stale(session, whole, filler) == []
