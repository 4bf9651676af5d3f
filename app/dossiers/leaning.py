"""What leans on a document: claims, facts, verdicts, lists, nominations, dossiers; each once, within one firm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assessments import attached
from app.dossiers.models import Dossier
from app.eligibility.engine.finding import Judgement
from app.eligibility.models import EligibilityList, Verdict, VerdictState
from app.facts.documents import queries as documents
from app.facts.models import Document, Fact
from app.facts.shown import ClaimShown
from app.facts.uses import Use
from app.nominations.models import Decision, ListState, Nomination, NominationList
from app.rulebooks.models import Edition

MOST = 500
"""Verdicts looked through, newest first: more than a firm gathers in years."""


@dataclass(frozen=True, slots=True)
class LeaningVerdict:
    """A verdict that had one of the facts; ``used`` says that a finding or a score rests on it."""

    id: int
    edition: str
    as_of: date
    state: VerdictState
    judged_at: datetime
    used: bool
    list_id: int | None
    list_title: str


@dataclass(frozen=True, slots=True)
class LeaningNomination:
    """A place on a nomination list whose verdict leans on the document."""

    list_id: int
    title: str
    state: ListState
    decision: Decision


@dataclass(frozen=True, slots=True)
class Leaning:
    """Everything that leans on a document, from near to far; ``complete`` is false beyond the newest verdicts."""

    claims: Sequence[tuple[ClaimShown, Fact | None]]
    verdicts: Sequence[LeaningVerdict]
    nominations: Sequence[LeaningNomination]
    dossiers: Sequence[Dossier]
    forms: Sequence[Use]
    complete: bool

    @property
    def facts(self) -> int:
        return sum(fact is not None for _claim, fact in self.claims)


def leaning_on(session: Session, document: Document) -> Leaning:
    """Return what leans on a document; the caller has checked that the person may see its firm. Six statements."""
    claims = documents.claims_of(session, document.id)
    facts = [fact for _claim, fact in claims if fact is not None]
    verdicts, complete = _verdicts(session, document.firm_id, facts)
    ids = [one.id for one in verdicts]
    places = session.execute(
        select(Nomination, NominationList)
        .join(NominationList, NominationList.id == Nomination.list_id)
        .where(Nomination.verdict_id.in_(ids))
        .order_by(Nomination.id.desc())
    ).all()
    printed = session.scalars(
        select(Dossier).where(Dossier.nomination_id.in_([row[0].id for row in places])).order_by(Dossier.id.desc())
    ).all()
    nominations = [LeaningNomination(row[1].id, row[1].title, row[1].state, row[0].decision) for row in places]
    return Leaning(claims, verdicts, nominations, printed, attached.uses(session, [document.id]), complete)


def _verdicts(session: Session, firm_id: int, facts: Sequence[Fact]) -> tuple[list[LeaningVerdict], bool]:
    if not facts:
        return [], True
    wanted, since = {fact.id for fact in facts}, min(fact.accepted_at for fact in facts)
    rows = session.execute(
        select(Verdict, Edition.title, EligibilityList.title)
        .join(Edition, Edition.id == Verdict.edition_id)
        .outerjoin(EligibilityList, EligibilityList.id == Verdict.list_id)
        .where(Verdict.firm_id == firm_id, Verdict.judged_at >= since)
        .order_by(Verdict.id.desc())
        .limit(MOST)
    ).all()
    found = [
        LeaningVerdict(
            id=verdict.id,
            edition=edition,
            as_of=verdict.as_of,
            state=verdict.state,
            judged_at=verdict.judged_at,
            used=bool(wanted & _used(verdict)),
            list_id=verdict.list_id,
            list_title=title or "",
        )
        for verdict, edition, title in rows
        if any(entry[3] in wanted for entry in verdict.sheet)
    ]
    return found, len(rows) < MOST


def _used(verdict: Verdict) -> set[int]:
    """Return the facts that a finding or a row of the score rests on."""
    judgement = Judgement.from_json(verdict.judgement)
    used = [one for finding in judgement.findings for one in finding.used]
    if judgement.score is not None:
        used += [one for group in judgement.score.groups for item in group.items for one in item.used]
    return {one.fact_id for one in used if one.fact_id is not None}
