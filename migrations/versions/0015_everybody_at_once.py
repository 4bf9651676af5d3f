"""Everybody at once: current facts in columns, what changed since, and the results of judging all firms.

The database itself notes what changed: see app/facts/snapshot/service.py. A later migration that rebuilds the table
``fact`` on SQLite (batch mode) must create the trigger ``fact_marked`` again; a test looks for it.

Revision ID: 0015
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

MARK = "INSERT INTO fact_mark (first_id, last_id, was_of)"
STATEMENTS = (
    f"""CREATE FUNCTION fact_marked_new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        {MARK} SELECT min(id), max(id), NULL FROM fresh HAVING count(*) > 0; RETURN NULL; END $$""",
    f"""CREATE FUNCTION fact_marked_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        {MARK} SELECT was.id, was.id, was.firm_id FROM was JOIN now ON now.id = was.id
        WHERE was.firm_id <> now.firm_id OR (was.superseded_at IS NULL) <> (now.superseded_at IS NULL);
        RETURN NULL; END $$""",
    """CREATE TRIGGER fact_marked_new AFTER INSERT ON fact REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION fact_marked_new()""",
    """CREATE TRIGGER fact_marked_changed AFTER UPDATE ON fact REFERENCING OLD TABLE AS was NEW TABLE AS now
        FOR EACH STATEMENT EXECUTE FUNCTION fact_marked_changed()""",
)


def upgrade() -> None:
    _snapshot()
    _runs()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER fact_marked AFTER UPDATE OF superseded_at, firm_id ON fact "
            f"BEGIN {MARK} VALUES (OLD.id, OLD.id, OLD.firm_id); END"
        )
        return
    for statement in STATEMENTS:
        op.execute(statement)
    for table in ("fact_block", "eligibility_run_block"):  # packed already: compressing costs time and gains nothing
        op.execute(f"ALTER TABLE {table} ALTER COLUMN data SET STORAGE EXTERNAL")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER fact_marked")
    else:
        for name in ("fact_marked_new", "fact_marked_changed"):
            op.execute(f"DROP TRIGGER {name} ON fact")
            op.execute(f"DROP FUNCTION {name}()")
    for table in ("eligibility_run_block", "eligibility_run", "fact_mark", "fact_snapshot", "fact_block"):
        op.drop_table(table)


def _snapshot() -> None:
    op.create_table(
        "fact_block",
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("width", sa.String(length=2), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("block", "key", "year", name=op.f("pk_fact_block")),
    )
    op.create_table(
        "fact_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=True),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("catalogue", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_snapshot")),
    )
    op.create_table(
        "fact_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.Column("was_of", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_mark")),
    )


def _runs() -> None:
    op.create_table(
        "eligibility_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("editions", sa.JSON(), nullable=False),
        sa.Column("snapshot", sa.Integer(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocks", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("firms", sa.Integer(), nullable=False),
        sa.Column("exact", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_by_name", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user.id"], name=op.f("fk_eligibility_run_created_by"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_run")),
    )
    op.create_table(
        "eligibility_run_block",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("clauses", sa.Integer(), nullable=False),
        sa.Column("width", sa.String(length=2), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["eligibility_run.id"], name=op.f("fk_eligibility_run_block_run_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_eligibility_run_block_edition_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("run_id", "edition_id", "block", name=op.f("pk_eligibility_run_block")),
    )
