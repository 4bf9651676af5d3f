"""Firms: create, edit, assign, rosters, former names, contacts. Every change leaves its event in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.access.actions import Action
from app.access.actor import Actor, Reach
from app.access.roles import Role
from app.accounts import queries as accounts
from app.accounts.models import User
from app.audit import service as audit
from app.audit.changes import diff
from app.audit.service import Subject
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import N_, tr
from app.firms import credit_code, keys, queries, search_text
from app.firms.models import Firm, FirmCluster, FormerName, RosterEntry
from app.firms.taxonomy import ChainRole, ClusterCode, FirmStatus, Town

DERIVED = frozenset({"search_text", "name_key", "created_at", "updated_at", "version"})
CODES = ("credit_code", "security_code")
"""What no two firms have alike."""
TAKEN = N_("这个代码已登记在“%(name)s”名下，请核对是否同一家企业。")
EARLIEST_YEAR = 1990
MEANWHILE = tr("在您填写期间，这家企业已被他人修改。请核对两个版本后再保存。")


class CodeDoubtful(Invalid):
    """The check digit of a credit code fails; a person may confirm it (``code_confirmed``)."""


class EditedMeanwhile(Conflict):
    """Somebody else saved the firm after the page was opened; nothing was written."""


@dataclass(frozen=True, kw_only=True)
class FirmDraft:
    """The identity of a firm as a person or a table gives it.

    ``clusters`` begins with the primary one. ``former_names``, ``caseworker_id``, ``source`` and ``is_demo`` count
    when the firm is created; later they have verbs of their own.
    """

    name: str
    short_name: str = ""
    credit_code: str | None = None
    code_confirmed: bool = False
    security_code: str | None = None
    town: Town | None = None
    address: str = ""
    industry: str = ""
    industry_code: str | None = None
    clusters: tuple[ClusterCode, ...] = ()
    chain_role: ChainRole | None = None
    status: FirmStatus = FirmStatus.ACTIVE
    registered_on: date | None = None
    note: str = ""
    former_names: tuple[str, ...] = ()
    caseworker_id: int | None = None
    source: str = ""
    is_demo: bool = False


COLUMNS = tuple(
    field.name
    for field in fields(FirmDraft)
    if field.name not in {"clusters", "former_names", "caseworker_id", "source", "is_demo"}
)


def subject(firm: Firm) -> Subject:
    """Return a firm as the log names it."""
    return Subject("firm", firm.id, firm.name, firm.id)


def draft_of(firm: Firm, clusters: Sequence[FirmCluster]) -> FirmDraft:
    """Return the present identity as a draft, for ``dataclasses.replace`` and ``edit``."""
    ordered = sorted(clusters, key=lambda one: (not one.is_primary, one.id))
    values = {name: getattr(firm, name) for name in COLUMNS}
    return FirmDraft(**values, clusters=tuple(one.cluster for one in ordered))


def create(session: Session, draft: FirmDraft, *, by: Actor) -> Firm:
    """Create a firm; raises ``Invalid`` naming the field, ``CodeDoubtful`` for an unconfirmed check digit."""
    values = checked_all(session, [draft], by=by)[0]
    if isinstance(values, Invalid):
        raise values
    return create_all(session, [(draft, values)], by=by)[0]


def checked_all(session: Session, drafts: Sequence[FirmDraft], *, by: Actor) -> list[dict[str, Any] | Invalid]:
    """Return for every draft its columns, cleaned, or why it can be no new firm. A few statements for any number."""
    found: list[dict[str, Any] | Invalid] = []
    for draft in drafts:
        try:
            found.append(_cleaned(draft, by=by, was=None))
        except Invalid as error:
            found.append(error)
    sound = [one for one in found if not isinstance(one, Invalid)]
    holders = {field: queries.holders(session, field, [one[field] for one in sound if one[field]]) for field in CODES}
    earlier: dict[tuple[str, str], str] = {}
    for place, values in enumerate(found):
        if not isinstance(values, Invalid) and (why := _why_taken(session, values, holders, earlier, by)) is not None:
            found[place] = why
    return found


def create_all(session: Session, checked: Sequence[tuple[FirmDraft, dict[str, Any]]], *, by: Actor) -> list[Firm]:
    """Create firms from drafts with their columns, as ``checked_all`` gives them; each leaves its own event."""
    if not checked:
        return []
    firms = [_made(draft, values, by) for draft, values in checked]
    session.add_all(firms)
    session.flush()
    drafts = [draft for draft, _values in checked]
    clusters = [row for firm, one in zip(firms, drafts, strict=True) for row in _cluster_rows(firm.id, one.clusters)]
    if clusters:
        session.execute(insert(FirmCluster), clusters)
    session.add_all(
        FormerName(firm_id=firm.id, name=name.strip())
        for firm, one in zip(firms, drafts, strict=True)
        for name in one.former_names
    )
    keys.fill(
        session,
        [(firm.id, firm.name, firm.short_name, one.former_names) for firm, one in zip(firms, drafts, strict=True)],
    )
    names = accounts.names(session, sorted({firm.caseworker_id for firm in firms if firm.caseworker_id is not None}))
    entries = [
        (subject(firm), _told(values, draft, names.get(firm.caseworker_id or 0)))
        for firm, (draft, values) in zip(firms, checked, strict=True)
    ]
    audit.record_many(session, by, Action.FIRM_CREATE, entries, notes=[one.source.strip() for one in drafts])
    return firms


def _made(draft: FirmDraft, values: dict[str, Any], by: Actor) -> Firm:
    # whoever enters a firm would else lose sight of it at once
    mine = by.id if by.reach is Reach.PORTFOLIO and draft.caseworker_id is None else draft.caseworker_id
    return Firm(
        **values,
        caseworker_id=mine,
        source=draft.source.strip(),
        is_demo=draft.is_demo,
        name_key=search_text.sort_key(values["name"]),
        search_text=_search_text(values, draft.former_names),
    )


def _told(values: dict[str, Any], draft: FirmDraft, caseworker: str | None) -> dict[str, Any]:
    """Return what the log says of a new firm."""
    changes: dict[str, Any] = {name: (None, value) for name, value in values.items() if value not in (None, "", False)}
    if draft.clusters:
        changes["clusters"] = (None, list(draft.clusters))
    if draft.former_names:
        changes["former_name"] = (None, list(draft.former_names))
    if caseworker is not None:
        changes["caseworker"] = (None, caseworker)
    return changes


def edit(
    session: Session,
    firm: Firm,
    draft: FirmDraft,
    *,
    by: Actor,
    version: int,
    keeps_former_name: bool = False,
    note: str = "",
) -> bool:
    """Change the identity; return whether anything changed.

    ``version`` is that of the page the draft was written on: raises ``EditedMeanwhile`` when it is no longer the
    present one. ``keeps_former_name`` moves a changed name to the former names.
    """
    if firm.version != version:
        raise EditedMeanwhile(MEANWHILE)
    present = [one.cluster for one in queries.clusters(session, firm.id)]
    former = [one.name for one in queries.former_names(session, firm.id)]
    values = _checked(session, draft, by=by, was=firm)
    old_name = firm.name
    for name, value in values.items():
        if getattr(firm, name) != value:
            setattr(firm, name, value)
    changes = diff(firm, leave_out=DERIVED)
    if present != list(draft.clusters):
        changes["clusters"] = [present, list(draft.clusters)]
    if not changes:
        return False
    if keeps_former_name and old_name not in {firm.name, *former}:
        session.add(FormerName(firm_id=firm.id, name=old_name, until=clock.today()))
        changes["former_name"] = [None, old_name]
        former.append(old_name)
    _refresh(session, firm, former)
    if "clusters" in changes:
        _replace_clusters(session, firm.id, draft.clusters)
    audit.record(session, by, Action.FIRM_EDIT, subject(firm), changes=changes, note=note)
    return True


def assign(session: Session, firms: Sequence[Firm], caseworker: User | None, *, by: Actor) -> int:
    """Give firms to a caseworker (or to nobody); return how many changed hands.

    Does not count as an edit of the identity: somebody who is editing a firm meanwhile is not disturbed.
    """
    if caseworker is not None and (caseworker.role not in {Role.CASEWORKER, Role.REVIEWER} or not caseworker.is_active):
        raise Invalid("caseworker", tr("%(name)s 不是在岗的经办人或审核人，请另选一位。", name=caseworker.name))
    number = caseworker.id if caseworker else None
    moved = [firm for firm in firms if firm.caseworker_id != number]
    if not moved:
        return 0
    old_names = accounts.names(session, [firm.caseworker_id for firm in moved if firm.caseworker_id])
    new_name = caseworker.name if caseworker else None
    entries = [(subject(firm), {"caseworker": (old_names.get(firm.caseworker_id or 0), new_name)}) for firm in moved]
    now = clock.now()
    for start in range(0, len(moved), queries.CHUNK):
        ids = [firm.id for firm in moved[start : start + queries.CHUNK]]
        session.execute(update(Firm).where(Firm.id.in_(ids)).values(caseworker_id=number, updated_at=now))
    audit.record_many(session, by, Action.FIRM_ASSIGN, entries)
    return len(moved)


def set_roster(session: Session, firm_id: int, year: int, on: bool, *, source: str, by: Actor) -> bool:
    """Put a firm on the above-scale roster of a year, or take it off; return whether anything changed.

    ``source`` names the roster (「区统计局 2025 年规上工业名录」) and is needed to put a firm on.
    """
    if not EARLIEST_YEAR <= year <= clock.today().year:
        raise Invalid("year", tr("年度应在 %(first)s 至 %(last)s 之间。", first=EARLIEST_YEAR, last=clock.today().year))
    firm = session.get_one(Firm, firm_id)
    entry = select(RosterEntry).where(RosterEntry.firm_id == firm_id, RosterEntry.year == year)
    found = session.scalars(entry).one_or_none()
    source = source.strip()
    if on and not source:
        raise Invalid("source", tr("请写明名录来源，例如“区统计局 2025 年规上工业企业名录”。"))
    was, now = (found.source if found else None), (source if on else None)
    if was == now:
        return False
    if found is None:
        session.add(RosterEntry(firm_id=firm_id, year=year, source=source))
    elif on:
        found.source = source
    else:
        session.delete(found)
    session.flush()
    changes = {"roster_year": (year if found else None, year if on else None), "roster_source": (was, now)}
    audit.record(session, by, Action.FIRM_EDIT, Subject("roster_entry", firm_id, firm.name, firm_id), changes=changes)
    return True


def add_former_name(session: Session, firm: Firm, name: str, *, until: date | None, by: Actor) -> FormerName:
    """Add a name the firm had, with the day it ended if known."""
    name = name.strip()
    if not name:
        raise Invalid("name", tr("请填写曾用名。"))
    if search_text.bare(name) == search_text.bare(firm.name):
        raise Invalid("name", tr("曾用名与现用名相同，请核对。"))
    former = [one.name for one in queries.former_names(session, firm.id)]
    if search_text.bare(name) in map(search_text.bare, former):
        raise Invalid("name", tr("“%(name)s”已经登记为曾用名。", name=name))
    if until is not None and until > clock.today():
        raise Invalid("until", tr("停用日期不能晚于今天。"))
    added = FormerName(firm_id=firm.id, name=name, until=until)
    session.add(added)
    _refresh(session, firm, [*former, name])
    changes = {"former_name": (None, name)} | ({"until": (None, until.isoformat())} if until else {})
    audit.record(session, by, Action.FIRM_EDIT, subject(firm), changes=changes)
    return added


def remove_former_name(session: Session, firm: Firm, former: FormerName, *, by: Actor) -> None:
    """Take back a former name entered by mistake; the log keeps it."""
    left = [one.name for one in queries.former_names(session, firm.id) if one.id != former.id]
    session.delete(former)
    _refresh(session, firm, left)
    changes = {"former_name": (former.name, None)}
    audit.record(session, by, Action.FIRM_EDIT, subject(firm), changes=changes)


def _checked(session: Session, draft: FirmDraft, *, by: Actor, was: Firm) -> dict[str, Any]:
    """Return the columns of a draft, cleaned; raise ``Invalid`` for the first field that is wrong or taken."""
    values = _cleaned(draft, by=by, was=was)
    for field in CODES:
        holder = queries.holders(session, field, [values[field]]).get(values[field]) if values[field] else None
        if holder is not None and holder.id != was.id:
            raise _taken(session, field, holder, by)
    return values


def _cleaned(draft: FirmDraft, *, by: Actor, was: Firm | None) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in COLUMNS}
    for name in ("name", "short_name", "address", "industry", "note"):
        values[name] = str(values[name]).strip().strip("\u3000")
        most = getattr(Firm, name).type.length
        if most and len(values[name]) > most:
            raise Invalid(name, tr("最多 %(most)s 个字，现有 %(n)s 个。", most=most, n=len(values[name])))
    if not values["name"]:
        raise Invalid("name", tr("请填写企业名称。"))
    if draft.registered_on is not None and draft.registered_on > clock.today():
        raise Invalid("registered_on", tr("成立日期不能晚于今天。"))
    if draft.status is FirmStatus.MERGED:
        raise Invalid("status", tr("并入其他企业请用“合并企业档案”办理。"))
    if len(set(draft.clusters)) != len(draft.clusters):
        raise Invalid("clusters", tr("同一个产业集群不能重复。"))
    moves = was is None or was.town != draft.town
    if by.reach is Reach.TOWNS and moves and (draft.town is None or draft.town.value not in by.towns):
        raise Invalid("town", tr("只能选择您所辖的镇街；跨镇街的企业请交由全区范围的同事办理。"))
    _clean_codes(draft, values, was=was)
    return values


def _clean_codes(draft: FirmDraft, values: dict[str, Any], *, was: Firm | None) -> None:
    values["credit_code"], values["code_confirmed"] = None, False
    if draft.credit_code and credit_code.normalise(draft.credit_code):
        found = credit_code.check(draft.credit_code)
        if found.problem is not None and not found.is_warning:
            raise Invalid("credit_code", found.problem)
        already = was is not None and was.code_confirmed and was.credit_code == found.code
        if found.problem is not None and not already and not draft.code_confirmed:
            raise CodeDoubtful("credit_code", found.problem)
        values["credit_code"], values["code_confirmed"] = found.code, found.is_warning
    code = search_text.bare(draft.security_code or "").upper() or None
    if code is not None and not (code.isalnum() and code.isascii() and len(code) <= Firm.security_code.type.length):
        raise Invalid("security_code", tr("证券代码只含数字和字母，例如 000576。"))
    values["security_code"] = code


def _why_taken(
    session: Session,
    values: dict[str, Any],
    holders: Mapping[str, Mapping[str, Firm]],
    earlier: dict[tuple[str, str], str],
    by: Actor,
) -> Invalid | None:
    """Return why a new firm cannot have its codes; ``earlier`` are those of firms made with it, by name."""
    mine = [(field, values[field]) for field in CODES if values[field]]
    for field, code in mine:
        if (holder := holders[field].get(code)) is not None:
            return _taken(session, field, holder, by)
        if (field, code) in earlier:
            return Invalid(field, tr(TAKEN, name=earlier[field, code]))
    earlier.update(dict.fromkeys(mine, values["name"]))
    return None


def _taken(session: Session, field: str, holder: Firm, by: Actor) -> Invalid:
    if queries.may_see(session, holder.id, by):
        return Invalid(field, tr(TAKEN, name=holder.name))
    return Invalid(field, tr("这个代码已登记在您管理范围之外的一家企业名下，请联系管理员核对。"))


def _search_text(values: dict[str, Any], former: Sequence[str]) -> str:
    return search_text.build(
        [values["name"], values["short_name"], *former], [values["credit_code"], values["security_code"]]
    )


def _refresh(session: Session, firm: Firm, former: Sequence[str]) -> None:
    """Bring what is derived up to date and write; a race with another writer becomes ``EditedMeanwhile``."""
    firm.name_key = search_text.sort_key(firm.name)
    firm.search_text = search_text.build([firm.name, firm.short_name, *former], [firm.credit_code, firm.security_code])
    firm.updated_at = clock.now()
    try:
        session.flush()
    except StaleDataError as error:
        raise EditedMeanwhile(MEANWHILE) from error
    keys.renew(session, firm.id, firm.name, firm.short_name, former)


def _replace_clusters(session: Session, firm_id: int, clusters: Sequence[ClusterCode]) -> None:
    session.execute(delete(FirmCluster).where(FirmCluster.firm_id == firm_id))
    if clusters:
        session.execute(insert(FirmCluster), _cluster_rows(firm_id, clusters))


def _cluster_rows(firm_id: int, clusters: Sequence[ClusterCode]) -> list[dict[str, Any]]:
    return [{"firm_id": firm_id, "cluster": one, "is_primary": place == 0} for place, one in enumerate(clusters)]


def _name_of(session: Session, user_id: int) -> str | None:
    return accounts.names(session, [user_id]).get(user_id)
