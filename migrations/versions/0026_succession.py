"""What open lists do when an edition takes the place of another.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, and the choices of a revision: drafts follow the new edition, what is handed over the old."""
    op.create_table(
        "succession",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("old_id", sa.Integer(), nullable=False),
        sa.Column("new_id", sa.Integer(), nullable=False),
        sa.Column("drafts", sa.String(40), nullable=False),
        sa.Column("submitted", sa.String(40), nullable=False),
        sa.Column("made_by_name", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["old_id"], ["edition.id"], name="fk_succession_old_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["new_id"], ["edition.id"], name="fk_succession_new_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_succession"),
        sa.UniqueConstraint("new_id", name="uq_succession_new_id"),
    )
    op.create_index("ix_succession_old_id", "succession", ["old_id"])
    for column, usual in (("drafts", "new"), ("submitted", "old")):
        op.add_column("revision", sa.Column(column, sa.String(40), nullable=False, server_default=usual))
    with op.batch_alter_table("revision") as table:
        for column in ("drafts", "submitted"):
            table.alter_column(column, server_default=None)


def downgrade() -> None:
    """Drop the choices and the table."""
    with op.batch_alter_table("revision") as table:
        table.drop_column("submitted")
        table.drop_column("drafts")
    op.drop_table("succession")
