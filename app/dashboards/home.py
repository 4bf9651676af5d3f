"""What a firm's people open first: what is next, which policies are within reach, what is missing, what is held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.assessments import queries as assessments
from app.assessments import ready
from app.assessments.queries import Form
from app.core import clock
from app.dashboards import policies
from app.dashboards.agenda import Forms, Step, agenda
from app.dashboards.overview import KEY_FIGURES
from app.dashboards.policies import Preview
from app.eligibility.gap import queries as gap
from app.eligibility.gap.models import Intake
from app.eligibility.publishing import queries as publishing
from app.eligibility.publishing.queries import Published
from app.facts import queries as facts
from app.facts.catalogue import load_catalogue
from app.facts.sheet import FactSheet
from app.facts.shown import FactShown
from app.firms.models import Firm
from app.recognitions import queries as recognitions
from app.recognitions.models import Recognition
from app.recognitions.standing import HELD, standing
from app.rulebooks import queries as rulebooks
from app.rulebooks.leads import branch_of, kinds_of, lead_of
from app.rulebooks.models import Edition


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that applies today and how near the firm is to it.

    ``form`` is the self-assessment that was begun for it, ``held`` the recognition it leads to where the firm has it.
    ``may_begin``: a form of the programme follows this edition.
    """

    edition: Edition
    kind: str
    preview: Preview
    intake: Intake | None
    form: Form | None
    held: Recognition | None
    may_begin: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """A figure that policies within reach wait for and the bureau does not hold; ``waits``: told, not accepted yet."""

    key: str
    year: int | None
    label: str
    policies: Sequence[str]
    waits: bool


@dataclass(frozen=True)
class Home:
    """Everything on the page."""

    caseworker: User | None
    steps: Sequence[Step]
    policies: Sequence[Policy]
    missing: Sequence[Missing]
    held: Sequence[FactShown]
    told: Sequence[Published]
    pending: int


def home(session: Session, firm: Firm, *, signs: bool = False, name: str = "") -> Home:
    """Gather the page of one firm for a person; the caller has checked that they may see it, and whether they may sign.

    Sections of forms were given to people by ``name``.
    """
    today = clock.today()
    forms = assessments.forms_of(session, firm.id)
    windows = gap.next_intakes(session, today)
    near = _policies(session, firm.id, today, forms, windows)
    mine = assessments.sections_of(session, [one.row.id for one in forms], name)
    begun = Forms(forms, ready.standing(session, firm.id, forms), signs, mine)
    waiting = facts.pending_places(session, [firm.id]).get(firm.id, frozenset())
    return Home(
        caseworker=session.get(User, firm.caseworker_id) if firm.caseworker_id else None,
        steps=agenda(session, firm.id, today, begun, _windows(near)),
        policies=near,
        missing=_missing(near, waiting),
        held=_held(facts.current_facts(session, firm.id)),
        told=[one for one in publishing.of_firm(session, firm.id) if one.is_newest],
        pending=len(waiting),
    )


def _policies(
    session: Session, firm_id: int, today: date, forms: Sequence[Form], windows: Mapping[str, Intake]
) -> list[Policy]:
    """Return every policy that applies today, the nearest first, those that the firm has already at the end."""
    sheet = facts.fact_sheet(session, firm_id, today)
    held = [one for one in recognitions.of_firm(session, firm_id) if standing(one, today) in HELD]
    begun = {(one.row.programme, one.row.kind): one for one in reversed(forms) if one.row.year == today.year - 1}
    found: list[Policy] = []
    seen: set[str] = set()
    for edition, kind in _applying(session, today, held):
        found.append(
            Policy(
                edition,
                kind,
                _preview(edition, sheet, today, kind),
                windows.get(edition.programme),
                begun.get((edition.programme, kind)),
                _recognition(edition, held),
                edition.programme not in seen,
            )  # fmt: skip
        )
        seen.add(edition.programme)
    return sorted(found, key=lambda one: (one.held is not None, *one.preview.rank, one.edition.title))


def _applying(session: Session, today: date, held: Sequence[Recognition]) -> list[tuple[Edition, str]]:
    """Return the editions that applications of today follow: a new one, or a review of what the firm has."""
    chosen: dict[tuple[str, str], tuple[Edition, str]] = {}
    for kind in ("new", "review"):
        for one in rulebooks.proposals(session, today, kind):
            rulebook = rulebooks.rulebook_of(one.edition)
            branch = branch_of(one.edition.programme, rulebook.region)
            if kind not in kinds_of(rulebook):
                continue
            if branch not in chosen or _recognition(one.edition, held) is not None:
                chosen[branch] = (one.edition, kind)
    return list(chosen.values())


def _preview(edition: Edition, sheet: FactSheet, today: date, kind: str) -> Preview:
    return policies.preview(rulebooks.rulebook_of(edition), sheet, today, kind)


def _recognition(edition: Edition, held: Sequence[Recognition]) -> Recognition | None:
    """Return what the firm has of what an edition leads to."""
    lead = lead_of(edition.programme, rulebooks.rulebook_of(edition).region)
    if lead is None:
        return None
    same = [one for one in held if one.kind.value == lead.recognition and lead.level in ("", one.level.value)]
    return max(same, key=lambda one: one.valid_until or date.max, default=None)


def _windows(near: Sequence[Policy]) -> list[tuple[str, Intake]]:
    """Return the times of intake of policies for which the firm has begun no form and which it does not have."""
    return [
        (one.edition.title, one.intake)
        for one in near
        if one.intake is not None and one.held is None and one.form is None and one.may_begin
    ]


def _missing(near: Sequence[Policy], waiting: frozenset[tuple[str, int | None]]) -> list[Missing]:
    """Return what policies within reach wait for that a firm can tell: no expert's points, nothing computed."""
    asked = policies.asked_by((one.edition.title, one.preview) for one in near if one.held is None)
    return [
        Missing(place.key, place.year, place.label, names, (place.key, place.year) in waiting)
        for place, names in asked.items()
        if place.key in load_catalogue() and not load_catalogue().get(place.key).derived
    ]


def _held(found: Sequence[FactShown]) -> list[FactShown]:
    """Return the newest year of every figure, those first that a person looks for first."""
    newest: dict[str, FactShown] = {}
    for one in found:
        before = newest.get(one.key)
        if before is None or (one.year or 0) > (before.year or 0):
            newest[one.key] = one
    known = [one.key for one in load_catalogue() if one.key not in KEY_FIGURES]
    order = {key: place for place, key in enumerate((*KEY_FIGURES, *known))}
    return sorted(newest.values(), key=lambda one: (one.year is None, order.get(one.key, len(order)), one.key))
