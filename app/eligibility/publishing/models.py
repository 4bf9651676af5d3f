"""What the bureau told firms of their verdicts, and what it took back. Rows are only ever added."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import CreatedAt, Key, UtcDateTime
from app.core.db import Base


class Publication(Base):
    """A verdict was published: from then on its firm reads it. A later one of the same policy succeeds it.

    Whose it is says the verdict; ``note`` is read by the firm.
    """

    __tablename__ = "publication"

    id: Mapped[Key]
    verdict_id: Mapped[int] = mapped_column(ForeignKey("verdict.id", ondelete="RESTRICT"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    published_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    published_by_name: Mapped[str] = mapped_column(String(60))
    published_at: Mapped[CreatedAt]


class PublicationWithdrawal(Base):
    """A publication was taken back, for a reason that the firm reads; the publication stays as it was."""

    __tablename__ = "publication_withdrawal"

    id: Mapped[Key]
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id", ondelete="RESTRICT"), unique=True)
    reason: Mapped[str] = mapped_column(Text)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    withdrawn_by_name: Mapped[str] = mapped_column(String(60))
    withdrawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
