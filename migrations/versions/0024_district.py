"""Surveys of the district and the ways they found.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the two tables."""
    op.create_table(
        "district_survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("today", sa.Date(), nullable=False),
        sa.Column("waiting", sa.JSON(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_by_name", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["eligibility_run.id"], name="fk_district_survey_run_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["user.id"], name="fk_district_survey_created_by", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_district_survey"),
    )
    op.create_index("ix_district_survey_run_id", "district_survey", ["run_id"])
    op.create_table(
        "district_gain",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("clause", sa.String(40), nullable=False),
        sa.Column("short", sa.String(400), nullable=False),
        sa.Column("found", sa.String(40), nullable=False),
        sa.Column("effort", sa.Integer(), nullable=False),
        sa.Column("ready_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=True),
        sa.Column("in_time", sa.Boolean(), nullable=False),
        sa.Column("is_correction", sa.Boolean(), nullable=False),
        sa.Column("turns_year", sa.Boolean(), nullable=False),
        sa.Column("who", sa.String(40), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("why", sa.String(400), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["district_survey.id"], name="fk_district_gain_survey_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name="fk_district_gain_firm_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name="fk_district_gain_edition_id", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_district_gain"),
    )
    op.create_index("uq_district_gain", "district_gain", ["survey_id", "firm_id", "edition_id"], unique=True)
    op.create_index("ix_district_gain_firm_id", "district_gain", ["firm_id"])


def downgrade() -> None:
    """Drop the two tables."""
    op.drop_table("district_gain")
    op.drop_table("district_survey")
