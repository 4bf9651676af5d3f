"""firm record: the office's own indicators and their definitions, chains and reclassifications, recognitions, notes.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _indicators()
    _chain_edition()
    _chain()
    _firm_chain()
    _remap()
    _remap_line()
    _recognition()
    _firm_note()
    _firm()
    op.drop_index("ix_audit_event_firm_id", table_name="audit_event")
    op.create_index("ix_audit_event_firm_id_id", "audit_event", ["firm_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_audit_event_firm_id_id", table_name="audit_event")
    op.create_index("ix_audit_event_firm_id", "audit_event", ["firm_id"])
    op.drop_index("ix_firm_industry_code", table_name="firm")
    with op.batch_alter_table("firm") as batch:
        batch.drop_column("industry_code")
    for table in ("firm_note", "recognition", "remap_line", "remap", "firm_chain", "chain", "chain_edition"):
        op.drop_table(table)
    op.drop_table("indicator_definition")
    op.drop_table("custom_indicator")


def _indicators() -> None:
    op.create_table(
        "custom_indicator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("retired_reason", sa.String(length=300), nullable=False),
        sa.Column("created_by_name", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_indicator")),
        sa.UniqueConstraint("key", name=op.f("uq_custom_indicator_key")),
    )
    op.create_table(
        "indicator_definition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("effective_year", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("short", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("group_name", sa.String(length=40), nullable=False),
        sa.Column("hint", sa.String(length=300), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("article", sa.String(length=80), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("formula", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("made_by_name", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["indicator_id"],
            ["custom_indicator.id"],
            name=op.f("fk_indicator_definition_indicator_id"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_definition")),
        sa.UniqueConstraint("indicator_id", "number", name=op.f("uq_indicator_definition_indicator_id_number")),
    )

def _chain_edition() -> None:
    op.create_table('chain_edition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=80), nullable=False),
    sa.Column('effective_from', sa.Date(), nullable=False),
    sa.Column('document', sa.String(length=200), nullable=False),
    sa.Column('url', sa.String(length=300), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('created_by_name', sa.String(length=60), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chain_edition')),
    sa.UniqueConstraint('effective_from', name=op.f('uq_chain_edition_effective_from')),
    sa.UniqueConstraint('title', name=op.f('uq_chain_edition_title'))
    )


def _chain() -> None:
    op.create_table('chain',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('edition_id', sa.Integer(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['edition_id'], ['chain_edition.id'], name=op.f('fk_chain_edition_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chain')),
    sa.UniqueConstraint('edition_id', 'name', name=op.f('uq_chain_edition_id_name'))
    )


def _firm_chain() -> None:
    op.create_table('firm_chain',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('firm_id', sa.Integer(), nullable=False),
    sa.Column('chain_id', sa.Integer(), nullable=False),
    sa.Column('is_primary', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['chain_id'], ['chain.id'], name=op.f('fk_firm_chain_chain_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['firm_id'], ['firm.id'], name=op.f('fk_firm_chain_firm_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_firm_chain')),
    sa.UniqueConstraint('firm_id', 'chain_id', name=op.f('uq_firm_chain_firm_id_chain_id'))
    )
    with op.batch_alter_table('firm_chain', schema=None) as batch_op:
        batch_op.create_index('ix_firm_chain_chain_id', ['chain_id'], unique=False)


def _remap() -> None:
    op.create_table('remap',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('rules', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('firms', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('applied_by_name', sa.String(length=60), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_by_name', sa.String(length=60), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_remap'))
    )


def _remap_line() -> None:
    op.create_table('remap_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('remap_id', sa.Integer(), nullable=False),
    sa.Column('firm_id', sa.Integer(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['firm_id'], ['firm.id'], name=op.f('fk_remap_line_firm_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['remap_id'], ['remap.id'], name=op.f('fk_remap_line_remap_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_remap_line'))
    )
    with op.batch_alter_table('remap_line', schema=None) as batch_op:
        batch_op.create_index('ix_remap_line_remap_id_id', ['remap_id', 'id'], unique=False)


def _recognition() -> None:
    op.create_table('recognition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('firm_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('level', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('number', sa.String(length=60), nullable=False),
    sa.Column('granted_on', sa.Date(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_until', sa.Date(), nullable=True),
    sa.Column('revoked_on', sa.Date(), nullable=True),
    sa.Column('revoked_reason', sa.String(length=300), nullable=False),
    sa.Column('void_reason', sa.String(length=300), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('created_by_name', sa.String(length=60), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_recognition_file_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['firm_id'], ['firm.id'], name=op.f('fk_recognition_firm_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recognition'))
    )
    with op.batch_alter_table('recognition', schema=None) as batch_op:
        batch_op.create_index('ix_recognition_firm_id_kind', ['firm_id', 'kind'], unique=False)
        batch_op.create_index('ix_recognition_kind_valid_until_id', ['kind', 'valid_until', 'id'], unique=False)


def _firm_note() -> None:
    op.create_table('firm_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('firm_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('author_name', sa.String(length=60), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_firm_note_author_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['firm_id'], ['firm.id'], name=op.f('fk_firm_note_firm_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_firm_note'))
    )
    with op.batch_alter_table('firm_note', schema=None) as batch_op:
        batch_op.create_index('ix_firm_note_firm_id_id', ['firm_id', 'id'], unique=False)


def _firm() -> None:
    with op.batch_alter_table('firm', schema=None) as batch_op:
        batch_op.add_column(sa.Column('industry_code', sa.String(length=4), nullable=True))
        batch_op.create_index(batch_op.f('ix_firm_industry_code'), ['industry_code'], unique=False)
