"""What a form asks, what it shows beforehand, what it wants to be told, and that nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor
from app.access.roles import Role
from app.accounts.models import User
from app.assessments import checks, preview, queries, saving, service
from app.assessments.filled import Filled, Line
from app.assessments.models import Answer, AnswerText, Assessment, AssessmentState, Owner, Part
from app.assessments.places import Place, field_of
from app.audit.models import AuditEvent
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.outcome import Outcome
from app.facts import display
from app.facts import queries as facts
from app.facts import service as service_of_facts
from app.facts.models import SourceKind
from app.facts.service import Statement
from app.firms.models import Firm
from app.rulebooks import queries as rulebooks
from tests.assessments.conftest import NOW, Fill
from tests.factories.firms import make_firm
from tests.support.people import People

STAFF = "value-tech_staff_month_avg-2025"
SALES = "value-sales_revenue-2025"


def _filled(session: Session, form: Assessment, by: Actor) -> Filled:
    return queries.filled(session, queries.form(session, form.id, for_=by))


def _line(filled: Filled, key: str, year: int | None = None) -> Line:
    found = filled.line(Place(key, year))
    assert found is not None, key
    return found


def test_what_is_asked_is_what_the_edition_looks_at(session: Session, form: Assessment, filler: Actor) -> None:
    filled = _filled(session, form, filler)
    asked = {line.question.place for line in filled.lines}
    judgement = evaluate(filled.rulebook, facts.fact_sheet(session, form.firm_id, filled.as_of), filled.as_of)
    wanted = {Place(one.key, one.year) for found in judgement.findings if found.decides
              for one in (*found.used, *found.missing)}  # fmt: skip
    assert wanted <= asked
    assert Place("total_assets", 2023) in asked  # the score looks at it
    assert Place("hnte_fraud_found", None) not in asked  # a duty of those who hold the certificate


def test_the_clause_named_first_is_one_that_applies(
    session: Session, form: Assessment, filler: Actor, fill: Fill
) -> None:
    for sales, clause in (("3700", "HNTE-11-5a"), ("7700", "HNTE-11-5b")):
        fill(filler, {SALES: sales})
        assert _line(_filled(session, form, filler), "sales_revenue", 2025).question.clauses[0] == clause


def test_held_figures_wait_to_be_confirmed_and_declarations_are_never_filled_in(
    session: Session, form: Assessment, filler: Actor, fill: Fill
) -> None:
    filled = _filled(session, form, filler)
    sales, incidents = _line(filled, "sales_revenue", 2025), _line(filled, "major_safety_incident_dates")
    assert (sales.shown, sales.is_done, sales.before) == ("3645", False, Decimal(2700))
    assert incidents.held is not None
    assert incidents.question.is_declaration
    assert incidents.shown == ""
    fill(filler, {"confirm-sales_revenue-2025": "yes", "value-major_safety_incident_dates-": "无"})
    filled = _filled(session, form, filler)
    assert _line(filled, "sales_revenue", 2025).is_done
    assert _line(filled, "major_safety_incident_dates").is_done


def test_an_answer_is_judged_as_the_bureau_would_judge_it(
    session: Session, form: Assessment, filler: Actor, fill: Fill
) -> None:
    before = preview.preview(_filled(session, form, filler), today=clock.today())
    assert "HNTE-11-4" in [gate.clause.id for gate in before.of(Outcome.UNKNOWN)]
    fill(filler, {STAFF: "9"})
    after = preview.preview(_filled(session, form, filler), today=clock.today())
    unmet = {gate.clause.id: gate.finding for gate in after.of(Outcome.UNMET)}
    assert (unmet["HNTE-11-4"].actual_text, unmet["HNTE-11-4"].gap_text) == ("9.00%", "差 1 人科技人员数（全年月平均）")
    assert after.points is not None
    assert (after.points.line, after.points.tone) == (71, "warn")
    assert facts.current_fact(session, form.firm_id, "tech_staff_month_avg", 2025) is None  # nothing is stored


def test_what_raises_the_score_never_is_another_figure_for_a_year_that_is_over(
    session: Session, form: Assessment, filler: Actor, fill: Fill
) -> None:
    """A figure of the year that runs is told beside the one that stands, and counts at the next application."""
    fill(filler, {STAFF: "20"})
    found = preview.preview(_filled(session, form, filler), today=clock.today()).raises
    years = {one.change.year for one in found}
    assert years <= {None, clock.today().year}
    assert clock.today().year in years
    later = next(one for one in found if one.change.year is not None)
    assert "下一年度申报时" in str(later.text)
    assert "由上年的" in str(later.text)
    assert all(one.gain > 0 for one in found)


def test_what_is_odd_asks_for_a_reason_and_what_cannot_be_is_to_be_mended(
    session: Session, form: Assessment, filler: Actor, fill: Fill
) -> None:
    def told(key: str, year: int | None = 2025) -> list[checks.Fault]:
        return [one for one in checks.faults(_filled(session, form, filler)) if one.place == Place(key, year)]

    fill(filler, {SALES: "36450000", STAFF: "约二十人"})
    assert "有一年单位填错" in str(told("sales_revenue")[1].message)
    assert "不是数字" in str(told("tech_staff_month_avg")[0].message)
    fill(filler, {SALES: "900", STAFF: "120"})
    differs, swing = told("sales_revenue")[:2]
    assert "3,645 万元 不同" in str(differs.message)
    assert "变动 -67%" in str(swing.message)
    assert told("tech_staff_month_avg")[0].weight is checks.Weight.MEND  # more than all employees
    assert differs.field == "reason-sales_revenue-2025"
    fill(filler, {"reason-sales_revenue-2025": "剥离了一个事业部，见审计报告附注", STAFF: "20"})
    assert [one.is_open for one in told("sales_revenue")] == [False] * len(told("sales_revenue"))
    assert told("tech_staff_month_avg") == []
    fill(filler, {STAFF: "", "reason-tech_staff_month_avg-2025": "花名册月底才能导出"})
    assert [one.is_open for one in told("tech_staff_month_avg")] == [False]


@pytest.mark.parametrize(
    ("text", "read"),
    [("41,862,300.55 元", "4186.230055"), ("0.4935亿元", "4935"), ("５千元", "0.5"), ("3,160 万元", "3160"),
     ("3万", "3"), ("20 千万元", "20000")],
)  # fmt: skip
def test_an_amount_is_taken_in_the_unit_behind_it(
    session: Session, form: Assessment, filler: Actor, fill: Fill, text: str, read: str
) -> None:
    fill(filler, {SALES: text})
    line = _line(_filled(session, form, filler), "sales_revenue", 2025)
    assert (line.value, line.text(Part.VALUE)) == (Decimal(read), text)
    told = display.with_unit(line.question.indicator, Decimal(read))
    assert str(line.as_read) == ("None" if text == "3,160 万元" else f"按 {told} 计")


@pytest.mark.parametrize(
    ("text", "read"),
    [("4186.23+120.5", "4306.73"), ("4,186.23 万元 － 3万元", "4183.23"), ("41,862,300 元+1,205,000 元", "4306.73"),
     ("0.1+0.2", "0.3"), ("-5+8", "3"), ("3645", None), ("3+2 元", None), ("=1+1", None), ("2*3", None),
     ("1++2", None), ("1+", None), ("2023—2024", None), ("+".join("1" * 51), None)],
)  # fmt: skip
def test_a_sum_is_worked_out_exactly_and_stays_as_typed(
    session: Session, form: Assessment, filler: Actor, fill: Fill, text: str, read: str | None
) -> None:
    fill(filler, {SALES: text})
    line = _line(_filled(session, form, filler), "sales_revenue", 2025)
    assert line.text(Part.VALUE) == text
    if read is None:
        assert line.as_read is None
        assert text == "3645" or "不是数字" in str(line.problem)
    else:
        assert line.value == Decimal(read)
        assert str(line.as_read) == f"= {display.with_unit(line.question.indicator, Decimal(read))}"


def test_years_that_are_all_wrong_in_the_same_way_are_asked_about_and_never_refused(
    session: Session, form: Assessment, filler: Actor, fill: Fill
) -> None:
    """All three years in 元 where 万元 are asked for: none stands out beside another."""
    years = {2023: "25000000", 2024: "30000000", 2025: "36450000"}
    fill(filler, {f"value-sales_revenue-{year}": text for year, text in years.items()})
    found = [one for one in checks.faults(_filled(session, form, filler)) if "很可能是按元填的" in str(one.message)]
    assert [one.place.year for one in found] == list(years)
    assert {one.weight for one in found} == {checks.Weight.EXPLAIN}
    fill(filler, {f"value-total_assets-{year}": "2000000" for year in years})  # 200 亿元, for a hundred people
    odd = [one for one in checks.faults(_filled(session, form, filler)) if "每人超过 1 亿元" in str(one.message)]
    assert {one.place for one in odd} >= {Place("total_assets", year) for year in years}
    fill(filler, {f"value-total_assets-{year}": "9000" for year in years})
    left = checks.faults(_filled(session, form, filler))
    assert not [one for one in left if one.place.key == "total_assets" and "按元填的" in str(one.message)]


def test_what_is_no_amount_is_refused_and_persons_are_not_converted(
    session: Session, form: Assessment, filler: Actor, fill: Fill
) -> None:
    fill(filler, {SALES: "4,000 美元", STAFF: "2万"})
    filled = _filled(session, form, filler)
    for key in ("sales_revenue", "tech_staff_month_avg"):
        assert "不是数字" in str(_line(filled, key, 2025).problem)


def test_the_preview_tells_what_is_left_to_experts(session: Session, form: Assessment, filler: Actor) -> None:
    names = [
        name
        for name, points in preview.preview(_filled(session, form, filler), today=clock.today()).for_experts
        if points > 0
    ]
    assert "研究开发组织管理水平" in names
    assert "企业成长性" in names  # two points wide: the band is the judge's, the point within it an expert's


def test_a_later_look_never_overwrites_a_newer_text(
    session: Session, form: Assessment, people: People, firm: Firm, filler: Actor, fill: Fill
) -> None:
    colleague = people.make(Role.FIRM_FILLER, name="钱会计", firm_id=firm.id).as_actor()
    assert fill(filler, {STAFF: "20"})[0].is_mine
    assert fill(colleague, {STAFF: "21"})[0].version == 2
    late = fill(filler, {STAFF: "22"}, seen=1)[0]
    assert (late.is_mine, late.text, late.by) == (False, "21", "钱会计")
    again = fill(filler, {STAFF: "20"}, seen=1)[0]  # an untouched field that a page sent along is no clash
    assert (again.is_mine, again.text) == (True, "21")
    kept = session.execute(select(AnswerText.text, AnswerText.version).order_by(AnswerText.id)).all()
    assert [tuple(row) for row in kept] == [("20", 1), ("21", 2), ("22", None)]
    assert fill(filler, {STAFF: "22"})[0].version == 3


def test_every_text_is_kept_as_typed_and_told_in_the_log(
    session: Session, form: Assessment, filler: Actor, fill: Fill
) -> None:
    text = " 二十\n<b>人</b>\u202e '; DROP TABLE--"
    stands = fill(filler, {STAFF: text})[0]
    assert stands.problem is not None
    row = session.scalars(select(Answer)).one()
    assert (row.text, row.number, row.value) == (text, None, None)
    fill(filler, {STAFF: "20.5"})
    assert session.scalars(select(Answer.number)).one() == Decimal("20.5")
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert list(event.changes.values()) == [[text, "20.5"]]


def test_there_is_one_form_for_a_firm_programme_and_year(session: Session, form: Assessment, filler: Actor) -> None:
    assert service.start(session, "hitech_recognition", "new", 2025, by=filler).id == form.id
    assert service.start(session, "hitech_recognition", "new", 2024, by=filler).id != form.id
    with pytest.raises(Invalid):
        service.start(session, "hitech_recognition", "new", 2026, by=filler)
    with pytest.raises(NotFound):
        service.start(session, "no_such_programme", "new", 2025, by=filler)
    older = service.start(session, "sme_digital", "new", 2022, by=filler)
    assert rulebooks.edition(session, older.edition_id).code == "sme-digital-2022"


def test_who_is_not_of_the_firm_and_what_is_not_asked_do_not_exist(
    session: Session, form: Assessment, people: People, fill: Fill, filler: Actor
) -> None:
    other = people.make(Role.FIRM_FILLER, firm_id=make_firm(session).id).as_actor()
    with pytest.raises(NotFound):
        fill(other, {STAFF: "20"})
    session.rollback()
    with pytest.raises(NotFound):
        queries.form(session, form.id, for_=other)
    for name in ("value-digital_level-", "value-sales_revenue-1990", "value-registration_date-2025"):
        with pytest.raises(NotFound):
            fill(filler, {name: "1"})
        session.rollback()
    assert field_of("value-sales_revenue-20x5") is None


def test_a_form_that_was_submitted_takes_no_text(session: Session, form: Assessment, fill: Fill, filler: Actor) -> None:
    form.state = AssessmentState.SUBMITTED
    session.commit()
    with pytest.raises(Conflict, match="已提交"):
        fill(filler, {STAFF: "20"})
    session.rollback()
    with pytest.raises(Conflict):
        service.assign(session, form, "staff", Owner.FINANCE, "", by=filler)


def test_a_text_too_long_is_refused_by_name(form: Assessment, fill: Fill, filler: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        fill(filler, {STAFF: "9" * (saving.LONGEST + 1)})
    assert refused.value.field == STAFF


def test_what_is_odd_is_not_done(session: Session, form: Assessment, filler: Actor, fill: Fill) -> None:
    fill(filler, {STAFF: "300", "confirm-employees_month_avg-2025": "yes"})  # more than all employees
    sections = {one.section.code: one for one in checks.sections(_filled(session, form, filler))}
    assert (sections["staff"].done, sections["staff"].state) == (1, "begun")


def test_sections_tell_how_far_they_are(session: Session, form: Assessment, filler: Actor, fill: Fill) -> None:
    def staff() -> tuple[str, int, int]:
        found = next(one for one in _filled(session, form, filler).sections if one.section.code == "staff")
        return found.state, found.done, found.minutes

    assert staff() == ("open", 0, 3)
    fill(filler, {STAFF: "20"})
    assert staff() == ("begun", 1, 1)
    fill(filler, {"confirm-employees_month_avg-2025": "yes"})
    assert staff() == ("done", 2, 0)
    service.assign(session, form, "staff", Owner.FINANCE, "李会计", by=filler)
    assert queries.owners(session, form.id) == {"staff": (Owner.FINANCE, "李会计")}


def test_an_answer_is_chosen_from_cards_and_what_is_none_of_them_stays_as_it_was_typed(
    session: Session, filler: Actor, filler_user: User, people: People
) -> None:
    made = service.start(session, "sme_digital", "new", 2025, by=filler)
    session.commit()
    fill, page = Fill(session, made.id), f"/portal/assessments/{made.id}/sections/digital-base"
    networks, coverage = "value-digital_networks-", "value-digital_service_coverage-"
    browser = people.browser(filler_user)
    browser.get(page)
    browser.submit(
        {networks: ["工控网络", "5G工业网络"], coverage: "单个环节"}, form="#assess-form"
    )  # without a script
    session.rollback()
    line = _line(_filled(session, made, filler), "digital_networks")
    assert (line.text(Part.VALUE), line.value) == ("工控网络\n5G工业网络", ("工控网络", "5G工业网络"))
    browser.get(page)
    chosen = [card["value"] for card in browser.page.select("#assess-form .x-choice [checked]")]
    assert chosen == ["工控网络", "5G工业网络", "单个环节"]
    fill(filler, {networks: "5G工业网络\n工控网络"})  # as a workbook brought it
    browser.get(page)
    browser.submit({networks: ["工控网络", "5G工业网络"]}, form="#assess-form")
    session.rollback()
    assert _line(_filled(session, made, filler), "digital_networks").text(Part.VALUE) == "5G工业网络\n工控网络"
    fill(filler, {networks: "工控网络\n  自建网络 ", coverage: "两个环节"})
    browser.get(page)
    field = browser.page.select_one(f'textarea[name="{networks}"]')
    assert field is not None
    assert field.get_text().removeprefix("\n") == "工控网络\n  自建网络 "
    assert browser.page.select_one(f'[name="{coverage}"][value="两个环节"][checked]') is not None


def test_a_tick_says_nothing_of_a_figure_that_the_bureau_took_since(
    session: Session, form: Assessment, filler: Actor, fill: Fill, reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick = SALES.replace("value", "confirm")
    fill(filler, {tick: "yes"})
    assert _line(_filled(session, form, filler), "sales_revenue", 2025).is_confirmed
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))
    said = Statement(firm_id=form.firm_id, key="sales_revenue", year=2025, value=Decimal(4000), raw="4000",
                     source_kind=SourceKind.CASEWORKER, source_label="审计报告")  # fmt: skip
    claim = service_of_facts.state(session, said, by=SYSTEM)
    service_of_facts.accept_many(session, [claim.id], by=reviewer, reason="以审计报告为准")
    session.commit()
    line = _line(_filled(session, form, filler), "sales_revenue", 2025)
    assert line.held is not None
    assert (line.held.value, line.is_confirmed, line.text(Part.CONFIRM)) == (Decimal(4000), False, "")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=3))
    fill(filler, {tick: "yes"})  # looked at again and ticked again
    assert _line(_filled(session, form, filler), "sales_revenue", 2025).is_confirmed


def test_a_section_is_named_to_the_colleague_it_was_given_to(
    session: Session, form: Assessment, filler: Actor, people: People
) -> None:
    colleague = people.make(Role.FIRM_FILLER, name="孙研发", firm_id=form.firm_id)
    service.assign(session, form, "research", Owner.RESEARCH, "孙研发", by=filler)
    session.commit()
    browser = people.browser(colleague)
    browser.get("/portal/")
    step = browser.page.find("a", string="请您填写“研发投入”：高新技术企业认定自评（2025 年度）")
    assert step is not None
    assert step["href"] == f"/portal/assessments/{form.id}/sections/research"
