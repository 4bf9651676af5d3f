"""New versions of the chains, chains of a firm, and reclassifications: previewed, carried out in one go, taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor, Reach
from app.audit.service import Subject, record, record_many
from app.core import clock
from app.core.errors import Conflict, Invalid, Refused
from app.core.text import tr
from app.firms import holding, industries
from app.firms.models import Firm
from app.taxonomies import queries
from app.taxonomies.models import (
    Chain,
    ChainEdition,
    FirmChain,
    Reclassified,
    Remap,
    RemapLine,
    RemapState,
)

ROWS_AT_ONCE = 5_000
Rules = Mapping[Any, Any]


@dataclass(frozen=True)
class EditionDraft:
    """A version of the chains as its paper gives it: names in its order."""

    title: str
    effective_from: date
    document: str
    chains: tuple[str, ...]
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Change:
    """What a reclassification does to one firm."""

    firm_id: int
    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Undone:
    """What became of taking back: firms restored, and those changed since, which were left alone."""

    restored: int
    left_alone: tuple[str, ...]


def add_edition(session: Session, draft: EditionDraft, *, by: Actor) -> ChainEdition:
    """Add a version of the chains. Raises Invalid naming the field and the remedy."""
    names = tuple(name.strip() for name in draft.chains if name.strip())
    if not draft.title.strip() or not draft.document.strip():
        raise Invalid("document", tr("请填写版本名称和依据文件。"))
    if not names:
        raise Invalid("chains", tr("请逐行填写产业链名称。"))
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise Invalid("chains", tr("“%(name)s”写了两次，请只保留一个。", name=twice))
    too_long = next((name for name in names if len(name) > Chain.name.type.length), None)
    if too_long is not None:
        raise Invalid("chains", tr("“%(name)s…”超过 60 个字。", name=too_long[:20]))
    for column, value, field, says in (
        (ChainEdition.title, draft.title.strip(), "title", tr("已有同名的版本，请换一个名称。")),
        (ChainEdition.effective_from, draft.effective_from, "effective_from", tr("同一天已有一个版本生效。")),
    ):
        if session.scalar(select(ChainEdition.id).where(column == value)) is not None:
            raise Invalid(field, says)
    made = ChainEdition(
        title=draft.title.strip(), effective_from=draft.effective_from, document=draft.document.strip(),
        url=draft.url.strip(), note=draft.note.strip(), created_by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.add_all(Chain(edition_id=made.id, rank=rank, name=name) for rank, name in enumerate(names, start=1))
    session.flush()
    changes = {
        "title": (None, made.title), "effective_from": (None, made.effective_from),
        "document": (None, made.document), "chains": (None, list(names)),
    }  # fmt: skip
    record(session, by, Action.TAXONOMY_EDIT, Subject("chain_edition", made.id, made.title), changes=changes)
    return made


def set_chains(session: Session, firm: Firm, chain_ids: Sequence[int], *, by: Actor) -> bool:
    """Say which chains of the version in force a firm belongs to, the primary one first; chains of old versions stay.

    Returns whether anything changed. Raises Invalid when one does not belong to that version.
    """
    there = queries.editions(session)
    today = clock.today()
    present = next((one for one in there if one.effective_from <= today), None)
    known = {chain.id: chain.name for chain in present.chains} if present is not None else {}
    if present is None or not set(chain_ids) <= set(known):
        raise Invalid("chains", tr("请从现行版本的产业链中选择。"))
    kept = [one for one in queries.chains_of(session, firm.id) if one.chain.edition_id == present.id]
    wanted = list(dict.fromkeys(chain_ids))
    if [one.chain_id for one in kept] == wanted:
        return False
    session.execute(
        delete(FirmChain).where(FirmChain.firm_id == firm.id, FirmChain.chain_id.in_(known)).execution_options(
            synchronize_session=False
        )
    )  # fmt: skip
    rows = [{"firm_id": firm.id, "chain_id": one, "is_primary": place == 0} for place, one in enumerate(wanted)]
    if rows:
        session.execute(insert(FirmChain), rows)
    session.expire_all()
    changes = {"chains": ([known[one.chain_id] for one in kept],
                          [known[one] for one in wanted])}  # fmt: skip
    record(session, by, Action.FIRM_EDIT, Subject("firm", firm.id, firm.name, firm.id), changes=changes)
    return True


def preview(session: Session, kind: Reclassified, rules: Rules) -> list[Change]:
    """Return what a reclassification would do to each firm; nothing is written."""
    return _industries(session, rules) if kind is Reclassified.INDUSTRY else _chains(session, rules)


def apply(
    session: Session, kind: Reclassified, rules: Rules, *, title: str, reason: str, expected: int, by: Actor
) -> Remap:
    """Carry out a reclassification in one transaction. Raises Conflict when it is no longer what was previewed."""
    _may(by)
    if not reason.strip():
        raise Invalid("reason", tr("请写明调整依据，例如文件名称和文号。"))
    changes = preview(session, kind, rules)
    holding.many_to_write(session, [one.firm_id for one in changes])
    if not changes:
        raise Invalid("reason", tr("没有企业需要调整。"))
    if len(changes) != expected:
        raise Conflict(
            tr("预览时涉及 %(then)s 家企业，现在是 %(now)s 家，请重新预览。", then=expected, now=len(changes))
        )  # fmt: skip
    made = Remap(
        kind=kind, title=title, rules=[[old, new] for old, new in rules.items()], reason=reason.strip(),
        firms=len(changes), applied_by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    for start in range(0, len(changes), ROWS_AT_ONCE):
        part = changes[start : start + ROWS_AT_ONCE]
        _write(session, kind, [(one.firm_id, one.after) for one in part])
        session.execute(
            insert(RemapLine),
            [{"remap_id": made.id, "firm_id": one.firm_id, "before": one.before, "after": one.after} for one in part],
        )
    _tell(session, kind, changes, by, reason.strip())
    record(
        session,
        by,
        Action.TAXONOMY_REMAP,
        Subject("remap", made.id, title),
        changes={"firms": (None, len(changes))},
        note=reason.strip(),
    )
    return made


def undo(session: Session, made: Remap, *, by: Actor) -> Undone:
    """Take a reclassification back: firms that were changed since are left alone and named. Raises Conflict."""
    _may(by)
    if made.state is RemapState.UNDONE:
        raise Conflict(tr("这次调整已经撤销。"))
    rows = session.execute(
        select(RemapLine.firm_id, RemapLine.before, RemapLine.after, Firm.name)
        .join(Firm, Firm.id == RemapLine.firm_id)
        .where(RemapLine.remap_id == made.id)
        .order_by(RemapLine.id)
    ).all()
    holding.many_to_write(session, [row.firm_id for row in rows])
    now = _present(session, made.kind, [row.firm_id for row in rows])
    same = [row for row in rows if now.get(row.firm_id, [] if made.kind is Reclassified.CHAIN else None) == row.after]
    back = [Change(row.firm_id, row.name, row.after, row.before) for row in same]
    for start in range(0, len(back), ROWS_AT_ONCE):
        _write(session, made.kind, [(one.firm_id, one.after) for one in back[start : start + ROWS_AT_ONCE]])
    made.state, made.undone_at, made.undone_by_name = RemapState.UNDONE, clock.now(), by.name
    _tell(session, made.kind, back, by, made.title)
    changes = {"state": (RemapState.APPLIED, RemapState.UNDONE), "firms": (None, len(back))}
    record(session, by, Action.TAXONOMY_REMAP, Subject("remap", made.id, made.title), changes=changes)
    done = {one.firm_id for one in back}
    return Undone(len(back), tuple(row.name for row in rows if row.firm_id not in done))


def _may(by: Actor) -> None:
    if by.reach is not Reach.DISTRICT:
        raise Refused(tr("分类调整涉及全区企业，请由管理范围为全区的同事办理。"))


def _industries(session: Session, rules: Rules) -> list[Change]:
    wrong = next((code for code in rules.values() if industries.industry(code) is None), None)
    if wrong is not None:
        raise Invalid("reason", tr("行业代码表中没有 %(code)s。", code=wrong))
    rows = session.execute(
        select(Firm.id, Firm.name, Firm.industry)
        .where(Firm.industry.in_(list(rules)), Firm.industry_code.is_(None))
        .order_by(Firm.id)
    )
    return [Change(row.id, row.name, None, rules[row.industry]) for row in rows]


def _chains(session: Session, rules: Rules) -> list[Change]:
    touched = select(FirmChain.firm_id).where(FirmChain.chain_id.in_(list(rules)))
    names = dict(session.execute(select(Firm.id, Firm.name).where(Firm.id.in_(touched)).order_by(Firm.id)).all())
    present = _present(session, Reclassified.CHAIN, list(names))
    found = []
    for firm_id, name in names.items():
        after: dict[int, bool] = {}
        for chain_id, is_primary in present[firm_id]:
            new = rules.get(chain_id, chain_id)
            if new is not None:
                after[new] = after.get(new, False) or is_primary
        found.append(Change(firm_id, name, present[firm_id], sorted([one, primary] for one, primary in after.items())))
    return [one for one in found if one.before != one.after]


def _present(session: Session, kind: Reclassified, firm_ids: Sequence[int]) -> dict[int, Any]:
    """Return how the firms are classified now, in the form that a line keeps."""
    found: dict[int, Any] = {}
    for start in range(0, len(firm_ids), ROWS_AT_ONCE):
        part = firm_ids[start : start + ROWS_AT_ONCE]
        if kind is Reclassified.INDUSTRY:
            found.update(session.execute(select(Firm.id, Firm.industry_code).where(Firm.id.in_(part))).all())
            continue
        rows = session.execute(
            select(FirmChain.firm_id, FirmChain.chain_id, FirmChain.is_primary)
            .where(FirmChain.firm_id.in_(part))
            .order_by(FirmChain.firm_id, FirmChain.chain_id)
        )
        for firm_id, chain_id, is_primary in rows:
            found.setdefault(firm_id, []).append([chain_id, is_primary])
    return found


def _write(session: Session, kind: Reclassified, rows: Sequence[tuple[int, Any]]) -> None:
    ids = [firm_id for firm_id, _value in rows]
    if kind is Reclassified.INDUSTRY:
        by_code: dict[str | None, list[int]] = {}
        for firm_id, code in rows:
            by_code.setdefault(code, []).append(firm_id)
        for code, some in by_code.items():
            session.execute(
                update(Firm).where(Firm.id.in_(some)).values(industry_code=code, version=Firm.version + 1)
                .execution_options(synchronize_session=False)
            )  # fmt: skip
        return
    session.execute(delete(FirmChain).where(FirmChain.firm_id.in_(ids)).execution_options(synchronize_session=False))
    new = [
        {"firm_id": firm_id, "chain_id": chain_id, "is_primary": is_primary}
        for firm_id, chains in rows
        for chain_id, is_primary in chains
    ]
    if new:
        session.execute(insert(FirmChain), new)


def _tell(session: Session, kind: Reclassified, changes: Sequence[Change], by: Actor, note: str) -> None:
    """Leave an event on every firm, in words."""
    session.flush()  # expiring would throw away what is not written yet
    session.expire_all()
    names: dict[int, str] = {}
    if kind is Reclassified.CHAIN:
        names = dict(session.execute(select(Chain.id, Chain.name)).all())

    def worded(value: Any) -> Any:
        if kind is Reclassified.INDUSTRY:
            return str(industries.industry(value) or "") or None
        return [names[chain_id] for chain_id, _primary in value]

    field = "industry_code" if kind is Reclassified.INDUSTRY else "chains"
    entries = [
        (Subject("firm", one.firm_id, one.name, one.firm_id), {field: (worded(one.before), worded(one.after))})
        for one in changes
    ]
    record_many(session, by, Action.TAXONOMY_REMAP, entries, note=note)
