"""Reading the evidence beside answers: documents of the firm's locker; where the newest version counts, that one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.assessments.filled import Attached
from app.assessments.models import OPEN_STATES, AnswerDocument, Assessment
from app.assessments.places import Place
from app.core import clock
from app.core.text import tr
from app.facts import keeping
from app.facts import shown as showing
from app.facts.models import Document
from app.facts.uses import Use
from app.rulebooks.models import Edition


def of_form(session: Session, form: Assessment) -> Mapping[Place, Sequence[Attached]]:
    """Return the documents beside each answer, in the order in which they were attached."""
    return of_forms(session, [form]).get(form.id, {})


def of_forms(session: Session, forms: Sequence[Assessment]) -> Mapping[int, Mapping[Place, Sequence[Attached]]]:
    """Return ``{form: documents beside each answer}`` of forms of one firm. One statement, seldom two.

    While the form is open a document that has a newer version is told as that version: it goes with the submission.
    A version that the bureau put there is none of the firm's: then the document stands as replaced.
    """
    rows = session.execute(
        select(AnswerDocument, Document)
        .join(Document, Document.id == AnswerDocument.document_id)
        .where(AnswerDocument.assessment_id.in_([form.id for form in forms]), AnswerDocument.detached_at.is_(None))
        .order_by(AnswerDocument.id)
        .options(joinedload(Document.file))
        .execution_options(populate_existing=True)
    ).all()
    written = {form.id: form.firm_id for form in forms if form.state in OPEN_STATES}
    newest: Mapping[int, Document] = {}
    if any(row.assessment_id in written and document.replaced_by is not None for row, document in rows):
        newest = _newest(session, next(iter(written.values())))
    found: dict[int, dict[Place, dict[int, Attached]]] = {}
    for row, document in rows:
        one = _shown(newest.get(document.id, document) if row.assessment_id in written else document)
        place = Place(row.key, row.year)
        found.setdefault(row.assessment_id, {}).setdefault(place, {}).setdefault(one.id, one)
    return {
        number: {place: list(papers.values()) for place, papers in places.items()} for number, places in found.items()
    }


def by_id(session: Session, document_ids: Sequence[int]) -> Mapping[int, Attached]:
    """Return documents as they stand now, for who reads a submission that holds them."""
    wanted = select(Document).where(Document.id.in_(set(document_ids))).options(joinedload(Document.file))
    return {one.id: _shown(one) for one in session.scalars(wanted)}


def uses(session: Session, document_ids: Sequence[int]) -> Sequence[Use]:
    """Return the answers that have the documents, and those whose submissions hold them."""
    rows = session.execute(
        select(AnswerDocument, Assessment.year, Edition.title)
        .join(Assessment, Assessment.id == AnswerDocument.assessment_id)
        .join(Edition, Edition.id == Assessment.edition_id)
        .where(
            AnswerDocument.document_id.in_(document_ids),
            or_(AnswerDocument.detached_at.is_(None), AnswerDocument.submitted),
        )
        .order_by(AnswerDocument.id.desc())
    )
    return [_use(*row) for row in rows]


def _use(one: AnswerDocument, year: int, title: str) -> Use:
    name = keeping.name_of(one.key, one.year)
    return Use(
        one.document_id,
        tr("自评“%(title)s %(year)s 年度”：%(name)s", title=title, year=year, name=name),
        "portal.assessments.evidence.show",
        {"assessment_id": one.assessment_id, "place": f"{one.key}-{one.year or ''}"},
    )


def _newest(session: Session, firm_id: int) -> Mapping[int, Document]:
    """Return ``{document: its newest version}`` of what a firm sees in its locker."""
    own = (Document.firm_id == firm_id, Document.by_firm)
    rows = session.scalars(select(Document).where(*own).options(joinedload(Document.file)))
    there = {one.id: one for one in rows}
    found = {}
    for one in there.values():
        last = one
        while last.replaced_by in there:  # two versions never replace each other
            last = there[last.replaced_by]
        found[one.id] = last
    return found


def _shown(one: Document) -> Attached:
    file = one.file
    trouble = showing.standing(one, clock.today())
    return Attached(
        one.id, one.title, file.name, file.size, file.sha256, trouble, one.kind.label, _day(one.valid_from),
        _day(one.valid_until), one.added_by_name, clock.local(one.created_at).date().isoformat(),
    )  # fmt: skip


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
