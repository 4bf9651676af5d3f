"""Finding and reading firms; every list starts from what the person may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, false, func, literal_column, or_, select, true
from sqlalchemy.orm import Session, selectinload

from app.access.actor import Actor, Reach
from app.accounts.models import User
from app.core.errors import NotFound
from app.core.paging import Place, SortKey, capped_count
from app.core.text import Message, tr
from app.firms import keys, search_index, search_text
from app.firms.candidates import candidates
from app.firms.models import Contact, Firm, FirmCluster, FormerName, RosterEntry
from app.firms.taxonomy import FirmStatus
from app.firms.walking import MOST_TAKEN, firms_from, unindexed

LARGEST_ID = 2**31 - 1
CHUNK = 500
MOST_ALIKE = 200
LAST_CODE = "Z" * 18
"""Behind whatever follows in a credit code, which holds no Z."""
AFTER_ALL = "\uffff"  # behind every sign of a name in pinyin
_FIRM = Firm.__table__.c


class MergedAway(NotFound):
    """The firm went into another one, whose id is ``into``; pages of other rooms say where it went."""

    def __init__(self, firm: Firm, into: int, name: Message | str) -> None:
        self.firm_id, self.into = firm.id, into
        super().__init__(tr("“%(firm)s”的档案已并入“%(into)s”，请到那家企业办理。", firm=firm.name, into=name))


class Namesake(NamedTuple):
    """A firm that may be the same as one about to be created; ``kind`` is ``same``, ``near`` or ``former``."""

    firm: Firm
    kind: str


class Namesakes(NamedTuple):
    """Namesakes in reach by name, and how many more stand outside it (never which)."""

    seen: Sequence[Namesake]
    outside: int

    @property
    def any(self) -> bool:
        return bool(self.seen) or self.outside > 0


def visible_to(actor: Actor, *, walking: bool = False) -> ColumnElement[bool]:
    """Return the condition on ``Firm`` that keeps what a person may see; ``walking``: asked of one after another."""
    if actor.is_firm:
        return Firm.id == actor.firm_id if actor.firm_id is not None else false()
    if actor.reach is Reach.TOWNS:
        town = unindexed(Firm.town) if walking else Firm.town
        return town.in_(actor.towns) if actor.towns else false()
    if actor.reach is Reach.PORTFOLIO:
        own = unindexed(Firm.caseworker_id) if walking else Firm.caseworker_id
        return own == actor.id if actor.id is not None else false()
    return true()


_GONE = Firm.__table__.alias("gone")
_STANDING = Firm.id.not_in(select(_GONE.c.id).where(_GONE.c.status == literal_column("'merged'")))


def standing() -> ColumnElement[bool]:
    """Return the condition on ``Firm`` that leaves out firms that were merged into another (there are few)."""
    return _STANDING


def matching(text: str) -> ColumnElement[bool]:
    """Return the condition “is found by this text”: every word, in names, codes, pinyin or initials.

    One or two signs are looked for in names and initials only. The index narrows, the text decides.
    """
    terms = search_text.terms(text)
    return and_(true(), search_index.indexed(terms), search_index.holding(terms))


def firm(session: Session, firm_id: int, *, for_: Actor, whole: bool = False) -> Firm:
    """Return one firm, with contacts, names, clusters and rosters when ``whole``; raise ``NotFound`` out of reach."""
    if not 0 < firm_id <= LARGEST_ID:
        raise NotFound
    statement = select(Firm).where(Firm.id == firm_id, visible_to(for_))
    if whole:
        statement = statement.options(
            selectinload(Firm.clusters),
            selectinload(Firm.contacts),
            selectinload(Firm.former_names),
            selectinload(Firm.roster_years),
        ).execution_options(populate_existing=True)
    found = session.scalars(statement).first()
    if found is None:
        raise NotFound(tr("没有找到这家企业，可能不在您的管理范围内。"))
    if found.status is FirmStatus.MERGED:
        into = keys.went(keys.merged(session), found.id)
        called = names(session, [into])[into] if may_see(session, into, for_) else tr("您管理范围之外的一家企业")
        raise MergedAway(found, into, called)
    return found


def chosen(session: Session, ids: Sequence[int], *, for_: Actor) -> Sequence[Firm]:
    """Return several firms in the order of their names; raise ``NotFound`` when one is out of reach."""
    wanted = set(ids)
    if not all(0 < number <= LARGEST_ID for number in wanted):
        raise NotFound
    found: list[Firm] = []
    for part in _parts(sorted(wanted)):
        found.extend(session.scalars(select(Firm).where(Firm.id.in_(part), visible_to(for_), standing())))
    if len(found) != len(wanted):
        raise NotFound(tr("所选企业中有的不在您的管理范围内，请刷新列表后重新选择。"))
    return sorted(found, key=lambda one: (one.name_key, one.id))


def contact(session: Session, firm_id: int, contact_id: int) -> Contact:
    """Return a contact of a firm, or raise ``NotFound``."""
    found = session.get(Contact, contact_id) if 0 < contact_id <= LARGEST_ID else None
    if found is None or found.firm_id != firm_id:
        raise NotFound(tr("没有找到这位联系人，可能已被移除。"))
    return found


def former_name(session: Session, firm_id: int, name_id: int) -> FormerName:
    """Return a former name of a firm, or raise ``NotFound``."""
    found = session.get(FormerName, name_id) if 0 < name_id <= LARGEST_ID else None
    if found is None or found.firm_id != firm_id:
        raise NotFound(tr("没有找到这个曾用名，可能已被移除。"))
    return found


def search(session: Session, text: str, *, for_: Actor, limit: int = 20) -> Sequence[Firm]:
    """Return firms found by ``text``, those whose name begins with it first; nothing for an empty text.

    Where a word finds thousands they come by name: sorting them all for the first twenty would take too long.
    """
    words = search_text.terms(text)
    found = candidates(session, words)
    if found is None:
        return []
    reach = and_(visible_to(for_), standing())
    if found.often is not None and found.often <= MOST_TAKEN:
        begins = Firm.search_text.startswith(words[0], autoescape=True)
        order = (begins.desc(), Firm.name_key, Firm.id)
        return session.scalars(select(Firm).where(reach, *found.taken()).order_by(*order).limit(limit)).all()
    ids = _beginning(session, words, for_, limit)
    if len(ids) < limit:
        seen = [visible_to(for_, walking=True)]
        by_name = firms_from(session, Place(None), _BY_NAME, found.ways(lambda: seen), but=[standing()], size=limit)
        ids = [*ids, *(row[0] for row in by_name if row[0] not in ids)][:limit]
    return sorted(session.scalars(select(Firm).where(Firm.id.in_(ids))), key=lambda one: ids.index(one.id))


_BY_NAME = (SortKey(_FIRM.name_key, "name"), SortKey(_FIRM.id, "id"))


def _beginning(session: Session, words: Sequence[str], actor: Actor, limit: int) -> list[int]:
    """Return firms by name whose names begin with the first word, as far as its sound leads straight to them."""
    sound = search_text.sort_key(words[0])
    along = select(_FIRM.id).where(_FIRM.name_key >= sound, _FIRM.name_key < sound + AFTER_ALL)
    near = session.scalars(along.order_by(_FIRM.name_key, _FIRM.id).limit(MOST_ALIKE)).all()
    asked = (
        select(_FIRM.id)
        .where(_FIRM.id.in_(near), _FIRM.search_text.startswith(words[0], autoescape=True))
        .where(search_index.holding(words), visible_to(actor), standing())
    )
    return list(session.scalars(asked.order_by(_FIRM.name_key, _FIRM.id).limit(limit)))


def names(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Return ``{id: name}``; the caller has checked that the person may see them."""
    found: dict[int, str] = {}
    for part in _parts(sorted(set(ids))):
        rows = session.execute(select(Firm.id, Firm.name).where(Firm.id.in_(part))).all()
        found.update((row.id, row.name) for row in rows)
    return found


