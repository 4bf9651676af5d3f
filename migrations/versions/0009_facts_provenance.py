"""Whose figure a claim is, the firm's locker of files, and the rule runs that accept claims in bulk.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# what claims of before came from; kept here as it was, whatever the program's table says later
BY_PROFILE = (
    ("annual-firms", "annual-firms"),
    ("torch", "torch"),
    ("torch-annual", "torch"),
    ("hnte-annual", "hnte-annual"),
    ("hitech-annual", "hnte-annual"),
    ("above-scale", "statistics"),
    ("roster", "statistics"),
)
SOURCE_CHANGED = "OLD.source <> NEW.source"
RUN_CHANGED = (
    "OLD.state <> 'pending' AND (OLD.rule_run_id <> NEW.rule_run_id OR "
    "(OLD.rule_run_id IS NULL) <> (NEW.rule_run_id IS NULL))"
)
RULES = (
    ("claim_source_stays", "claim", "UPDATE OF source, rule_run_id", f"{SOURCE_CHANGED} OR {RUN_CHANGED}", "a claim never changes its source"),
    ("document_stays", "document", "UPDATE", "OLD.file_id <> NEW.file_id", "a document never changes its file"),
    (
        "evidence_stays",
        "evidence",
        "UPDATE",
        "OLD.file_id <> NEW.file_id OR OLD.claim_id <> NEW.claim_id",
        "evidence never changes its file",
    ),
)


def upgrade() -> None:
    _tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("claim", sa.Column("source", sa.String(40), server_default="", nullable=False))
    # a plain number like batch_id: SQLite adds a foreign key only by rebuilding the table, which loses its triggers
    op.add_column("claim", sa.Column("rule_run_id", sa.Integer(), nullable=True))
    by_rule = sa.text("rule_run_id IS NOT NULL")  # most claims are looked at by a person
    op.create_index(
        "ix_claim_rule_run_id", "claim", ["rule_run_id"], sqlite_where=by_rule, postgresql_where=by_rule
    )
    _name_the_sources(sqlite)
    _fill_the_lockers()
    _refuse(sqlite)


def _tables() -> None:
    op.create_table(
        "rule_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("upper", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("started_by_name", sa.String(60), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("left", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["started_by"], ["user.id"], name="fk_rule_run_started_by", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_rule_run"),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("by_firm", sa.Boolean(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("added_by_name", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_name", sa.String(60), nullable=False),
        sa.Column("withdrawn_why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name="fk_document_firm_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name="fk_document_file_id", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["added_by"], ["user.id"], name="fk_document_added_by", ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["replaced_by"], ["document.id"], name="fk_document_replaced_by", ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
    )
    op.create_index("ix_document_firm_id", "document", ["firm_id"])
    op.create_index("ix_document_file_id", "document", ["file_id"])


def _name_the_sources(sqlite: bool) -> None:
    profile = "json_extract(reference, '$.profile')" if sqlite else "reference ->> 'profile'"
    retrieved = "json_extract(reference, '$.retrieved')" if sqlite else "reference ->> 'retrieved'"
    known = " ".join(f"WHEN {profile} = '{one}' THEN '{code}'" for one, code in BY_PROFILE)
    op.execute(
        "UPDATE claim SET source = CASE WHEN source_kind <> 'import' THEN source_kind "
        f"WHEN {retrieved} IS NOT NULL THEN 'disclosure' {known} ELSE 'sheet' END"
    )


def _fill_the_lockers() -> None:
    """One document for each file content of a firm, described as it was first attached."""
    with op.batch_alter_table("evidence") as batch:
        batch.add_column(sa.Column("document_id", sa.Integer(), nullable=True))
    first = (
        "SELECT MIN(e.id) FROM evidence e JOIN claim c ON c.id = e.claim_id JOIN stored_file f ON f.id = e.file_id "
        "GROUP BY c.firm_id, f.sha256"
    )
    op.execute(
        "INSERT INTO document (firm_id, file_id, kind, title, by_firm, added_by, added_by_name, created_at, "
        "withdrawn_by_name, withdrawn_why) "
        "SELECT c.firm_id, e.file_id, 'other', e.title, c.source_kind = 'firm', f.created_by, e.attached_by_name, "
        "e.created_at, '', '' FROM evidence e JOIN claim c ON c.id = e.claim_id JOIN stored_file f ON f.id = e.file_id "
        f"WHERE e.id IN ({first}) ORDER BY e.id"
    )
    op.execute(
        "UPDATE evidence SET document_id = (SELECT MIN(d.id) FROM document d JOIN stored_file df ON df.id = d.file_id "
        "WHERE d.firm_id = (SELECT c.firm_id FROM claim c WHERE c.id = evidence.claim_id) "
        "AND df.sha256 = (SELECT f.sha256 FROM stored_file f WHERE f.id = evidence.file_id))"
    )
    with op.batch_alter_table("evidence") as batch:
        batch.alter_column("document_id", existing_type=sa.Integer(), nullable=False)
        batch.create_foreign_key("fk_evidence_document_id", "document", ["document_id"], ["id"], ondelete="RESTRICT")
    op.create_index("ix_evidence_document_id", "evidence", ["document_id"])


def _refuse(sqlite: bool) -> None:
    for name, table, verb, condition, message in RULES:
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {condition} THEN RAISE EXCEPTION '{message}' "
            f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, _verb, _condition, _message in RULES:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_index("ix_evidence_document_id", "evidence")
    with op.batch_alter_table("evidence") as batch:
        batch.drop_constraint("fk_evidence_document_id", type_="foreignkey")
        batch.drop_column("document_id")
    op.drop_index("ix_document_file_id", "document")
    op.drop_index("ix_document_firm_id", "document")
    op.drop_table("document")
    op.drop_index("ix_claim_rule_run_id", "claim")
    op.drop_column("claim", "rule_run_id")
    op.drop_column("claim", "source")
    op.drop_table("rule_run")
