"""Publishing verdicts and taking a publication back; never by the person who judged, never changed afterwards."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject, record, record_many
from app.core import clock
from app.core.bulk import insert_rows
from app.core.errors import Conflict, Invalid
from app.core.text import Message, tr
from app.eligibility import listing
from app.eligibility import queries as verdicts
from app.eligibility.models import VerdictState
from app.eligibility.publishing import queries
from app.eligibility.publishing.models import Publication, PublicationWithdrawal
from app.eligibility.publishing.queries import Candidate
from app.firms import holding
from app.firms import queries as firms
from app.firms.models import Firm
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition

LONGEST = 500
COLUMNS = ("verdict_id", "note", "published_by", "published_by_name", "published_at")


def publish(session: Session, verdict_id: int, *, by: Actor, note: str = "") -> Publication:
    """Publish one verdict to its firm.

    Raises NotFound (out of reach), Invalid (``note``), Conflict (judged by the same person, published already, or a
    later one is).
    """
    verdict = verdicts.verdict(session, verdict_id, for_=by)
    _by_another(verdict.judged_by, by)
    note = _short(note, "note")
    holding.to_write(session, Firm.id == verdict.firm_id)
    edition = rulebooks.edition(session, verdict.edition_id)
    standing = queries.standing_of(session, verdict.firm_id, edition, verdict.kind)
    if standing == verdict.id:
        raise Conflict(tr("这次判定已经公布。"))
    if standing > verdict.id:
        raise Conflict(tr("这家企业已经公布了更新的判定，请公布最近一次判定，或先撤回那次公布。"))
    made = Publication(verdict_id=verdict.id, note=note, published_by=by.id, published_by_name=by.name)
    session.add(made)
    session.flush()
    name = firms.firm(session, verdict.firm_id, for_=by).name
    record(
        session, by, Action.ELIGIBILITY_PUBLISH, _subject(verdict.id, name, edition, verdict.firm_id),
        changes=_changes(verdict.state), note=note,
    )  # fmt: skip
    return made


def publish_list(
    session: Session, list_id: int, states: Collection[VerdictState], *, by: Actor, with_stale: bool, note: str = ""
) -> int:
    """Publish the verdicts of a complete list that came out so, within reach; return how many.

    Without ``with_stale`` those stay behind that newer figures have overtaken. Raises NotFound, Invalid (``states``,
    ``note``), Conflict (not complete, drawn up by the same person).
    """
    found = listing.eligibility_list(session, list_id)
    if not found.is_complete:
        raise Conflict(tr("清单还没有生成完毕，完成后才能公布。"))
    _by_another(found.created_by, by)
    note = _short(note, "note")
    edition = rulebooks.edition(session, found.edition_id)
    holding.many_to_write(session, found.scope["firms"])
    still = queries.open_of(session, list_id, edition, found.as_of, found.kind, for_=by)
    chosen = [one for one in still.candidates if one.state in states and (with_stale or not one.is_stale)]
    if not chosen:
        raise Invalid("states", tr("所选范围内没有可以公布的判定，请改选判定结果。"))
    _insert(session, chosen, by, note)
    entries = [(_subject(one.verdict_id, one.firm, edition, one.firm_id), _changes(one.state)) for one in chosen]
    record_many(session, by, Action.ELIGIBILITY_PUBLISH, entries, note=note)
    return len(chosen)


def withdraw(session: Session, publication_id: int, reason: str, *, by: Actor) -> PublicationWithdrawal:
    """Take a publication back; what it succeeded does not come back with it.

    Raises NotFound, Invalid (``reason``), Conflict (it is not what is said now).
    """
    reason = _short(reason, "reason")
    if not reason:
        raise Invalid("reason", tr("请写明撤回的原因，企业会看到。"))
    firm_id = queries.publication(session, publication_id, for_=by).firm_id
    holding.to_write(session, Firm.id == firm_id)
    told = queries.publication(session, publication_id, for_=by)
    if not told.is_current:
        raise Conflict(tr("这次公布%(how)s，不能再撤回。", how=Message(told.standing.label)))
    made = PublicationWithdrawal(
        publication_id=publication_id, reason=reason, withdrawn_by=by.id, withdrawn_by_name=by.name,
        withdrawn_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    name = firms.firm(session, firm_id, for_=by).name
    subject = _subject(told.line.id, name, told.edition, firm_id)
    changes = {"published": [told.line.state, None]}
    record(session, by, Action.ELIGIBILITY_UNPUBLISH, subject, changes=changes, note=reason)
    return made


def _by_another(judged_by: int | None, by: Actor) -> None:
    if judged_by is not None and judged_by == by.id:
        raise Conflict(tr("判定由您本人作出，须由另一人公布。"))


def _short(text: str, field: str) -> str:
    text = text.strip()
    if len(text) > LONGEST:
        raise Invalid(field, tr("最多 %(n)s 个字。", n=LONGEST))
    return text


def _subject(verdict_id: int, firm: str, edition: Edition, firm_id: int) -> Subject:
    return Subject("verdict", verdict_id, f"{firm} · {edition.title}", firm_id)


def _changes(state: VerdictState) -> dict[str, Sequence[Any]]:
    return {"published": [None, state]}


def _insert(session: Session, chosen: Sequence[Candidate], by: Actor, note: str) -> None:
    now = clock.now()
    rows = [(one.verdict_id, note, by.id, by.name, now) for one in chosen]
    insert_rows(session, Publication.__table__, COLUMNS, rows)  # type: ignore[arg-type]
