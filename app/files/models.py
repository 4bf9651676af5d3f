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
    """What the scanner said of a file. ``NONE``: it was never asked, since none is configured or we made the file."""

    NONE = "none", N_("未查毒")
    WAITING = "waiting", N_("隔离待查")
    CLEAN = "clean", N_("已查毒")
    INFECTED = "infected", N_("查出病毒")


class StoredFile(Base):
    """One upload or one product: its name as given, its size in bytes and the SHA-256 of its content.

    ``scan_note`` is what was found in an infected one, or why one still waits.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        Index(
            "ix_stored_file_scan", "scan", "id", sqlite_where=text("scan IN ('waiting', 'infected')"),
            postgresql_where=text("scan IN ('waiting', 'infected')"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(120))
    scan: Mapped[ScanState] = mapped_column(ChoiceText(ScanState), default=ScanState.NONE)
    scan_note: Mapped[str] = mapped_column(String(200), default="")
    scanned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[CreatedAt]
    created_by: Mapped[int | None]
