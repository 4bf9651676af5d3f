"""The database's sealed copy of an edition: what every verdict points at, for ever."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key
from app.core.db import Base
from app.core.text import N_

UNDATED = date(1, 1, 1)
"""The first day of an edition whose source does not say from when it is in force; pages show it as 未定义."""


class Edition(Base):
    """A sealed rulebook: ``code`` is its id (hnte-2016), ``digest`` the SHA-256 of ``content`` (the TOML text).

    ``checked_on``/``checked_by`` stay empty until a person has compared it with the official text; ``check_note`` says
    where that person found it and what differed.
    """

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("code", "digest"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(60), index=True)
    title: Mapped[str] = mapped_column(String(120))
    programme: Mapped[str] = mapped_column(String(60))
    effective_from: Mapped[date] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    content: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    checked_on: Mapped[date | None] = mapped_column(Date)
    checked_by: Mapped[str] = mapped_column(String(60), default="")
    check_note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[CreatedAt]

    @property
    def is_checked(self) -> bool:
        """Whether a person has compared this edition with the official text."""
        return self.checked_on is not None and bool(self.checked_by)


class Follow(Choice):
    """Which edition a list follows that was begun under the old one and is not decided yet."""

    NEW = "new", N_("跟新版")
    OLD = "old", N_("按原版办完")


class Succession(Base):
    """An edition took the place of another: from its first day on, which of the two do open lists follow.

    ``drafts`` speaks of lists being drawn up, ``submitted`` of those handed over; what is decided never changes.
    """

    __tablename__ = "succession"
    __table_args__ = (UniqueConstraint("new_id"),)

    id: Mapped[Key]
    old_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"), index=True)
    new_id: Mapped[int] = mapped_column(ForeignKey("edition.id", ondelete="RESTRICT"))
    drafts: Mapped[Follow] = mapped_column(ChoiceText(Follow))
    submitted: Mapped[Follow] = mapped_column(ChoiceText(Follow))
    made_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
