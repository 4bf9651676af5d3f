"""The call list: firms that only missing figures keep from a decision, one call a firm for all programmes at once.

Whom it names comes from a run; what is asked comes from the figures held now, so that what came in since is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.choices import Choice
from app.core.paging import Page
from app.core.text import N_
from app.district.questions import Asking, Call
from app.eligibility.models import Shortfall, VerdictState
from app.eligibility.runs import queries as runs
from app.eligibility.runs.models import EligibilityRun
from app.facts import queries as facts
from app.firms import queries as firms
from app.firms.models import Contact, Firm
from app.firms.taxonomy import Town
from app.rulebooks import queries as rulebooks

AT_ONCE = 20
"""Firms on a page: each is judged anew under its editions."""
SHOWN = 6
"""Questions of a firm on the list; the rest stand on the page of the call."""
MOST_PRINTED = 200
"""Firms on one printed list."""


class Which(Choice):
    """Whom to phone."""

    ONE = "one", N_("只差一项且缺数据")
    ALL = "all", N_("缺数据而无法判定")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks the call list for; ``edition_id`` 0 means all."""

    which: Which = Which.ONE
    edition_id: int = 0
    town: str = ""


# --- whom to phone ---------------------------------------------------------------------------------------------------


def waiting_each(
    session: Session, found: EligibilityRun, wanted: Wanted, *, for_: Actor
) -> dict[Which, dict[int, list[int]]]:
    """Return ``{firm: editions}`` of a run for either choice, those whose answers may settle most programmes first."""
    held: dict[Which, dict[int, list[int]]] = {one: {} for one in Which}
    within = in_town(session, wanted.town)
    for standing in runs.standings(session, found, for_=for_, only=wanted.edition_id or None):
        part = standing if within is None else standing.narrowed(within)
        ids = {Which.ONE: part.short(Shortfall.ONE_DATA), Which.ALL: part.of(VerdictState.UNDETERMINED)}
        for which, firms_meant in ids.items():
            for firm_id in firms_meant:
                held[which].setdefault(firm_id, []).append(standing.edition_id)
    return {which: dict(sorted(one.items(), key=lambda pair: (-len(pair[1]), pair[0]))) for which, one in held.items()}


def page_of(
    session: Session, found: EligibilityRun, held: Mapping[int, Sequence[int]], start: int, *, for_: Actor
) -> Page[Call]:
    """Return the calls from a place on."""
    ids = list(held)
    start = start if 0 <= start < len(ids) else 0
    part = ids[start : start + AT_ONCE]
    after = str(start + AT_ONCE) if start + AT_ONCE < len(ids) else ""
    before = str(start - AT_ONCE) if start else ""
    items = calls(session, found, {one: held[one] for one in part}, for_=for_, bars=SHOWN)
    return Page(items, len(ids), after=after, before=before)


def in_town(session: Session, town: str) -> Sequence[int] | None:
    """Return the firms of a town; None where the word names none, so that nothing is narrowed."""
    if town not in {one.value for one in Town}:
        return None
    return session.scalars(select(Firm.id).where(Firm.town == Town(town))).all()


# --- what to ask -----------------------------------------------------------------------------------------------------


def calls(
    session: Session, found: EligibilityRun, held: Mapping[int, Sequence[int]], *, for_: Actor, bars: int | None = None
) -> list[Call]:
    """Return the calls of some firms about some editions, with the figures held now, in the order given.

    Bars are told of the first ``bars`` questions of a firm only (None: of all): to find one takes the judge a while.
    """
    ids = list(held)
    known = {one.id: one for one in session.scalars(select(Firm).where(Firm.id.in_(ids), firms.visible_to(for_)))}
    sheets = facts.fact_sheets(session, list(known), found.as_of)
    contacts, answered = _contacts(session, list(known)), facts.pending_places(session, list(known))
    held_editions = rulebooks.codes(session, [one["id"] for one in found.editions])
    books = {number: rulebooks.rulebook_of(one) for number, one in held_editions.items()}
    return [
        Asking(sheets[firm_id], found.as_of, found.kind, answered.get(firm_id, frozenset()), bars).call(
            known[firm_id], contacts.get(firm_id), {one: books[one] for one in held[firm_id]}
        )
        for firm_id in ids
        if firm_id in known
    ]


def call_of(session: Session, found: EligibilityRun, firm_id: int, *, for_: Actor) -> Call:
    """Return everything to ask one firm, under all editions of the run. Raises NotFound when it is out of reach."""
    firm = firms.firm(session, firm_id, for_=for_)
    return calls(session, found, {firm.id: [one["id"] for one in found.editions]}, for_=for_)[0]


def contacts_of(session: Session, firm_id: int) -> Sequence[Contact]:
    """Return the people of a firm, the one to be phoned first."""
    return session.scalars(_ORDERED.where(Contact.firm_id == firm_id)).all()


_ORDERED = select(Contact).order_by(Contact.is_primary.desc(), (Contact.phone == "").asc(), Contact.id)


def _contacts(session: Session, ids: Sequence[int]) -> dict[int, Contact]:
    found: dict[int, Contact] = {}
    for one in session.scalars(_ORDERED.where(Contact.firm_id.in_(ids))):
        found.setdefault(one.firm_id, one)
    return found
