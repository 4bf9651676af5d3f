"""Evidence beside the answers of a self-assessment, files that come in pieces.

Revision ID: 0029
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the documents of answers and the transfers."""
    op.create_table(
        "assessment_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("submitted", sa.Boolean(), nullable=False),
        sa.Column("attached_by", sa.Integer(), nullable=True),
        sa.Column("attached_by_name", sa.String(60), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detached_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name="fk_assessment_document_assessment_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name="fk_assessment_document_document_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["attached_by"], ["user.id"], name="fk_assessment_document_attached_by", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_document"),
    )
    op.create_index("ix_assessment_document_document_id", "assessment_document", ["document_id"])
    op.create_index(
        "uq_assessment_document_place", "assessment_document",
        ["assessment_id", "key", sa.text("coalesce(year, 0)"), "document_id"], unique=True,
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name="fk_transfer_firm_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_transfer_document_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["created_by"], ["user.id"], name="fk_transfer_created_by", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_transfer"),
    )
    op.create_index("ix_transfer_firm_id", "transfer", ["firm_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("transfer")
    op.drop_table("assessment_document")
