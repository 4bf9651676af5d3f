"""Reminders, their digests, and an address to send them to.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("user") as batch:
        batch.add_column(sa.Column("email", sa.String(length=200), nullable=False, server_default=""))
    with op.batch_alter_table("user") as batch:
        batch.alter_column("email", existing_type=sa.String(length=200), existing_nullable=False, server_default=None)
    op.create_table(
        "reminder_digest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=300), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_reminder_digest_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_digest")),
        sa.UniqueConstraint("user_id", "made_on", name=op.f("uq_reminder_digest_user_id_made_on")),
    )
    op.create_index("ix_reminder_digest_state_id", "reminder_digest", ["state", "id"])
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["reminder_digest.id"], name=op.f("fk_reminder_digest_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_reminder_firm_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_reminder_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("kind", "subject_id", "step", "user_id", name=op.f("uq_reminder_kind_subject_id_step_user_id")),
    )
    op.create_index(op.f("ix_reminder_digest_id"), "reminder", ["digest_id"])
    op.create_index("ix_reminder_firm_id_id", "reminder", ["firm_id", "id"])


def downgrade() -> None:
    op.drop_table("reminder")
    op.drop_table("reminder_digest")
    with op.batch_alter_table("user") as batch:
        batch.drop_column("email")
