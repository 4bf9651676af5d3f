"""Verdicts that firms were told, and what was taken back; which reminders went out.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

KEPT = ("publication", "publication_withdrawal")


def upgrade() -> None:
    """Create the tables, which only ever grow, and tell of every reminder when it went out."""
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("verdict_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("published_by", sa.Integer(), nullable=True),
        sa.Column("published_by_name", sa.String(60), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["verdict_id"], ["verdict.id"], name="fk_publication_verdict_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["published_by"], ["user.id"], name="fk_publication_published_by", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_publication"),
    )
    op.create_index("ix_publication_verdict_id", "publication", ["verdict_id"])
    op.create_table(
        "publication_withdrawal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_by_name", sa.String(60), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publication.id"], name="fk_publication_withdrawal_publication_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["user.id"], name="fk_publication_withdrawal_withdrawn_by", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_publication_withdrawal"),
        sa.UniqueConstraint("publication_id", name="uq_publication_withdrawal_publication_id"),
    )
    for table in KEPT:
        _keep(table)
    op.add_column("reminder", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE reminder SET sent_at = (SELECT sent_at FROM reminder_digest WHERE reminder_digest.id = digest_id "
        "AND state = 'sent')"
    )


def _keep(table: str) -> None:
    """Refuse every change and removal of rows, by whichever way."""
    message = f"{table} never changes, it only grows"
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_keeps_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        op.execute(
            f"CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
            f"BEGIN SELECT RAISE(ABORT, 'a row of {table} is never replaced'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {table}_keeps() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_keeps()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_keeps()"
    )


def downgrade() -> None:
    """Drop them; the triggers go with the tables."""
    with op.batch_alter_table("reminder") as table:
        table.drop_column("sent_at")
    op.drop_table("publication_withdrawal")
    op.drop_table("publication")
    if op.get_bind().dialect.name != "sqlite":
        for table in KEPT:
            op.execute(f"DROP FUNCTION {table}_keeps()")
