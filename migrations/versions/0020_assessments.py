"""Self-assessments of firms: forms, answers, every saved text, submissions and what was returned.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def _place() -> list[sa.Column[object]]:
    """The columns of a place in a form."""
    return [
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
    ]


def _saved() -> list[sa.Column[object]]:
    """Who saved it, and when."""
    return [
        sa.Column("saved_by", sa.Integer(), nullable=True),
        sa.Column("saved_by_name", sa.String(60), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}", ondelete="RESTRICT")


def upgrade() -> None:
    """Create the tables."""
    _forms()
    _answers()
    _submissions()


def _forms() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=True),
        sa.Column("programme", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("started_by_name", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _refers("assessment", "firm_id", "firm"),
        _refers("assessment", "edition_id", "edition"),
        _refers("assessment", "intake_id", "intake"),
        _refers("assessment", "started_by", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_assessment"),
    )
    op.create_index(
        "uq_assessment_form",
        "assessment",
        ["firm_id", "programme", "kind", "year", sa.text("coalesce(intake_id, 0)")],
        unique=True,
    )
    op.create_index("ix_assessment_edition_id", "assessment", ["edition_id"])
    op.create_index("ix_assessment_state_id", "assessment", ["state", "id"])
    op.create_table(
        "assessment_section",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(40), nullable=False),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("person", sa.String(60), nullable=False),
        _refers("assessment_section", "assessment_id", "assessment"),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_section"),
        sa.UniqueConstraint("assessment_id", "section", name="uq_assessment_section_assessment_id_section"),
    )


def _answers() -> None:
    op.create_table(
        "assessment_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        *_place(),
        sa.Column("part", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        *_saved(),
        _refers("assessment_answer", "assessment_id", "assessment"),
        _refers("assessment_answer", "saved_by", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_answer"),
    )
    op.create_index(
        "uq_assessment_answer_place",
        "assessment_answer",
        ["assessment_id", "key", sa.text("coalesce(year, 0)"), "part"],
        unique=True,
    )
    op.create_index(
        "ix_assessment_answer_assessment_id_revision", "assessment_answer", ["assessment_id", "revision"]
    )
    op.create_table(
        "assessment_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        *_place(),
        sa.Column("part", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        *_saved(),
        _refers("assessment_text", "assessment_id", "assessment"),
        _refers("assessment_text", "saved_by", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_text"),
    )
    op.create_index("ix_assessment_text_assessment_id_key", "assessment_text", ["assessment_id", "key"])


def _submissions() -> None:
    op.create_table(
        "assessment_submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Integer(), nullable=True),
        sa.Column("signed_by_name", sa.String(60), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_by_name", sa.String(60), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        _refers("assessment_submission", "assessment_id", "assessment"),
        _refers("assessment_submission", "edition_id", "edition"),
        _refers("assessment_submission", "signed_by", "user"),
        _refers("assessment_submission", "decided_by", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_submission"),
        sa.UniqueConstraint("assessment_id", "number", name="uq_assessment_submission_assessment_id_number"),
    )
    op.create_index("ix_assessment_submission_state_id", "assessment_submission", ["state", "id"])
    op.create_table(
        "assessment_return",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        *_place(),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("clause", sa.String(60), nullable=False),
        sa.Column("example", sa.Text(), nullable=False),
        _refers("assessment_return", "submission_id", "assessment_submission"),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_return"),
    )
    op.create_index(
        "uq_assessment_return_place",
        "assessment_return",
        ["submission_id", "key", sa.text("coalesce(year, 0)")],
        unique=True,
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in (
        "assessment_return",
        "assessment_submission",
        "assessment_text",
        "assessment_answer",
        "assessment_section",
        "assessment",
    ):
        op.drop_table(table)
