"""Chains and their versions, which chains a firm belongs to, and reclassifications that can be taken back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base
from app.core.text import N_


class Reclassified(Choice):
    """What a reclassification changes on firms."""

    CHAIN = "chain", N_("产业链")
    INDUSTRY = "industry", N_("行业代码")


class RemapState(Choice):
    """Where a reclassification stands."""

    APPLIED = "applied", N_("已执行")
    UNDONE = "undone", N_("已撤销")


class ChainEdition(Base):
    """One version of the list of chains, with the paper that sets it up. The version before it ends where it begins."""

    __tablename__ = "chain_edition"

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(String(80), unique=True)
    effective_from: Mapped[date] = mapped_column(Date, unique=True)
    document: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(300), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    created_by_name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[CreatedAt]

    chains: Mapped[list[Chain]] = relationship(lazy="raise", order_by="Chain.rank", back_populates="edition")


class Chain(Base):
    """One chain of a version; it never changes, another version has chains of its own."""

    __tablename__ = "chain"
    __table_args__ = (UniqueConstraint("edition_id", "name"),)

    id: Mapped[Key]
    edition_id: Mapped[int] = mapped_column(ForeignKey("chain_edition.id", ondelete="RESTRICT"))
    rank: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))

    edition: Mapped[ChainEdition] = relationship(lazy="raise", back_populates="chains")


class FirmChain(Base):
    """A firm belongs to a chain; at most one of its chains is the primary one."""

    __tablename__ = "firm_chain"
    __table_args__ = (UniqueConstraint("firm_id", "chain_id"), Index("ix_firm_chain_chain_id", "chain_id"))

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), info={"merge": "move"})
    chain_id: Mapped[int] = mapped_column(ForeignKey("chain.id", ondelete="RESTRICT"))
    is_primary: Mapped[bool] = mapped_column(default=False)

    chain: Mapped[Chain] = relationship(lazy="raise")


class Remap(Base):
    """A reclassification of many firms at once. ``rules`` are ``[[from, to], …]``: ids of chains (``to`` null where a
    chain ends), or industry texts and codes."""

    __tablename__ = "remap"

    id: Mapped[Key]
    kind: Mapped[Reclassified] = mapped_column(ChoiceText(Reclassified))
    title: Mapped[str] = mapped_column(String(200))
    rules: Mapped[list[Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(300))
    firms: Mapped[int]
    state: Mapped[RemapState] = mapped_column(ChoiceText(RemapState), default=RemapState.APPLIED)
    applied_by_name: Mapped[str] = mapped_column(String(60))
    applied_at: Mapped[CreatedAt]
    undone_by_name: Mapped[str] = mapped_column(String(60), default="")
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RemapLine(Base):
    """What a reclassification changed on one firm: before and after, so that it can be taken back exactly."""

    __tablename__ = "remap_line"
    __table_args__ = (Index("ix_remap_line_remap_id_id", "remap_id", "id"),)

    id: Mapped[Key]
    remap_id: Mapped[int] = mapped_column(ForeignKey("remap.id", ondelete="RESTRICT"))
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), info={"merge": "move"})
    before: Mapped[Any] = mapped_column(JSON)
    after: Mapped[Any] = mapped_column(JSON)
