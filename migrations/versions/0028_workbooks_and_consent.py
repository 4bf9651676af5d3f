"""Self-assessments as workbooks, and the consent by which staff write for a firm.

Revision ID: 0028
Revises: 0026
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

WRITTEN = ("assessment_answer", "assessment_text")
PLACE = "uq_assessment_answer_place"


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}", ondelete="RESTRICT")


def upgrade() -> None:
    """Create the tables, and say of every answer by which consent it was written."""
    _consents()
    _workbooks()
    with _answers_rebuilt():
        for table in WRITTEN:
            with op.batch_alter_table(table) as changed:
                changed.add_column(sa.Column("consent_id", sa.Integer(), nullable=True))
                changed.create_foreign_key(
                    f"fk_{table}_consent_id", "assessment_consent", ["consent_id"], ["id"], ondelete="RESTRICT"
                )


@contextmanager
def _answers_rebuilt() -> Iterator[None]:
    """Make the index on an expression anew afterwards: SQLite copies the table and would leave it behind.

    It says so of the table of forms too, which is only looked at.
    """
    op.drop_index(PLACE, "assessment_answer")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Skipped unsupported reflection")
        yield
    columns = ["assessment_id", "key", sa.text("coalesce(year, 0)"), "part"]
    op.create_index(PLACE, "assessment_answer", columns, unique=True)


def _consents() -> None:
    op.create_table(
        "assessment_consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("person", sa.String(60), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_by_name", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_name", sa.String(60), nullable=False),
        sa.Column("end_reason", sa.Text(), nullable=False),
        _refers("assessment_consent", "assessment_id", "assessment"),
        _refers("assessment_consent", "file_id", "stored_file"),
        _refers("assessment_consent", "recorded_by", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_consent"),
    )
    op.create_index("ix_assessment_consent_assessment_id", "assessment_consent", ["assessment_id"])


def _workbooks() -> None:
    op.create_table(
        "assessment_workbook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_by_name", sa.String(60), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        _refers("assessment_workbook", "assessment_id", "assessment"),
        _refers("assessment_workbook", "made_by", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_workbook"),
        sa.UniqueConstraint("code", name="uq_assessment_workbook_code"),
    )
    op.create_index("ix_assessment_workbook_assessment_id", "assessment_workbook", ["assessment_id"])
    op.create_table(
        "assessment_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("workbook_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("strays", sa.JSON(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("brought_by", sa.Integer(), nullable=True),
        sa.Column("brought_by_name", sa.String(60), nullable=False),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_name", sa.String(60), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        _refers("assessment_upload", "assessment_id", "assessment"),
        _refers("assessment_upload", "workbook_id", "assessment_workbook"),
        _refers("assessment_upload", "file_id", "stored_file"),
        _refers("assessment_upload", "brought_by", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_upload"),
    )
    op.create_index("ix_assessment_upload_assessment_id_state", "assessment_upload", ["assessment_id", "state"])


def downgrade() -> None:
    """Drop the columns and the tables."""
    with _answers_rebuilt():
        for table in WRITTEN:
            with op.batch_alter_table(table) as changed:
                changed.drop_constraint(f"fk_{table}_consent_id", type_="foreignkey")
                changed.drop_column("consent_id")
    for table in ("assessment_upload", "assessment_workbook", "assessment_consent"):
        op.drop_table(table)
