"""Runs over all firms, and their results in blocks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import CreatedAt, Key, UtcDateTime
from app.core.db import Base


class EligibilityRun(Base):
    """All firms judged under the editions of one day.

    ``editions`` names the sealed copies used: ``[{"id", "code", "title", "digest"}]``. ``snapshot`` is the version of
    the columns judged and ``known_at`` the moment they speak of; when the columns move on before a run is through, it
    begins again, so that one run knows one moment. ``done`` of ``blocks`` blocks are through. ``counts`` is
    ``{edition id: {decision: firms}}``. Results are shown when ``is_complete``.
    """

    __tablename__ = "eligibility_run"

    id: Mapped[Key]
    as_of: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(20), default="new")
    editions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    snapshot: Mapped[int] = mapped_column(default=0)
    known_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    blocks: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    firms: Mapped[int] = mapped_column(default=0)
    exact: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_complete: Mapped[bool] = mapped_column(default=False)
    job_id: Mapped[int | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    created_by_name: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[CreatedAt]
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EligibilityRunBlock(Base):
    """The results of one block of firms under one edition (``columnar.packing``)."""

    __tablename__ = "eligibility_run_block"

    run_id: Mapped[int] = mapped_column(ForeignKey("eligibility_run.id", ondelete="CASCADE"), primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"), primary_key=True)
    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int]
    clauses: Mapped[int]
    width: Mapped[str] = mapped_column(String(2))
    data: Mapped[bytes] = mapped_column(LargeBinary)
