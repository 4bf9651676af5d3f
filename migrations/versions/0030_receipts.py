"""Receipts of self-assessments, and forms that their fillers hand over to be signed.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

MESSAGE = "a receipt never changes"
FROZEN = ("context", "context_digest", "number", "verification_code", "submission_id", "occasion")
CHANGED = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in FROZEN)
REPRINTED = "OLD.state = 'made' AND (NEW.state <> 'made' OR OLD.file_id <> NEW.file_id OR OLD.sha256 <> NEW.sha256)"
RULES = (("UPDATE", f"{CHANGED} OR ({REPRINTED})"), ("DELETE", "OLD.state = 'made'"))


def upgrade() -> None:
    """Create the receipts and what was handed over."""
    op.create_table(
        "assessment_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(40), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("verification_code", sa.String(40), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("context_digest", sa.String(64), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("requested_by", sa.Integer(), nullable=True),
        sa.Column("requested_by_name", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["assessment_submission.id"], name="fk_assessment_receipt_submission_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name="fk_assessment_receipt_file_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["user.id"], name="fk_assessment_receipt_requested_by", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_receipt"),
        sa.UniqueConstraint("submission_id", "occasion", name="uq_assessment_receipt_submission_id_occasion"),
        sa.UniqueConstraint("number", name="uq_assessment_receipt_number"),
        sa.UniqueConstraint("verification_code", name="uq_assessment_receipt_verification_code"),
    )  # fmt: skip
    op.create_index("ix_assessment_receipt_state_id", "assessment_receipt", ["state", "id"])
    for verb, condition in RULES:
        _refuse(verb, condition)
    op.create_table(
        "assessment_handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("handed_by", sa.Integer(), nullable=True),
        sa.Column("handed_by_name", sa.String(60), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name="fk_assessment_handover_assessment_id", ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["handed_by"], ["user.id"], name="fk_assessment_handover_handed_by", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_handover"),
        sa.UniqueConstraint("assessment_id", "round", name="uq_assessment_handover_assessment_id_round"),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("assessment_handover")
    sqlite = op.get_bind().dialect.name == "sqlite"
    for verb, _condition in RULES:
        name = f"assessment_receipt_keeps_{verb.lower()}"
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON assessment_receipt")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("assessment_receipt")


def _refuse(verb: str, condition: str) -> None:
    name = f"assessment_receipt_keeps_{verb.lower()}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {verb} ON assessment_receipt "
            f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )
        return
    result = "OLD" if verb == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {condition} THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; "
        f"END IF; RETURN {result}; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON assessment_receipt FOR EACH ROW EXECUTE FUNCTION {name}()")
