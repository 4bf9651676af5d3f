"""The log's one table. Triggers forbid changing or deleting a row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.access.actions import Action
from app.core.columns import ChoiceText, CreatedAt, Key
from app.core.db import Base


class AuditEvent(Base):
    """Who did what to what, when, with old and new values.

    ``firm_id`` is a plain number: the log stands below the firms and keeps its rows when they go.
    ``changes`` is ``{"field": [old, new]}`` with plain JSON values.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subject", "subject_type", "subject_id"),
        Index("ix_audit_event_firm_id_id", "firm_id", "id"),
    )

    id: Mapped[Key]
    at: Mapped[CreatedAt] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(index=True)
    actor_name: Mapped[str] = mapped_column(String(80))
    actor_role: Mapped[str] = mapped_column(String(40))
    action: Mapped[Action] = mapped_column(ChoiceText(Action), index=True)
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    subject_label: Mapped[str] = mapped_column(String(200))
    firm_id: Mapped[int | None] = mapped_column(info={"merge": "keep"})
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    note: Mapped[str] = mapped_column(Text, default="")
    request_id: Mapped[str] = mapped_column(String(40), default="")
