"""People at a firm: add, change, remove; phones and e-mail are masked until somebody asks, and asking is logged."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit import service as audit
from app.audit.service import Subject
from app.core.errors import Invalid
from app.core.text import tr
from app.firms.models import Contact, Firm

_PHONE_SIGN = re.compile(r"[0-9+\-() 转,/]")


@dataclass(frozen=True, kw_only=True)
class ContactDraft:
    """A person as typed."""

    name: str
    post: str = ""
    phone: str = ""
    email: str = ""
    is_primary: bool = False


def mask_phone(phone: str) -> str:
    """``13812341234`` → ``138****1234``; short numbers keep their last two digits."""
    if not phone:
        return ""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 9 else f"****{phone[-2:]}"


def mask_email(email: str) -> str:
    """``zhang@example.cn`` → ``z***@example.cn``."""
    name, at, host = email.partition("@")
    return f"{name[:1]}***{at}{host}" if email else ""


def kept(draft: ContactDraft, contact: Contact) -> ContactDraft:
    """Return a draft whose empty phone and e-mail keep the present ones: the form does not show them."""
    return replace(draft, phone=draft.phone or contact.phone, email=draft.email or contact.email)


def add(session: Session, firm: Firm, draft: ContactDraft, *, by: Actor) -> Contact:
    """Add a person; a new primary contact takes the place of the old one."""
    values = _checked(draft)
    if draft.is_primary:
        _only_primary(session, firm.id, None)
    contact = Contact(firm_id=firm.id, **values)
    session.add(contact)
    session.flush()
    changes = {name: (None, value) for name, value in _logged(values).items() if value}
    audit.record(session, by, Action.FIRM_EDIT, subject(contact), changes=changes)
    return contact


def edit(session: Session, contact: Contact, draft: ContactDraft, *, by: Actor) -> bool:
    """Change a person; return whether anything changed."""
    values = _checked(draft)
    old = {name: getattr(contact, name) for name in values}
    if old == values:
        return False
    if draft.is_primary and not contact.is_primary:
        _only_primary(session, contact.firm_id, contact.id)
    for name, value in values.items():
        setattr(contact, name, value)
    session.flush()
    before, after = _logged(old), _logged(values)
    changes = {name: (before[name], after[name]) for name in values if old[name] != values[name]}
    audit.record(session, by, Action.FIRM_EDIT, subject(contact), changes=changes)
    return True


def remove(session: Session, contact: Contact, *, by: Actor) -> None:
    """Take a person off the firm."""
    values = {name: getattr(contact, name) for name in ("name", "post", "phone", "email", "is_primary")}
    session.delete(contact)
    changes = {name: (value, None) for name, value in _logged(values).items() if value}
    audit.record(session, by, Action.FIRM_EDIT, subject(contact), changes=changes)


def reveal(session: Session, contact: Contact, *, by: Actor) -> str:
    """Return the full phone number; the log says who saw it."""
    audit.record(session, by, Action.FIRM_REVEAL, subject(contact))
    return contact.phone


def subject(contact: Contact) -> Subject:
    """Return a person as the log names them."""
    return Subject("contact", contact.id, contact.name, contact.firm_id)


def _checked(draft: ContactDraft) -> dict[str, str | bool]:
    name = draft.name.strip().strip("\u3000")
    if not name:
        raise Invalid("name", tr("请填写联系人姓名。"))
    phone = unicodedata.normalize("NFKC", draft.phone).strip()
    for place, sign in enumerate(phone):
        if not _PHONE_SIGN.fullmatch(sign):
            raise Invalid(
                "phone", tr("电话“%(phone)s”第 %(place)s 位是“%(sign)s”，只能是数字、+、-、括号和“转”。",
                            phone=phone, place=place + 1, sign=sign)
            )  # fmt: skip
    if phone and sum(sign.isdigit() for sign in phone) < 7:
        raise Invalid("phone", tr("电话“%(phone)s”不足 7 位数字，请核对。", phone=phone))
    email = unicodedata.normalize("NFKC", draft.email).strip()
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        raise Invalid("email", tr("电子邮箱“%(email)s”格式不对，应类似 name@example.cn。", email=email))
    return {"name": name, "post": draft.post.strip(), "phone": phone, "email": email, "is_primary": draft.is_primary}


def _logged(values: dict[str, str | bool]) -> dict[str, str | bool]:
    """What the log keeps: the log is read by many, so phones and e-mail are masked there too."""
    return {**values, "phone": mask_phone(str(values["phone"])), "email": mask_email(str(values["email"]))}


def _only_primary(session: Session, firm_id: int, but: int | None) -> None:
    session.execute(
        update(Contact).where(Contact.firm_id == firm_id, Contact.id != (but or 0)).values(is_primary=False)
    )
