"""What the portal of the first invented firm shows: forms at three stages, a locker, a verdict that was published.

Everything goes through the services that people use; the people are the demo accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.access.roles import Role
from app.accounts.models import User
from app.assessments import attaching, queries, reviewing, saving, service, submitting
from app.assessments.filled import CONFIRMED, Line
from app.assessments.models import Assessment, Owner, Part
from app.assessments.places import FieldPlace, Place
from app.assessments.reviewing import Draft
from app.assessments.saving import Typed
from app.core import clock, workdays
from app.demo.accounts import ACCOUNTS
from app.demo.invented import LAST_YEAR, invented_firms
from app.eligibility import service as eligibility
from app.eligibility.publishing import service as publishing
from app.facts import locker
from app.facts.locker import Upload
from app.facts.models import DocumentKind
from app.files.store import FileStore
from app.firms.models import Firm
from app.rulebooks import queries as rulebooks

REPORT = Path(__file__).parent / "data" / "audit_report_invented.pdf"
HITECH, DIGITAL, SIZE = "hitech_recognition", "sme_digital", "sme_size"
LATER = ("property", "results", "market", "conduct")
"""Sections of the 高企 form that nobody has filled in yet."""
ANSWERS: Mapping[str, str] = {
    "digital_level": "2",
    "digital_equipment_ratio": "62%",
    "connected_equipment_ratio": "48%",
    "digital_invest_ratio_3y": "1.8%",
    "digital_networks": "工控网络\n应用系统网络",
    "digital_collection_links": "5",
    "digital_service_coverage": "2个及以上",
    "digital_network_security_measures": "3",
    "digital_data_security_measures": "2",
    "digital_planning": "制定规划计划",
    "digital_management_systems": "4",
    "digital_talent_measures": "3",
    "digital_energy_change": "降低",
    "digital_quality_change": "增加",
    "digital_revenue_per_head_change": "增加",
    "digital_cost_change": "降低",
}
Answer = Callable[[Line], str | None]
SCENE, SCENES = "digital_scene_", ("二级", "一级", "二级", "未达一级")
RETURNED = (
    ("digital_invest_ratio_3y", "近三年平均投入须按三年合计计算，请附投入明细。", "三年投入合计 ÷ 三年营业额合计"),
    ("digital_networks", "勾选了应用系统网络，请附网络拓扑图或服务合同。", "网络拓扑图（PDF）"),
    (
        "digital_scene_production",
        "生产管控填报二级，请说明使用的系统和上线时间。",
        "2024 年 5 月上线，覆盖两条产线",
    ),
)


def load(session: Session, store: FileStore) -> None:
    """Fill in the forms and the locker of the first firm, and publish a verdict to it."""
    people = _people(session)
    filler, signatory = people["demo-filler"], people["demo-signatory"]
    caseworker, reviewer = people["demo-caseworker"], people["demo-reviewer"]
    assert filler.firm_id is not None
    _begun(session, store, filler)
    returned = _signed(session, DIGITAL, _of_questionnaire, filler, signatory)
    due = workdays.after(clock.today(), 10) or clock.today() + timedelta(days=14)
    drafts = [Draft(Place(key, None), reason, example=example) for key, reason, example in RETURNED]
    reviewing.return_for_correction(session, returned, 1, drafts, due, by=reviewer)
    _signed(session, SIZE, lambda line: "C3852" if line.question.key == "industry_class" else "", filler, signatory)
    _published(session, filler.firm_id, caseworker, reviewer)


def _people(session: Session) -> dict[str, Actor]:
    """Return the demo people by login, those of the firm as acting for it."""
    first = invented_firms()[0]
    firm_id = session.scalars(select(Firm.id).where(Firm.credit_code == first.credit_code)).one()
    logins = {account.login: account for account in ACCOUNTS}
    found: dict[str, Actor] = {}
    for user in session.scalars(select(User).where(User.login.in_(logins))):
        role = logins[user.login].role
        is_firm = role in {Role.FIRM_FILLER, Role.FIRM_SIGNATORY}
        found[user.login] = (
            Actor(id=user.id, login=user.login, name=user.name, role=role, firm_id=firm_id)
            if is_firm
            else user.as_actor()
        )
    return found


def _begun(session: Session, store: FileStore, filler: Actor) -> None:
    """A form half filled in: what is held is confirmed in the first sections, one section has another owner."""
    form = service.start(session, HITECH, "new", LAST_YEAR, by=filler)
    service.assign(session, form, "research", Owner.RESEARCH, "孙研（演示）", by=filler)
    _type(session, form, filler, lambda line: None if line.question.section.code in LATER else "")
    upload = Upload(
        "2025年度审计报告（虚构样例）.pdf", REPORT.read_bytes(), "2025 年度审计报告（虚构样例）", DocumentKind.AUDIT,
        valid_from=date(LAST_YEAR + 1, 4, 20),
    )  # fmt: skip
    assert filler.firm_id is not None
    report = locker.keep(session, store, filler.firm_id, upload, by=filler)
    attaching.attach(session, form.id, Place("sales_revenue", LAST_YEAR), [report], by=filler)


def _of_questionnaire(line: Line) -> str:
    key = line.question.key
    return SCENES[len(key) % len(SCENES)] if key.startswith(SCENE) else ANSWERS[key]


def _signed(session: Session, programme: str, answer: Answer, filler: Actor, signatory: Actor) -> Assessment:
    """A form filled in by one person and signed by the other."""
    form = service.start(session, programme, "new", LAST_YEAR, by=filler)
    _type(session, form, filler, answer)
    session.refresh(form)
    submitting.submit(session, form.id, seen=form.revision, agrees=True, by=signatory)
    session.refresh(form)
    return form


def _type(session: Session, form: Assessment, by: Actor, answer: Answer) -> None:
    """Answer what is asked, and what is asked only after that."""
    for _round in range(2):
        filled = queries.filled(session, queries.form(session, form.id, for_=by))
        saving.save(session, form.id, list(_typed(filled.lines, answer)), by=by)


def _typed(lines: Iterable[Line], answer: Answer) -> Iterable[Typed]:
    """Yield what is typed: the answer; where it is blank, that what is held is right; None leaves a line alone."""
    for line in lines:
        text = None if line.is_done else answer(line)
        if text is None:
            continue
        part = Part.VALUE if text else Part.CONFIRM
        yield Typed(FieldPlace(line.question.key, line.question.year, part), text or CONFIRMED, 0)


def _published(session: Session, firm_id: int, caseworker: Actor, reviewer: Actor) -> None:
    today = clock.today()
    edition = next(one.edition for one in rulebooks.proposals(session, today, "new") if one.edition.programme == HITECH)
    verdict = eligibility.judge(session, firm_id, edition, today, by=caseworker)
    publishing.publish(session, verdict.id, by=reviewer, note="演示：按已核定的数据判定，供企业核对。")
