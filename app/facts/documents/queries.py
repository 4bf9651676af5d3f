"""Reading lockers: what lies in a firm's, what a document supports, and which figures lean on one declared wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.access.actor import Actor, Reach
from app.core import clock
from app.core.errors import NotFound
from app.facts import shown as showing
from app.facts.models import Claim, Document, DocumentKind, Evidence, Fact
from app.facts.shown import ClaimShown
from app.files.models import FOR_A_PERSON, SHUT, WATCHED, ScanState, StoredFile
from app.firms import queries as firms
from app.firms.models import Firm

TOLD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DocumentShown:
    """A document as a locker lists it; ``claims`` is how many claims it supports, ``trouble`` a code as on evidence."""

    id: int
    title: str
    kind: DocumentKind
    name: str
    size: int
    sha256: str
    valid_from: date | None
    valid_until: date | None
    by_firm: bool
    added_by_name: str
    created_at: datetime
    replaced_by: int | None
    withdrawn_by_name: str
    withdrawn_at: datetime | None
    withdrawn_why: str
    trouble: str
    claims: int

    @property
    def may_be_opened(self) -> bool:
        return self.trouble not in ("waiting", "oversize", "unasked", "infected")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A document declared wrong that stands behind a figure."""

    document_id: int
    title: str
    why: str


def locker(session: Session, firm_id: int, *, for_: Actor) -> Sequence[DocumentShown]:
    """Return what lies in a firm's locker, newest first; a firm sees what it put there itself.

    The caller has checked that the person may see the firm. Two statements.
    """
    own = [Document.by_firm] if for_.is_firm else []
    found = session.scalars(
        select(Document)
        .where(Document.firm_id == firm_id, *own)
        .order_by(Document.id.desc())
        .options(joinedload(Document.file))
    ).all()
    counts = session.execute(
        select(Evidence.document_id, func.count())
        .where(Evidence.document_id.in_([one.id for one in found]))
        .group_by(Evidence.document_id)
    )
    used = {document_id: count for document_id, count in counts}
    return [shown(one, used.get(one.id, 0)) for one in found]


def usable(session: Session, firm_id: int, *, for_: Actor) -> Sequence[tuple[str, str]]:
    """Return ``(id, title)`` of what may still support a claim: neither replaced nor declared wrong."""
    return [
        (str(one.id), one.title if one.valid_until is None else f"{one.title}（至 {one.valid_until.isoformat()}）")
        for one in locker(session, firm_id, for_=for_)
        if one.trouble not in ("withdrawn", "replaced", "infected")
    ]


def document(session: Session, document_id: int, *, for_: Actor) -> Document:
    """Return one document with its file. Raises NotFound when it is out of reach."""
    own = [Document.by_firm] if for_.is_firm else []
    found = None
    if 0 < document_id <= firms.LARGEST_ID:
        found = session.scalars(
            select(Document)
            .join(Firm, Firm.id == Document.firm_id)
            .where(Document.id == document_id, firms.visible_to(for_), *own)
            .options(joinedload(Document.file))
        ).one_or_none()
    if found is None:
        raise NotFound
    return found


def versions(session: Session, found: Document, *, for_: Actor) -> Sequence[DocumentShown]:
    """Return the other versions of a document, the newest first: what took its place, what it took the place of."""
    there = locker(session, found.firm_id, for_=for_)
    family, size = {found.id}, 0
    while size != len(family):
        size = len(family)
        family |= {one.id for one in there if one.replaced_by in family}
        family |= {one.replaced_by for one in there if one.id in family and one.replaced_by is not None}
    return [one for one in there if one.id in family and one.id != found.id]


def shown(found: Document, claims: int = 0) -> DocumentShown:
    """Return a document (with its file) as pages show it."""
    return DocumentShown(
        id=found.id,
        title=found.title,
        kind=found.kind,
        name=found.file.name,
        size=found.file.size,
        sha256=found.file.sha256,
        valid_from=found.valid_from,
        valid_until=found.valid_until,
        by_firm=found.by_firm,
        added_by_name=found.added_by_name,
        created_at=found.created_at,
        replaced_by=found.replaced_by,
        withdrawn_by_name=found.withdrawn_by_name,
        withdrawn_at=found.withdrawn_at,
        withdrawn_why=found.withdrawn_why,
        trouble=showing.standing(found, clock.today()),
        claims=claims,
    )


@dataclass(frozen=True, slots=True)
class Held:
    """A file that is held back, with whose it is; files that lie in no locker (an import, a proof) have no firm."""

    file: StoredFile
    document: Document | None
    firm: Firm | None

    @property
    def title(self) -> str:
        return self.document.title if self.document is not None else self.file.name

    @property
    def waits_for_a_person(self) -> bool:
        return self.file.scan in FOR_A_PERSON


