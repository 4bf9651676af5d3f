"""What is said (claims) and what the bureau holds (facts)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, String, Text, text
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


def _place_index(name: str, of: str) -> Index:
    """Lists of claims in a state, by place; most claims are accepted, and those cost nothing here."""
    return Index(
        name, "firm_id", "key", "year", "id", "state", sqlite_where=text(of), postgresql_where=text(of)
    )  # fmt: skip


class Claim(Base):
    """Somebody said: this firm, this indicator, this year, this value, from this cell or answer.

    Exactly one of ``number`` and ``value`` is set: ``number`` in the catalogue's unit (万元, 人, fraction …),
    ``value`` as plain JSON for everything else (date, yes/no, text, list). ``raw`` is the text as typed or read.
    ``source_label`` is what a person reads (「2025年度企业情况表.xlsx · Sheet1!F12」); ``reference`` is for machines:
    ``{"batch": 3, "file": 7, "sheet": "Sheet1", "row": 12, "cell": "F12", "url": …}``. ``batch_id`` is a plain
    number since imports stand above facts. ``source`` is a code of app/facts/trust.py: whose figure it is.
    ``rule_run_id`` names the rule run that accepted it, null when a person looked at it alone.
    """

    __tablename__ = "claim"
    __table_args__ = (
        _place_index("ix_claim_pending_place", "state = 'pending'"),
        _place_index("ix_claim_returned_place", "state = 'rejected' OR state = 'withdrawn'"),
        Index("ix_claim_firm_id_key_year", "firm_id", "key", "year"),
        Index(
            "ix_claim_rule_run_id",
            "rule_run_id",
            sqlite_where=text("rule_run_id IS NOT NULL"),
            postgresql_where=text("rule_run_id IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), info={"merge": "move"})
    key: Mapped[str] = mapped_column(String(60))
    year: Mapped[int | None]
    number: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    value: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    raw: Mapped[str] = mapped_column(Text, default="")
    source_kind: Mapped[SourceKind] = mapped_column(ChoiceText(SourceKind))
    source: Mapped[str] = mapped_column(String(40), default="", server_default="")
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
    rule_run_id: Mapped[int | None]
    # lets thousands of rows be inserted in few statements with their ids in order, on SQLite too
    sentinel: Mapped[int | None] = orm_insert_sentinel(name="sentinel")

    evidence: Mapped[list[Evidence]] = relationship(lazy="raise")


class DocumentKind(Choice):
    """What a file in a firm's locker is."""

    AUDIT = "audit", N_("审计报告")
    TAX = "tax", N_("完税证明或纳税申报表")
    LICENCE = "licence", N_("营业执照")
    CERTIFICATE = "certificate", N_("资质证书")
    PROPERTY = "property", N_("知识产权证书")
    STAFF = "staff", N_("社保或人员名册")
    CONTRACT = "contract", N_("合同")
    VISIT = "visit", N_("现场核实记录")
    OTHER = "other", N_("其他材料")


class Document(Base):
    """A file in a firm's locker: kept once for its content, it may support many claims.

    Valid from and until the days given, both inclusive, null where nothing is said. A newer file takes its place by
    ``replaced_by``; one found wrong is withdrawn with the reason. Either way it stays where it was used.
    ``by_firm`` says that the firm put it there itself: only such files are shown in the portal.
    """

    __tablename__ = "document"

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), info={"merge": "move"}, index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[DocumentKind] = mapped_column(ChoiceText(DocumentKind), default=DocumentKind.OTHER)
    title: Mapped[str] = mapped_column(String(120))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    by_firm: Mapped[bool] = mapped_column(default=False)
    added_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    added_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("document.id", ondelete="RESTRICT"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by_name: Mapped[str] = mapped_column(String(60), default="")
    withdrawn_why: Mapped[str] = mapped_column(Text, default="")

    file: Mapped[StoredFile] = relationship(lazy="raise")


class Transfer(Base):
    """A file on its way into a firm's locker in pieces: ``received`` of ``size`` bytes lie with the parts.

    ``sha256`` is what the browser found, empty where it could not: by it the same file is known again after a lost
    connection. ``said`` is what the person said of it. Whole, it is ``document_id``, and the parts are gone.
    """

    __tablename__ = "transfer"

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), info={"merge": "move"}, index=True)
    name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    said: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id", ondelete="SET NULL"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    created_at: Mapped[CreatedAt]
    touched_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Evidence(Base):
    """A file of the firm's locker supports a claim; ``file`` is what was attached, the document's own."""

    __tablename__ = "evidence"

    id: Mapped[Key]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="RESTRICT"))
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="RESTRICT"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    attached_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]

    file: Mapped[StoredFile] = relationship(lazy="raise")
    document: Mapped[Document] = relationship(lazy="raise")


class RuleRun(Base):
    """Claims accepted by a rule that a person previewed and confirmed.

    ``chosen`` is the rule's options and what the queue was narrowed to; ``upper`` the largest claim id that was there
    at the preview: what came in since is not touched. ``reached`` is the last claim id looked at, so that a run goes
    on where it stopped. ``left`` says how many were left and why: ``{code: count}``. ``finished_at`` is null while it
    runs.
    """

    __tablename__ = "rule_run"

    id: Mapped[Key]
    rule: Mapped[str] = mapped_column(String(40))
    chosen: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    upper: Mapped[int]
    note: Mapped[str] = mapped_column(Text)
    job_id: Mapped[int | None]
    started_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    started_by_name: Mapped[str] = mapped_column(String(60))
    started_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reached: Mapped[int] = mapped_column(default=0)
    accepted: Mapped[int] = mapped_column(default=0)
    confirmed: Mapped[int] = mapped_column(default=0)
    left: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


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
