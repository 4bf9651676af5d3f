"""Holding firms fast while something about them is decided: the one order in which all writers take their locks.

PostgreSQL lets two transactions wait for each other when they take the same locks in different order. Every writer
takes them so: first what is worked on (a batch, a list), then firms by their ids, then claims by theirs. Whoever
hangs a row on a firm shares it; who moves or removes what hangs on firms, or writes many of them, has them alone and
looks only then: nothing comes to lean on them between the look and the deed. SQLite has one writer at a time.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app.core.errors import Conflict
from app.core.text import tr
from app.firms.models import Firm

CHUNK = 5_000


def alone(session: Session, which: ColumnElement[bool]) -> None:
    """Have the firms that meet a condition alone: nobody hangs rows on them, changes, merges or removes them."""
    _take(session, select(Firm.id).where(which).order_by(Firm.id).with_for_update())


def to_write(session: Session, which: ColumnElement[bool]) -> None:
    """Be the only one who writes the firms that meet a condition; others may go on hanging rows on them."""
    _take(session, select(Firm.id).where(which).order_by(Firm.id).with_for_update(key_share=True))


def many_to_write(session: Session, firm_ids: Iterable[int]) -> None:
    """Do the same for firms by their ids, however many."""
    ids = sorted(set(firm_ids))
    for start in range(0, len(ids), CHUNK):
        to_write(session, Firm.id.in_(ids[start : start + CHUNK]))


def shared(session: Session, which: ColumnElement[bool]) -> None:
    """See to it that the firms that meet a condition stay, and stay whose they are, while rows on them are decided."""
    _take(session, select(Firm.id).where(which).order_by(Firm.id).with_for_update(read=True, key_share=True))


def pair(session: Session, *firms: Firm) -> None:
    """Have these firms alone and see them as they are now. Raises Conflict when one of them is gone."""
    ids = [one.id for one in firms]
    locked = select(Firm).where(Firm.id.in_(ids)).order_by(Firm.id).with_for_update()
    found = session.scalars(locked.execution_options(populate_existing=True)).all()
    if len(found) != len(set(ids)):
        raise Conflict(tr("其中一家企业刚刚被移除（所属的导入批次已撤销），请刷新页面后再看。"))


def _take(session: Session, statement: Select[int]) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(statement).all()
