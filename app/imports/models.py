"""Spreadsheets coming in: the file, its rows as read, what would happen, what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base
from app.core.text import N_
from app.files.models import StoredFile


class BatchState(Choice):
    """Where an import stands."""

    QUEUED = "queued", N_("等待预检")
    REFUSED = "refused", N_("未能读取")
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
    """One uploaded file read by one profile for one year.

    ``layouts`` is ``{sheet: layout}`` as ``layout.Layout.as_json`` writes it. ``counts`` is ``{outcome: rows}``.
    ``report`` is ``{"sheets": [{"name", "rows", "read"}], "columns": [column notes], "missing": {key: rows},
    "kinds": {kind: problems}, "stated": figures}``. ``refusal`` is the sentence for a file that could not be read, as
    ``problem.message_to_json`` writes it. ``job_id`` is the last job that worked on it; a plain number, since jobs may
    be cleared away.
    """

    __tablename__ = "import_batch"

    id: Mapped[Key]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="RESTRICT"), index=True)
    profile: Mapped[str] = mapped_column(String(60))
    year: Mapped[int]
    state: Mapped[BatchState] = mapped_column(ChoiceText(BatchState), default=BatchState.QUEUED)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    layouts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    refusal: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    job_id: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(300), default="")
    staged_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
    staged_by_name: Mapped[str] = mapped_column(String(60))
    staged_at: Mapped[CreatedAt]
    applied_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    applied_by_name: Mapped[str] = mapped_column(String(60), default="")
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_name: Mapped[str] = mapped_column(String(60), default="")
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undo_reason: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(default=1)

    file: Mapped[StoredFile] = relationship(lazy="raise")
    rows: Mapped[list[ImportRow]] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}


class ImportRow(Base):
    """One row: ``cells`` raw text by column letter, ``values`` what was understood (``entry.Entry.as_json``).

    ``values`` is empty for rows that hold no data. ``problems`` is a list as ``problem.Problem.as_json`` writes it:
    first those of reading (their number is in ``values``), then those of the rehearsal. ``stated`` are the keys that
    would be (or were) stated. ``missing`` and ``kinds`` are keys and kinds between commas, to filter by.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        UniqueConstraint("batch_id", "sheet", "row"),
        Index("ix_import_row_batch_id_outcome_id", "batch_id", "outcome", "id"),
    )

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"))
    sheet: Mapped[str] = mapped_column(String(255))
    row: Mapped[int]
    name: Mapped[str] = mapped_column(String(160), default="")
    cells: Mapped[dict[str, Any]] = mapped_column(JSON)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    stated: Mapped[list[Any]] = mapped_column(JSON, default=list)
    problems: Mapped[list[Any]] = mapped_column(JSON, default=list)
    missing: Mapped[str] = mapped_column(Text, default="")
    kinds: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[RowOutcome] = mapped_column(ChoiceText(RowOutcome))
    firm_id: Mapped[int | None] = mapped_column(
        ForeignKey("firm.id", ondelete="SET NULL"), index=True, info={"merge": "keep"}
    )
    created_firm: Mapped[bool] = mapped_column(default=False)
