"""Spreadsheets coming in: the file, its rows as read, what a person mended, what would happen, what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
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
    SUBMITTED = "submitted", N_("待他人确认")
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
    DUPLICATE = "duplicate", N_("重复行")
    SET_ASIDE = "set_aside", N_("人工略过")
    SKIPPED = "skipped", N_("非数据行")


class Decision(Choice):
    """What a person decided about a whole row."""

    FIRM = "firm", N_("是这家企业")
    NEW = "new", N_("是新企业")
    SKIP = "skip", N_("不导入这一行")


class ImportBatch(Base):
    """One uploaded file read by one profile for one year.

    ``layouts`` is ``{sheet: layout}`` as ``layout.Layout.as_json`` writes it.
    ``counts`` is ``{outcome: rows}``. ``report`` is ``{"sheets": [{"name", "rows", "read", "counts"}], "columns":
    [column notes], "missing": {key: rows}, "kinds": {kind: problems}, "alike": {tag: [kind, alike, problems]},
    "asks": figures without a reason, "stated": figures, "fills": fields}``. ``refusal`` is the sentence for
    a file that could not be read, as ``core.text.message_to_json`` writes it. ``job_id`` is the last job that worked
    on it; a plain number, since jobs may be cleared away. ``attempt`` counts the tries to stage it: an older try
    that still runs writes nothing more. ``parent_id`` is the batch whose failed rows this one brings mended.
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
    attempt: Mapped[int] = mapped_column(default=0)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("import_batch.id", ondelete="RESTRICT"), index=True)
    note: Mapped[str] = mapped_column(String(300), default="")
    staged_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
    staged_by_name: Mapped[str] = mapped_column(String(60))
    staged_at: Mapped[CreatedAt]
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    submitted_by_name: Mapped[str] = mapped_column(String(60), default="")
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submit_note: Mapped[str] = mapped_column(String(300), default="")
    returned_by_name: Mapped[str] = mapped_column(String(60), default="")
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    return_reason: Mapped[str] = mapped_column(String(300), default="")
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
    """One row: ``cells`` raw text by column letter, ``values`` what was understood (``kept.values_of``).

    ``values`` is empty for rows that hold no data; plain numbers are in ``cells`` only (``kept.Entries`` reads a row).
    ``problems`` is a list as ``problem.Problem.as_json`` writes it: first those of reading (their number is in
    ``values``), then those of the rehearsal. ``stated`` are the keys that would be (or were) stated
    (``kept.stated_of``). ``missing``, ``kinds`` and ``asks`` are keys, kinds (with the tags of alike problems)
    and keys that need a reason, each between commas, to filter by. ``edited`` is what a person wrote over the cells,
    by letter; ``cells`` never changes. ``reasons`` is ``{key: {"text", "by", "at"}}``. ``fills`` is ``{field:
    value}``: what the firm's record lacked and this row knows. ``version`` counts the changes by persons.
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
    edited: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    decision: Mapped[Decision | None] = mapped_column(ChoiceText(Decision))
    decided_firm_id: Mapped[int | None] = mapped_column(
        ForeignKey("firm.id", ondelete="SET NULL"), index=True, info={"merge": "move"}
    )
    decided_by_name: Mapped[str] = mapped_column(String(60), default="")
    decided_why: Mapped[str] = mapped_column(String(300), default="")
    asks: Mapped[str] = mapped_column(Text, default="")
    reasons: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    fills: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(default=1)


class CellEdit(Base):
    """A person wrote something else into a cell; the latest of a cell counts. Nothing typed is lost.

    ``old`` is what the row held before (the file's text at first), ``new`` what it holds since; an edit is taken
    back by another one that writes the file's text again.
    """

    __tablename__ = "cell_edit"

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), index=True)
    row_id: Mapped[int] = mapped_column(ForeignKey("import_row.id", ondelete="CASCADE"), index=True)
    letter: Mapped[str] = mapped_column(String(3))
    old: Mapped[str] = mapped_column(Text, default="")
    new: Mapped[str] = mapped_column(Text, default="")
    why: Mapped[str] = mapped_column(String(300), default="")
    edited_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    edited_by_name: Mapped[str] = mapped_column(String(60))
    edited_at: Mapped[CreatedAt]


class BatchMarks(Base):
    """What some rows of a batch may share with others of it (code, name, firm, figures): rows of one mark are doubles.

    ``pairs`` is as ``plans.marks.packed`` writes it. A row that changes is kept again; the latest counts.
    """

    __tablename__ = "batch_marks"

    id: Mapped[Key]
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"), index=True)
    pairs: Mapped[bytes] = mapped_column(LargeBinary)


class ImportProfile(Base):
    """A layout of workbooks that the office described itself.

    ``mapping`` is ``{header as compared: {"target", "label", "unit", "says_unit"}}``; an empty target leaves the column
    out. ``base`` is the built-in profile whose spellings are known beside its own; ``source_code`` names the source.
    """

    __tablename__ = "import_profile"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60), unique=True)
    base: Mapped[str] = mapped_column(String(60))
    source_code: Mapped[str] = mapped_column(String(40))
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    created_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    retired_by_name: Mapped[str] = mapped_column(String(60), default="")
