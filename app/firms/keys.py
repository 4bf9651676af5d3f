"""The keys of firms' names in the database: kept up to date, filled in bulk, looked up for a whole batch at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core import clock
from app.core.members import one_of
from app.firms import names, search_text
from app.firms.models import Firm, FirmKey, FirmMerge, FormerName
from app.firms.names import KeyKind
from app.firms.taxonomy import FirmStatus, MergeState

T = TypeVar("T")

SHORTEST_BEGINNING = 3
LAST_SIGN = "\U0010ffff"

CHUNK = 2000
"""Values in one IN: a batch of ten thousand rows is a handful of statements on either database."""


class Identity(NamedTuple):
    """What rows of a table are matched against; ``merged_codes`` are the codes of firms that were merged into it."""

    id: int
    name: str
    credit_code: str | None
    security_code: str | None
    former_names: tuple[str, ...] = ()
    short_name: str = ""
    merged_codes: tuple[str, ...] = ()


class Sought(NamedTuple):
    """What the rows of a batch say of firms: codes as kept (upper case, no blanks), names as written."""

    credit_codes: Collection[str] = ()
    security_codes: Collection[str] = ()
    names: Collection[str] = ()


def renew(session: Session, firm_id: int, name: str, short_name: str, former: Iterable[str]) -> None:
    """Write the keys of one firm anew; called by whatever changes one of its names."""
    wanted = set(names.keys(name, short_name, former))
    held = {(kind, key) for kind, key in session.execute(_of(firm_id))}
    for kind, key in held - wanted:
        session.execute(delete(FirmKey).where(FirmKey.kind == kind, FirmKey.key == key, FirmKey.firm_id == firm_id))
    if missing := wanted - held:
        session.execute(insert(FirmKey), [_row(firm_id, kind, key) for kind, key in sorted(missing)])


def refresh(session: Session, firm: Firm) -> None:
    """Bring all that is derived from a firm's names and codes up to date; a merged firm is found by none of them."""
    former = [name for names_of in _former(session, [firm.id]).values() for name in names_of]
    is_found = firm.status is not FirmStatus.MERGED
    firm.name_key = search_text.sort_key(firm.name)
    firm.search_text = (
        search_text.build([firm.name, firm.short_name, *former], [firm.credit_code, firm.security_code])
        if is_found
        else ""
    )
    firm.updated_at = clock.now()
    session.flush()
    if is_found:
        renew(session, firm.id, firm.name, firm.short_name, former)
    else:
        session.execute(delete(FirmKey).where(FirmKey.firm_id == firm.id))


def fill(session: Session, firms: Iterable[tuple[int, str, str, Sequence[str]]]) -> int:
    """Write the keys of new firms ``(id, name, short name, former names)`` in bulk; return how many keys."""
    rows = [
        _row(number, kind, key)
        for number, name, short, former in firms
        for kind, key in names.keys(name, short, former)
    ]
    for start in range(0, len(rows), 20_000):
        session.execute(insert(FirmKey), rows[start : start + 20_000])
    return len(rows)


def likely(session: Session, sought: Sought, *, alike: bool = True) -> list[Identity]:
    """Return the firms that the rows of a batch could mean: by code, by present, former or short name, and, when
    ``alike``, by a name of the same core or sound or with one wrong sign. A few statements whatever the register holds.
    """
    ids = _holders(session, Firm.credit_code, sought.credit_codes)
    ids |= _holders(session, Firm.security_code, sought.security_codes)
    gone = merged(session)
    ids = {went(gone, firm_id) for firm_id in ids}
    for kind, found in _wanted(sought.names, alike=alike).items():
        for part in _chunks(sorted(found)):
            held = one_of(session, FirmKey.key, part)
            ids.update(session.scalars(select(FirmKey.firm_id).where(FirmKey.kind == kind, held)))
    return identities(session, ids)


