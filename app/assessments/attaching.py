"""Evidence beside an answer: attaching documents of the locker, taking them off, and what submitting makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.assessments.filled import Line
from app.assessments.models import AnswerDocument, Assessment
from app.assessments.places import Place
from app.assessments.saving import in_line
from app.assessments.subject import subject_of
from app.audit.service import record
from app.core import clock
from app.core.errors import Invalid
from app.core.text import tr
from app.facts import keeping, locker
from app.facts import service as facts
from app.facts.models import Claim, Document, Evidence
from app.facts.service import MOST_FILES


def attach(session: Session, assessment_id: int, place: Place, documents: Sequence[Document], *, by: Actor) -> int:
    """Put documents of the firm's locker beside an answer; return how many are new there.

    The caller has seen that the form asks for the place. Raises NotFound, Conflict, Invalid (``document``).
    """
    _revision, form = in_line(session, assessment_id, by)
    there = _rows(session, form, place)
    standing = {one.document_id for one in there if one.detached_at is None}
    new = [one for one in documents if one.id not in standing]
    if len(standing) + len(new) > MOST_FILES:
        raise Invalid("document", tr("每项最多附 %(n)s 份材料，请合并后再上传。", n=MOST_FILES))
    for document in new:
        locker.must_support(document, form.firm_id, by)
        _put(session, form, place, document, there, by)
    if new:
        session.flush()
        _tell(session, form, place, by, [None, "、".join(one.title for one in new)])
    return len(new)


def _put(
    session: Session, form: Assessment, place: Place, document: Document, there: Sequence[AnswerDocument], by: Actor
) -> None:
    before = next((one for one in there if one.document_id == document.id), None)
    if before is not None:  # taken off once, and held by a submission
        before.detached_at = None
        return
    session.add(
        AnswerDocument(
            assessment_id=form.id, key=place.key, year=place.year, document_id=document.id, attached_by=by.id,
            attached_by_name=by.name,
        )
    )  # fmt: skip


def detach(session: Session, assessment_id: int, place: Place, document: Document, *, by: Actor) -> None:
    """Take a document off an answer, with the older versions that stood for it; it stays in the locker.

    Raises NotFound, Conflict.
    """
    _revision, form = in_line(session, assessment_id, by)
    versions = locker.older(session, document)
    gone = [one for one in _rows(session, form, place) if one.detached_at is None and one.document_id in versions]
    for one in gone:
        if one.submitted:
            one.detached_at = clock.now()
        else:
            session.delete(one)
    if gone:
        session.flush()
        _tell(session, form, place, by, [document.title, None])


def settle(session: Session, form: Assessment, lines: Iterable[Line]) -> None:
    """Fix what a submission holds: the newest version stands in the place of an older one, and all rows stay."""
    rows = session.scalars(select(AnswerDocument).where(AnswerDocument.assessment_id == form.id)).all()
    wanted = {(line.question.place, one.id) for line in lines for one in line.attached}
    places = {place for place, _number in wanted}
    there = {(Place(row.key, row.year), row.document_id): row for row in rows}
    live = {Place(row.key, row.year): row for row in rows if row.detached_at is None}
    for place, number in wanted:
        row = there.get((place, number))
        if row is None:
            session.add(_follows(live[place], number))
        else:
            row.submitted, row.detached_at = True, None
    for key, row in there.items():
        if key[0] in places and key not in wanted and row.detached_at is None:
            _give_way(session, row)
    session.flush()


def _give_way(session: Session, row: AnswerDocument) -> None:
    if row.submitted:
        row.detached_at = clock.now()
    else:
        session.delete(row)


def _follows(row: AnswerDocument, document_id: int) -> AnswerDocument:
    return AnswerDocument(
        assessment_id=row.assessment_id, key=row.key, year=row.year, document_id=document_id, submitted=True,
        attached_by=row.attached_by, attached_by_name=row.attached_by_name,
    )  # fmt: skip


def supports(session: Session, claims: Iterable[Claim]) -> Mapping[int, Sequence[int]]:
    """Return ``{claim: its documents}``."""
    found: dict[int, list[int]] = {}
    ids = [one.id for one in claims]
    for claim_id, document_id in session.execute(
        select(Evidence.claim_id, Evidence.document_id).where(Evidence.claim_id.in_(ids))
    ):
        found.setdefault(claim_id, []).append(document_id)
    return found


def support(session: Session, claim: Claim, line: Line, *, by: Actor) -> None:
    """Let what is attached to an answer support the claim that it became."""
    if not line.attached:
        return
    ids = [one.id for one in line.attached]
    documents = {one.id: one for one in session.scalars(select(Document).where(Document.id.in_(ids)))}
    for number in ids:
        facts.attach_document(session, claim, documents[number], by=by)


def _rows(session: Session, form: Assessment, place: Place) -> Sequence[AnswerDocument]:
    year = AnswerDocument.year.is_(None) if place.year is None else AnswerDocument.year == place.year
    return session.scalars(
        select(AnswerDocument).where(AnswerDocument.assessment_id == form.id, AnswerDocument.key == place.key, year)
    ).all()


def _tell(session: Session, form: Assessment, place: Place, by: Actor, change: Sequence[str | None]) -> None:
    name = f"{keeping.name_of(place.key, place.year)}（佐证材料）"
    record(session, by, Action.OWN_FILL, subject_of(form), changes={name: change})
