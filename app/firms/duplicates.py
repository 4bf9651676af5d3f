"""Firms that may be one: found by their names, codes, phones and addresses, decided by a person.

Different credit codes mean different firms, so two that both have one are only shown when something stronger than a
like name speaks for it (the same name, or that one bears a former name of the other).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from sqlalchemy import ColumnElement, SQLColumnExpression, delete, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from app.access.actions import Action
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.service import Subject
from app.core import clock
from app.core.choices import Choice
from app.core.errors import Conflict, Invalid, NotFound
from app.core.paging import PAGE_SIZE
from app.core.text import N_, tr
from app.firms import keys, names, queries
from app.firms.keys import Identity
from app.firms.models import Contact, DuplicatePair, Firm, FirmKey
from app.firms.names import KeyKind
from app.firms.taxonomy import FirmStatus, PairState

LARGEST_GROUP = 12
"""More firms than this with one key are no duplicates: the key is a word of the trade, or a bookkeeper's phone."""


class Reason(Choice):
    """Why two firms look like one."""

    SAME_NAME = "same_name", N_("名称相同")
    RENAMED = "renamed", N_("一家的现用名是另一家的曾用名")
    CORE = "core", N_("去掉地名和组织形式后相同")
    SHORT = "short", N_("简称相同")
    SOUND = "sound", N_("读音相同")
    NEAR = "near", N_("一字之差")
    PHONE = "phone", N_("联系电话相同")
    ADDRESS = "address", N_("地址相同")


WEIGHTS = {
    Reason.SAME_NAME: 100, Reason.RENAMED: 90, Reason.CORE: 40, Reason.SOUND: 25, Reason.NEAR: 20, Reason.SHORT: 15,
    Reason.PHONE: 20, Reason.ADDRESS: 15,
}  # fmt: skip
STRONG = frozenset({Reason.SAME_NAME, Reason.RENAMED})
ENOUGH = 20
LIKE = frozenset({Reason.CORE, Reason.SOUND, Reason.NEAR, Reason.SHORT})
_IMPLIED = {
    Reason.SAME_NAME: LIKE, Reason.CORE: frozenset({Reason.SOUND, Reason.NEAR}), Reason.SOUND: frozenset({Reason.NEAR}),
}  # fmt: skip
_BY_KEY = {
    KeyKind.EXACT: Reason.SAME_NAME, KeyKind.CORE: Reason.CORE, KeyKind.SOUND: Reason.SOUND,
    KeyKind.NEAR: Reason.NEAR, KeyKind.SHORT: Reason.SHORT,
}  # fmt: skip

Found = dict[tuple[int, int], set[Reason]]


class Pair(NamedTuple):
    """One candidate as the page shows it."""

    pair: DuplicatePair
    low: Firm
    high: Firm

    @property
    def reasons(self) -> list[Reason]:
        return [Reason(one) for one in self.pair.reasons]


def scan(session: Session) -> dict[str, int]:
    """Look through the whole register and keep the candidates; what a person has decided stays decided.

    Returns ``{"found": pairs that stand, "new": those not seen before}``. Candidates that no longer hold and on which
    nobody has decided are dropped.
    """
    found = _candidates(session)
    held = {(low, high): (number, state) for number, low, high, state in session.execute(_HELD)}
    fresh = [one for one in found if one not in held]
    now = clock.now()
    rows = [_row(one, found[one]) | {"found_at": now, "state": PairState.OPEN, "decided_by_name": "", "decision": ""}
            for one in fresh]  # fmt: skip
    if rows:
        session.execute(insert(DuplicatePair), rows)
    again = [{"id": held[one][0], **_row(one, found[one])} for one in found if one in held]
    if again:
        session.execute(update(DuplicatePair), again)
    gone = [number for one, (number, state) in held.items() if one not in found and state is PairState.OPEN]
    for start in range(0, len(gone), keys.CHUNK):
        session.execute(delete(DuplicatePair).where(DuplicatePair.id.in_(gone[start : start + keys.CHUNK])))
    return {"found": len(found), "new": len(fresh)}


