"""Lists judged again, and verdicts that were overtaken and judged anew.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the four tables."""
    _replays()
    _renewals()


def downgrade() -> None:
    """Drop the four tables."""
    for table in ("renewed_verdict", "eligibility_renewal", "replay_difference", "eligibility_replay"):
        op.drop_table(table)


def _started() -> list[sa.Column[object]]:
    return [
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("is_complete", sa.Boolean(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_by_name", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
    ]


def _key(table: str, column: str, of: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{of}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def _replays() -> None:
    op.create_table(
        "eligibility_replay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("list_digest", sa.String(64), nullable=False),
        *_started(),
        _key("eligibility_replay", "list_id", "eligibility_list"),
        _key("eligibility_replay", "created_by", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_replay")),
    )
    op.create_index("ix_eligibility_replay_list_id", "eligibility_replay", ["list_id"])
    op.create_table(
        "replay_difference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("replay_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("verdict_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        _key("replay_difference", "replay_id", "eligibility_replay", "CASCADE"),
        _key("replay_difference", "firm_id", "firm"),
        _key("replay_difference", "verdict_id", "verdict"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replay_difference")),
    )
    op.create_index("ix_replay_difference_firm_id", "replay_difference", ["firm_id"])
    op.create_index("ix_replay_difference_replay_id_id", "replay_difference", ["replay_id", "id"])


def _renewals() -> None:
    op.create_table(
        "eligibility_renewal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("upper", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        *_started(),
        _key("eligibility_renewal", "created_by", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_renewal")),
    )
    op.create_table(
        "renewed_verdict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("renewal_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("old_id", sa.Integer(), nullable=False),
        sa.Column("new_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(40), nullable=False),
        sa.Column("before", sa.String(40), nullable=False),
        sa.Column("after", sa.String(40), nullable=True),
        sa.Column("refused", sa.String(400), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        _key("renewed_verdict", "renewal_id", "eligibility_renewal", "CASCADE"),
        _key("renewed_verdict", "firm_id", "firm"),
        _key("renewed_verdict", "old_id", "verdict"),
        _key("renewed_verdict", "new_id", "verdict"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renewed_verdict")),
    )
    op.create_index("ix_renewed_verdict_firm_id", "renewed_verdict", ["firm_id"])
    op.create_index("ix_renewed_verdict_new_id", "renewed_verdict", ["new_id"])
    op.create_index("ix_renewed_verdict_renewal_id_id", "renewed_verdict", ["renewal_id", "id"])
