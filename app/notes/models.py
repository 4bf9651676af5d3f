"""Notes on firms."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import CreatedAt, Key
from app.core.db import Base


class FirmNote(Base):
    """What somebody wrote down about a firm on a day; never overwritten, a correction is another note."""

    __tablename__ = "firm_note"
    __table_args__ = (Index("ix_firm_note_firm_id_id", "firm_id", "id"),)

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), info={"merge": "move"})
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    author_name: Mapped[str] = mapped_column(String(60))
    written_at: Mapped[CreatedAt]
