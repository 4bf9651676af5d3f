"""Identity of firms: keys of their names.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.firms import names  # keys are derived: whatever derives them next writes them anew

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
PORTION = 2000


def upgrade() -> None:
    op.create_table(
        "firm_key",
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_firm_key_firm_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("kind", "key", "firm_id", name=op.f("pk_firm_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_firm_key_firm_id", "firm_key", ["firm_id"])
    _fill()


def downgrade() -> None:
    op.drop_table("firm_key")


def _fill() -> None:
    firm = sa.table("firm", sa.column("id"), sa.column("name"), sa.column("short_name"))
    former = sa.table("former_name", sa.column("firm_id"), sa.column("name"))
    key = sa.table("firm_key", sa.column("kind"), sa.column("key"), sa.column("firm_id"))
    bind = op.get_bind()
    last = 0
    while True:
        rows = bind.execute(
            sa.select(firm.c.id, firm.c.name, firm.c.short_name).where(firm.c.id > last).order_by(firm.c.id)
            .limit(PORTION)
        ).all()
        if not rows:
            return
        first, last = rows[0].id, rows[-1].id
        old: dict[int, list[str]] = {}
        for row in bind.execute(sa.select(former.c.firm_id, former.c.name).where(former.c.firm_id.between(first, last))):
            old.setdefault(row.firm_id, []).append(row.name)
        made = [
            {"kind": kind.value, "key": text, "firm_id": row.id}
            for row in rows
            for kind, text in names.keys(row.name, row.short_name, old.get(row.id, ()))
        ]
        if made:
            bind.execute(sa.insert(key), made)
