"""Today's work: each item counts exactly the list that its link opens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.access.policy import decide
from app.assessments import queries as assessments
from app.assessments.models import SubmissionState
from app.audit.models import AuditEvent
from app.audit.queries import Entry, entry
from app.core.text import N_
from app.dossiers.models import Dossier, DossierState
from app.eligibility.models import EligibilityList, Shortfall, Verdict
from app.engagement import queries as tasks
from app.engagement.queries import MINE, TaskFilter, TaskTab
from app.facts import queue
from app.firms import queries as firms
from app.firms.filtering import NOBODY
from app.firms.models import Firm
from app.imports.models import BatchState, ImportBatch
from app.nominations.models import ListState, NominationList
from app.rulebooks.models import Edition

RECENT = 8


@dataclass(frozen=True)
class Item:
    """One line of the workbench: what to do, why it is here, how many, and where the list is."""

    label: str
    why: str
    icon: str
    count: int
    endpoint: str
    arguments: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Workbench:
    """Three columns: to do, waiting for others, changed."""

    to_do: Sequence[Item]
    waiting: Sequence[Item]
    events: Sequence[tuple[Entry, str]]


@dataclass(frozen=True)
class _Source:
    label: str
    why: str
    icon: str
    action: Action
    endpoint: str
    count: Callable[[Session, Actor], int]
    arguments: dict[str, str | int] = field(default_factory=dict)
    waiting_for: Action | None = None  # shown under “waiting” to those who cannot do this themselves


def workbench(session: Session, actor: Actor) -> Workbench:
    """Return the workbench of a member of staff; items without anything to do are left out."""
    to_do: list[Item] = []
    waiting: list[Item] = []
    for source in _sources(session):
        if not decide(actor, source.action).allowed:
            continue
        count = source.count(session, actor)
        if not count:
            continue
        own = source.waiting_for is None or decide(actor, source.waiting_for).allowed
        item = Item(source.label, source.why, source.icon, count, source.endpoint, source.arguments)
        (to_do if own else waiting).append(item)
    return Workbench(to_do, waiting, _events(session, actor))


def _sources(session: Session) -> Sequence[_Source]:
    return (
        _Source(
            N_("待审核的自评"), N_("企业已签署提交，等着退回或核定"), "clipboard-text", Action.ASSESSMENT_READ,
            "office.assessments.index", _signed, {"state": SubmissionState.WAITING.value}, Action.ASSESSMENT_ACCEPT,
        ),
        _Source(
            N_("待审核的申报值"), N_("有人填报或导入，核定后才能用于判定"), "clipboard-check", Action.CLAIM_READ,
            "office.facts.index", queue.pending_cases, waiting_for=Action.CLAIM_ACCEPT,
        ),
        _Source(
            N_("已预检、待执行的导入"), N_("表格已读懂，还没有写入"), "file-import", Action.IMPORT_READ,
            "office.imports.index", _staged, {"state": BatchState.STAGED.value}, Action.IMPORT_APPLY,
        ),
        _Source(
            N_("待锁定的推荐名单"), N_("已提交，须由另一人锁定"), "lock", Action.NOMINATION_READ,
            "office.nominations.index", _submitted, {"state": ListState.SUBMITTED.value}, Action.NOMINATION_FREEZE,
        ),
        _Source(
            N_("拟定中的推荐名单"), N_("还有企业没有决定"), "award", Action.NOMINATION_DECIDE,
            "office.nominations.index", _drafts, {"state": ListState.DRAFT.value},
        ),
        _Source(
            N_("生成失败的申报材料"), N_("原因写在材料页面上，改正后重新生成"), "file-certificate",
            Action.DOSSIER_REQUEST, "office.dossiers.index", _failed, {"state": DossierState.FAILED.value},
        ),
        _Source(
            N_("已过期限的任务"), N_("由您负责，期限已过，还没有办结"), "clock", Action.TASK_DONE,
            "office.engagement.index", _my_overdue_tasks, {"tab": TaskTab.OVERDUE.value, "owner": MINE},
        ),
        _Source(
            N_("我的任务"), N_("由您负责，还没有办结"), "clipboard-check", Action.TASK_DONE,
            "office.engagement.index", _my_tasks, {"owner": MINE},
        ),
        *_one_call_away(session),
        _Source(
            N_("没有经办人的企业"), N_("分派后才有人跟进"), "user-question", Action.FIRM_ASSIGN,
            "office.firms.index", _unassigned, {"caseworker": NOBODY},
        ),
    )  # fmt: skip


def _one_call_away(session: Session) -> Sequence[_Source]:
    """Firms one figure short in the newest list of each edition: a phone call each."""
    newest = (
        select(func.max(EligibilityList.id)).where(EligibilityList.is_complete).group_by(EligibilityList.edition_id)
    )
    rows = session.execute(
        select(EligibilityList.id, Edition.title)
        .join(Edition, Edition.id == EligibilityList.edition_id)
        .where(EligibilityList.id.in_(newest))
        .order_by(Edition.code)
    ).all()
    return [
        _Source(
            title, N_("只差一项数据，打一个电话就能判定"), "phone", Action.ELIGIBILITY_READ,
            "office.eligibility.show", _short_of_data(list_id),
            {"list_id": list_id, "tab": Shortfall.ONE_DATA.value},
        )
        for list_id, title in rows
    ]  # fmt: skip


def _short_of_data(list_id: int) -> Callable[[Session, Actor], int]:
    def count(session: Session, actor: Actor) -> int:
        statement = select(func.count()).select_from(Verdict).join(Firm, Firm.id == Verdict.firm_id)
        conditions = (Verdict.list_id == list_id, Verdict.shortfall == Shortfall.ONE_DATA, firms.visible_to(actor))
        return session.scalar(statement.where(*conditions)) or 0

    return count


def _my_tasks(session: Session, actor: Actor) -> int:
    return tasks.count(session, TaskFilter(TaskTab.OPEN, actor.id), for_=actor)


def _my_overdue_tasks(session: Session, actor: Actor) -> int:
    return tasks.count(session, TaskFilter(TaskTab.OVERDUE, actor.id), for_=actor)


def _signed(session: Session, actor: Actor) -> int:
    return assessments.waiting(session, for_=actor)


def _staged(session: Session, actor: Actor) -> int:
    return _count(session, ImportBatch, ImportBatch.state == BatchState.STAGED)


def _submitted(session: Session, actor: Actor) -> int:
    return _count(session, NominationList, NominationList.state == ListState.SUBMITTED)


def _drafts(session: Session, actor: Actor) -> int:
    return _count(session, NominationList, NominationList.state == ListState.DRAFT)


def _failed(session: Session, actor: Actor) -> int:
    return _count(session, Dossier, Dossier.state == DossierState.FAILED)


def _unassigned(session: Session, actor: Actor) -> int:
    return _count(session, Firm, Firm.caseworker_id.is_(None), firms.visible_to(actor), firms.standing())


def _count(session: Session, table: type, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def _events(session: Session, actor: Actor) -> Sequence[tuple[Entry, str]]:
    """What changed lately on the firms in reach, with the firm's name."""
    statement = (
        select(AuditEvent, Firm.name)
        .join(Firm, Firm.id == AuditEvent.firm_id)
        .where(firms.visible_to(actor))
        .order_by(AuditEvent.id.desc())
        .limit(RECENT)
    )
    return [(entry(row[0]), row[1]) for row in session.execute(statement)]
