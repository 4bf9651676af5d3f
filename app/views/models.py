"""Saved views of lists."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import CreatedAt, Key, UtcDateTime
from app.core.db import Base


class SavedView(Base):
    """A list (``listing``, the endpoint of its page) with its filters, checked when it was saved.

    Whoever opens a shared view sees the firms in their own reach. A retired view leads nowhere and stays in the list.
    """

    __tablename__ = "saved_view"
    __table_args__ = (Index("ix_saved_view_owner_id_id", "owner_id", "id"),)

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80))
    purpose: Mapped[str] = mapped_column(String(200), default="")
    listing: Mapped[str] = mapped_column(String(80))
    asked: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    is_shared: Mapped[bool] = mapped_column(default=False)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    owner_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
