"""A printed dossier never changes: it can only be made void, and stays readable.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MESSAGE = "a printed dossier never changes"
CHANGED = " OR ".join(
    f"OLD.{column} <> NEW.{column}"
    for column in (
        "context", "context_digest", "number", "verification_code", "nomination_id", "firm_id", "file_id", "sha256",
        "pages",
    )
)  # fmt: skip
MOVED = "(OLD.state = 'rendered' AND NEW.state NOT IN ('rendered', 'void')) OR (OLD.state = 'void' AND NEW.state <> 'void')"
RULES = (
    ("UPDATE", f"OLD.state IN ('rendered', 'void') AND ({CHANGED} OR {MOVED})"),
    ("DELETE", "OLD.state IN ('rendered', 'void')"),
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for verb, condition in RULES:
        name = f"dossier_keeps_{verb.lower()}"
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON dossier "
                f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
            continue
        result = "OLD" if verb == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {condition} THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; "
            f"END IF; RETURN {result}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON dossier FOR EACH ROW EXECUTE FUNCTION {name}()")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for verb, _condition in RULES:
        name = f"dossier_keeps_{verb.lower()}"
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON dossier")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
