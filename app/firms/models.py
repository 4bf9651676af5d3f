"""Firms: identity only. Nothing a clause could ask stands here; that is a fact with a year and a source."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import ChoiceText, CreatedAt, Key
from app.core.db import Base
from app.firms.names import LONGEST_KEY, KeyKind
from app.firms.taxonomy import ChainRole, ClusterCode, FirmStatus, Town


class Firm(Base):
    """A firm (or a branch).

    ``credit_code`` is the 18-character 统一社会信用代码, null while nobody has published or entered it.
    ``security_code`` is the exchange code of a listed firm. ``code_confirmed`` records that a person kept a code
    whose check digit fails. ``search_text`` holds what search matches: names, codes, pinyin and initials;
    ``name_key`` is the name in pinyin, which lists are sorted by. Both come from ``firms.search_text``.
    ``industry_code`` is a code of GB/T 4754-2017 without its letter; ``industry`` is what was written before or beside.
    ``is_demo`` marks invented firms of the demo data.
    """

    __tablename__ = "firm"
    __table_args__ = (
        Index("ix_firm_town_id", "town", "id"),
        Index("ix_firm_name_key_id", "name_key", "id"),
        Index("ix_firm_updated_at_id", "updated_at", "id"),
        Index("ix_firm_caseworker_id_id", "caseworker_id", "id"),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(60), default="")
    credit_code: Mapped[str | None] = mapped_column(String(18), unique=True)
    code_confirmed: Mapped[bool] = mapped_column(default=False)
    security_code: Mapped[str | None] = mapped_column(String(10), unique=True)
    town: Mapped[Town | None] = mapped_column(ChoiceText(Town))
    address: Mapped[str] = mapped_column(String(200), default="")
    industry: Mapped[str] = mapped_column(String(80), default="")
    industry_code: Mapped[str | None] = mapped_column(String(4), index=True)
    chain_role: Mapped[ChainRole | None] = mapped_column(ChoiceText(ChainRole))
    status: Mapped[FirmStatus] = mapped_column(ChoiceText(FirmStatus), default=FirmStatus.ACTIVE)
    registered_on: Mapped[date | None] = mapped_column(Date)
    caseworker_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(200), default="")
    is_demo: Mapped[bool] = mapped_column(default=False)
    search_text: Mapped[str] = mapped_column(Text, default="")
    name_key: Mapped[str] = mapped_column(String(240), default="")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(default=1)

    clusters: Mapped[list[FirmCluster]] = relationship(lazy="raise", cascade="all, delete-orphan")
    contacts: Mapped[list[Contact]] = relationship(lazy="raise", cascade="all, delete-orphan")
    former_names: Mapped[list[FormerName]] = relationship(lazy="raise", cascade="all, delete-orphan")
    roster_years: Mapped[list[RosterEntry]] = relationship(lazy="raise", cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version}


class FirmCluster(Base):
    """A firm belongs to a cluster; exactly one of a firm's clusters is primary."""

    __tablename__ = "firm_cluster"
    __table_args__ = (
        UniqueConstraint("firm_id", "cluster"),
        Index("ix_firm_cluster_cluster_firm_id", "cluster", "firm_id"),
        Index(
            "uq_firm_cluster_primary",
            "firm_id",
            unique=True,
            sqlite_where=text("is_primary"),
            postgresql_where=text("is_primary"),
        ),
    )

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
    cluster: Mapped[ClusterCode] = mapped_column(ChoiceText(ClusterCode))
    is_primary: Mapped[bool] = mapped_column(default=False)


class Contact(Base):
    """A person at a firm. Phones are shown masked unless asked for."""

    __tablename__ = "contact"

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    post: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(120), default="")
    is_primary: Mapped[bool] = mapped_column(default=False)


class FormerName(Base):
    """A name the firm had, with the day it ended if known."""

    __tablename__ = "former_name"

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    until: Mapped[date | None] = mapped_column(Date)


class FirmKey(Base):
    """A name of a firm in a form that can be compared (``names.keys``), kept up to date by whatever changes names.

    ``key`` is compared sign by sign on both databases, so that an index serves equality and beginnings alike.
    """

    __tablename__ = "firm_key"
    __table_args__ = (Index("ix_firm_key_firm_id", "firm_id"), {"sqlite_with_rowid": False})

    kind: Mapped[KeyKind] = mapped_column(ChoiceText(KeyKind), primary_key=True)
    key: Mapped[str] = mapped_column(
        String(LONGEST_KEY).with_variant(String(LONGEST_KEY, collation="C"), "postgresql"), primary_key=True
    )
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), primary_key=True)


class RosterEntry(Base):
    """The firm stands on the above-scale roster (规上企业名录) of a year, with the source of that roster."""

    __tablename__ = "roster_entry"
    __table_args__ = (
        UniqueConstraint("firm_id", "year"),
        Index("ix_roster_entry_year_firm_id", "year", "firm_id"),
    )

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"))
    year: Mapped[int]
    source: Mapped[str] = mapped_column(String(200), default="")


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
