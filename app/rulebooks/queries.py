"""Reading the sealed editions of the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import Invalid, NotFound
from app.core.text import Message, tr
from app.facts.catalogue import load_catalogue
from app.rulebooks import choosing
from app.rulebooks.leads import branch_of
from app.rulebooks.loader import read_rulebook
from app.rulebooks.models import Edition, Succession
from app.rulebooks.schema import Clause, Rulebook

# what the judge asks for beside the keys that an edition names: the day of application and the years of operating
ALWAYS_ASKED = frozenset({"application_date", "first_operating_year", "registration_date", "sales_revenue"})


def editions(session: Session) -> Sequence[Edition]:
    """Return the newest sealed copy of each edition, by programme and date."""
    newest = select(func.max(Edition.id)).group_by(Edition.code)
    return session.scalars(
        select(Edition).where(Edition.id.in_(newest)).order_by(Edition.programme, Edition.effective_from, Edition.code)
    ).all()


def edition(session: Session, edition_id: int) -> Edition:
    """Return one sealed copy, or raise ``NotFound``."""
    found = session.get(Edition, edition_id) if 0 < edition_id < 2**31 else None
    if found is None:
        raise NotFound
    return found


def by_code(session: Session, code: str) -> Edition:
    """Return the newest sealed copy of an edition; ``NotFound`` names those there are."""
    found = session.scalars(select(Edition).where(Edition.code == code).order_by(Edition.id.desc()).limit(1)).first()
    if found is None:
        known = "、".join(one.code for one in editions(session))
        raise NotFound(
            tr("没有“%(id)s”这一版规则，现有：%(known)s。", id=code, known=known)
            if known
            else tr("规则库是空的，请先运行 rulebooks sync 载入已封存的规则。")
        )
    return found


def codes(session: Session, ids: Sequence[int]) -> dict[int, Edition]:
    """Return ``{id: edition}``."""
    if not ids:
        return {}
    return {one.id: one for one in session.scalars(select(Edition).where(Edition.id.in_(set(ids))))}


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The edition that took another one's place, and what open lists do."""

    edition: Edition
    rules: Succession


def successor(session: Session, edition_id: int, day: date) -> Succeeded | None:
    """Return the newest edition that was sealed in the place of this one and is in force by the day, or None."""
    row = session.execute(
        select(Succession, Edition)
        .join(Edition, Edition.id == Succession.new_id)
        .where(Succession.old_id == edition_id, Edition.effective_from <= day)
        .order_by(Edition.effective_from.desc(), Edition.id.desc())
        .limit(1)
    ).first()
    return None if row is None else Succeeded(row[1], row[0])


@dataclass(frozen=True, slots=True)
class Proposal:
    """The edition that applications of a programme follow on a day, and why."""

    edition: Edition
    why: Message


def proposals(session: Session, day: date, kind: str, place: str = choosing.OWN_PLACE) -> list[Proposal]:
    """Return the edition to be used for each programme that has one; programmes without any are left out.

    Where a programme leads to different things by region (national and provincial champions) there is one for each.
    """
    held = {one.code: one for one in editions(session)}
    branches: dict[tuple[str, str], list[Rulebook]] = {}
    for book in (rulebook_of(one) for one in held.values()):
        branches.setdefault(branch_of(book.programme, book.region), []).append(book)
    found = []
    for (programme, _region), books in branches.items():
        try:
            chosen = choosing.choose(books, programme, kind=kind, day=day, place=place)
        except NotFound:
            continue
        found.append(Proposal(held[chosen.rulebook.id], chosen.why))
    return found


def must_apply(session: Session, chosen: Edition, as_of: date, kind: str) -> None:
    """Refuse (Invalid on ``kind`` or ``as_of``) an edition that does not apply to that day or kind of application."""
    rulebook = rulebook_of(chosen)
    if kind not in rulebook.kinds:
        raise Invalid("kind", tr("《%(title)s》不适用于此类申请，请改选申请类型。", title=chosen.title))
    if rulebook.governs(as_of, kind):
        return
    others = [one for one in proposals(session, as_of, kind) if one.edition.programme == chosen.programme]
    remedy = (
        tr("请改选当日有效的“%(other)s”", other=others[0].edition.code)
        if others
        else tr("当日没有同类的有效规则，请核对判定日期")
    )
    end = tr("、至 %(end)s 止", end=chosen.effective_to) if chosen.effective_to else ""
    raise Invalid(
        "as_of",
        tr(
            "“%(code)s”自 %(start)s 起施行%(end)s，不能用于 %(day)s 的判定；%(remedy)s。",
            code=chosen.code,
            start=chosen.effective_from,
            end=end,
            day=as_of,
            remedy=remedy,
        ),
    )


def rulebook_of(chosen: Edition) -> Rulebook:
    """Return the rulebook in the words of its sealed content."""
    return _rulebook(chosen.code, chosen.content, chosen.digest)


@lru_cache(maxsize=64)
def _rulebook(code: str, content: str, _digest: str) -> Rulebook:
    return read_rulebook(content.encode(), code)


def keys_of(rulebook: Rulebook) -> frozenset[str]:
    """Return the keys of all figures that a judgement under this edition may look at."""
    return _keys(rulebook.digest, rulebook)


@lru_cache(maxsize=64)
def _keys(_digest: str, rulebook: Rulebook) -> frozenset[str]:
    known = load_catalogue()
    scored = {text for text in _texts(rulebook.score) if text in known}
    return ALWAYS_ASKED | scored | keys_of_clauses(rulebook.clauses)


def keys_of_clauses(clauses: Sequence[Clause]) -> frozenset[str]:
    """Return the keys of all figures that these clauses name."""
    known = load_catalogue()
    parts = [part for clause in clauses for part in (clause.test, clause.applies_when)]
    return frozenset(text for part in parts for text in _texts(part) if text in known)


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, tuple | list):
        for item in part:
            yield from _texts(item)
    elif is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            yield from _texts(getattr(part, field.name))
