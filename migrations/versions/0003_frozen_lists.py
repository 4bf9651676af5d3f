"""What is decided never changes: verdicts, sealed editions, complete eligibility lists, frozen nomination lists.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# (table, verb, condition under which the change is refused, message); OLD is not there on INSERT, NEW not on DELETE
FROZEN = "(SELECT state FROM nomination_list WHERE id = {row}.list_id) = 'frozen'"
RULES = (
    ("verdict", "UPDATE", "1 = 1", "a verdict never changes"),
    ("verdict", "DELETE", "1 = 1", "a verdict never changes"),
    ("edition", "DELETE", "1 = 1", "a sealed edition never changes"),
    (
        "edition",
        "UPDATE",
        "OLD.content <> NEW.content OR OLD.digest <> NEW.digest OR OLD.code <> NEW.code",
        "a sealed edition never changes",
    ),
    ("eligibility_list", "UPDATE", "OLD.is_complete", "a complete eligibility list never changes"),
    ("eligibility_list", "DELETE", "OLD.is_complete", "a complete eligibility list never changes"),
    ("nomination_list", "UPDATE", "OLD.state = 'frozen'", "a frozen nomination list never changes"),
    ("nomination_list", "DELETE", "OLD.state = 'frozen'", "a frozen nomination list never changes"),
    ("nomination", "INSERT", FROZEN.format(row="NEW"), "a frozen nomination list never changes"),
    (
        "nomination",
        "UPDATE",
        f"{FROZEN.format(row='OLD')} OR {FROZEN.format(row='NEW')}",
        "a frozen nomination list never changes",
    ),
    ("nomination", "DELETE", FROZEN.format(row="OLD"), "a frozen nomination list never changes"),
)


def _name(table: str, verb: str) -> str:
    return f"{table}_keeps_{verb.lower()}"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, verb, condition, message in RULES:
            op.execute(
                f"CREATE TRIGGER {_name(table, verb)} BEFORE {verb} ON {table} "
                f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    for table, verb, condition, message in RULES:
        result = "OLD" if verb == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION {_name(table, verb)}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; "
            f"END IF; RETURN {result}; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {_name(table, verb)} BEFORE {verb} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {_name(table, verb)}()"
        )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, verb, _condition, _message in RULES:
        if sqlite:
            op.execute(f"DROP TRIGGER {_name(table, verb)}")
        else:
            op.execute(f"DROP TRIGGER {_name(table, verb)} ON {table}")
            op.execute(f"DROP FUNCTION {_name(table, verb)}()")
