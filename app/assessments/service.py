"""Beginning a form and saying who fills in which section of it."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.assessments.models import OPEN_STATES, Assessment, Owner, SectionOwner
from app.assessments.questions import judged_on
from app.assessments.sections import BY_CODE
from app.assessments.subject import subject_of
from app.audit.service import record
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import tr
from app.eligibility.gap import queries as gap
from app.eligibility.gap.models import Intake
from app.rulebooks import queries as rulebooks
from app.rulebooks.leads import kinds_of
from app.rulebooks.models import Edition
from app.rulebooks.scopes import APPLICATION_KINDS

YEARS_BACK = 3


def start(session: Session, programme: str, kind: str, year: int, *, by: Actor) -> Assessment:
    """Return the firm's form of a programme, kind of application and fiscal year; begin it where there is none.

    Where a time of intake is entered that has not ended, the form belongs to it. Raises NotFound (no edition applies),
    Invalid (``year``, ``kind``).
    """
    if by.firm_id is None:
        raise NotFound
    today = clock.today()
    if not today.year - 1 - YEARS_BACK <= year <= today.year - 1:
        raise Invalid("year", tr("请选择已经结束的会计年度，最早可填前 %(n)s 年。", n=YEARS_BACK))
    if kind not in APPLICATION_KINDS:
        raise Invalid("kind", tr("请选择申请类型。"))
    edition = edition_for(session, programme, kind, year)
    if kind not in kinds_of(rulebooks.rulebook_of(edition)):
        raise Invalid("kind", tr("《%(title)s》到期按初次申请重新办理，没有复核，请选择新申请。", title=edition.title))
    intake = gap.next_intake(session, programme, today) if year == today.year - 1 else None
    there = existing(session, by.firm_id, programme, kind, year, intake)
    if there is not None:
        return there
    made = Assessment(
        firm_id=by.firm_id, edition_id=edition.id, intake_id=intake.id if intake else None, programme=programme,
        kind=kind, year=year, started_by=by.id, started_by_name=by.name,
    )  # fmt: skip
    session.add(made)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(tr("同事刚刚开始了同一份自评，请返回列表打开。")) from error
    record(session, by, Action.OWN_FILL, subject_of(made), changes={"edition": [None, edition.code]})
    return made


def edition_for(session: Session, programme: str, kind: str, year: int) -> Edition:
    """Return the edition by which figures of a fiscal year are judged. Raises NotFound."""
    today = clock.today()
    days = {today}
    if year != today.year - 1:
        own = [rulebooks.rulebook_of(one) for one in rulebooks.editions(session) if one.programme == programme]
        days = {judged_on(rulebook, year, today) for rulebook in own}
    for day in sorted(days, reverse=True):
        for one in rulebooks.proposals(session, day, kind):
            if one.edition.programme == programme:
                return one.edition
    raise NotFound(tr("这个年度没有适用的政策版本，请换一个年度，或联系主管部门。"))


def existing(
    session: Session, firm_id: int, programme: str, kind: str, year: int, intake: Intake | None
) -> Assessment | None:
    """Return the form that stands for these, or None. One that is still written on is taken into a later intake."""
    same = Assessment.intake_id.is_(None) if intake is None else Assessment.intake_id == intake.id
    found = session.scalars(
        select(Assessment)
        .where(
            Assessment.firm_id == firm_id,
            Assessment.programme == programme,
            Assessment.kind == kind,
            Assessment.year == year,
            or_(same, Assessment.state.in_(OPEN_STATES)),
        )
        .order_by(Assessment.id.desc())
    ).first()
    if found is not None and found.intake_id is None and intake is not None:
        found.intake_id = intake.id
    return found


def assign(session: Session, form: Assessment, section: str, owner: Owner, person: str, *, by: Actor) -> None:
    """Say which department, and who in it, fills in a section. Raises Invalid, Conflict."""
    if section not in BY_CODE:
        raise NotFound
    if form.state not in OPEN_STATES:
        raise Conflict(tr("这份自评已经提交，不能再分工。"))
    if len(person) > 60:
        raise Invalid("person", tr("姓名最多 60 个字。"))
    found = session.scalars(
        select(SectionOwner).where(SectionOwner.assessment_id == form.id, SectionOwner.section == section)
    ).first()
    before = f"{found.owner.label} {found.person}".strip() if found is not None else BY_CODE[section].owner.label
    if found is None:
        found = SectionOwner(assessment_id=form.id, section=section, owner=owner)
        session.add(found)
    found.owner, found.person = owner, person.strip()
    after = f"{owner.label} {found.person}".strip()
    record(session, by, Action.OWN_FILL, subject_of(form), changes={BY_CODE[section].name: [before, after]})
    session.flush()
