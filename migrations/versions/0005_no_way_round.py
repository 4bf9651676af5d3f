"""Ways round the rules of 0002-0004: emptying a table at once, replacing a row, an empty value in a printed dossier,
a verdict slipped into a complete list; and claims and facts, which only ever move on.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEPT = ("verdict", "edition", "eligibility_list", "nomination_list", "nomination", "dossier", "claim", "fact")


def _differ(*columns: str) -> str:
    """Tell whether a column changed, also to or from NULL; written alike on both databases."""
    return " OR ".join(
        f"OLD.{one} <> NEW.{one} OR (OLD.{one} IS NULL) <> (NEW.{one} IS NULL)" for one in columns
    )


# JSON has no comparison on PostgreSQL; as text it has, and on SQLite it is text
def _text(*columns: str) -> str:
    return " OR ".join(
        f"CAST(OLD.{one} AS TEXT) <> CAST(NEW.{one} AS TEXT) OR (OLD.{one} IS NULL) <> (NEW.{one} IS NULL)"
        for one in columns
    )


CLAIMED = _differ("id", "firm_id", "key", "year", "number", "raw", "source_kind", "source_label", "batch_id",
                  "stated_by", "stated_by_name", "stated_at") + " OR " + _text("value", "reference")  # fmt: skip
DECIDED = _differ("state", "reviewed_by", "reviewed_by_name", "reviewed_at", "review_note")
HELD = _differ("id", "firm_id", "key", "year", "number", "claim_id", "accepted_by", "accepted_by_name",
               "accepted_at", "reason") + " OR " + _text("value")  # fmt: skip
PRINTED = _differ("file_id", "pages", "id", "rendered_at")
COMPLETE = "(SELECT is_complete FROM eligibility_list WHERE id = NEW.list_id)"

# (name, table, verb, condition under which the change is refused, message)
RULES = (
    ("verdict_joins", "verdict", "INSERT", COMPLETE, "a complete eligibility list never changes"),
    ("claim_stays", "claim", "UPDATE", CLAIMED, "a claim never changes after it was stated"),
    ("claim_decided", "claim", "UPDATE", f"OLD.state <> 'pending' AND ({DECIDED})", "a decided claim never changes"),
    ("claim_goes", "claim", "DELETE", "OLD.state <> 'withdrawn'", "only a withdrawn claim can be removed"),
    ("fact_stays", "fact", "UPDATE", HELD, "a fact never changes, it is superseded"),
    (
        "fact_superseded",
        "fact",
        "UPDATE",
        "OLD.superseded_at IS NOT NULL AND (" + _differ("superseded_at") + ")",
        "a superseded fact stays so",
    ),
    ("fact_goes", "fact", "DELETE", "1 = 1", "a fact is never removed"),
    (
        "dossier_printed",
        "dossier",
        "UPDATE",
        f"OLD.state IN ('rendered', 'void') AND ({PRINTED})",
        "a printed dossier never changes",
    ),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, table, verb, condition, message in RULES:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        for table in (*KEPT, "audit_event"):  # INSERT OR REPLACE deletes a row without asking the triggers of DELETE
            op.execute(
                f"CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) "
                f"BEGIN SELECT RAISE(ABORT, 'a row of {table} is never replaced'); END"
            )
        return
    for name, table, verb, condition, message in RULES:
        result = "OLD" if verb == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {condition} THEN RAISE EXCEPTION '{message}' "
            f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {result}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, _verb, _condition, _message in RULES:
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    if sqlite:
        for table in (*KEPT, "audit_event"):
            op.execute(f"DROP TRIGGER {table}_not_replaced")
        return
    for table in KEPT:
        op.execute(f"DROP TRIGGER {table}_not_emptied ON {table}")
