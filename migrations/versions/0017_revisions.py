"""Revisions of editions and every text that was saved of them.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the two tables."""
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("impact", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("impact_digest", sa.String(64), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_by_name", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by_name", sa.String(60), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_name", sa.String(60), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["base_id"], ["edition.id"], name="fk_revision_base_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_revision_edition_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["created_by"], ["user.id"], name="fk_revision_created_by", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_revision"),
    )
    op.create_index("ix_revision_code", "revision", ["code"])
    op.create_index("ix_revision_state_id", "revision", ["state", "id"])
    op.create_table(
        "revision_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("cases", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("what", sa.String(120), nullable=False),
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.Column("saved_by_name", sa.String(60), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name="fk_revision_text_revision_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["saved_by"], ["user.id"], name="fk_revision_text_saved_by", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_revision_text"),
    )
    op.create_index("ix_revision_text_revision_id", "revision_text", ["revision_id"])


def downgrade() -> None:
    """Drop the two tables."""
    op.drop_table("revision_text")
    op.drop_table("revision")