def count(session: Session, actor: Actor) -> int:
    """Return how many firms a person sees, counted up to 10,001."""
    return capped_count(session, select(Firm.id).where(visible_to(actor), standing()))


def caseworker_options(session: Session) -> list[tuple[int, str]]:
    """Return ``(id, name)`` of everybody who has firms or could have them, by name."""
    return [(row[0], row[1]) for row in session.execute(_CASEWORKERS)]


_HAS_FIRMS = select(Firm.__table__.c.id).where(Firm.__table__.c.caseworker_id == User.__table__.c.id).exists()
_CASEWORKERS = (
    select(User.__table__.c.id, User.__table__.c.name)
    .where(
        or_(
            and_(User.__table__.c.role.in_(["caseworker", "reviewer"]), User.__table__.c.is_active),
            _HAS_FIRMS,
        )
    )
    .order_by(User.__table__.c.name, User.__table__.c.id)
)


def roster(session: Session, year: int) -> Sequence[int]:
    """Return the ids of the firms on the above-scale roster of a year."""
    return session.scalars(
        select(RosterEntry.firm_id).where(RosterEntry.year == year).order_by(RosterEntry.firm_id)
    ).all()


def clusters(session: Session, firm_id: int) -> Sequence[FirmCluster]:
    """Return the clusters of a firm, the primary one first."""
    return session.scalars(
        select(FirmCluster)
        .where(FirmCluster.firm_id == firm_id)
        .order_by(FirmCluster.is_primary.desc(), FirmCluster.id)
    ).all()


