"""Two records of one firm become one, and back again, without losing a row.

The merged firm stays as a row under its name: lists, verdicts and dossiers that were decided on it keep naming it.
Everything else goes to the surviving firm or stays, as its model declares (``firms.relations``). What was changed is
kept row by row, so that the merge can be taken back exactly until something decided leans on it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.changes import plain
from app.audit.service import Subject
from app.core import clock
from app.core.columns import UtcDateTime
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.firms import holding, keys, queries, search_text
from app.firms.models import DuplicatePair, Firm, FirmMerge, FirmMove, FormerName
from app.firms.relations import Clash, Relation, clashes, counts, relations
from app.firms.taxonomy import FirmStatus, MergeState, PairState

FIELDS = (
    "name", "short_name", "credit_code", "security_code", "registered_on", "status", "town", "address", "industry",
    "chain_role", "caseworker_id", "note", "source",
)  # fmt: skip
_CODES = ("credit_code", "security_code")
SHORTEST_REASON = 4
MOVED, SUPERSEDED, ADDED, CLEARED = "moved", "superseded", "added", "cleared"


@dataclass(frozen=True)
class Choice:
    """What a person chose: fields and facts (ids of the merged firm's rows) that are taken from the merged firm."""

    reason: str
    fields: Collection[str] = ()
    facts: Collection[int] = ()


@dataclass(frozen=True)
class Outlook:
    """What a merge would do: rows by table on either side, rows that clash, whether it may go ahead."""

    survivor: Firm
    loser: Firm
    survivor_counts: Mapping[str, int]
    loser_counts: Mapping[str, int]
    clashes: Sequence[Clash]
    refused: Sequence[Clash] = field(default=())

    @property
    def facts(self) -> list[Clash]:
        """Figures of which both firms hold one: a person chooses which stays."""
        return [one for one in self.clashes if one.relation.conflict == "supersede"]

    @property
    def kept(self) -> dict[str, int]:
        """Rows, by table, that stay with the merged firm because the survivor has an equal one."""
        found: dict[str, int] = {}
        for one in self.clashes:
            if not one.relation.conflict:
                found[one.relation.name] = found.get(one.relation.name, 0) + 1
        return found


def outlook(session: Session, survivor: Firm, loser: Firm) -> Outlook:
    """Return what merging ``loser`` into ``survivor`` would do; raises ``UnknownRelation``."""
    found = clashes(session, survivor.id, loser.id)
    refused = [one for one in found if one.relation.conflict == "refuse"]
    return Outlook(survivor, loser, counts(session, survivor.id), counts(session, loser.id), found, refused)


def merge(session: Session, survivor: Firm, loser: Firm, choice: Choice, *, by: Actor) -> FirmMerge:
    """Merge ``loser`` into ``survivor``; the caller has checked that the person reaches both.

    Raises ``Invalid`` (``reason``, ``fields``), ``Conflict`` for what stands in the way, ``UnknownRelation``.
    """
    holding.pair(session, survivor, loser)
    _check(survivor, loser, choice)
    seen = outlook(session, survivor, loser)
    if seen.refused:
        named = "、".join(sorted({str(tr("“%(table)s”", table=one.relation.name)) for one in seen.refused}))
        raise Conflict(tr("两家企业各有一条不能并存的在办记录（%(named)s），请先办结其中一条再合并。", named=named))
    found = FirmMerge(
        survivor_id=survivor.id,
        loser_id=loser.id,
        state=MergeState.MERGING,
        reason=choice.reason.strip()[:300],
        before={"survivor": _columns(survivor), "loser": _columns(loser)},
        merged_by_name=by.name,
    )
    session.add(found)
    session.flush()
    _supersede(session, found, seen.facts, choice.facts)
    held = {(one.relation.name, one.loser_row) for one in seen.clashes if not one.relation.conflict}
    moved: dict[str, int] = {}
    for one in relations():
        if one.moves:
            left = [row for name, row in held if name == one.name]
            moved[one.name] = moved.get(one.name, 0) + _move(session, found, one, left)
    names = _take_names(session, found, survivor, loser, choice)
    _take_fields(session, survivor, loser, choice)
    found.state, found.counts = MergeState.MERGED, {name: number for name, number in moved.items() if number}
    session.flush()
    session.expire(survivor, ["former_names"])
    for one_of in (survivor, loser):
        keys.refresh(session, one_of)
    found.after = _columns(survivor)
    _tell_pairs(session, found, by)
    _log(session, found, survivor, loser, names, by)
    return found


def _check(survivor: Firm, loser: Firm, choice: Choice) -> None:
    if survivor.id == loser.id:
        raise Invalid("other", tr("请选择两家不同的企业。"))
    for one in (survivor, loser):
        if one.status is FirmStatus.MERGED:
            raise Conflict(tr("“%(firm)s”已并入其他企业，不能再次合并。", firm=one.name))
    if len(choice.reason.strip()) < SHORTEST_REASON:
        raise Invalid(
            "reason", tr("请写明合并的理由和依据（至少 %(n)s 个字），理由会记入操作日志。", n=SHORTEST_REASON)
        )
    if unknown := set(choice.fields) - set(FIELDS):
        raise Invalid("fields", tr("没有“%(field)s”这个栏目。", field="、".join(sorted(unknown))))


def _columns(firm: Firm) -> dict[str, Any]:
    return {name: plain(getattr(firm, name)) for name in (*FIELDS, "code_confirmed")}


def _supersede(session: Session, found: FirmMerge, facts: Sequence[Clash], chosen: Collection[int]) -> None:
    """Of two current facts of one place one stays; the other becomes history, as if a later one had replaced it."""
    now = clock.now()
    rows, moves = [], []
    for one in facts:
        stays, goes = one.survivor_row, one.loser_row
        if one.loser_row in chosen:
            stays, goes = goes, stays
        rows.append({"row": goes, "now": now, "by": stays})
        moves.append(_record(found, one.relation, goes, SUPERSEDED, {}))
    if rows:
        table = facts[0].relation.table
        session.execute(insert(FirmMove), moves)
        session.connection().execute(
            update(table)
            .where(table.c.id == bindparam("row"))
            .values(superseded_at=bindparam("now", type_=UtcDateTime()), superseded_by=bindparam("by")),
            rows,
        )


def _record(found: FirmMerge, one: Relation, row: int, what: str, was: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "merge_id": found.id, "table_name": one.name, "column_name": one.column.name, "row_id": row, "what": what,
        "was": dict(was),
    }  # fmt: skip


def _move(session: Session, found: FirmMerge, one: Relation, left: Sequence[int]) -> int:
    """Hand the rows of one relation over, but for those left; return how many."""
    mine = [one.column == found.loser_id]
    if left:
        mine.append(one.table.c.id.not_in(left))
    if one.clear:
        _clear(session, found, one)
    rows = session.scalars(select(one.table.c.id).where(*mine).order_by(one.table.c.id)).all()
    if rows:
        session.execute(insert(FirmMove), [_record(found, one, row, MOVED, {}) for row in rows])
        session.connection().execute(update(one.table).where(*mine).values({one.column.name: found.survivor_id}))
    return len(rows)


def _clear(session: Session, found: FirmMerge, one: Relation) -> None:
    """Only one row of a firm bears the mark: the survivor's keeps it."""
    mark = one.table.c[one.clear]
    if session.execute(select(one.table.c.id).where(one.column == found.survivor_id, mark)).first() is None:
        return
    rows = session.scalars(select(one.table.c.id).where(one.column == found.loser_id, mark)).all()
    if rows:
        session.execute(insert(FirmMove), [_record(found, one, row, CLEARED, {one.clear: True}) for row in rows])
        session.connection().execute(update(one.table).where(one.table.c.id.in_(rows)).values({one.clear: False}))


def _take_names(session: Session, found: FirmMerge, survivor: Firm, loser: Firm, choice: Choice) -> list[str]:
    """Both names stay findable: the one that is not kept becomes a former name, with where it comes from."""
    kept, other = (loser.name, survivor.name) if "name" in choice.fields else (survivor.name, loser.name)
    held = {search_text.bare(one.name) for one in queries.former_names(session, survivor.id)}
    if search_text.bare(other) in held | {search_text.bare(kept)}:
        return []
    source = tr("合并企业档案（第 %(id)s 号）：%(reason)s", id=found.id, reason=found.reason)
    added = FormerName(firm_id=survivor.id, name=other, document=str(source)[:200])
    session.add(added)
    session.flush()
    row = {"merge_id": found.id, "table_name": "former_name", "column_name": "firm_id", "row_id": added.id}
    session.execute(insert(FirmMove), [{**row, "what": ADDED, "was": {}}])
    return [other]


def _take_fields(session: Session, survivor: Firm, loser: Firm, choice: Choice) -> None:
    taken = {name: getattr(loser, name) for name in choice.fields}
    if "credit_code" in taken:
        taken["code_confirmed"] = loser.code_confirmed
    for name in _CODES:
        if name in taken:
            setattr(loser, name, None)  # a code stands at one firm only
    loser.status = FirmStatus.MERGED
    session.flush()
    for name, value in taken.items():
        setattr(survivor, name, value)
    session.flush()


def _tell_pairs(session: Session, found: FirmMerge, by: Actor) -> None:
    low, high = sorted((found.survivor_id, found.loser_id))
    session.execute(
        update(DuplicatePair)
        .where(DuplicatePair.low_id == low, DuplicatePair.high_id == high)
        .values(state=PairState.MERGED, decided_by_name=by.name, decided_at=clock.now(), decision=found.reason)
    )


def _log(session: Session, found: FirmMerge, survivor: Firm, loser: Firm, names: Sequence[str], by: Actor) -> None:
    before = found.before["survivor"]
    changed = {name: (before[name], found.after[name]) for name in FIELDS if before[name] != found.after[name]}
    if names:
        changed["former_name"] = (None, list(names))
    told = {**changed, "merged": (loser.name, survivor.name), "rows": (None, sum(found.counts.values()))}
    audit.record(session, by, Action.FIRM_MERGE, _subject(survivor), changes=told, note=found.reason)
    gone = {"merged": (loser.name, survivor.name)}
    audit.record(session, by, Action.FIRM_MERGE, _subject(loser), changes=gone, note=found.reason)


def _subject(firm: Firm) -> Subject:
    return Subject("firm", firm.id, firm.name, firm.id)


def restored(table: Table, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns kept as JSON in the form in which their table takes them."""
    return {name: _value(table.c[name].type, value) for name, value in kept.items()}


def _value(kind: Any, value: Any) -> Any:
    python = getattr(kind, "python_type", None) if not hasattr(kind, "choices") else None
    if value is None or python is None:
        return value
    if python is datetime:
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if python is date else value
