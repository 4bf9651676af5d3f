"""A form taken out as a workbook, and a workbook brought back: what is different waits until a person has chosen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assessments.models import name_for
from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key, SealedJson, UtcDateTime
from app.core.db import Base
from app.core.text import N_
from app.files.models import StoredFile


class TakenOut(Base):
    """A workbook that was given out. ``code`` stands in it and says whose it is; nobody can guess one.

    ``cells`` is what stood in its fields: ``[name of the field, text, version]``. So what came back is compared with
    what was given out, whatever a person or a program did to the file meanwhile. ``consent_id`` is the consent of the
    firm by which a member of staff took it out.
    """

    __tablename__ = "assessment_workbook"
    __table_args__ = (Index("ix_assessment_workbook_assessment_id", "assessment_id"),)

    id: Mapped[Key]
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    code: Mapped[str] = mapped_column(String(40), unique=True)
    revision: Mapped[int]
    cells: Mapped[list[tuple[str, str, int]]] = mapped_column(SealedJson)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    made_by_name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[CreatedAt]
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("assessment_consent.id", ondelete="RESTRICT"))

    @property
    def by(self) -> str:
        """How who took it out is called beside it."""
        return name_for(self.made_by_name, self.consent_id)


class ReturnState(Choice):
    """What became of a workbook that was brought back."""

    READING = "reading", N_("正在读取")
    REFUSED = "refused", N_("没有读成")
    STOPPED = "stopped", N_("已取消读取")
    WAITING = "waiting", N_("待选择")
    TAKEN = "taken", N_("已采用")
    DROPPED = "dropped", N_("没有采用")
    SAME = "same", N_("没有不同")


class BroughtBack(Base):
    """A workbook that was filled in and uploaded; a job reads it, and until then it is of no ``workbook``.

    ``found`` are its cells that are not as they were given out (``found.Found`` as JSON), ``strays`` the addresses of
    what was written where nothing is asked, ``missing`` how many fields it no longer has. ``taken`` counts what was
    taken over. ``refusal`` is why it could not be read (``core.text.message_to_json``), ``job_id`` the last job that
    reads it, ``consent_id`` the consent of the firm by which a member of staff brought it.
    """

    __tablename__ = "assessment_upload"
    __table_args__ = (Index("ix_assessment_upload_assessment_id_state", "assessment_id", "state"),)

    id: Mapped[Key]
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    workbook_id: Mapped[int | None] = mapped_column(ForeignKey("assessment_workbook.id", ondelete="RESTRICT"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="RESTRICT"))
    found: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    strays: Mapped[list[str]] = mapped_column(JSON, default=list)
    missing: Mapped[int] = mapped_column(default=0)
    refusal: Mapped[list[Any] | None] = mapped_column(JSON)
    job_id: Mapped[int | None]
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("assessment_consent.id", ondelete="RESTRICT"))
    state: Mapped[ReturnState] = mapped_column(ChoiceText(ReturnState), default=ReturnState.READING)
    brought_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    brought_by_name: Mapped[str] = mapped_column(String(60))
    brought_at: Mapped[CreatedAt]
    decided_by_name: Mapped[str] = mapped_column(String(60), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken: Mapped[int] = mapped_column(default=0)

    workbook: Mapped[TakenOut | None] = relationship()
    file: Mapped[StoredFile] = relationship()

    @property
    def by(self) -> str:
        """How who brought it is called beside it."""
        return name_for(self.brought_by_name, self.consent_id)
