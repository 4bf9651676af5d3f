"""People who sign in, their sessions, and failed attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.access.actor import Actor, Reach
from app.access.roles import FIRM_ROLES, Role
from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base


class User(Base):
    """A person with one post.

    ``firm_id`` is set for firm roles only and is a plain number, since accounts stand below the firms.
    ``towns`` are subdistrict codes; they count when ``reach`` is ``towns``. ``version`` guards double edits.
    """

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint(
            "(role IN ('firm_filler', 'firm_signatory')) = (firm_id IS NOT NULL)",
            name="firm_roles_have_a_firm",
        ),
    )

    id: Mapped[Key]
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    role: Mapped[Role] = mapped_column(ChoiceText(Role))
    reach: Mapped[Reach] = mapped_column(ChoiceText(Reach), default=Reach.DISTRICT)
    towns: Mapped[list[str]] = mapped_column(JSON, default=list)
    firm_id: Mapped[int | None] = mapped_column(index=True, info={"merge": "move"})
    phone: Mapped[str] = mapped_column(String(40), default="")
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_firm(self) -> bool:
        return self.role in FIRM_ROLES

    def as_actor(self) -> Actor:
        """Return the plain value that policies and queries take."""
        return Actor(
            id=self.id,
            login=self.login,
            name=self.name,
            role=self.role,
            reach=self.reach,
            towns=tuple(self.towns),
            firm_id=self.firm_id,
        )


class SignInSession(Base):
    """A signed-in browser; only the hash of its token is kept, and ending the row ends the session at once."""

    __tablename__ = "sign_in_session"

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[CreatedAt]
    seen_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(60), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")


class SignInFailure(Base):
    """One failed attempt, for throttling by login and by address."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        Index("ix_sign_in_failure_login_at", "login", "at"),
        Index("ix_sign_in_failure_address_at", "address", "at"),
    )

    id: Mapped[Key]
    login: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(60))
    at: Mapped[CreatedAt]
