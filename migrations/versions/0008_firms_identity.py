"""Identity of firms: keys of their names, dated names and events, offers of names, likely duplicates, merges.

A claim and a fact change firms through a recorded merge only, and the database itself looks at the record.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.firms import names  # keys are derived: whatever derives them next writes them anew

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
PORTION = 2000


def _differ(*columns: str) -> str:
    return " OR ".join(f"OLD.{one} <> NEW.{one} OR (OLD.{one} IS NULL) <> (NEW.{one} IS NULL)" for one in columns)


def _text(*columns: str) -> str:
    return " OR ".join(
        f"CAST(OLD.{one} AS TEXT) <> CAST(NEW.{one} AS TEXT) OR (OLD.{one} IS NULL) <> (NEW.{one} IS NULL)"
        for one in columns
    )


def _unrecorded(table: str) -> str:
    """Tell whether a row changes firms without a merge under way that names this very row and both firms."""
    return (
        f"(OLD.firm_id <> NEW.firm_id AND NOT EXISTS (SELECT 1 FROM firm_move m JOIN firm_merge g ON g.id = m.merge_id "
        f"WHERE m.table_name = '{table}' AND m.row_id = OLD.id AND m.what = 'moved' AND ("
        "(g.state = 'merging' AND g.loser_id = OLD.firm_id AND g.survivor_id = NEW.firm_id) OR "
        "(g.state = 'unmerging' AND g.survivor_id = OLD.firm_id AND g.loser_id = NEW.firm_id))))"
    )


TAKEN_BACK = (
    "EXISTS (SELECT 1 FROM firm_move m JOIN firm_merge g ON g.id = m.merge_id WHERE m.table_name = 'fact' "
    "AND m.row_id = OLD.id AND m.what = 'superseded' AND g.state = 'unmerging')"
)
CLAIMED = _differ("id", "key", "year", "number", "raw", "source_kind", "source_label", "batch_id",
                  "stated_by", "stated_by_name", "stated_at") + " OR " + _text("value", "reference")  # fmt: skip
HELD = _differ("id", "key", "year", "number", "claim_id", "accepted_by", "accepted_by_name",
               "accepted_at", "reason") + " OR " + _text("value")  # fmt: skip
# the columns whose change the rules look at: accepting touches none of a claim's, and then they cost nothing
KEYS = "id, key, year, number, value, firm_id"
LOOKED_AT = {
    "claim_stays": f"{KEYS}, raw, source_kind, source_label, batch_id, stated_by, stated_by_name, stated_at, reference",
    "fact_stays": f"{KEYS}, claim_id, accepted_by, accepted_by_name, accepted_at, reason",
    "fact_superseded": "superseded_at",
}
ROWID = ", rowid, oid, _rowid_"  # other names of id on SQLite
SAYS = {
    "claim_stays": ("claim", "a claim never changes after it was stated"),
    "fact_stays": ("fact", "a fact never changes, it is superseded"),
    "fact_superseded": ("fact", "a superseded fact stays so"),
}


def _conditions(claim: str, fact: str, superseded: str) -> dict[str, tuple[str, str, str]]:
    said = {"claim_stays": claim, "fact_stays": fact, "fact_superseded": superseded}
    return {name: (SAYS[name][0], condition, SAYS[name][1]) for name, condition in said.items()}


GONE = "OLD.superseded_at IS NOT NULL AND (" + _differ("superseded_at") + ")"
NOW = _conditions(
    f"{CLAIMED} OR {_unrecorded('claim')}", f"{HELD} OR {_unrecorded('fact')}", f"{GONE} AND NOT {TAKEN_BACK}"
)
BEFORE = _conditions(f"{CLAIMED} OR {_differ('firm_id')}", f"{HELD} OR {_differ('firm_id')}", GONE)


def upgrade() -> None:
    op.create_table(
        "firm_key",
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_firm_key_firm_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("kind", "key", "firm_id", name=op.f("pk_firm_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_firm_key_firm_id", "firm_key", ["firm_id"])
    merged = sa.text("status = 'merged'")
    op.create_index("ix_firm_merged", "firm", ["id"], sqlite_where=merged, postgresql_where=merged)
    op.add_column("former_name", sa.Column("since", sa.Date()))
    op.add_column("former_name", sa.Column("document", sa.String(200), nullable=False, server_default=""))
    _names_and_events()
    _merges()
    _fill()
    _rules(NOW)


def downgrade() -> None:
    _rules(BEFORE)
    for table in ("duplicate_pair", "firm_move", "firm_merge", "firm_event", "name_offer"):
        op.drop_table(table)
    op.drop_column("former_name", "document")
    op.drop_column("former_name", "since")
    op.drop_index("ix_firm_merged", "firm")
    op.drop_table("firm_key")


def _firm(table: str, column: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["firm.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _moment(name: str, *, nullable: bool) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _names_and_events() -> None:
    op.create_table(
        "name_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("batch_id", sa.Integer()),
        _moment("offered_at", nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("decided_by_name", sa.String(60), nullable=False),
        _moment("decided_at", nullable=True),
        sa.Column("decision", sa.String(200), nullable=False),
        _firm("name_offer", "firm_id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_offer")),
        sa.UniqueConstraint("firm_id", "name", "batch_id", name=op.f("uq_name_offer_firm_id_name_batch_id")),
    )
    op.create_index("ix_name_offer_batch_id", "name_offer", ["batch_id"])
    op.create_table(
        "firm_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("from_place", sa.String(80), nullable=False),
        sa.Column("to_place", sa.String(80), nullable=False),
        sa.Column("parent_id", sa.Integer()),
        sa.Column("document", sa.String(200), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("status_before", sa.String(40), nullable=False),
        sa.Column("recorded_by_name", sa.String(60), nullable=False),
        _moment("recorded_at", nullable=False),
        sa.Column("void_reason", sa.String(300), nullable=False),
        sa.Column("voided_by_name", sa.String(60), nullable=False),
        _moment("voided_at", nullable=True),
        _firm("firm_event", "firm_id", "CASCADE"),
        _firm("firm_event", "parent_id", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_event")),
    )
    op.create_index("ix_firm_event_firm_id", "firm_event", ["firm_id"])
    op.create_index("ix_firm_event_parent_id", "firm_event", ["parent_id"])


def _merges() -> None:
    op.create_table(
        "firm_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survivor_id", sa.Integer(), nullable=False),
        sa.Column("loser_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("merged_by_name", sa.String(60), nullable=False),
        _moment("merged_at", nullable=False),
        sa.Column("undone_by_name", sa.String(60), nullable=False),
        _moment("undone_at", nullable=True),
        sa.Column("undo_reason", sa.String(300), nullable=False),
        sa.CheckConstraint("survivor_id <> loser_id", name=op.f("ck_firm_merge_two_firms")),
        _firm("firm_merge", "survivor_id", "RESTRICT"),
        _firm("firm_merge", "loser_id", "RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_merge")),
    )
    op.create_index("ix_firm_merge_survivor_id", "firm_merge", ["survivor_id"])
    op.create_index("ix_firm_merge_loser_id", "firm_merge", ["loser_id"])
    op.create_table(
        "firm_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(60), nullable=False),
        sa.Column("column_name", sa.String(60), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("was", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merge_id"], ["firm_merge.id"], name=op.f("fk_firm_move_merge_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_firm_move")),
    )
    op.create_index("ix_firm_move_merge_id", "firm_move", ["merge_id"])
    op.create_index("ix_firm_move_table_name_row_id", "firm_move", ["table_name", "row_id"])
    op.create_table(
        "duplicate_pair",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("low_id", sa.Integer(), nullable=False),
        sa.Column("high_id", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        _moment("found_at", nullable=False),
        sa.Column("decided_by_name", sa.String(60), nullable=False),
        _moment("decided_at", nullable=True),
        sa.Column("decision", sa.String(300), nullable=False),
        _firm("duplicate_pair", "low_id", "CASCADE"),
        _firm("duplicate_pair", "high_id", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_pair")),
        sa.UniqueConstraint("low_id", "high_id", name=op.f("uq_duplicate_pair_low_id_high_id")),
    )
    op.create_index("ix_duplicate_pair_high_id", "duplicate_pair", ["high_id"])
    op.create_index("ix_duplicate_pair_state_weight", "duplicate_pair", ["state", "weight"])


def _rules(conditions: dict[str, tuple[str, str, str]]) -> None:
    """Put triggers of 0005 in place with other conditions: ``{name: (table, condition, message)}``."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, (table, condition, message) in conditions.items():
        if sqlite:
            op.execute(f"DROP TRIGGER {name}")
            op.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE OF {LOOKED_AT[name]}{ROWID} ON {table} "
                f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        else:
            op.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN IF {condition} THEN RAISE EXCEPTION '{message}' "
                f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
            )
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE OF {LOOKED_AT[name]} ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {name}()"
            )


def _fill() -> None:
    firm = sa.table("firm", sa.column("id"), sa.column("name"), sa.column("short_name"))
    former = sa.table("former_name", sa.column("firm_id"), sa.column("name"))
    key = sa.table("firm_key", sa.column("kind"), sa.column("key"), sa.column("firm_id"))
    bind = op.get_bind()
    last = 0
    while True:
        rows = bind.execute(
            sa.select(firm.c.id, firm.c.name, firm.c.short_name).where(firm.c.id > last).order_by(firm.c.id)
            .limit(PORTION)
        ).all()
        if not rows:
            return
        first, last = rows[0].id, rows[-1].id
        old: dict[int, list[str]] = {}
        for row in bind.execute(sa.select(former.c.firm_id, former.c.name).where(former.c.firm_id.between(first, last))):
            old.setdefault(row.firm_id, []).append(row.name)
        made = [
            {"kind": kind.value, "key": text, "firm_id": row.id}
            for row in rows
            for kind, text in names.keys(row.name, row.short_name, old.get(row.id, ()))
        ]
        if made:
            bind.execute(sa.insert(key), made)
