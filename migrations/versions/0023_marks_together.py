"""Marks of the rows of an import: kept together, some thousand rows in one, no longer a row and two indexes a mark.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import groupby, islice

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

AT_ONCE = 2_000


def upgrade() -> None:
    """Turn what is kept of every batch."""
    op.create_table(
        "batch_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("pairs", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name="fk_batch_marks_batch_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_batch_marks"),
    )
    op.create_index("ix_batch_marks_batch_id", "batch_marks", ["batch_id"])
    connection = op.get_bind()
    kept = sa.table("batch_marks", sa.column("batch_id"), sa.column("pairs"))
    batches = connection.execute(sa.text("SELECT DISTINCT batch_id FROM row_mark ORDER BY batch_id")).scalars().all()
    for batch_id in batches:
        found = connection.execute(
            sa.text("SELECT row_id, mark FROM row_mark WHERE batch_id = :batch ORDER BY row_id"), {"batch": batch_id}
        ).all()
        for pairs in _parts(found):
            connection.execute(kept.insert(), {"batch_id": batch_id, "pairs": pairs})
    op.drop_table("row_mark")


def _parts(found: Iterable[tuple[int, str]]) -> Iterator[bytes]:
    """Yield pairs of row and mark as ``app.imports.plans.marks`` keeps them."""
    rows = (list(marks) for _row, marks in groupby(found, key=lambda pair: pair[0]))
    while part := list(islice(rows, AT_ONCE)):
        numbers = [number for marks in part for row_id, mark in marks for number in (row_id, _number(mark))]
        yield struct.pack(f"<{len(numbers)}q", *numbers)


def _number(mark: str) -> int:
    return int.from_bytes(blake2b(mark.encode(), digest_size=8).digest(), "little", signed=True)


def downgrade() -> None:
    """Make the old table again, empty: a batch that waits gets its marks by being rehearsed again."""
    op.create_table(
        "row_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name="fk_row_mark_batch_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["row_id"], ["import_row.id"], name="fk_row_mark_row_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_row_mark"),
    )
    op.create_index("ix_row_mark_batch_id_mark", "row_mark", ["batch_id", "mark"])
    op.create_index("ix_row_mark_row_id", "row_mark", ["row_id"])
    op.drop_table("batch_marks")