_HELD = select(DuplicatePair.id, DuplicatePair.low_id, DuplicatePair.high_id, DuplicatePair.state)


def _row(pair: tuple[int, int], reasons: Iterable[Reason]) -> dict[str, object]:
    ordered = sorted(reasons, key=lambda one: -WEIGHTS[one])
    return {
        "low_id": pair[0], "high_id": pair[1], "reasons": [one.value for one in ordered],
        "weight": sum(WEIGHTS[one] for one in ordered),
    }  # fmt: skip


def _candidates(session: Session) -> Found:
    found: Found = defaultdict(set)
    for kind, reason in _BY_KEY.items():
        _note(found, _groups(session, FirmKey.key, FirmKey.firm_id, FirmKey.kind == kind), reason)
    _note_renamed(session, found)
    phone = func.replace(func.replace(Contact.phone, "-", ""), " ", "")
    _note(found, _groups(session, phone, Contact.firm_id, Contact.phone != ""), Reason.PHONE)
    _note(found, _groups(session, Firm.address, Firm.id, func.length(Firm.address) >= 8), Reason.ADDRESS)
    ids = {firm_id for pair in found for firm_id in pair}
    known = {one.id: one for one in keys.identities(session, ids)}
    return {
        pair: _plain(reasons)
        for pair, reasons in found.items()
        if pair[0] in known and pair[1] in known and _holds(known[pair[0]], known[pair[1]], reasons)
    }


def _plain(reasons: set[Reason]) -> set[Reason]:
    """Leave out what a stronger reason says already."""
    return reasons - {weaker for one in reasons for weaker in _IMPLIED.get(one, ())}


def _groups(
    session: Session, key: SQLColumnExpression[str], firm_id: SQLColumnExpression[int], condition: ColumnElement[bool]
) -> list[list[int]]:
    """Return the firms that share a key, those keys left out that too many share."""
    shared = (
        select(key.label("shared"))
        .where(condition)
        .group_by(key)
        .having(func.count(func.distinct(firm_id)).between(2, LARGEST_GROUP))
        .subquery()
    )
    rows = session.execute(
        select(shared.c.shared, firm_id).join(shared, shared.c.shared == key).where(condition).distinct()
    )
    together: dict[str, list[int]] = defaultdict(list)
    for value, number in rows:
        together[value].append(number)
    return list(together.values())


def _note(found: Found, groups: Iterable[Sequence[int]], reason: Reason) -> None:
    for group in groups:
        for low, high in combinations(sorted(set(group)), 2):
            found[low, high].add(reason)


def _note_renamed(session: Session, found: Found) -> None:
    now, before = aliased(FirmKey), aliased(FirmKey)
    rows = session.execute(
        select(now.firm_id, before.firm_id)
        .join(before, before.key == now.key)
        .where(now.kind == KeyKind.EXACT, before.kind == KeyKind.FORMER, now.firm_id != before.firm_id)
    )
    for one, other in rows:
        found[min(one, other), max(one, other)].add(Reason.RENAMED)


def _holds(one: Identity, other: Identity, reasons: set[Reason]) -> bool:
    mine, theirs = names.parts(one.name), names.parts(other.name)
    if mine.is_branch != theirs.is_branch or (mine.is_branch and mine.plain != theirs.plain):
        return False
    if reasons & LIKE and not reasons & STRONG and names.numbers_differ(mine.core, theirs.core):
        return False
    if one.credit_code and other.credit_code and not reasons & STRONG:
        return False
    if not names.places_agree(mine, theirs) and not reasons & (STRONG | {Reason.PHONE, Reason.ADDRESS}):
        return False
    return sum(WEIGHTS[reason] for reason in reasons) >= ENOUGH and reasons != {Reason.PHONE}


