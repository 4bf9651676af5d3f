"""What is said (claims) and what the bureau holds (facts)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, orm_insert_sentinel, relationship

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, ExactDecimal, Key, UtcDateTime
from app.core.db import Base
from app.core.text import N_
from app.files.models import StoredFile


class SourceKind(Choice):
    """Where a claim came from."""

    IMPORT = "import", N_("表格导入")
    CASEWORKER = "caseworker", N_("经办人录入")
    FIRM = "firm", N_("企业自报")


class ClaimState(Choice):
    """Where a claim stands."""

    PENDING = "pending", N_("待审核")
    ACCEPTED = "accepted", N_("已核定")
    REJECTED = "rejected", N_("已退回")
    WITHDRAWN = "withdrawn", N_("已撤回")


class Claim(Base):
    """Somebody said: this firm, this indicator, this year, this value, from this cell or answer.

    Exactly one of ``number`` and ``value`` is set: ``number`` in the catalogue's unit (万元, 人, fraction …),
    ``value`` as plain JSON for everything else (date, yes/no, text, list). ``raw`` is the text as typed or read.
    ``source_label`` is what a person reads (「2025年度企业情况表.xlsx · Sheet1!F12」); ``reference`` is for machines:
    ``{"batch": 3, "file": 7, "sheet": "Sheet1", "row": 12, "cell": "F12", "url": …}``. ``batch_id`` is a plain
    number since imports stand above facts.
    """

    __tablename__ = "claim"
    __table_args__ = (
        Index("ix_claim_state_place", "state", "firm_id", "key", "year", "id"),
        Index("ix_claim_firm_id_key_year", "firm_id", "key", "year"),
    )

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), info={"merge": "move"})
    key: Mapped[str] = mapped_column(String(60))
    year: Mapped[int | None]
    number: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    value: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    raw: Mapped[str] = mapped_column(Text, default="")
    source_kind: Mapped[SourceKind] = mapped_column(ChoiceText(SourceKind))
    source_label: Mapped[str] = mapped_column(String(300))
    reference: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    batch_id: Mapped[int | None] = mapped_column(index=True)
    state: Mapped[ClaimState] = mapped_column(ChoiceText(ClaimState), default=ClaimState.PENDING)
    note: Mapped[str] = mapped_column(Text, default="")
    stated_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    stated_by_name: Mapped[str] = mapped_column(String(60))
    stated_at: Mapped[CreatedAt]
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    reviewed_by_name: Mapped[str] = mapped_column(String(60), default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    review_note: Mapped[str] = mapped_column(Text, default="")
    # lets thousands of rows be inserted in few statements with their ids in order, on SQLite too
    sentinel: Mapped[int | None] = orm_insert_sentinel(name="sentinel")

    evidence: Mapped[list[Evidence]] = relationship(lazy="raise")


class Evidence(Base):
    """A file supports a claim."""

    __tablename__ = "evidence"

    id: Mapped[Key]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="RESTRICT"))
    title: Mapped[str] = mapped_column(String(120))
    attached_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]

    file: Mapped[StoredFile] = relationship(lazy="raise")


class Fact(Base):
    """The bureau holds: an accepted claim. At most one current fact per firm, indicator and year.

    ``superseded_at`` is null while it is current; a superseded fact stays readable, with what replaced it.
    A claim accepted beside an equal current fact confirms it and makes no new one.
    """

    __tablename__ = "fact"
    __table_args__ = (
        Index(
            "uq_fact_current",
            "firm_id",
            "key",
            text("coalesce(year, 0)"),
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index("ix_fact_key_year", "key", "year"),
    )

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(
        ForeignKey("firm.id", ondelete="RESTRICT"),
        info={
            "merge": "move",
            "conflict": "supersede",
            "decided": (
                "accepted_at",
                "claim_id IN (SELECT row_id FROM firm_move WHERE table_name = 'claim' AND merge_id = :merge)",
            ),
        },
    )
    key: Mapped[str] = mapped_column(String(60))
    year: Mapped[int | None]
    number: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    value: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id", ondelete="RESTRICT"), index=True)
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    accepted_by_name: Mapped[str] = mapped_column(String(60))
    accepted_at: Mapped[CreatedAt]
    reason: Mapped[str] = mapped_column(Text, default="")
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("fact.id", ondelete="RESTRICT"))

    claim: Mapped[Claim] = relationship(lazy="raise")
