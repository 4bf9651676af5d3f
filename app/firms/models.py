"""Firms: identity only. Nothing a clause could ask stands here; that is a fact with a year and a source."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base
from app.firms.names import LONGEST_KEY, KeyKind
from app.firms.taxonomy import ChainRole, ClusterCode, EventKind, FirmStatus, MergeState, PairState, Town

MOVES: dict[str, Any] = {"merge": "move"}
KEPT: dict[str, Any] = {"merge": "keep"}
DERIVED: dict[str, Any] = {"merge": "derive"}
"""How a merge of two firms treats the rows of a relation, see ``firms.merge``."""


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
        Index("ix_firm_status_id", "status", "id"),
        Index("ix_firm_chain_role_id", "chain_role", "id"),
        Index(
            "ix_firm_merged",
            "id",
            sqlite_where=text("status = 'merged'"),
            postgresql_where=text("status = 'merged'"),
        ),
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
    firm_id: Mapped[int] = mapped_column(
        ForeignKey("firm.id", ondelete="CASCADE"), info={"merge": "move", "clear": "is_primary"}
    )
    cluster: Mapped[ClusterCode] = mapped_column(ChoiceText(ClusterCode))
    is_primary: Mapped[bool] = mapped_column(default=False)


class Contact(Base):
    """A person at a firm. Phones are shown masked unless asked for."""

    __tablename__ = "contact"
    __table_args__ = (Index("ix_contact_name", "name"), Index("ix_contact_phone", "phone"))

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(
        ForeignKey("firm.id", ondelete="CASCADE"), index=True, info={"merge": "move", "clear": "is_primary"}
    )
    name: Mapped[str] = mapped_column(String(60))
    post: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(120), default="")
    is_primary: Mapped[bool] = mapped_column(default=False)


class FormerName(Base):
    """A name the firm had, with the days between which it bore it and the document that says so, if known."""

    __tablename__ = "former_name"

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True, info=MOVES)
    name: Mapped[str] = mapped_column(String(120), index=True)
    since: Mapped[date | None] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    document: Mapped[str] = mapped_column(String(200), default="")


class NameOffer(Base):
    """A name under which a source knows the firm by its code: a rename that a person takes up or declines.

    Each import that knows the name has its row, so that undoing one leaves what the others say; ``batch_id`` is a
    plain number since imports stand above firms, null for what no import said.
    """

    __tablename__ = "name_offer"
    __table_args__ = (UniqueConstraint("firm_id", "name", "batch_id"),)

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), info=MOVES)
    name: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(200), default="")
    batch_id: Mapped[int | None] = mapped_column(index=True)
    offered_at: Mapped[CreatedAt]
    is_open: Mapped[bool] = mapped_column(default=True)
    decided_by_name: Mapped[str] = mapped_column(String(60), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str] = mapped_column(String(200), default="")


class FirmEvent(Base):
    """What happened to a firm at the registry: moved in or out, cancelled, revoked, restored, made a branch.

    The latest event that stands gives the firm's status; ``status_before`` is what it was before this one. An event
    entered by mistake is voided with a reason and stays readable.
    """

    __tablename__ = "firm_event"

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True, info=MOVES)
    kind: Mapped[EventKind] = mapped_column(ChoiceText(EventKind))
    on_day: Mapped[date] = mapped_column(Date)
    from_place: Mapped[str] = mapped_column(String(80), default="")
    to_place: Mapped[str] = mapped_column(String(80), default="")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), index=True, info=MOVES)
    document: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
    status_before: Mapped[FirmStatus] = mapped_column(ChoiceText(FirmStatus))
    recorded_by_name: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[CreatedAt]
    void_reason: Mapped[str] = mapped_column(String(300), default="")
    voided_by_name: Mapped[str] = mapped_column(String(60), default="")
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FirmMerge(Base):
    """One firm went into another. The merged firm stays as a row: what was decided on it keeps naming it.

    ``before`` holds the columns of both firms as they were, ``after`` those of the survivor, so that the merge can be
    taken back exactly; ``FirmMove`` says which rows changed hands.
    """

    __tablename__ = "firm_merge"
    __table_args__ = (CheckConstraint("survivor_id <> loser_id", name="two_firms"),)

    id: Mapped[Key]
    survivor_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), index=True, info=KEPT)
    loser_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), index=True, info=KEPT)
    state: Mapped[MergeState] = mapped_column(ChoiceText(MergeState))
    reason: Mapped[str] = mapped_column(String(300))
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    merged_by_name: Mapped[str] = mapped_column(String(60))
    merged_at: Mapped[CreatedAt]
    undone_by_name: Mapped[str] = mapped_column(String(60), default="")
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undo_reason: Mapped[str] = mapped_column(String(300), default="")


class FirmMove(Base):
    """One row that a merge touched: ``moved`` to the survivor, ``superseded`` (a fact) or ``added`` (a former name).

    ``was`` are the other columns that were changed with it, as they were. Triggers look here before they let a claim
    or a fact change firms.
    """

    __tablename__ = "firm_move"
    __table_args__ = (
        Index("ix_firm_move_table_name_row_id", "table_name", "row_id"),
        Index("ix_firm_move_merge_id", "merge_id"),
    )

    id: Mapped[Key]
    merge_id: Mapped[int] = mapped_column(ForeignKey("firm_merge.id", ondelete="RESTRICT"))
    table_name: Mapped[str] = mapped_column(String(60))
    column_name: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[int]
    what: Mapped[str] = mapped_column(String(20))
    was: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class DuplicatePair(Base):
    """Two firms that may be one, with the reasons; a person says that they are not, or merges them.

    ``low_id`` is the smaller id. ``reasons`` are values of ``firms.duplicates.Reason``.
    """

    __tablename__ = "duplicate_pair"
    __table_args__ = (UniqueConstraint("low_id", "high_id"), Index("ix_duplicate_pair_state_weight", "state", "weight"))

    id: Mapped[Key]
    low_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), info=KEPT)
    high_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True, info=KEPT)
    reasons: Mapped[list[Any]] = mapped_column(JSON, default=list)
    weight: Mapped[int]
    state: Mapped[PairState] = mapped_column(ChoiceText(PairState), default=PairState.OPEN)
    found_at: Mapped[CreatedAt]
    decided_by_name: Mapped[str] = mapped_column(String(60), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str] = mapped_column(String(300), default="")


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
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), primary_key=True, info=DERIVED)


class RosterEntry(Base):
    """The firm stands on the above-scale roster (规上企业名录) of a year, with the source of that roster."""

    __tablename__ = "roster_entry"
    __table_args__ = (
        UniqueConstraint("firm_id", "year"),
        Index("ix_roster_entry_year_firm_id", "year", "firm_id"),
    )

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), info=MOVES)
    year: Mapped[int]
    source: Mapped[str] = mapped_column(String(200), default="")