def pairs(
    session: Session, actor: Actor, *, state: PairState = PairState.OPEN, limit: int = PAGE_SIZE
) -> tuple[list[Pair], int, int]:
    """Return candidates of which the person sees both firms, how many there are, and how many lie partly outside."""
    low, high = aliased(Firm), aliased(Firm)
    seen = select(Firm.id).where(queries.visible_to(actor))
    within = (DuplicatePair.low_id.in_(seen), DuplicatePair.high_id.in_(seen))
    standing = [DuplicatePair.state == state]
    if state is not PairState.MERGED:
        standing += [low.status != FirmStatus.MERGED, high.status != FirmStatus.MERGED]
    joined = (
        select(DuplicatePair, low, high)
        .join(low, low.id == DuplicatePair.low_id)
        .join(high, high.id == DuplicatePair.high_id)
        .where(*standing)
    )
    rows = session.execute(
        joined.where(*within).order_by(DuplicatePair.weight.desc(), DuplicatePair.id).limit(limit)
    ).all()
    total = session.scalar(joined.where(*within).with_only_columns(func.count())) or 0
    either = DuplicatePair.low_id.in_(seen) | DuplicatePair.high_id.in_(seen)
    partly = session.scalar(joined.where(either).with_only_columns(func.count())) or 0
    return [Pair(*row) for row in rows], total, partly - total


def of_firm(session: Session, firm_id: int, actor: Actor) -> int:
    """Return how many open candidates a firm has, those with firms out of the person's reach included."""
    mine = (DuplicatePair.low_id == firm_id) | (DuplicatePair.high_id == firm_id)
    open_ones = select(func.count()).select_from(DuplicatePair).where(mine, DuplicatePair.state == PairState.OPEN)
    return 0 if actor.is_firm else session.scalar(open_ones) or 0


def pair(session: Session, pair_id: int, *, for_: Actor) -> Pair:
    """Return one candidate of which the person sees both firms, or raise ``NotFound``."""
    found = session.get(DuplicatePair, pair_id) if 0 < pair_id <= queries.LARGEST_ID else None
    if found is None:
        raise NotFound
    low, high = (queries.firm(session, number, for_=for_) for number in (found.low_id, found.high_id))
    return Pair(found, low, high)


def keep_apart(session: Session, found: Pair, *, reason: str, by: Actor) -> None:
    """Remember that two firms are not one, who said so and why; no later scan brings them up again."""
    if found.pair.state is not PairState.OPEN:
        raise Conflict(tr("这一对已经处理过。"))
    if not reason.strip():
        raise Invalid("reason", tr("请写明依据，例如“信用代码不同，已电话核实”。"))
    found.pair.state, found.pair.decision = PairState.DIFFERENT, reason.strip()[:300]
    found.pair.decided_by_name, found.pair.decided_at = by.name, clock.now()
    session.flush()
    for mine, other in ((found.low, found.high), (found.high, found.low)):
        about = Subject("duplicate_pair", found.pair.id, mine.name, mine.id)
        changes = {"firm": (None, other.name), "state": (PairState.OPEN, PairState.DIFFERENT)}
        audit.record(session, by, Action.FIRM_EDIT, about, changes=changes, note=reason.strip())


def reopen(session: Session, found: Pair, *, by: Actor) -> None:
    """Take back that two firms are not one."""
    if found.pair.state is not PairState.DIFFERENT:
        raise Conflict(tr("这一对已经处理过。"))
    found.pair.state, found.pair.decision = PairState.OPEN, ""
    found.pair.decided_by_name, found.pair.decided_at = "", None
    session.flush()
    about = Subject("duplicate_pair", found.pair.id, found.low.name, found.low.id)
    changes = {"firm": (None, found.high.name), "state": (PairState.DIFFERENT, PairState.OPEN)}
    audit.record(session, by, Action.FIRM_EDIT, about, changes=changes)
