"""Workbooks of forms are read by jobs and by consent; what the scanner cannot say is settled by a person.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

OLD = sa.text("scan IN ('waiting', 'infected')")
NEW = sa.text("scan NOT IN ('none', 'clean')")


@contextmanager
def _rebuilt() -> Iterator[None]:
    """SQLite rebuilds a table and looks at those it refers to; what it cannot read of them stays as it is."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Skipped unsupported reflection")
        yield


def upgrade() -> None:
    """Let an upload wait for its job, name the consent of staff, keep who settled a file and when it was removed."""
    with _rebuilt(), op.batch_alter_table("assessment_workbook") as table:
        table.add_column(sa.Column("consent_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            "fk_assessment_workbook_consent_id", "assessment_consent", ["consent_id"], ["id"], ondelete="RESTRICT"
        )
    with _rebuilt(), op.batch_alter_table("assessment_upload") as table:
        table.alter_column("workbook_id", existing_type=sa.Integer(), nullable=True)
        table.add_column(sa.Column("refusal", sa.JSON(), nullable=True))
        table.add_column(sa.Column("job_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("consent_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            "fk_assessment_upload_consent_id", "assessment_consent", ["consent_id"], ["id"], ondelete="RESTRICT"
        )
    op.drop_index("ix_stored_file_scan", "stored_file")
    op.add_column("stored_file", sa.Column("settled_by_name", sa.String(60), nullable=False, server_default=""))
    op.add_column("stored_file", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("stored_file") as table:
        table.alter_column("settled_by_name", server_default=None)
    op.create_index("ix_stored_file_scan", "stored_file", ["scan", "id"], sqlite_where=NEW, postgresql_where=NEW)


def downgrade() -> None:
    """Take it back; what was not read to its end goes, and what waits for a person waits for the scanner again."""
    op.drop_index("ix_stored_file_scan", "stored_file")
    op.execute("UPDATE stored_file SET scan = 'waiting' WHERE scan IN ('oversize', 'unasked')")
    op.execute("UPDATE stored_file SET scan = 'infected' WHERE scan = 'rejected'")
    op.execute("UPDATE stored_file SET scan = 'none' WHERE scan = 'released'")
    with op.batch_alter_table("stored_file") as table:
        table.drop_column("removed_at")
        table.drop_column("settled_by_name")
    op.create_index("ix_stored_file_scan", "stored_file", ["scan", "id"], sqlite_where=OLD, postgresql_where=OLD)
    op.execute("DELETE FROM assessment_upload WHERE workbook_id IS NULL")
    with _rebuilt(), op.batch_alter_table("assessment_upload") as table:
        table.drop_constraint("fk_assessment_upload_consent_id", type_="foreignkey")
        table.drop_column("consent_id")
        table.drop_column("job_id")
        table.drop_column("refusal")
        table.alter_column("workbook_id", existing_type=sa.Integer(), nullable=False)
    with _rebuilt(), op.batch_alter_table("assessment_workbook") as table:
        table.drop_constraint("fk_assessment_workbook_consent_id", type_="foreignkey")
        table.drop_column("consent_id")
