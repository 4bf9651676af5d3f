"""Columns of current facts in blocks of firms, the moment they speak of, and what changed since."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Key, UtcDateTime
from app.core.db import Base


class FactBlock(Base):
    """One indicator and year of the firms of one block, packed (``packing``); derived, made again at any time.

    ``block`` is the firm's id divided by ``packing.BLOCK``, ``year`` 0 where the figure bears none. ``size`` is how
    many places the block has, ``places`` how many decimals the numbers have, ``width`` the numpy type they lie in.
    ``words`` is JSON: the values that are no plain number, which cells name by their index.
    """

    __tablename__ = "fact_block"

    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int]
    places: Mapped[int]
    width: Mapped[str] = mapped_column(String(2))
    words: Mapped[str | None] = mapped_column(Text)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class FactSnapshot(Base):
    """The one row that says what the blocks hold: the facts as they stood at ``known_at``.

    ``version`` grows whenever a block changed. ``made`` is how many blocks are ready while all are made anew, null
    afterwards. ``catalogue`` is the digest of the keys and kinds they were made by. Facts with a larger id than
    ``reached`` are not in the blocks yet (SQLite; PostgreSQL writes marks for them).
    """

    __tablename__ = "fact_snapshot"

    id: Mapped[Key]
    version: Mapped[int] = mapped_column(default=0)
    made: Mapped[int | None] = mapped_column(default=0)
    reached: Mapped[int] = mapped_column(default=0)
    known_at: Mapped[datetime] = mapped_column(UtcDateTime)
    catalogue: Mapped[str] = mapped_column(String(64))


class FactMark(Base):
    """Facts that were written since the blocks were made; the database itself writes these rows (triggers).

    Facts ``first_id`` to ``last_id`` are new, or the one fact was superseded, given back or handed to another firm,
    and belonged to the firm ``was_of`` before.
    """

    __tablename__ = "fact_mark"

    id: Mapped[Key]
    first_id: Mapped[int]
    last_id: Mapped[int]
    was_of: Mapped[int | None]
