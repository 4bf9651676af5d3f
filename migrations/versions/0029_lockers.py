"""Evidence beside the answers of a self-assessment, files that come in pieces, what a scanner said.

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
    """Create the documents of answers, the transfers, and what is known of a file from the scanner."""
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
    op.add_column("stored_file", sa.Column("scan", sa.String(40), nullable=False, server_default="none"))
    op.add_column("stored_file", sa.Column("scan_note", sa.String(200), nullable=False, server_default=""))
    op.add_column("stored_file", sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("stored_file") as table:
        for column in ("scan", "scan_note"):
            table.alter_column(column, server_default=None)
    watched = sa.text("scan IN ('waiting', 'infected')")
    op.create_index(
        "ix_stored_file_scan", "stored_file", ["scan", "id"], sqlite_where=watched, postgresql_where=watched
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_stored_file_scan", "stored_file")
    with op.batch_alter_table("stored_file") as table:
        for column in ("scanned_at", "scan_note", "scan"):
            table.drop_column(column)
    op.drop_table("transfer")
    op.drop_table("assessment_document")
