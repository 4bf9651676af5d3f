"""Stored files: metadata; the bytes lie in the store under their hash."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base
from app.core.text import N_


class ScanState(Choice):
    """What the scanner said of a file, or a person where it could not say anything.

    ``NONE``: it was never asked, since none is configured or we made the file. ``OVERSIZE`` and ``UNASKED`` (the
    scanner takes no file of this size; there is none any more) wait for a person of the bureau, who releases or
    rejects with a reason.
    """

    NONE = "none", N_("未查毒")
    WAITING = "waiting", N_("隔离待查")
    CLEAN = "clean", N_("已查毒")
    INFECTED = "infected", N_("查出病毒")
    OVERSIZE = "oversize", N_("超过扫描上限")
    UNASKED = "unasked", N_("无法查毒")
    RELEASED = "released", N_("人工放行")
    REJECTED = "rejected", N_("人工拒收")


QUARANTINED = frozenset({ScanState.WAITING, ScanState.OVERSIZE, ScanState.UNASKED})
FOR_A_PERSON = frozenset({ScanState.OVERSIZE, ScanState.UNASKED})
SHUT = frozenset({ScanState.INFECTED, ScanState.REJECTED})
_WATCHED = text("scan NOT IN ('none', 'clean')")
WATCHED = text("stored_file.scan NOT IN ('none', 'clean')")
"""The few files that the index holds; a query that says so is answered by it on both databases."""


class StoredFile(Base):
    """One upload or one product: its name as given, its size in bytes and the SHA-256 of its content.

    ``scan_note`` is what was found in an infected one, why one still waits, or a person's reason, with who it was in
    ``settled_by_name``. ``removed_at`` is when the bytes of an infected one were removed; hash and row stay.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        Index("ix_stored_file_scan", "scan", "id", sqlite_where=_WATCHED, postgresql_where=_WATCHED),
    )  # fmt: skip

    id: Mapped[Key]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(120))
    scan: Mapped[ScanState] = mapped_column(ChoiceText(ScanState), default=ScanState.NONE)
    scan_note: Mapped[str] = mapped_column(String(200), default="")
    scanned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by_name: Mapped[str] = mapped_column(String(60), default="")
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[CreatedAt]
    created_by: Mapped[int | None]
