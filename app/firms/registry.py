"""What the registry says of a firm over time: new names with their day, moves, cancellation, being a branch.

Each is dated, names its document, and can be corrected: a name's days are put right, an event is voided with a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.service import Subject
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import Message, tr
from app.firms import keys, queries, search_text
from app.firms.models import Firm, FirmEvent, FormerName, NameOffer
from app.firms.service import MEANWHILE, EditedMeanwhile, subject
from app.firms.taxonomy import EventKind, FirmStatus

STATUS = {
    EventKind.MOVED_IN: FirmStatus.ACTIVE,
    EventKind.MOVED_OUT: FirmStatus.MOVED_OUT,
    EventKind.CANCELLED: FirmStatus.CANCELLED,
    EventKind.REVOKED: FirmStatus.REVOKED,
    EventKind.RESTORED: FirmStatus.ACTIVE,
}
"""What status an event gives; the others leave it as it is."""

MOVES = frozenset({EventKind.MOVED_IN, EventKind.MOVED_OUT, EventKind.MOVED_WITHIN})


@dataclass(frozen=True, kw_only=True)
class EventDraft:
    """An event as a person gives it; ``parent_id`` is the legal entity of a branch."""

    kind: EventKind
    on_day: date
    from_place: str = ""
    to_place: str = ""
    parent_id: int | None = None
    document: str = ""
    note: str = ""


def rename(session: Session, firm: Firm, name: str, *, on: date, document: str, by: Actor, version: int) -> FormerName:
    """Give a firm its new name from a day on; the old one becomes a former name with its days and the document.

    Raises ``Invalid`` (``name``, ``on``, ``document``), ``EditedMeanwhile`` when somebody else saved the firm.
    """
    if firm.version != version:
        raise EditedMeanwhile(MEANWHILE)
    name, document = name.strip(), document.strip()
    _check_new_name(firm, name)
    former = queries.former_names(session, firm.id)
    since = max((one.until for one in former if one.until is not None), default=firm.registered_on)
    _check_day("on", on, since)
    if not document:
        raise Invalid("document", tr("请写明依据，例如“准予变更登记通知书 2025 第 12 号”。"))
    old, firm.name = firm.name, name
    added = FormerName(firm_id=firm.id, name=old, since=since, until=on, document=document[:200])
    session.add(added)
    session.flush()
    keys.refresh(session, firm)
    _settle(session, firm.id, name, by, tr("已更名"))
    changes = {"name": (old, name), "former_name": (None, old), "until": (None, on), "document": (None, document)}
    audit.record(session, by, Action.FIRM_EDIT, subject(firm), changes=changes, note=document)
    return added


def _check_new_name(firm: Firm, name: str) -> None:
    if not name:
        raise Invalid("name", tr("请填写新名称。"))
    if len(name) > Firm.name.type.length:
        raise Invalid("name", tr("最多 %(most)s 个字，现有 %(n)s 个。", most=Firm.name.type.length, n=len(name)))
    if search_text.bare(name) == search_text.bare(firm.name):
        raise Invalid("name", tr("新名称与现用名相同，请核对。"))


def _check_day(field: str, day: date, not_before: date | None) -> None:
    if day > clock.today():
        raise Invalid(field, tr("日期不能晚于今天。"))
    if not_before is not None and day < not_before:
        raise Invalid(field, tr("日期不能早于 %(day)s（成立日或上一次更名日）。", day=not_before))


def correct_name(
    session: Session,
    firm: Firm,
    former: FormerName,
    *,
    since: date | None,
    until: date | None,
    document: str,
    by: Actor,
) -> bool:
    """Put the days and the document of a former name right; return whether anything changed."""
    if since is not None and until is not None and since > until:
        raise Invalid("since", tr("启用日期不能晚于停用日期。"))
    if until is not None:
        _check_day("until", until, None)
    new = {"since": since, "until": until, "document": document.strip()[:200]}
    old = {name: getattr(former, name) for name in new}
    changes = {name: (old[name], new[name]) for name in new if old[name] != new[name]}
    if not changes:
        return False
    for name, value in new.items():
        setattr(former, name, value)
    firm.updated_at = clock.now()  # counts the version up: whoever has the record open is told
    session.flush()
    about = Subject("former_name", former.id, former.name, firm.id)
    audit.record(session, by, Action.FIRM_EDIT, about, changes=changes)
    return True


def record_event(session: Session, firm: Firm, draft: EventDraft, *, by: Actor) -> FirmEvent:
    """Note what happened to a firm on a day; its status follows the latest event. Raises ``Invalid``, ``Conflict``."""
    _check_event(session, firm, draft)
    added = FirmEvent(
        firm_id=firm.id,
        kind=draft.kind,
        on_day=draft.on_day,
        from_place=draft.from_place.strip()[:80],
        to_place=draft.to_place.strip()[:80],
        parent_id=draft.parent_id,
        document=draft.document.strip()[:200],
        note=draft.note.strip()[:300],
        status_before=firm.status,
        recorded_by_name=by.name,
    )
    session.add(added)
    session.flush()
    told: dict[str, tuple[object, object]] = {"kind": (None, draft.kind), "on_day": (None, draft.on_day)}
    given = {"from_place": added.from_place, "to_place": added.to_place, "document": added.document}
    told.update({name: (None, value) for name, value in given.items() if value})
    told.update(_follow(session, firm, added))
    audit.record(session, by, Action.FIRM_EDIT, _about(firm, added), changes=told, note=added.note)
    return added


def void_event(session: Session, firm: Firm, event: FirmEvent, *, reason: str, by: Actor) -> None:
    """Void an event entered by mistake: the status is what the events that stand say. Raises ``Invalid``, ``Conflict``.

    The event stays readable with who voided it and why.
    """
    if event.voided_at is not None:
        raise Conflict(tr("这条登记变动已经作废。"))
    if not reason.strip():
        raise Invalid("reason", tr("请写明作废原因。"))
    event.void_reason, event.voided_by_name, event.voided_at = reason.strip()[:300], by.name, clock.now()
    session.flush()
    told = {"state": (None, "void"), **_follow(session, firm, event)}
    audit.record(session, by, Action.FIRM_EDIT, _about(firm, event), changes=told, note=reason.strip())


def events(session: Session, firm_id: int) -> Sequence[FirmEvent]:
    """Return what happened to a firm, the latest first, voided ones too."""
    return session.scalars(
        select(FirmEvent).where(FirmEvent.firm_id == firm_id).order_by(FirmEvent.on_day.desc(), FirmEvent.id.desc())
    ).all()


def _check_event(session: Session, firm: Firm, draft: EventDraft) -> None:
    _check_day("on_day", draft.on_day, firm.registered_on)
    if draft.kind is EventKind.MOVED_OUT and not draft.to_place.strip():
        raise Invalid("to_place", tr("请写明迁往哪里，例如“江海区”。"))
    if draft.kind is EventKind.MOVED_IN and not draft.from_place.strip():
        raise Invalid("from_place", tr("请写明从哪里迁入，例如“新会区”。"))
    if draft.kind is not EventKind.BRANCH:
        return
    if draft.parent_id is None or draft.parent_id == firm.id:
        raise Invalid("parent", tr("请填写所属法人的名称或统一社会信用代码，且不能是本企业。"))
    if any(one.kind is EventKind.BRANCH and one.voided_at is None for one in events(session, firm.id)):
        raise Conflict(tr("已经登记了所属法人；登记有误的请先作废原来的一条。"))


def _follow(session: Session, firm: Firm, event: FirmEvent) -> dict[str, tuple[FirmStatus, FirmStatus]]:
    """Set the status that the standing events give; return the change for the log."""
    if event.kind not in STATUS or firm.status is FirmStatus.MERGED:
        return {}
    effective = [one for one in events(session, firm.id) if one.kind in STATUS]
    stands = next((STATUS[one.kind] for one in effective if one.voided_at is None), None)
    first = min(effective, key=lambda one: one.id)
    old, new = firm.status, stands if stands is not None else first.status_before
    if old is new:
        return {}
    firm.status, firm.updated_at = new, clock.now()
    session.flush()
    return {"status": (old, new)}


def _about(firm: Firm, event: FirmEvent) -> Subject:
    return Subject("firm_event", event.id, firm.name, firm.id)


def offer_names(session: Session, offers: Iterable[tuple[int, str, str]], *, batch_id: int | None = None) -> int:
    """Keep names under which a source knows firms by their code ``(firm, name, source)``; return how many are new.

    A name that the firm bears or bore, on which a person decided, or that this import offered before, is not offered
    again. ``batch_id`` is the import, so that undoing it takes its offers back.
    """
    wanted = {(firm_id, name.strip()): source for firm_id, name, source in offers if name.strip()}
    if not wanted:
        return 0
    known = _known_names(session, sorted({firm_id for firm_id, _name in wanted}), batch_id)
    rows = [
        {"firm_id": firm_id, "name": name[:120], "source": source[:200], "batch_id": batch_id,
         "offered_at": clock.now(), "is_open": True, "decided_by_name": "", "decision": ""}
        for (firm_id, name), source in wanted.items()
        if (firm_id, search_text.bare(name)) not in known
    ]  # fmt: skip
    if rows:
        session.execute(insert(NameOffer), rows)
    return len(rows)


def _known_names(session: Session, ids: Sequence[int], batch_id: int | None) -> set[tuple[int, str]]:
    """Return what need not be asked: names of the firms, names decided on, names that this import offered already."""
    mine = NameOffer.batch_id.is_(None) if batch_id is None else NameOffer.batch_id == batch_id
    known: set[tuple[int, str]] = set()
    for start in range(0, len(ids), keys.CHUNK):
        part = ids[start : start + keys.CHUNK]
        offered = select(NameOffer.firm_id, NameOffer.name).where(
            NameOffer.firm_id.in_(part), mine | ~NameOffer.is_open
        )
        known |= {(firm_id, search_text.bare(name)) for firm_id, name in session.execute(offered)}
        for one in keys.identities(session, part):
            known |= {(one.id, search_text.bare(name)) for name in (one.name, *one.former_names)}
    return known


def withdraw_offers(session: Session, batch_id: int) -> int:
    """Take back the names that an import offered and on which nobody decided; return how many.

    What a person decided stays with who, when and why: it is theirs, and a name once declined is not asked again.
    """
    mine = select(NameOffer.id).where(NameOffer.batch_id == batch_id, NameOffer.is_open)
    ids = session.scalars(mine.order_by(NameOffer.id).with_for_update()).all()
    for start in range(0, len(ids), keys.CHUNK):
        part = ids[start : start + keys.CHUNK]
        session.execute(delete(NameOffer).where(NameOffer.id.in_(part), NameOffer.is_open))
    return len(ids)


def decided_offers(session: Session, batch_id: int) -> Sequence[tuple[str, NameOffer]]:
    """Return the names that an import offered and a person decided on, each with the firm's present name."""
    rows = session.execute(
        select(Firm.name, NameOffer)
        .join(Firm, Firm.id == NameOffer.firm_id)
        .where(NameOffer.batch_id == batch_id, ~NameOffer.is_open)
        .order_by(NameOffer.id)
    )
    return [(name, offer) for name, offer in rows]


