"""The power to act for a firm is a mandate with an end, no longer a column of the account; invitations and requests.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

USUAL = timedelta(days=365)


def upgrade() -> None:
    _mandates()
    with op.batch_alter_table("sign_in_session") as batch:
        batch.add_column(sa.Column("mandate_id", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_sign_in_session_mandate_id", "mandate", ["mandate_id"], ["id"], ondelete="SET NULL")
    _move_firms()
    with op.batch_alter_table("user") as batch:
        batch.drop_index("ix_user_firm_id")
        batch.drop_column("firm_id")
    _invitations()
    _requests()


def _mandates() -> None:
    op.create_table(
        "mandate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("agency", sa.String(length=120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(length=300), nullable=False),
        sa.Column("granted_by", sa.Integer(), nullable=True),
        sa.Column("granted_by_name", sa.String(length=60), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_name", sa.String(length=60), nullable=False),
        sa.Column("ended_why", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mandate_user_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
    )
    op.create_index("ix_mandate_firm_id_id", "mandate", ["firm_id", "id"])
    op.create_index(op.f("ix_mandate_user_id"), "mandate", ["user_id"])


def _move_firms() -> None:
    """Who acted for a firm goes on doing so for the usual length from today, in the browsers that are signed in too."""
    now = datetime.now(UTC)
    op.execute(
        sa.text(
            "INSERT INTO mandate (user_id, firm_id, role, agency, valid_from, valid_until, basis, granted_by, "
            "granted_by_name, granted_at, ended_by_name, ended_why) "
            "SELECT id, firm_id, role, '', :today, :until, '系统升级前已开通的企业账号', NULL, '系统', :now, '', '' "
            'FROM "user" WHERE firm_id IS NOT NULL ORDER BY id'
        ).bindparams(
            sa.bindparam("today", now.date(), sa.Date()),
            sa.bindparam("until", now.date() + USUAL, sa.Date()),
            sa.bindparam("now", now, sa.DateTime(timezone=True)),
        )
    )
    op.execute(
        "UPDATE sign_in_session SET mandate_id = "
        "(SELECT m.id FROM mandate m WHERE m.user_id = sign_in_session.user_id)"
    )
    with op.batch_alter_table("user") as batch:
        batch.drop_constraint(op.f("ck_user_firm_roles_have_a_firm"), type_="check")
    op.execute("UPDATE \"user\" SET role = 'firm_applicant' WHERE firm_id IS NOT NULL")


def _invitations() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("agency", sa.String(length=120), nullable=False),
        sa.Column("invitee", sa.String(length=60), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_by_name", sa.String(length=60), nullable=False),
        sa.Column("created_by_firm", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mandate_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_invitation_firm_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["mandate.id"], name=op.f("fk_invitation_mandate_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index("ix_invitation_firm_id_id", "invitation", ["firm_id", "id"])


def _requests() -> None:
    op.create_table(
        "mandate_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("firm_name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("agency", sa.String(length=120), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_by_name", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("mandate_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mandate_request_user_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_mandate_request_file_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["mandate.id"], name=op.f("fk_mandate_request_mandate_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate_request")),
    )
    op.create_index("ix_mandate_request_state_id", "mandate_request", ["state", "id"])
    op.create_index(op.f("ix_mandate_request_user_id"), "mandate_request", ["user_id"])


def downgrade() -> None:
    op.drop_table("mandate_request")
    op.drop_table("invitation")
    with op.batch_alter_table("user") as batch:
        batch.add_column(sa.Column("firm_id", sa.Integer(), nullable=True))
        batch.create_index("ix_user_firm_id", ["firm_id"])
    first = "SELECT MIN(m.id) FROM mandate m WHERE m.user_id = \"user\".id AND m.ended_at IS NULL"
    op.execute(
        f'UPDATE "user" SET firm_id = (SELECT firm_id FROM mandate WHERE id = ({first})), '
        f"role = COALESCE((SELECT role FROM mandate WHERE id = ({first})), role) WHERE role = 'firm_applicant'"
    )
    # an account for nobody has no place in the older form; it stays, closed, as an auditor who cannot sign in
    op.execute("UPDATE \"user\" SET role = 'auditor', is_active = false WHERE role = 'firm_applicant'")
    with op.batch_alter_table("user") as batch:
        batch.create_check_constraint(
            "firm_roles_have_a_firm", "(role IN ('firm_filler', 'firm_signatory')) = (firm_id IS NOT NULL)"
        )
    with op.batch_alter_table("sign_in_session") as batch:
        batch.drop_constraint("fk_sign_in_session_mandate_id", type_="foreignkey")
        batch.drop_column("mandate_id")
    op.drop_table("mandate")
