"""Dossiers: the printed end of the chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key, SealedJson, UtcDateTime
from app.core.db import Base
from app.core.text import N_
from app.files.models import StoredFile


class DossierState(Choice):
    """Where a dossier stands."""

    REQUESTED = "requested", N_("待生成")
    RENDERED = "rendered", N_("已生成")
    FAILED = "failed", N_("生成失败")
    VOID = "void", N_("已作废")


class DossierSeries(Base):
    """The last number given in a year. Its row is locked while a number is taken, so numbers have no gaps."""

    __tablename__ = "dossier_series"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Dossier(Base):
    """One nomination's PDF. ``context`` is what is printed, ``context_digest`` its hash; same context, same bytes.

    ``number`` is printed on the cover, ``verification_code`` is in the QR and the address of the verification page.
    At most one dossier of a nomination is not void. ``firm_id`` is the nomination's; ``sha256`` that of the file.
    """

    __tablename__ = "dossier"
    __table_args__ = (
        Index(
            "uq_dossier_live",
            "nomination_id",
            unique=True,
            sqlite_where=text("state <> 'void'"),
            postgresql_where=text("state <> 'void'"),
        ),
        Index("ix_dossier_state_id", "state", "id"),
    )

    id: Mapped[Key]
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id", ondelete="RESTRICT"), index=True)
    firm_id: Mapped[int] = mapped_column(
        ForeignKey("firm.id", ondelete="RESTRICT"), index=True, info={"merge": "keep", "decided": ("requested_at", "")}
    )
    number: Mapped[str] = mapped_column(String(40), unique=True)
    verification_code: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[DossierState] = mapped_column(ChoiceText(DossierState), default=DossierState.REQUESTED)
    context: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    context_digest: Mapped[str] = mapped_column(String(64))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="RESTRICT"))
    sha256: Mapped[str] = mapped_column(String(64), default="")
    pages: Mapped[int | None]
    error: Mapped[str] = mapped_column(Text, default="")
    job_id: Mapped[int | None]
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    requested_by_name: Mapped[str] = mapped_column(String(60))
    requested_at: Mapped[CreatedAt]
    rendered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    void_reason: Mapped[str] = mapped_column(Text, default="")
    voided_by_name: Mapped[str] = mapped_column(String(60), default="")
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    file: Mapped[StoredFile | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}
