"""Search: an index of pairs and triples of signs that the database keeps itself; indexes for lists at any depth.

On SQLite two FTS5 tables without content, filled by triggers on ``firm``. A later migration that rebuilds the table
``firm`` (batch mode) must create the triggers again; a test looks for them. On PostgreSQL an index on an expression.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# the head of a search text: names and initials, down to the first blank line
END = "char(10) || char(10)"
INDEXES = (
    ("ix_firm_status_id", "firm", ["status", "id"]),
    ("ix_firm_chain_role_id", "firm", ["chain_role", "id"]),
    ("ix_contact_name", "contact", ["name"]),
    ("ix_contact_phone", "contact", ["phone"]),
)
GRAMS = r"""
CREATE FUNCTION firm_grams(kept text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT gram), '{}') FROM (
        SELECT substr(split_part(kept, E'\n\n', 1), place, 2) AS gram
        FROM generate_series(1, length(split_part(kept, E'\n\n', 1)) - 1) AS place
        UNION ALL
        SELECT substr(kept, place, 3) FROM generate_series(1, length(kept) - 2) AS place
    ) AS grams
$$
"""


def _pairs(row: str) -> str:
    text = f"{row}.search_text"
    head = f"substr({text}, 1, instr({text} || {END}, {END}))"
    return (
        f"(SELECT group_concat(hex(substr({text}, n, 2)), ' ') FROM firm_search_place WHERE n < length({head}))"
    )


def _add(row: str) -> str:
    return (
        f"INSERT INTO firm_search_triple(rowid, signs) VALUES ({row}.id, {row}.search_text); "
        f"INSERT INTO firm_search_pair(rowid, signs) VALUES ({row}.id, {_pairs(row)}); "
    )


def _drop(row: str) -> str:
    return (
        "INSERT INTO firm_search_triple(firm_search_triple, rowid, signs) "
        f"VALUES ('delete', {row}.id, {row}.search_text); "
        "INSERT INTO firm_search_pair(firm_search_pair, rowid, signs) "
        f"VALUES ('delete', {row}.id, {_pairs(row)}); "
    )


TRIGGERS = (
    ("firm_search_added", "AFTER INSERT ON firm", _add("NEW")),
    ("firm_search_removed", "AFTER DELETE ON firm", _drop("OLD")),
    (
        "firm_search_changed",
        "AFTER UPDATE OF id, search_text ON firm WHEN OLD.search_text <> NEW.search_text OR OLD.id <> NEW.id",
        _drop("OLD") + _add("NEW"),
    ),
)


def _tables() -> None:
    op.create_table(
        "export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("described", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_by_name", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name="fk_export_file_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by"], ["user.id"], name="fk_export_created_by", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_export"),
    )
    op.create_index("ix_export_created_by_id", "export", ["created_by", "id"])
    op.create_index("ix_export_expires_at", "export", ["expires_at"])
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("listing", sa.String(length=80), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner_name", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name="fk_saved_view_owner_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
    )
    op.create_index("ix_saved_view_owner_id_id", "saved_view", ["owner_id", "id"])


def upgrade() -> None:
    _tables()
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    if op.get_bind().dialect.name != "sqlite":
        op.execute(GRAMS)
        op.execute("CREATE INDEX ix_firm_grams ON firm USING gin (firm_grams(search_text))")
        return
    # triples are cut by FTS5 itself; pairs come ready-made, each written as a word of hexadecimal digits
    op.execute("CREATE VIRTUAL TABLE firm_search_triple USING fts5(signs, tokenize='trigram', content='', detail=none)")
    op.execute("CREATE VIRTUAL TABLE firm_search_pair USING fts5(signs, tokenize='ascii', content='', detail=none)")
    op.execute("CREATE TABLE firm_search_place (n INTEGER PRIMARY KEY)")
    op.execute(
        "INSERT INTO firm_search_place WITH RECURSIVE places(n) AS "
        "(SELECT 1 UNION ALL SELECT n + 1 FROM places WHERE n < 8000) SELECT n FROM places"
    )
    op.execute("INSERT INTO firm_search_triple(rowid, signs) SELECT id, search_text FROM firm")
    op.execute(f"INSERT INTO firm_search_pair(rowid, signs) SELECT id, {_pairs('firm')} FROM firm")  # noqa: S608
    for name, moment, body in TRIGGERS:
        op.execute(f"CREATE TRIGGER {name} {moment} BEGIN {body}END")


def downgrade() -> None:
    op.drop_table("saved_view")
    op.drop_table("export")
    if op.get_bind().dialect.name == "sqlite":
        for name, _moment, _body in TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
        for table in ("firm_search_place", "firm_search_pair", "firm_search_triple"):
            op.execute(f"DROP TABLE {table}")
    else:
        op.execute("DROP INDEX ix_firm_grams")
        op.execute("DROP FUNCTION firm_grams(text)")
    for name, table, _columns in reversed(INDEXES):
        op.drop_index(name, table_name=table)
