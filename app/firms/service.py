"""Firms: create, edit, assign, rosters, former names, contacts. Every change leaves its event in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, text, update
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
from app.firms import holding, keys, queries, search_text
from app.firms.draft import COLUMNS, cleaned
from app.firms.draft import CodeDoubtful as CodeDoubtful
from app.firms.draft import FirmDraft as FirmDraft
from app.firms.models import Firm, FirmCluster, FormerName, RosterEntry
from app.firms.taxonomy import ClusterCode

DERIVED = frozenset({"search_text", "name_key", "created_at", "updated_at", "version"})
CODES = ("credit_code", "security_code")
"""What no two firms have alike."""
TAKEN = N_("这个代码已登记在“%(name)s”名下，请核对是否同一家企业。")
EARLIEST_YEAR = 1990
MEANWHILE = tr("在您填写期间，这家企业已被他人修改。请核对两个版本后再保存。")


RENAMED = tr(
    "企业更名请在“名称与变动”页办理，填写更名日期和依据，原名称记入曾用名；"
    "只是更正录入错误的，请勾选“原名称录入有误，只更正文字，不是更名”。"
)
STATUS_FOLLOWS = tr("存续状态由登记变动给出：迁出、注销、吊销、恢复存续请在“名称与变动”页登记日期和依据。")


_NEXT = text(
    "SELECT 1 + max(coalesce((SELECT max(id) FROM firm), 0), coalesce((SELECT max(firm_id) FROM audit_event), 0))"
)


class EditedMeanwhile(Conflict):
    """Somebody else saved the firm after the page was opened; nothing was written."""


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
            found.append(cleaned(draft, by=by, was=None))
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
    first = _fresh_number(session)
    firms = [
        _made(draft, values, by, None if first is None else first + place)
        for place, (draft, values) in enumerate(checked)
    ]
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


def _made(draft: FirmDraft, values: dict[str, Any], by: Actor, number: int | None) -> Firm:
    # whoever enters a firm would else lose sight of it at once
    mine = by.id if by.reach is Reach.PORTFOLIO and draft.caseworker_id is None else draft.caseworker_id
    return Firm(
        id=number,
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


def _fresh_number(session: Session) -> int | None:
    """Return a number that no firm has or had: the log goes on speaking of firms that an undone import took out.

    None on PostgreSQL, whose counters never go back; SQLite gives the last number again when its row is gone.
    """
    if session.get_bind().dialect.name != "sqlite":
        return None
    return int(session.scalar(_NEXT) or 1)


def edit(
    session: Session,
    firm: Firm,
    draft: FirmDraft,
    *,
    by: Actor,
    version: int,
    corrects_name: bool = False,
    note: str = "",
) -> bool:
    """Change the identity; return whether anything changed.

    ``version`` is that of the page the draft was written on: raises ``EditedMeanwhile`` when it is no longer the
    present one. A new name and a new status come from the registry (``firms.registry``) and raise ``Invalid`` here;
    ``corrects_name`` says that the name was written down wrongly and is put right.
    """
    if firm.version != version:
        raise EditedMeanwhile(MEANWHILE)
    present = [one.cluster for one in queries.clusters(session, firm.id)]
    former = [one.name for one in queries.former_names(session, firm.id)]
    values = _checked(session, draft, by=by, was=firm)
    _leave_to_the_registry(firm, values, corrects_name)
    for name, value in values.items():
        if getattr(firm, name) != value:
            setattr(firm, name, value)
    changes = diff(firm, leave_out=DERIVED)
    if present != list(draft.clusters):
        changes["clusters"] = [present, list(draft.clusters)]
    if not changes:
        return False
    _refresh(session, firm, former)
    if "clusters" in changes:
        _replace_clusters(session, firm.id, draft.clusters)
    audit.record(session, by, Action.FIRM_EDIT, subject(firm), changes=changes, note=note)
    return True


def _leave_to_the_registry(firm: Firm, values: Mapping[str, Any], corrects_name: bool) -> None:
    """Raise ``Invalid`` (``name``, ``status``) for what only the registry changes, with its day and paper."""
    if values["name"] != firm.name and not corrects_name:
        raise Invalid("name", RENAMED)
    if values["status"] is not firm.status:
        raise Invalid("status", STATUS_FOLLOWS)


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
    holding.many_to_write(session, [firm.id for firm in moved])
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
    values = cleaned(draft, by=by, was=was)
    for field in CODES:
        holder = queries.holders(session, field, [values[field]]).get(values[field]) if values[field] else None
        if holder is not None and holder.id != was.id:
            raise _taken(session, field, holder, by)
    return values


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
