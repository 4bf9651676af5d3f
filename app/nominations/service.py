"""Draw up a nomination list, add firms, decide, rank, submit, return, freeze. After freezing nothing changes.

Every write locks the row of the list first, so that decisions, quota and freezing never overtake each other. Whoever
had a hand in a list cannot freeze it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.changes import diff
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.text import Message, tr
from app.eligibility.models import EligibilityList, Verdict, VerdictState
from app.firms import queries as firms
from app.firms.models import Firm
from app.nominations import content, lifecycle, queries
from app.nominations.models import Decision, ListState, Nomination, NominationList

NEEDS_REASON = frozenset({Decision.DEFER, Decision.DECLINE})
LARGEST_QUOTA = 100_000
LARGEST_AMOUNT = Decimal(100_000_000)  # 万元: beyond any budget, so surely a wrong unit
SMALLEST_AMOUNT = Decimal("0.000001")  # 万元: one 分


def draw_up(
    session: Session, drawn: EligibilityList, *, by: Actor, title: str, quota: int | None = None
) -> NominationList:
    """Begin a list with the eligible firms in reach as undecided candidates.

    Raises Conflict (the eligibility list is not complete), Invalid (``title``, ``quota``).
    """
    if not drawn.is_complete:
        raise Conflict(tr("资格清单还没有生成完毕，请完成后再拟定推荐名单。"))
    found = NominationList(
        eligibility_list_id=drawn.id,
        title=_checked_title(title),
        state=ListState.DRAFT,
        quota=_checked_quota(quota),
        worked_by=_hands([], by),
        created_by=by.id,
        created_by_name=by.name,
    )
    session.add(found)
    session.flush()
    rows = session.execute(
        select(Verdict.id, Verdict.firm_id)
        .join(Firm, Firm.id == Verdict.firm_id)
        .where(Verdict.list_id == drawn.id, Verdict.state == VerdictState.ELIGIBLE, firms.visible_to(by))
        .order_by(Firm.name_key, Firm.id)
    )
    session.add_all(Nomination(list_id=found.id, firm_id=row.firm_id, verdict_id=row.id) for row in rows)
    session.flush()
    record(
        session,
        by,
        Action.NOMINATION_DRAW_UP,
        _subject(found),
        changes={"eligibility_list": [None, drawn.id], "quota": [None, found.quota]},
    )
    return found


def edit(session: Session, list_id: int, *, by: Actor, title: str, quota: int | None, version: int) -> NominationList:
    """Change title and ceiling of a draft. Raises Invalid (``quota`` below the firms nominated), Conflict."""
    found = _open(session, list_id, by, version=version)
    nominated = _nominated(session, found)
    if quota is not None and quota < nominated:
        raise Invalid("quota", tr("已推荐 %(n)s 家，名额不能少于已推荐的家数；请先把多出的企业改为暂缓。", n=nominated))
    found.title, found.quota = _checked_title(title), _checked_quota(quota)
    record(session, by, Action.NOMINATION_DECIDE, _subject(found), changes=diff(found))
    session.flush()
    return found


def add(session: Session, list_id: int, firm_id: int, *, by: Actor, reason: str) -> Nomination:
    """Put a judged firm on a draft as a candidate; one that is not eligible needs a reason, which stays visible.

    Raises NotFound (out of reach, or not judged for this list), Conflict (on the list already), Invalid (``reason``).
    """
    found = _open(session, list_id, by)
    firm = firms.firm(session, firm_id, for_=by)
    verdict = session.execute(
        select(Verdict.id, Verdict.state).where(
            Verdict.list_id == found.eligibility_list_id, Verdict.firm_id == firm_id
        )
    ).first()
    if verdict is None:
        raise NotFound(tr("“%(firm)s”不在所依据的资格清单内，请先判定。", firm=firm.name))
    there = select(Nomination.id).where(Nomination.list_id == list_id, Nomination.firm_id == firm_id)
    if session.scalar(there) is not None:
        raise Conflict(tr("“%(firm)s”已在名单内，无需重复添加。", firm=firm.name))
    if verdict.state is not VerdictState.ELIGIBLE and not reason.strip():
        raise Invalid("reason", tr("“%(firm)s”的判定不是“符合条件”，列入候选须写明理由。", firm=firm.name))
    nomination = Nomination(
        list_id=list_id,
        firm_id=firm_id,
        verdict_id=verdict.id,
        decision=Decision.UNDECIDED,
        added_by_name=by.name,
        added_reason=reason.strip(),
    )
    session.add(nomination)
    session.flush()
    record(
        session,
        by,
        Action.NOMINATION_DECIDE,
        _subject(found, firm),
        changes={"candidate": [None, verdict.state]},
        note=reason.strip(),
    )
    return nomination


def decide(
    session: Session,
    nomination: Nomination,
    decision: Decision,
    *,
    by: Actor,
    reason: str = "",
    amount: Decimal | None = None,
    amount_source: str = "",
    version: int | None = None,
) -> Nomination:
    """Nominate, defer or decline a firm, or take the decision back to undecided.

    A reason is needed to defer, to decline, and to nominate a firm whose verdict is not "eligible". An amount (万元)
    goes with a nomination only and needs its source. Raises Invalid (``reason``, ``amount``, ``amount_source``),
    Conflict (not a draft, ceiling reached, changed by somebody else since ``version``), NotFound (out of reach).
    """
    found = _open(session, nomination.list_id, by)
    session.refresh(nomination, with_for_update=True)
    firm = firms.firm(session, nomination.firm_id, for_=by)
    if version is not None and version != nomination.version:
        raise Conflict(
            tr("%(name)s刚刚修改了“%(firm)s”的意见，请刷新后再办理。", name=nomination.decided_by_name, firm=firm.name)
        )
    state = session.scalar(select(Verdict.state).where(Verdict.id == nomination.verdict_id))
    _check_reason(decision, state, reason)
    _check_amount(decision, amount, amount_source)
    before = _told(nomination)
    _set_rank(session, found, nomination, decision)
    nomination.decision = decision
    nomination.reason = reason.strip()
    nomination.amount = amount
    nomination.amount_source = amount_source.strip() if amount is not None else ""
    nomination.decided_by, nomination.decided_by_name, nomination.decided_at = by.id, by.name, clock.now()
    session.flush()
    after = _told(nomination)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    record(session, by, Action.NOMINATION_DECIDE, _subject(found, firm), changes=changes, note=reason.strip())
    return nomination


def rank(session: Session, nomination: Nomination, *, up: bool, by: Actor) -> None:
    """Move a nominated firm one place up or down; at the end it stays where it is.

    Raises Conflict (not a draft, not nominated), Refused (firms of the list are out of the person's reach).
    """
    found = _open(session, nomination.list_id, by)
    _must_see_all(session, found, by)
    session.refresh(nomination)
    if nomination.rank is None:
        raise Conflict(tr("只有拟推荐的企业参加排序。"))
    old, new = nomination.rank, nomination.rank + (-1 if up else 1)
    other = session.scalars(
        select(Nomination).where(Nomination.list_id == found.id, Nomination.rank == new)
    ).one_or_none()
    if other is None:
        return
    # a rank is unique, so the two change places by way of a number that no firm has
    for one, number in ((nomination, -1), (other, old), (nomination, new)):
        _put(session, one, number)
    name = firms.names(session, [nomination.firm_id])[nomination.firm_id]
    subject = Subject("nomination_list", found.id, f"{found.title} · {name}"[:200], nomination.firm_id)
    record(session, by, Action.NOMINATION_DECIDE, subject, changes={"rank": [old, new]})


def submit(session: Session, list_id: int, *, by: Actor, version: int | None = None) -> NominationList:
    """Hand a draft over for freezing. Raises Conflict while a firm is undecided or the list is empty."""
    found = _locked(session, list_id, version)
    lifecycle.target(found, Action.NOMINATION_SUBMIT)
    _must_be_of_time(session, found)
    _must_see_all(session, found, by)
    counts = _counts(session, found)
    if counts.get(Decision.UNDECIDED, 0):
        raise Conflict(tr("还有 %(n)s 家企业没有提出意见，全部提出后才能提交。", n=counts[Decision.UNDECIDED]))
    if not counts:
        raise Conflict(tr("名单里还没有企业，不能提交。"))
    found.worked_by = _hands(found.worked_by, by)
    found.submitted_by_name, found.submitted_at, found.returned_note = by.name, clock.now(), ""
    return _moved(session, found, Action.NOMINATION_SUBMIT, by, "")


def return_to_draft(session: Session, list_id: int, *, by: Actor, note: str) -> NominationList:
    """Send a submitted list back with a reason. Raises Invalid (``note``), Conflict."""
    found = _locked(session, list_id)
    lifecycle.target(found, Action.NOMINATION_RETURN)
    _must_see_all(session, found, by)
    if not note.strip():
        raise Invalid("note", tr("请写明退回原因，拟定人会看到。"))
    found.returned_note = note.strip()
    return _moved(session, found, Action.NOMINATION_RETURN, by, note.strip())


def freeze(session: Session, list_id: int, *, by: Actor, version: int | None = None) -> NominationList:
    """Freeze a submitted list: store its content and hash. Afterwards nothing of it can change.

    Raises Refused for anybody who had a hand in the list (drew it up, added, decided, ranked or submitted), Conflict.
    """
    found = _locked(session, list_id, version)
    lifecycle.target(found, Action.NOMINATION_FREEZE)
    if by.id is None:
        raise Refused(tr("名单须由本人登录的审核人锁定，系统不能代为锁定。"))
    if by.id in found.worked_by or by.id == found.created_by:
        raise Refused(tr("您参与过本名单的拟定、提出意见或提交，须由另一位审核人锁定。"))
    _must_be_of_time(session, found)
    _must_see_all(session, found, by)
    before = found.state
    lifecycle.move(found, Action.NOMINATION_FREEZE)
    with session.no_autoflush:  # the state goes to the database together with the content, or the trigger refuses it
        found.content = content.compose(session, found)
    found.digest = content.digest(found.content)
    found.frozen_by, found.frozen_by_name, found.frozen_at = by.id, by.name, clock.now()
    record(
        session,
        by,
        Action.NOMINATION_FREEZE,
        _subject(found),
        changes={"state": [before, found.state], "digest": ["", found.digest]},
    )
    session.flush()
    return found


# --- rules ---------------------------------------------------------------------------------------------------------


def _check_reason(decision: Decision, state: VerdictState | None, reason: str) -> None:
    if reason.strip():
        return
    if decision in NEEDS_REASON:
        raise Invalid("reason", tr("“%(decision)s”须写明理由。", decision=Message(decision.label)))
    if decision is Decision.NOMINATE and state is not VerdictState.ELIGIBLE:
        raise Invalid("reason", tr("该企业的判定不是“符合条件”，推荐须写明理由。"))


def _check_amount(decision: Decision, amount: Decimal | None, source: str) -> None:
    if amount is None:
        if source.strip():
            raise Invalid("amount", tr("写了金额依据，还须填写金额；政策没有规定金额的，两项都留空（未定义）。"))
        return
    if decision is not Decision.NOMINATE:
        raise Invalid("amount", tr("只有拟推荐的企业才填写金额，请清空金额。"))
    if not amount.is_finite() or not 0 < amount <= LARGEST_AMOUNT:
        raise Invalid("amount", tr("金额须是大于 0 的数（万元）；政策没有规定金额的请留空（未定义）。"))
    if amount != amount.quantize(SMALLEST_AMOUNT):
        raise Invalid("amount", tr("金额精确到分，即最多六位小数（万元），请更正。"))
    if not source.strip():
        raise Invalid("amount_source", tr("填写金额须同时写明依据（文件名称、文号和条款）。"))


def _checked_title(title: str) -> str:
    text = title.strip()
    if not text or len(text) > 160:
        raise Invalid("title", tr("请填写名单名称，不超过 160 字。"))
    return text


def _checked_quota(quota: int | None) -> int | None:
    if quota is not None and not 0 < quota <= LARGEST_QUOTA:
        raise Invalid("quota", tr("名额须是大于 0 的整数；没有规定名额的请留空（未定义）。"))
    return quota


# --- rows ----------------------------------------------------------------------------------------------------------


def _must_be_of_time(session: Session, found: NominationList) -> None:
    """Raise Conflict where a revision says that such a list follows the new edition by now."""
    after = queries.must_follow(session, found)
    if after is not None:
        raise Conflict(
            tr(
                "“%(code)s”自 %(day)s 起施行，按过渡安排这份名单须跟新版：请按新版重新生成资格清单和推荐名单。",
                code=after.edition.code,
                day=after.edition.effective_from,
            )
        )


def _locked(session: Session, list_id: int, version: int | None = None) -> NominationList:
    found = queries.nomination_list(session, list_id, lock=True)
    session.refresh(found, with_for_update=True)
    if version is not None and version != found.version:
        raise Conflict(tr("名单在您查看之后有改动，请刷新页面，看过最新内容再办理。"))
    return found


def _open(session: Session, list_id: int, by: Actor, *, version: int | None = None) -> NominationList:
    """Return a draft, locked, with ``by`` noted as one who had a hand in it."""
    found = _locked(session, list_id, version)
    lifecycle.move(found, Action.NOMINATION_DECIDE)
    hands = _hands(found.worked_by, by)
    if hands != found.worked_by:
        found.worked_by = hands
        session.flush()
    return found


def _told(nomination: Nomination) -> dict[str, Any]:
    names = ("decision", "reason", "rank", "amount", "amount_source")
    return {name: getattr(nomination, name) for name in names}


def _hands(known: Sequence[int], by: Actor) -> list[int]:
    return sorted({*known, by.id}) if by.id is not None else list(known)


def _must_see_all(session: Session, found: NominationList, by: Actor) -> None:
    if not queries.is_whole(session, found.id, for_=by):
        raise Refused(tr("名单中有您管理范围以外的企业，排序、提交和锁定须由能看到全部企业的人办理。"))


def _moved(session: Session, found: NominationList, action: Action, by: Actor, note: str) -> NominationList:
    before = found.state
    lifecycle.move(found, action)
    record(session, by, action, _subject(found), changes={"state": [before, found.state]}, note=note)
    session.flush()
    return found


def _counts(session: Session, found: NominationList) -> Mapping[Decision, int]:
    rows = session.execute(
        select(Nomination.decision, func.count()).where(Nomination.list_id == found.id).group_by(Nomination.decision)
    )
    return {decision: number for decision, number in rows}


def _nominated(session: Session, found: NominationList) -> int:
    return _counts(session, found).get(Decision.NOMINATE, 0)


def _set_rank(session: Session, found: NominationList, nomination: Nomination, decision: Decision) -> None:
    """A firm newly nominated goes to the end; one taken back leaves no gap. Raises Conflict at the ceiling."""
    if decision is Decision.NOMINATE and nomination.rank is None:
        nominated = _nominated(session, found)
        if found.quota is not None and nominated >= found.quota:
            raise Conflict(
                tr("名额 %(quota)s 家已满。请先把一家改为暂缓，或由拟定人按依据调整名额。", quota=found.quota)
            )
        nomination.rank = nominated + 1
    elif decision is not Decision.NOMINATE and nomination.rank is not None:
        gap, nomination.rank, nomination.decision = nomination.rank, None, decision
        session.flush()
        behind = [Nomination.list_id == found.id, Nomination.rank > gap]
        _write(session, behind, -(Nomination.rank - 1))
        _write(session, [Nomination.list_id == found.id, Nomination.rank < 0], -Nomination.rank)


def _put(session: Session, nomination: Nomination, number: int) -> None:
    _write(session, [Nomination.id == nomination.id], number)
    session.expire(nomination, ["rank"])


def _write(session: Session, which: Sequence[Any], number: Any) -> None:
    """Change ranks past the version guard: a rank that moves is no change of the decision a person looks at."""
    session.execute(update(Nomination).where(*which).values(rank=number).execution_options(synchronize_session=False))


def _subject(found: NominationList, firm: Firm | None = None) -> Subject:
    label = f"{found.title} · {firm.name}" if firm is not None else found.title
    return Subject("nomination_list", found.id, label, firm.id if firm is not None else None)
