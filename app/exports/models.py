"""Exports: what was taken out, why, and the file until it expires. The row stays when the file is gone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.choices import Choice
from app.core.columns import CreatedAt, Key, UtcDateTime
from app.core.db import Base
from app.core.text import N_
from app.files.models import StoredFile


class ExportState(Choice):
    """Where an export stands; follows from its job and its file."""

    QUEUED = "queued", N_("排队中")
    RUNNING = "running", N_("生成中")
    READY = "ready", N_("可下载")
    FAILED = "failed", N_("生成失败")
    CANCELLED = "cancelled", N_("已取消")
    EXPIRED = "expired", N_("已过期")


class Export(Base):
    """One workbook: ``kind`` and ``asked`` say what is in it, ``described`` says so in words.

    ``rows`` is how many were counted when it was asked for, then how many it holds. ``job_id`` is a plain number, since
    jobs may be cleared away; it is null for what was small enough to be made at once.
    """

    __tablename__ = "export"
    __table_args__ = (Index("ix_export_created_by_id", "created_by", "id"),)

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(40))
    asked: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    described: Mapped[str] = mapped_column(Text, default="")
    rows: Mapped[int] = mapped_column(default=0)
    purpose: Mapped[str] = mapped_column(String(200), default="")
    job_id: Mapped[int | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    created_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    file: Mapped[StoredFile | None] = relationship(lazy="raise")
