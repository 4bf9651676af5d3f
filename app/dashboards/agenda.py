"""What is next for a firm: what falls due, applications that are taken, forms that lie about, mandates that end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from app.accounts import mandates
from app.assessments.models import OPEN_STATES, AssessmentState
from app.assessments.queries import Form
from app.assessments.ready import Readiness
from app.assessments.sections import BY_CODE
from app.core.text import Message, tr
from app.eligibility.gap.models import Intake
from app.facts.models import Claim, ClaimState, SourceKind
from app.recognitions import queries as recognitions
from app.recognitions.models import Recognition
from app.reminders.due import AHEAD, all_due
from app.reminders.models import DueKind
from app.reminders.things import Due
from app.rulebooks.leads import programme_for

MANDATES_AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: what, until when (None: at once) and how many days are left, and the page where it is done."""

    what: Message
    day: date | None
    left: int | None
    endpoint: str
    values: Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class Forms:
    """The firm's forms, how the open ones stand, whether the person who looks signs for the firm, and the sections that
    were given to them: ``[(form, section)]``."""

    all: Sequence[Form]
    standing: Mapping[int, Readiness]
    signs: bool
    mine: Sequence[tuple[int, str]] = ()

    def ready(self, form_id: int) -> tuple[Message, str] | None:
        """Return what is said of a form that is ready to be signed and the page for it, None for all others."""
        stands = self.standing.get(form_id)
        if stands is None or not stands.is_ready:
            return None
        title = next(one.title for one in self.all if one.row.id == form_id)
        if self.signs:
            return tr("%(form)s已填好，请您核对后签署提交", form=title), "portal.assessments.sign"
        if stands.handover is not None:
            return tr("%(form)s已填好，等待负责人签署", form=title), "portal.assessments.show"
        return tr("%(form)s已填好，可以请负责人签署", form=title), "portal.assessments.show"

    def asked(self, form_id: int, today: date) -> date | None:
        """Return the day by which the head is asked to sign what is ready; None where nobody asked or it is over."""
        stands = self.standing.get(form_id)
        if stands is None or not stands.is_ready or stands.handover is None or stands.handover.until < today:
            return None
        return stands.handover.until


def agenda(
    session: Session, firm_id: int, today: date, forms: Forms, windows: Sequence[tuple[str, Intake]]
) -> list[Step]:
    """Return what is next, what is to be done at once first, then by the day.

    ``windows`` are times of intake with the policy's name for which the firm has begun nothing yet.
    """
    steps = [
        *_sections(today, forms),
        *_dues(session, firm_id, today, forms),
        *_windows(today, windows),
        *_mandates(session, firm_id, today),
        *_rejected(session, firm_id, today),
    ]
    return sorted(steps, key=lambda step: (step.day is not None, step.day or today))


def _step(what: Message, day: date | None, today: date, endpoint: str, **values: int | str) -> Step:
    return Step(what, day, (day - today).days if day is not None else None, endpoint, values)


def _dues(session: Session, firm_id: int, today: date, forms: Forms) -> Iterator[Step]:
    """What the firm is reminded of, and its open forms that have no day or whose day has gone by."""
    dues = [one for one in all_due(session, today, {firm_id}) if one.owner_id is None]
    ending = {one.id: one for one in recognitions.of_firm(session, firm_id)}
    told: set[int] = set()
    for one in dues:
        if one.kind is DueKind.CONSENT and one.form_id is not None:
            yield _step(one.title, one.due_on, today, "portal.assessments.behalf.index", assessment_id=one.form_id)
        elif one.form_id is not None and one.kind is not DueKind.SIGN:  # said with the form itself
            told.add(one.form_id)
            what, endpoint = forms.ready(one.form_id) or (one.title, "portal.assessments.show")
            yield _step(what, one.due_on, today, endpoint, assessment_id=one.form_id)
        elif one.kind is DueKind.RECOGNITION:
            yield _renewal(one, ending[one.subject_id], today, forms)
    for form in forms.all:
        if form.row.id in told or form.closed_on is not None or form.row.state not in OPEN_STATES:
            continue
        what = tr("%(form)s还没有提交", form=form.title)
        if form.row.state is AssessmentState.RETURNED:
            what = tr("%(form)s已退回，请改好重新提交", form=form.title)
        what, endpoint = forms.ready(form.row.id) or (what, "portal.assessments.show")
        yield _step(what, forms.asked(form.row.id, today), today, endpoint, assessment_id=form.row.id)


def _sections(today: date, forms: Forms) -> Iterator[Step]:
    """Sections of open forms that were given to the person who looks and are not done."""
    titles = {one.row.id: one.title for one in forms.all}
    for form_id, section in forms.mine:
        stands = forms.standing.get(form_id)
        if stands is not None and section in stands.open_sections:
            what = tr("请您填写“%(section)s”：%(form)s", section=BY_CODE[section].name, form=titles[form_id])
            yield _step(what, None, today, "portal.assessments.section", assessment_id=form_id, section=section)


def _renewal(due: Due, ends: Recognition, today: date, forms: Forms) -> Step:
    """Return the step that a recognition ends: it leads to the form by which it is renewed, or to where that begins."""
    programme = programme_for(ends.kind.value, ends.level.value)
    for form in forms.all:
        if form.row.programme == programme and form.row.year == today.year - 1 and form.row.state in OPEN_STATES:
            return _step(due.title, due.due_on, today, "portal.assessments.show", assessment_id=form.row.id)
    place = {"_anchor": f"offer-{programme}"} if programme is not None else {}
    return _step(due.title, due.due_on, today, "portal.assessments.index", **place)


def _windows(today: date, windows: Sequence[tuple[str, Intake]]) -> Iterator[Step]:
    for policy, intake in windows:
        if intake.opens_on > today + AHEAD:
            continue
        is_open = intake.opens_on <= today
        what = (
            tr("%(policy)s正在申报（%(batch)s），%(day)s 截止", policy=policy, batch=intake.name, day=intake.closes_on)
            if is_open
            else tr(
                "%(policy)s将于 %(day)s 开始申报（%(batch)s）", policy=policy, batch=intake.name, day=intake.opens_on
            )
        )
        place = {"_anchor": f"offer-{intake.programme}"}
        yield _step(what, intake.closes_on if is_open else intake.opens_on, today, "portal.assessments.index", **place)


def _mandates(session: Session, firm_id: int, today: date) -> Iterator[Step]:
    for one in mandates.of_firm(session, firm_id):
        if one.is_live(today) and one.valid_until <= today + MANDATES_AHEAD:
            what = tr("%(name)s（%(role)s）的授权将于 %(day)s 到期", name=one.user.name, role=Message(one.role.label),
                      day=one.valid_until)  # fmt: skip
            yield _step(what, one.valid_until, today, "portal.mandates.index")


def _rejected(session: Session, firm_id: int, today: date) -> Iterator[Step]:
    """Claims that came back and after which the firm has said nothing; those of a form are told of with the form."""
    later = aliased(Claim)
    mended = exists().where(
        later.firm_id == Claim.firm_id, later.key == Claim.key, later.year.is_not_distinct_from(Claim.year),
        later.id > Claim.id, later.source_kind == SourceKind.FIRM,
    )  # fmt: skip
    rows = session.scalars(
        select(Claim.reference).where(
            Claim.firm_id == firm_id, Claim.source_kind == SourceKind.FIRM, Claim.state == ClaimState.REJECTED, ~mended
        )
    )
    if number := sum("assessment" not in reference for reference in rows):
        what = tr("%(n)s 条填报被退回，请改好重新填报", n=number)
        yield _step(what, None, today, "portal.facts.claims")