_SHOWN = (*FOR_A_PERSON, ScanState.WAITING, *SHUT, ScanState.RELEASED)


def _held(for_: Actor) -> Select[StoredFile, Document, Firm]:
    """Select watched files of lockers within reach; files of no locker are for those who see the whole district."""
    whose = firms.visible_to(for_)
    if for_.reach is Reach.DISTRICT and not for_.is_firm:
        whose = or_(Document.id.is_(None), whose)
    return (
        select(StoredFile, Document, Firm)
        .outerjoin(Document, Document.file_id == StoredFile.id)
        .outerjoin(Firm, Firm.id == Document.firm_id)
        .where(WATCHED, whose)
    )


def held_back(session: Session, *, for_: Actor, most: int = 200) -> Sequence[Held]:
    """Return what is in quarantine, was shut out or let out by a person, what waits for a person first."""
    first = case((StoredFile.scan.in_(FOR_A_PERSON), 0), (StoredFile.scan == ScanState.WAITING, 1), else_=2)
    rows = session.execute(
        _held(for_).where(StoredFile.scan.in_(_SHOWN)).order_by(first, StoredFile.id.desc()).limit(most)
    )
    return [Held(file, document, firm) for file, document, firm in rows]


def held(session: Session, file_id: int, *, for_: Actor) -> Held:
    """Return one file that waits for a person or waited for one. Raises NotFound."""
    row = session.execute(_held(for_).where(StoredFile.id == file_id, StoredFile.scan.in_(_SHOWN))).first()
    if row is None:
        raise NotFound
    file, document, firm = row
    return Held(file, document, firm)


def to_look_at(session: Session, for_: Actor) -> int:
    """Return how many files within reach were found infected in the last thirty days, and for staff how many wait for
    a person: what the menu tells."""
    infected = and_(StoredFile.scan == ScanState.INFECTED, StoredFile.scanned_at >= clock.now() - TOLD)
    own = [Document.by_firm] if for_.is_firm else []
    wanted = infected if for_.is_firm else or_(infected, StoredFile.scan.in_(FOR_A_PERSON))
    found = _held(for_).where(wanted, *own).with_only_columns(func.count(func.distinct(StoredFile.id)))
    return session.scalar(found) or 0


def claims_of(session: Session, document_id: int) -> Sequence[tuple[ClaimShown, Fact | None]]:
    """Return the claims that a document supports, newest first, each with the fact it became, if it did."""
    rows = session.execute(
        select(Claim, Fact)
        .join(Evidence, Evidence.claim_id == Claim.id)
        .outerjoin(Fact, Fact.claim_id == Claim.id)
        .where(Evidence.document_id == document_id)
        .order_by(Claim.id.desc())
    )
    return [(showing.claim_shown(claim, ""), fact) for claim, fact in rows]


def doubted_claims(session: Session, firm_id: int) -> Mapping[int, Doubt]:
    """Return the claims of a firm that lean on a document declared wrong."""
    rows = session.execute(
        select(Evidence.claim_id, Document.id, Document.title, Document.withdrawn_why)
        .join(Document, Document.id == Evidence.document_id)
        .join(Claim, Claim.id == Evidence.claim_id)
        .where(Claim.firm_id == firm_id, Document.withdrawn_at.is_not(None))
    )
    return {claim_id: Doubt(document_id, title, why) for claim_id, document_id, title, why in rows}


def doubted_facts(session: Session, firm_ids: Sequence[int]) -> Mapping[int, Doubt]:
    """Return the facts of these firms that lean on a document declared wrong: few, or none, whatever the firms."""
    rows = session.execute(
        select(Fact.id, Document.id, Document.title, Document.withdrawn_why)
        .join(Evidence, Evidence.claim_id == Fact.claim_id)
        .join(Document, Document.id == Evidence.document_id)
        .where(Document.withdrawn_at.is_not(None), Document.firm_id.in_(set(firm_ids)))
    )
    return {fact_id: Doubt(document_id, title, why) for fact_id, document_id, title, why in rows}


def doubts_behind(session: Session, fact_ids: Sequence[int]) -> Sequence[Doubt]:
    """Return the documents declared wrong that stand behind any of the facts, each once."""
    if not fact_ids:
        return []
    rows = session.execute(
        select(Document.id, Document.title, Document.withdrawn_why)
        .join(Evidence, Evidence.document_id == Document.id)
        .join(Fact, Fact.claim_id == Evidence.claim_id)
        .where(Fact.id.in_(set(fact_ids)), Document.withdrawn_at.is_not(None))
        .distinct()
    )
    return [Doubt(document_id, title, why) for document_id, title, why in rows]
