"""Stored files: metadata; the bytes lie in the store under their hash."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import CreatedAt, Key
from app.core.db import Base


class StoredFile(Base):
    """One upload or one product: its name as given, its size in bytes and the SHA-256 of its content."""

    __tablename__ = "stored_file"

    id: Mapped[Key]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[CreatedAt]
    created_by: Mapped[int | None]
