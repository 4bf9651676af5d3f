"""Spreadsheets coming in: the file, its rows as read, what would happen, what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base
from app.core.text import N_
from app.files.models import StoredFile


class BatchState(Choice):
    """Where an import stands."""

    STAGED = "staged", N_("已预检")
    APPLIED = "applied", N_("已导入")
    UNDONE = "undone", N_("已撤销")
    DISCARDED = "discarded", N_("已放弃")


class RowOutcome(Choice):
    """What a row does; the counts of all outcomes add up to the rows of the file."""

    NEW = "new", N_("新增企业")
    UPDATED = "updated", N_("更新数据")
    UNCHANGED = "unchanged", N_("完全相同")
    REVIEW = "review", N_("待处理")
    REJECTED = "rejected", N_("不能导入")
    SKIPPED = "skipped", N_("非数据行")


class ImportBatch(Base):
    """One uploaded file read by one profile for one year. ``counts`` is ``{outcome: rows}``."""

    __tablename__ = "import_batch"

    id: Mapped[Key]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="RESTRICT"))
    profile: Mapped[str] = mapped_column(String(60))
    year: Mapped[int]
    state: Mapped[BatchState] = mapped_column(ChoiceText(BatchState), default=BatchState.STAGED)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    note: Mapped[str] = mapped_column(String(300), default="")
    staged_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    staged_by_name: Mapped[str] = mapped_column(String(60))
    staged_at: Mapped[CreatedAt]
    applied_by_name: Mapped[str] = mapped_column(String(60), default="")
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_name: Mapped[str] = mapped_column(String(60), default="")
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    file: Mapped[StoredFile] = relationship(lazy="raise")
    rows: Mapped[list[ImportRow]] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}


class ImportRow(Base):
    """One row: ``cells`` raw text by column letter, ``values`` what was understood, ``problems`` per cell.

    ``problems`` is a list of ``{"cell": "F12", "level": "error|warning|info", "message": …}``.
    """

    __tablename__ = "import_row"
    __table_args__ = (UniqueConstraint("batch_id", "sheet", "row"),)

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), index=True)
    sheet: Mapped[str] = mapped_column(String(80))
    row: Mapped[int]
    cells: Mapped[dict[str, Any]] = mapped_column(JSON)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)
    outcome: Mapped[RowOutcome] = mapped_column(ChoiceText(RowOutcome), index=True)
    firm_id: Mapped[int | None] = mapped_column(ForeignKey("firm.id", ondelete="SET NULL"))
    created_firm: Mapped[bool] = mapped_column(default=False)
