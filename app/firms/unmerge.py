"""Taking a merge back: every row returns to where it was, unless something decided leans on the merged firm."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Table, delete, func, select, text, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.changes import plain
from app.audit.labels import subject_label
from app.audit.service import Subject
from app.core import clock
from app.core.db import Base
from app.core.errors import Conflict, Invalid
from app.core.text import Message, tr
from app.firms import holding, keys
from app.firms.merge import ADDED, CLEARED, FIELDS, MOVED, SHORTEST_REASON, SUPERSEDED, restored
from app.firms.models import DuplicatePair, Firm, FirmMerge, FirmMove
from app.firms.relations import relations
from app.firms.taxonomy import MergeState, PairState

CHUNK = 500


def obstacles(session: Session, found: FirmMerge) -> list[Message]:
    """Return what decided things lean on the merge, one sentence each; empty when it can be taken back exactly."""
    told: list[Message] = []
    if found.state is not MergeState.MERGED:
        told.append(tr("这次合并已经撤销。"))
    later = (
        select(func.count())
        .select_from(FirmMerge)
        .where(FirmMerge.loser_id == found.survivor_id, FirmMerge.state == MergeState.MERGED)
    )
    if session.scalar(later):
        told.append(tr("存续的企业后来又并入了另一家，请先撤销那一次合并。"))
    for one in relations():
        if one.decided is None:
            continue
        column, condition = one.decided
        leaning = (
            select(func.count())
            .select_from(one.table)
            .where(one.column == found.survivor_id, one.table.c[column] >= found.merged_at)
        )
        if condition:
            leaning = leaning.where(text(condition))
        given = {"merge": found.id} if ":merge" in condition else {}
        if number := session.scalar(leaning, given):
            what = Message(subject_label(one.name))
            told.append(tr("合并之后产生了 %(n)s 条“%(what)s”，用到了合并后的资料", n=number, what=what))
    return told


def changed_since(session: Session, found: FirmMerge, survivor: Firm) -> list[str]:
    """Return the fields of the surviving firm that somebody changed after the merge: they stay as they are now."""
    now = {name: plain(getattr(survivor, name)) for name in FIELDS}
    return [name for name in FIELDS if now[name] != found.after.get(name)]


def unmerge(session: Session, found: FirmMerge, *, reason: str, by: Actor) -> None:
    """Take a merge back. Raises ``Invalid`` (``reason``) or ``Conflict`` naming what leans on it and what to do."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid("reason", tr("请写明撤销合并的理由（至少 %(n)s 个字）。", n=SHORTEST_REASON))
    survivor, loser = session.get_one(Firm, found.survivor_id), session.get_one(Firm, found.loser_id)
    holding.pair(session, survivor, loser)
    session.refresh(found)  # another may have taken it back while we waited
    if leaning := obstacles(session, found):
        raise Conflict(
            tr(
                "不能原样撤销：%(why)s。已作出的决定不会改变；需要分开的，请另建一家企业，把今后的数据填报到新档案，"
                "并在两家的备注中写明来历。",
                why="；".join(str(one) for one in leaning),
            )
        )
    kept = changed_since(session, found, survivor)
    found.state = MergeState.UNMERGING
    session.flush()
    for name, moves in _by_table(session, found).items():
        _give_back(session, Base.metadata.tables[name], moves, found)
    _restore(session, found, survivor, loser, kept)
    found.state, found.undo_reason = MergeState.UNMERGED, reason.strip()[:300]
    found.undone_by_name, found.undone_at = by.name, clock.now()
    _open_pair(session, found)
    session.flush()
    session.expire_all()
    for one in (survivor, loser):
        keys.refresh(session, one)
        changes = {"merged": (survivor.name, loser.name)}
        audit.record(
            session, by, Action.FIRM_UNMERGE, Subject("firm", one.id, one.name, one.id), changes=changes, note=reason
        )


def _by_table(session: Session, found: FirmMerge) -> dict[str, list[FirmMove]]:
    rows: dict[str, list[FirmMove]] = {}
    for one in session.scalars(select(FirmMove).where(FirmMove.merge_id == found.id).order_by(FirmMove.id)):
        rows.setdefault(one.table_name, []).append(one)
    return rows


def _give_back(session: Session, table: Table, moves: Sequence[FirmMove], found: FirmMerge) -> None:
    connection = session.connection()
    for column in sorted({one.column_name for one in moves}):
        ids = [one.row_id for one in moves if one.what == MOVED and one.column_name == column]
        for start in range(0, len(ids), CHUNK):
            part = table.c.id.in_(ids[start : start + CHUNK])
            back = update(table).where(part, table.c[column] == found.survivor_id)
            connection.execute(back.values({column: found.loser_id}))
    added = [one.row_id for one in moves if one.what == ADDED]
    if added:
        connection.execute(delete(table).where(table.c.id.in_(added)))
    superseded = [one.row_id for one in moves if one.what == SUPERSEDED]
    if superseded:
        connection.execute(
            update(table).where(table.c.id.in_(superseded)).values(superseded_at=None, superseded_by=None)
        )
    for mark in sorted({name for one in moves if one.what == CLEARED for name in one.was}):
        marked = [one.row_id for one in moves if one.what == CLEARED and mark in one.was]
        connection.execute(update(table).where(table.c.id.in_(marked)).values({mark: True}))


def _restore(session: Session, found: FirmMerge, survivor: Firm, loser: Firm, kept: Sequence[str]) -> None:
    """Give both firms their columns back; codes first leave the survivor, for they stand at one firm only."""
    table = Firm.__table__
    assert isinstance(table, Table)
    mine = {name: value for name, value in found.before["survivor"].items() if name not in kept}
    for name, value in restored(table, mine).items():
        setattr(survivor, name, value)
    session.flush()
    for name, value in restored(table, found.before["loser"]).items():
        setattr(loser, name, value)
    session.flush()


def _open_pair(session: Session, found: FirmMerge) -> None:
    low, high = sorted((found.survivor_id, found.loser_id))
    session.execute(
        update(DuplicatePair)
        .where(DuplicatePair.low_id == low, DuplicatePair.high_id == high)
        .values(state=PairState.OPEN, decided_by_name="", decided_at=None, decision="")
    )
