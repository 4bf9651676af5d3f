"""Tasks for firms: who does what by when, and which clause of which edition it serves."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base
from app.core.text import N_


class TaskState(Choice):
    """Where a task stands; done and withdrawn are the end."""

    OPEN = "open", N_("待办")
    DONE = "done", N_("已办结")
    WITHDRAWN = "withdrawn", N_("已撤销")


class Task(Base):
    """Something to be done for a firm by a day.

    ``edition_id`` and ``clause`` say what it serves, ``key`` and ``year`` which figure it is to change, where it comes
    from a plan; a task written by hand has none of them. ``title`` is what is to be done, as it was agreed: it is never
    rewritten when figures change. Closing keeps who, when and what came of it.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_firm_id_id", "firm_id", "id"),
        Index("ix_task_state_due_on_id", "state", "due_on", "id"),
    )

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), info={"merge": "move"})
    title: Mapped[str] = mapped_column(String(300))
    detail: Mapped[str] = mapped_column(Text, default="")
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    clause: Mapped[str] = mapped_column(String(40), default="")
    key: Mapped[str] = mapped_column(String(60), default="")
    year: Mapped[int | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
    due_on: Mapped[date] = mapped_column(Date)
    state: Mapped[TaskState] = mapped_column(ChoiceText(TaskState), default=TaskState.OPEN)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    created_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_name: Mapped[str] = mapped_column(String(60), default="")
    closed_note: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
