"""Firms and their people: by name, former name, sound, contact and note."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.access.policy import decide
from app.core.text import N_, tr
from app.firms import counting, queries, search_text
from app.firms.candidates import candidates
from app.firms.filtering import FirmFilter
from app.firms.models import Contact, Firm, FormerName
from app.notes.models import FirmNote
from app.search.hits import Asked, Group, Hit

MOST = 1_000
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_PHONE = re.compile(r"[\d\-() +]{4,20}")
SHOW = "office.firms.show"


def firms(session: Session, asked: Asked, actor: Actor) -> Group:
    """Firms by names, former names, codes, pinyin and initials; the name that was found stands beside a changed one."""
    found = queries.search(session, asked.text, for_=actor, limit=asked.limit)
    former = _former(session, found, asked)
    hits = [_firm_hit(one, former.get(one.id, "")) for one in found]
    wanted = FirmFilter(text=asked.text)
    counted = counting.counts(session, actor, wanted) if len(found) == asked.limit else None
    total, most = (counted.total, counted.capped_at) if counted else (len(found), MOST)
    return Group("firms", N_("企业"), hits, total, most, ("office.firms.index", {"q": asked.text}))


def alike(session: Session, asked: Asked, actor: Actor) -> Group:
    """Firms whose names sound like what was typed and are written otherwise: 海欣 for 海信."""
    sound = search_text.sound(asked.text) if len(_CHINESE.findall(asked.text)) >= 2 else ""
    hits: list[Hit] = []
    if len(sound) >= 3:
        exact = candidates(session, search_text.terms(asked.text))
        few = exact is not None and exact.often is not None and exact.often < MOST
        found = queries.search(session, sound, for_=actor, limit=asked.limit + 20) if few else []
        hits = [_firm_hit(one, "") for one in found if not _holds(one.search_text, asked)][: asked.limit]
    note = tr("字不同、读音相同，请核对是否您要找的企业")
    return Group("alike", N_("音近"), hits, len(hits), MOST, ("office.firms.index", {"q": sound}), note)


def contacts(session: Session, asked: Asked, actor: Actor) -> Group:
    """People by their whole name; by their whole phone number only for those who may see such numbers."""
    text = asked.text.strip()
    ways = [Contact.name == text]
    if _PHONE.fullmatch(text) and decide(actor, Action.FIRM_REVEAL).allowed:
        ways.append(Contact.phone.in_(_phones(text)))
    statement = (
        select(Contact.name, Contact.post, Firm.id, Firm.name)
        .join(Firm, Firm.id == Contact.firm_id)
        .where(or_(*ways), queries.visible_to(actor))
        .order_by(Firm.name_key, Contact.id)
        .limit(MOST)
    )
    rows = session.execute(statement).all()
    hits = [Hit(row[0], SHOW, {"firm_id": row[2]}, " · ".join(filter(None, (row[3], row[1])))) for row in rows]
    return Group("contacts", N_("联系人"), hits[: asked.limit], len(rows), MOST)


def notes(session: Session, asked: Asked, actor: Actor) -> Group:
    """Notes on firms, and what stands in the field for remarks, with the words around what was typed."""
    found: list[Any] = []
    for column, joined in ((FirmNote.text, True), (Firm.note, False)):
        statement = select(Firm.id, Firm.name, column)
        if joined:
            statement = statement.join(FirmNote, FirmNote.firm_id == Firm.id)
        words = [func.lower(column).contains(term, autoescape=True) for term in asked.terms]
        statement = statement.where(column != "", *words, queries.visible_to(actor), queries.standing())
        found += session.execute(statement.order_by(Firm.name_key, Firm.id).limit(MOST)).all()
    hits = [Hit(row[1], SHOW, {"firm_id": row[0]}, around(row[2], asked.terms)) for row in found[: asked.limit]]
    return Group("notes", N_("备注"), hits, len(found), MOST)


def around(text: str, terms: Sequence[str], width: int = 24) -> str:
    """Return the part of a text around the first term, with dots where it was cut."""
    plain = " ".join(text.split())
    place = max(min((plain.lower().find(term) for term in terms), default=0), 0)
    start, end = max(place - width, 0), place + 2 * width
    return ("…" if start else "") + plain[start:end] + ("…" if end < len(plain) else "")


def _phones(text: str) -> list[str]:
    digits = re.sub(r"\D", "", text)
    if len(digits) < 4:
        return []
    return [text, digits, f"{digits[:3]}-{digits[3:]}", f"{digits[:4]}-{digits[4:]}"]


def _former(session: Session, found: Sequence[Firm], asked: Asked) -> dict[int, str]:
    rows = session.execute(
        select(FormerName.firm_id, FormerName.name).where(FormerName.firm_id.in_([one.id for one in found]))
    ).all()
    present = {
        one.id: search_text.build([one.name, one.short_name], [one.credit_code, one.security_code]) for one in found
    }
    names: dict[int, str] = {}
    for number, name in rows:
        if not _holds(present[number], asked) and _holds(search_text.build([name], []), asked):
            names.setdefault(number, name)
    return names


def _holds(kept: str, asked: Asked) -> bool:
    return all(term in kept for term in asked.terms)


def _firm_hit(one: Firm, former: str) -> Hit:
    mark = tr("曾用名：%(name)s", name=former) if former else None
    note = " · ".join(filter(None, (one.credit_code, one.short_name)))
    return Hit(one.name, SHOW, {"firm_id": one.id}, note, mark)
