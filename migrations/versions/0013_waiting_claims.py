"""Claims that wait, and those sent or taken back, have indexes of their own: accepting only takes an entry out.

Most claims end up accepted; an index over every state made each of them two entries written and one removed.

Revision ID: 0013
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

PLACE = ["firm_id", "key", "year", "id", "state"]
PARTS = {
    "ix_claim_pending_place": "state = 'pending'",
    "ix_claim_returned_place": "state = 'rejected' OR state = 'withdrawn'",
}


def upgrade() -> None:
    for name, condition in PARTS.items():
        where = sa.text(condition)
        op.create_index(name, "claim", PLACE, sqlite_where=where, postgresql_where=where)
    op.drop_index("ix_claim_state_place", "claim")


def downgrade() -> None:
    op.create_index("ix_claim_state_place", "claim", ["state", "firm_id", "key", "year", "id"])
    for name in PARTS:
        op.drop_index(name, "claim")
