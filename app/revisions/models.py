"""Revisions of editions: what is being prepared, every text that was ever saved, what it would change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base
from app.core.text import N_
from app.rulebooks.models import Follow


class RevisionState(Choice):
    """Where a revision stands. Sealed and dropped ones are over."""

    DRAFT = "draft", N_("起草中")
    SUBMITTED = "submitted", N_("待另一人封存")
    SEALED = "sealed", N_("已封存")
    DROPPED = "dropped", N_("已放弃")


class Revision(Base):
    """A new edition in preparation, cloned from ``base_id``.

    ``code`` is the id that it will have. ``impact`` is what the last preview found (``impact.Impact.as_json``) for the
    text with ``impact_digest``; it counts for that text alone. ``drafts`` and ``submitted`` say which edition lists
    follow that were begun under the base. ``edition_id`` is the sealed result.
    """

    __tablename__ = "revision"
    __table_args__ = (Index("ix_revision_state_id", "state", "id"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(60), index=True)
    title: Mapped[str] = mapped_column(String(120))
    base_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[RevisionState] = mapped_column(ChoiceText(RevisionState), default=RevisionState.DRAFT)
    drafts: Mapped[Follow] = mapped_column(ChoiceText(Follow), default=Follow.NEW)
    submitted: Mapped[Follow] = mapped_column(ChoiceText(Follow), default=Follow.OLD)
    impact: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    impact_digest: Mapped[str] = mapped_column(String(64), default="")
    job_id: Mapped[int | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    created_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
    submitted_by_name: Mapped[str] = mapped_column(String(60), default="")
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_name: Mapped[str] = mapped_column(String(60), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)

    texts: Mapped[list[RevisionText]] = relationship(lazy="raise", order_by="RevisionText.id")
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class RevisionText(Base):
    """A text of a revision as somebody saved it, with its cases; the newest counts, none is ever changed or deleted."""

    __tablename__ = "revision_text"

    id: Mapped[Key]
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id", ondelete="RESTRICT"), index=True)
    content: Mapped[str] = mapped_column(Text)
    cases: Mapped[str] = mapped_column(Text, default="")
    digest: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(120), default="")
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    saved_by_name: Mapped[str] = mapped_column(String(60))
    saved_at: Mapped[CreatedAt]