def former_names(session: Session, firm_id: int) -> Sequence[FormerName]:
    """Return the former names of a firm, in the order in which they were entered."""
    return session.scalars(select(FormerName).where(FormerName.firm_id == firm_id).order_by(FormerName.id)).all()


def name_on(current: str, former: Sequence[FormerName], day: date) -> str:
    """Return the name a firm had on a day: the former name that ended soonest after it, else the present one."""
    later = [one for one in former if one.until is not None and one.until > day]
    return min(later, key=lambda one: one.until or date.max).name if later else current


def beginning_with(session: Session, codes: Sequence[str], *, for_: Actor, most: int) -> Sequence[Firm]:
    """Return standing firms within reach whose credit code begins with one of ``codes``, ``most`` in all."""
    spans = [Firm.credit_code.between(code, code + LAST_CODE) for code in codes if code]
    if not spans:
        return []
    wanted = select(Firm).where(or_(*spans), visible_to(for_), standing()).order_by(Firm.credit_code).limit(most)
    return session.scalars(wanted).all()


def holders(session: Session, field: str, codes: Sequence[str]) -> dict[str, Firm]:
    """Return the firms that hold codes (``credit_code`` or ``security_code``), whoever may see them."""
    column = getattr(Firm, field)
    found = [firm for part in _code_parts(codes) for firm in session.scalars(select(Firm).where(column.in_(part)))]
    return {getattr(firm, field): firm for firm in found}


def _code_parts(codes: Sequence[str]) -> list[Sequence[str]]:
    return [codes[start : start + 500] for start in range(0, len(codes), 500)]


def may_see(session: Session, firm_id: int, actor: Actor) -> bool:
    """True when the firm is within a person's reach."""
    return session.scalar(select(Firm.id).where(Firm.id == firm_id, visible_to(actor))) is not None


def beyond(session: Session, ids: Sequence[int], actor: Actor) -> set[int]:
    """Return which of these firms are out of a person's reach."""
    if actor.reach is Reach.DISTRICT and not actor.is_firm:
        return set()
    seen: set[int] = set()
    for part in _parts(sorted(set(ids))):
        seen.update(session.scalars(select(Firm.id).where(Firm.id.in_(part), visible_to(actor))))
    return set(ids) - seen


def count_of_caseworker(session: Session, user_id: int) -> int:
    """Return how many standing firms a person looks after."""
    mine = select(func.count()).select_from(Firm).where(Firm.caseworker_id == user_id, standing())
    return session.scalar(mine) or 0


def namesakes(session: Session, name: str, *, for_: Actor, but: int | None = None) -> Namesakes:
    """Return firms of the same, a former or a nearly same name (same core or sound, one sign wrong, or a core
    that goes on), by the keys of names; the same name comes first."""
    alike_ids = {one.id for one in keys.likely(session, keys.Sought(names=[name]))}
    ids = sorted((alike_ids | keys.longer(session, name, MOST_ALIKE)) - {but})
    found = session.scalars(select(Firm).where(Firm.id.in_(ids)).order_by(Firm.name_key, Firm.id)).all()
    outside = beyond(session, ids, for_)
    plain = search_text.bare(name)
    alike = [Namesake(one, _kinship(one, plain)) for one in found if one.id not in outside]
    alike.sort(key=lambda one: one.kind == "near")
    return Namesakes(alike[:10], len(outside))


def _kinship(one: Firm, plain: str) -> str:
    if search_text.bare(one.name) == plain:
        return "same"
    return "former" if plain in one.search_text.split("\n") else "near"


def _parts(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
