"""People who sign in, their sessions, and failed attempts."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ColumnElement, Date, ForeignKey, Index, String, and_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actor import Actor, Reach
from app.access.roles import FIRM_ROLES, Role
from app.core import clock
from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base


class User(Base):
    """A person: staff with one post, or somebody who acts for firms by mandates (``Role.FIRM_APPLICANT``).

    ``towns`` are subdistrict codes; they count when ``reach`` is ``towns``. ``version`` guards double edits.
    """

    __tablename__ = "user"

    id: Mapped[Key]
    login: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    role: Mapped[Role] = mapped_column(ChoiceText(Role))
    reach: Mapped[Reach] = mapped_column(ChoiceText(Reach), default=Reach.DISTRICT)
    towns: Mapped[list[str]] = mapped_column(JSON, default=list)
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(200), default="")
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(default=1)

    mandates: Mapped[list[Mandate]] = relationship(back_populates="user", order_by="Mandate.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_firm(self) -> bool:
        return self.role in FIRM_ROLES

    def as_actor(self, mandate: Mandate | None = None) -> Actor:
        """Return the plain value that policies and queries take.

        Who acts for firms does so by ``mandate``, or by the first one that is live, or for nobody.
        """
        if self.is_firm and mandate is None:
            mandate = next((one for one in self.mandates if one.is_live(clock.today())), None)
        return Actor(
            id=self.id,
            login=self.login,
            name=acting_name(self.name, mandate.agency if mandate else ""),
            role=mandate.role if mandate else self.role,
            reach=self.reach,
            towns=tuple(self.towns),
            firm_id=mandate.firm_id if mandate else None,
        )


def acting_name(name: str, agency: str) -> str:
    """Return the name under which a person acts: who comes from an intermediary is told apart everywhere."""
    return f"{name}（{agency}代办）" if agency else name


class Mandate(Base):
    """The power of a person to act for a firm, as filler or as signatory, until a day.

    ``firm_id`` is a plain number, since accounts stand below the firms. ``agency`` names the intermediary that the
    person works for, empty for the firm's own people. ``basis`` says what the power rests on (invitation, letter).
    Both days count; a mandate that ended early keeps who ended it and why.
    """

    __tablename__ = "mandate"
    __table_args__ = (Index("ix_mandate_firm_id_id", "firm_id", "id"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
    firm_id: Mapped[int] = mapped_column(info={"merge": "move"})
    role: Mapped[Role] = mapped_column(ChoiceText(Role))
    agency: Mapped[str] = mapped_column(String(120), default="")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    basis: Mapped[str] = mapped_column(String(300), default="")
    granted_by: Mapped[int | None]
    granted_by_name: Mapped[str] = mapped_column(String(60), default="")
    granted_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_name: Mapped[str] = mapped_column(String(60), default="")
    ended_why: Mapped[str] = mapped_column(String(300), default="")

    user: Mapped[User] = relationship(back_populates="mandates")

    def is_live(self, day: date) -> bool:
        """True when the mandate counts on ``day``."""
        return self.ended_at is None and self.valid_from <= day <= self.valid_until


def live(day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Return the condition on ``Mandate`` that it counts on ``day``."""
    return and_(Mandate.ended_at.is_(None), Mandate.valid_from <= day, Mandate.valid_until >= day)


class SignInSession(Base):
    """A signed-in browser; only the hash of its token is kept, and ending the row ends the session at once.

    ``mandate_id`` says for which firm the person acts in this browser.
    """

    __tablename__ = "sign_in_session"

    id: Mapped[Key]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    mandate_id: Mapped[int | None] = mapped_column(ForeignKey("mandate.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]
    seen_at: Mapped[CreatedAt]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(60), default="")
    browser: Mapped[str] = mapped_column(String(200), default="")


class SecondFactor(Base):
    """The seed of a person's one-time codes, sealed; ``last_step`` is the half minute whose code was used last."""

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    seed: Mapped[str] = mapped_column(String(300))
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[CreatedAt]
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """A code on paper that stands in for the device once; only its hash is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


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
