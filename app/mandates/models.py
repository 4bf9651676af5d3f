"""Invitations to act for a firm, and requests to do so."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.accounts.models import Mandate, User
from app.core.choices import Choice
from app.core.columns import ChoiceText, CreatedAt, Key, UtcDateTime
from app.core.db import Base
from app.core.text import N_
from app.files.models import StoredFile
from app.firms.models import Firm


class Invitation(Base):
    """A link that gives whoever opens it the power to act for a firm, once; only the hash of its token is kept.

    ``valid_until`` is the last day of the mandate, ``expires_at`` the moment until which the link may be used.
    """

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_firm_id_id", "firm_id", "id"),)

    id: Mapped[Key]
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), info={"merge": "move"})
    role: Mapped[Role] = mapped_column(ChoiceText(Role))
    agency: Mapped[str] = mapped_column(String(120), default="")
    invitee: Mapped[str] = mapped_column(String(60))
    valid_until: Mapped[date] = mapped_column(Date)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None]
    created_by_name: Mapped[str] = mapped_column(String(60))
    created_by_firm: Mapped[bool]
    created_at: Mapped[CreatedAt]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mandate_id: Mapped[int | None] = mapped_column(ForeignKey("mandate.id", ondelete="RESTRICT"))

    firm: Mapped[Firm] = relationship()
    mandate: Mapped[Mandate | None] = relationship()


class RequestState(Choice):
    """How a request stands."""

    WAITING = "waiting", N_("待审核")
    GRANTED = "granted", N_("已同意")
    REFUSED = "refused", N_("未同意")


class MandateRequest(Base):
    """A person asks to act for the firm of a credit code, with a proof; a caseworker looks at it.

    The code and the name are kept as given: whether there is such a firm is told to the caseworker only.
    """

    __tablename__ = "mandate_request"
    __table_args__ = (Index("ix_mandate_request_state_id", "state", "id"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
    credit_code: Mapped[str] = mapped_column(String(18))
    firm_name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = mapped_column(ChoiceText(Role))
    agency: Mapped[str] = mapped_column(String(120), default="")
    statement: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id", ondelete="RESTRICT"))
    address: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[RequestState] = mapped_column(ChoiceText(RequestState), default=RequestState.WAITING)
    created_at: Mapped[CreatedAt]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None]
    decided_by_name: Mapped[str] = mapped_column(String(60), default="")
    reason: Mapped[str] = mapped_column(String(500), default="")
    mandate_id: Mapped[int | None] = mapped_column(ForeignKey("mandate.id", ondelete="RESTRICT"))

    user: Mapped[User] = relationship()
    file: Mapped[StoredFile] = relationship()
