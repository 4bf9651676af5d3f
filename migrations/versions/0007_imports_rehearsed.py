"""Imports rehearsed: cells that persons mended, decisions on rows, reasons, submitting and confirming, supplements.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BATCH = ("attempt", "parent_id", "submitted_by", "submitted_by_name", "submitted_at", "submit_note",
         "returned_by_name", "returned_at", "return_reason")  # fmt: skip
ROW = ("edited", "decision", "decided_firm_id", "decided_by_name", "decided_why", "asks", "reasons", "fills",
       "version")  # fmt: skip


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False, server_default="")


def upgrade() -> None:
    with op.batch_alter_table("import_batch") as batch:
        batch.add_column(sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("parent_id", sa.Integer()))
        batch.add_column(sa.Column("submitted_by", sa.Integer()))
        batch.add_column(_text("submitted_by_name", 60))
        batch.add_column(sa.Column("submitted_at", sa.DateTime(timezone=True)))
        batch.add_column(_text("submit_note", 300))
        batch.add_column(_text("returned_by_name", 60))
        batch.add_column(sa.Column("returned_at", sa.DateTime(timezone=True)))
        batch.add_column(_text("return_reason", 300))
        batch.create_foreign_key(
            op.f("fk_import_batch_parent_id"), "import_batch", ["parent_id"], ["id"], ondelete="RESTRICT"
        )
        batch.create_foreign_key(
            op.f("fk_import_batch_submitted_by"), "user", ["submitted_by"], ["id"], ondelete="RESTRICT"
        )
        batch.create_index(op.f("ix_import_batch_parent_id"), ["parent_id"])
    with op.batch_alter_table("import_row") as row:
        row.add_column(sa.Column("edited", sa.JSON(), nullable=False, server_default="{}"))
        row.add_column(sa.Column("decision", sa.String(length=40)))
        row.add_column(sa.Column("decided_firm_id", sa.Integer()))
        row.add_column(_text("decided_by_name", 60))
        row.add_column(_text("decided_why", 300))
        row.add_column(sa.Column("asks", sa.Text(), nullable=False, server_default=""))
        row.add_column(sa.Column("reasons", sa.JSON(), nullable=False, server_default="{}"))
        row.add_column(sa.Column("fills", sa.JSON(), nullable=False, server_default="{}"))
        row.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        row.create_foreign_key(
            op.f("fk_import_row_decided_firm_id"), "firm", ["decided_firm_id"], ["id"], ondelete="SET NULL"
        )
        row.create_index(op.f("ix_import_row_decided_firm_id"), ["decided_firm_id"])
    for table in ("import_batch", "import_row"):
        with op.batch_alter_table(table) as altered:
            for name in (BATCH if table == "import_batch" else ROW):
                altered.alter_column(name, server_default=None)
    _new_tables()


def _new_tables() -> None:
    op.create_table(
        "cell_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(length=3), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("edited_by", sa.Integer(), nullable=True),
        sa.Column("edited_by_name", sa.String(length=60), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_cell_edit_batch_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["row_id"], ["import_row.id"], name=op.f("fk_cell_edit_row_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["edited_by"], ["user.id"], name=op.f("fk_cell_edit_edited_by"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_edit")),
    )
    op.create_table(
        "row_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("fk_row_mark_batch_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["row_id"], ["import_row.id"], name=op.f("fk_row_mark_row_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_row_mark")),
    )
    op.create_index(op.f("ix_cell_edit_batch_id"), "cell_edit", ["batch_id"])
    op.create_index(op.f("ix_cell_edit_row_id"), "cell_edit", ["row_id"])
    op.create_index("ix_row_mark_batch_id_mark", "row_mark", ["batch_id", "mark"])
    op.create_index(op.f("ix_row_mark_row_id"), "row_mark", ["row_id"])


def downgrade() -> None:
    op.drop_table("row_mark")
    op.drop_table("cell_edit")
    with op.batch_alter_table("import_row") as row:
        row.drop_index(op.f("ix_import_row_decided_firm_id"))
        row.drop_constraint(op.f("fk_import_row_decided_firm_id"), type_="foreignkey")
        for name in ROW:
            row.drop_column(name)
    with op.batch_alter_table("import_batch") as batch:
        batch.drop_index(op.f("ix_import_batch_parent_id"))
        batch.drop_constraint(op.f("fk_import_batch_submitted_by"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_import_batch_parent_id"), type_="foreignkey")
        for name in BATCH:
            batch.drop_column(name)