def open_offers(session: Session, firm_id: int) -> Sequence[NameOffer]:
    """Return the names offered for a firm on which nobody has decided, each once however many tables say it."""
    found: dict[str, NameOffer] = {}
    for one in _open(session, firm_id):
        found.setdefault(search_text.bare(one.name), one)
    return list(found.values())


def _open(session: Session, firm_id: int) -> Sequence[NameOffer]:
    return session.scalars(
        select(NameOffer).where(NameOffer.firm_id == firm_id, NameOffer.is_open).order_by(NameOffer.id)
    ).all()


def decline_name(session: Session, firm: Firm, offer: NameOffer, *, reason: str, by: Actor) -> None:
    """Say that a name offered is not the firm's (a slip in the table), with the reason; it is not offered again."""
    if not offer.is_open:
        raise Conflict(tr("这个名称已经处理过。"))
    if not reason.strip():
        raise Invalid("reason", tr("请写明为什么不是更名，例如“表中笔误”。"))
    _settle(session, firm.id, offer.name, by, reason.strip())
    about = Subject("name_offer", offer.id, firm.name, firm.id)
    audit.record(session, by, Action.FIRM_EDIT, about, changes={"name": (offer.name, None)}, note=reason.strip())


def _settle(session: Session, firm_id: int, name: str, by: Actor, how: Message | str) -> None:
    for offer in _open(session, firm_id):
        if search_text.bare(offer.name) == search_text.bare(name):
            _close(offer, by, str(how))
    session.flush()


def _close(offer: NameOffer, by: Actor, decision: str) -> None:
    offer.is_open, offer.decision = False, decision[:200]
    offer.decided_by_name, offer.decided_at = by.name, clock.now()