def longer(session: Session, name: str, most: int) -> set[int]:
    """Return firms whose core begins with that of ``name`` and goes on (three signs or more)."""
    core = names.parts(name).core
    if len(core) < SHORTEST_BEGINNING:
        return set()
    goes_on = (FirmKey.key > core) & (FirmKey.key < core + LAST_SIGN)
    return set(session.scalars(select(FirmKey.firm_id).where(FirmKey.kind == KeyKind.CORE, goes_on).limit(most)))


def _wanted(called: Collection[str], *, alike: bool) -> dict[KeyKind, set[str]]:
    wanted: dict[KeyKind, set[str]] = defaultdict(set)
    for name in called:
        said = names.parts(name)
        if not said.plain:
            continue
        for kind in (KeyKind.EXACT, KeyKind.FORMER, KeyKind.SHORT):
            wanted[kind].add(said.plain[: names.LONGEST_KEY])
        if alike:
            wanted[KeyKind.EXACT].update({said.parent} - {""})
            for kind, key in names.likeness(name):
                wanted[kind].add(key)
    return wanted


def identities(session: Session, ids: Collection[int] | None = None) -> list[Identity]:
    """Return firms with their names and codes, all of them without ``ids``, in the order of their ids."""
    columns = (Firm.id, Firm.name, Firm.credit_code, Firm.security_code, Firm.short_name)
    statement = select(*columns).where(Firm.status != FirmStatus.MERGED).order_by(Firm.id)
    codes = _merged_codes(session)
    found: list[Identity] = []
    for part in [None] if ids is None else _chunks(sorted(ids)):
        former = _former(session, part)
        rows = session.execute(statement if part is None else statement.where(one_of(session, Firm.id, part)))
        found += [
            Identity(number, name, code, security, tuple(former.get(number, ())), short, tuple(codes.get(number, ())))
            for number, name, code, security, short in rows
        ]
    return found


def merged(session: Session) -> dict[int, int]:
    """Return which firm each merged firm went into (one step; merges are few)."""
    standing = select(FirmMerge.loser_id, FirmMerge.survivor_id).where(FirmMerge.state == MergeState.MERGED)
    return {loser: survivor for loser, survivor in session.execute(standing)}


def went(gone: Mapping[int, int], firm_id: int) -> int:
    """Return the firm in which a firm stands now, over any number of merges."""
    while firm_id in gone:
        firm_id = gone[firm_id]
    return firm_id


def _merged_codes(session: Session) -> dict[int, list[str]]:
    gone = merged(session)
    found: dict[int, list[str]] = defaultdict(list)
    if gone:
        coded = select(Firm.id, Firm.credit_code).where(Firm.id.in_(gone), Firm.credit_code.is_not(None))
        for firm_id, code in session.execute(coded):
            found[went(gone, firm_id)].append(code or "")
    return found


def _former(session: Session, ids: Sequence[int] | None) -> Mapping[int, list[str]]:
    statement = select(FormerName.firm_id, FormerName.name).order_by(FormerName.id)
    found: dict[int, list[str]] = defaultdict(list)
    of_ids = () if ids is None else (one_of(session, FormerName.firm_id, ids),)
    for firm_id, name in session.execute(statement.where(*of_ids)):
        found[firm_id].append(name)
    return found


def _holders(session: Session, column: InstrumentedAttribute[str | None], codes: Collection[str]) -> set[int]:
    found: set[int] = set()
    for part in _chunks(sorted(set(codes) - {""})):
        found.update(session.scalars(select(Firm.id).where(one_of(session, column, part))))
    return found


def _of(firm_id: int) -> Select[KeyKind, str]:
    return select(FirmKey.kind, FirmKey.key).where(FirmKey.firm_id == firm_id)


def _row(firm_id: int, kind: KeyKind, key: str) -> dict[str, object]:
    return {"kind": kind, "key": key, "firm_id": firm_id}


def _chunks(values: Sequence[T]) -> list[Sequence[T]]:
    return [values[start : start + CHUNK] for start in range(0, len(values), CHUNK)]
