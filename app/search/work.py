"""What the office works with: files, clauses, lists, dossiers, indicators."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.access.policy import decide
from app.core.text import N_
from app.dossiers.models import Dossier
from app.eligibility.models import EligibilityList
from app.facts.definitions import current
from app.facts.models import Claim, Evidence
from app.files.models import StoredFile
from app.firms import queries as firms
from app.firms import search_text
from app.firms.models import Firm
from app.imports import queries as imports
from app.imports.models import ImportBatch
from app.nominations.models import NominationList
from app.rulebooks import queries as rulebooks
from app.search.firms import MOST, around
from app.search.hits import Asked, Group, Hit


def files(session: Session, asked: Asked, actor: Actor) -> Group:
    """Evidence of firms in reach by title and file name; imports one may see by the name of their file."""
    evidence = (
        select(Evidence.title, StoredFile.name, Claim.id, Firm.name)
        .join(StoredFile, StoredFile.id == Evidence.file_id)
        .join(Claim, Claim.id == Evidence.claim_id)
        .join(Firm, Firm.id == Claim.firm_id)
        .where(_holding(asked, Evidence.title, StoredFile.name), firms.visible_to(actor))
        .order_by(Evidence.id.desc())
        .limit(MOST)
    )
    hits = [
        Hit(row[0] or row[1], "office.facts.claim", {"claim_id": row[2]}, f"{row[3]} · {row[1]}")
        for row in session.execute(evidence)
    ]
    if decide(actor, Action.IMPORT_READ).allowed:
        batches = (
            select(ImportBatch.id, StoredFile.name, ImportBatch.note)
            .join(StoredFile, StoredFile.id == ImportBatch.file_id)
            .where(_holding(asked, StoredFile.name, ImportBatch.note), imports.visible_to(actor))
            .order_by(ImportBatch.id.desc())
            .limit(MOST)
        )
        hits += [Hit(row[1], "office.imports.show", {"batch_id": row[0]}, row[2]) for row in session.execute(batches)]
    return Group("files", N_("文件"), hits[: asked.limit], len(hits), MOST)


def clauses(session: Session, asked: Asked, _actor: Actor) -> Group:
    """Clauses of the editions in the database, by number and words."""
    hits = []
    for edition in rulebooks.editions(session):
        for clause in rulebooks.rulebook_of(edition).clauses:
            whole = search_text.fold(f"{clause.id} {clause.article} {clause.text} {edition.title}")
            if all(term in whole for term in asked.terms):
                place = {"edition_id": edition.id}
                note = around(clause.text, asked.terms)
                title = f"{edition.title} · {clause.id}"
                hits.append(Hit(title, "office.rulebooks.show", place, note, fragment=f"clause-{clause.id}"))
    return Group("clauses", N_("政策条款"), hits[: asked.limit], len(hits), MOST)


def lists(session: Session, asked: Asked, actor: Actor) -> Group:
    """Eligibility lists that are complete and nomination lists, by title."""
    hits: list[Hit] = []
    if decide(actor, Action.ELIGIBILITY_READ).allowed:
        complete = select(EligibilityList.id, EligibilityList.title).where(
            EligibilityList.is_complete, _holding(asked, EligibilityList.title)
        )
        rows = session.execute(complete.order_by(EligibilityList.id.desc()).limit(MOST))
        hits += [Hit(row[1], "office.eligibility.show", {"list_id": row[0]}) for row in rows]
    if decide(actor, Action.NOMINATION_READ).allowed:
        drawn = select(NominationList.id, NominationList.title).where(_holding(asked, NominationList.title))
        rows = session.execute(drawn.order_by(NominationList.id.desc()).limit(MOST))
        hits += [Hit(row[1], "office.nominations.show", {"list_id": row[0]}) for row in rows]
    return Group("lists", N_("名单"), hits[: asked.limit], len(hits), MOST)


def dossiers(session: Session, asked: Asked, actor: Actor) -> Group:
    """Dossiers of firms in reach, by their number."""
    statement = (
        select(Dossier.id, Dossier.number, Firm.name)
        .join(Firm, Firm.id == Dossier.firm_id)
        .where(_holding(asked, Dossier.number), firms.visible_to(actor))
        .order_by(Dossier.id.desc())
        .limit(MOST)
    )
    rows = session.execute(statement).all()
    hits = [Hit(row[1], "office.dossiers.show", {"dossier_id": row[0]}, row[2]) for row in rows[: asked.limit]]
    return Group("dossiers", N_("申报材料"), hits, len(rows), MOST)


def indicators(_session: Session, asked: Asked, _actor: Actor) -> Group:
    """Indicators of the catalogue, by name; they lead to what waits for review under them."""
    hits = []
    for one in current():
        whole = search_text.fold(f"{one.label} {one.key} {search_text.sound(one.label)}")
        if all(term in whole for term in asked.terms):
            hits.append(Hit(one.label, "office.facts.index", {"key": one.key}, one.key))
    return Group("indicators", N_("指标"), hits[: asked.limit], len(hits), MOST)


def _holding(asked: Asked, *columns: Any) -> ColumnElement[bool]:
    """Every term stands in one of the columns."""
    each = (or_(*(func.lower(column).contains(term, autoescape=True) for column in columns)) for term in asked.terms)
    return and_(true(), *each)
