"""What the registry says over time: names with days, moves, cancellation, branches; dated, logged, correctable."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.audit.models import AuditEvent
from app.core.errors import Conflict, Invalid
from app.firms import queries, registry, service
from app.firms.models import Firm, NameOffer
from app.firms.registry import STATUS, EventDraft
from app.firms.service import EditedMeanwhile
from app.firms.taxonomy import EventKind, FirmStatus
from tests.factories.firms import make_draft, make_firm

NOTICE = "准予变更登记通知书 2024 第 1 号"


def rename(session: Session, firm: Firm, name: str, on: date, **changes: object) -> None:
    values = {"document": NOTICE, "by": SYSTEM, "version": firm.version} | changes
    registry.rename(session, firm, name, on=on, **values)  # type: ignore[arg-type]


def test_a_rename_keeps_both_names_with_their_days(session: Session) -> None:
    firm = make_firm(session, name="虚构甲厂", registered_on=date(2001, 1, 1))
    rename(session, firm, "虚构乙有限公司", date(2010, 5, 1))
    rename(session, firm, "虚构丙股份有限公司", date(2020, 6, 1))
    former = queries.former_names(session, firm.id)
    assert [(one.name, one.since, one.until, one.document) for one in former] == [
        ("虚构甲厂", date(2001, 1, 1), date(2010, 5, 1), NOTICE),
        ("虚构乙有限公司", date(2010, 5, 1), date(2020, 6, 1), NOTICE),
    ]
    for day, name in ((2005, "虚构甲厂"), (2015, "虚构乙有限公司"), (2024, "虚构丙股份有限公司")):
        assert queries.name_on(firm.name, former, date(day, 1, 1)) == name
    assert [one.id for one in queries.search(session, "虚构甲厂", for_=SYSTEM)] == [firm.id]


@pytest.mark.parametrize(
    ("name", "on", "changes", "why"),
    [
        ("", date(2020, 1, 1), {}, "请填写新名称"),
        ("虚构 甲厂", date(2020, 1, 1), {}, "与现用名相同"),
        ("虚构乙厂", date(2000, 1, 1), {}, "不能早于 2001-01-01"),
        ("虚构乙厂", date(2999, 1, 1), {}, "不能晚于今天"),
        ("虚构乙厂", date(2020, 1, 1), {"document": " "}, "请写明依据"),
        ("虚" * 121, date(2020, 1, 1), {}, "最多 120 个字"),
    ],
)
def test_a_rename_is_refused(session: Session, name: str, on: date, changes: dict[str, object], why: str) -> None:
    firm = make_firm(session, name="虚构甲厂", registered_on=date(2001, 1, 1))
    with pytest.raises(Invalid, match=why):
        rename(session, firm, name, on, **changes)
    with pytest.raises(EditedMeanwhile):
        rename(session, firm, "虚构乙厂", date(2020, 1, 1), version=firm.version - 1)


def test_the_days_of_a_name_are_put_right(session: Session) -> None:
    firm = make_firm(session)
    former = service.add_former_name(session, firm, "虚构旧厂", until=None, by=SYSTEM)
    day = {"since": date(2001, 1, 1), "until": date(2010, 1, 1), "document": NOTICE}
    assert registry.correct_name(session, firm, former, by=SYSTEM, **day)  # type: ignore[arg-type]
    assert not registry.correct_name(session, firm, former, by=SYSTEM, **day)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="启用日期不能晚于停用日期"):
        registry.correct_name(
            session, firm, former, since=date(2011, 1, 1), until=date(2010, 1, 1), document="", by=SYSTEM
        )


def event(kind: EventKind, day: int, **changes: object) -> EventDraft:
    values = {"from_place": "新会区", "to_place": "江海区"} | changes
    return EventDraft(kind=kind, on_day=date(2024, 1, day), **values)  # type: ignore[arg-type]


MOVING = st.lists(
    st.tuples(st.sampled_from([*STATUS, EventKind.MOVED_WITHIN]), st.integers(1, 28), st.booleans()), max_size=6
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MOVING)
def test_the_status_is_that_of_the_latest_event_that_stands(
    session: Session, steps: list[tuple[EventKind, int, bool]]
) -> None:
    firm = service.create(session, make_draft(credit_code=None), by=SYSTEM)
    for kind, day, stays in steps:
        noted = registry.record_event(session, firm, event(kind, day), by=SYSTEM)
        if not stays:
            registry.void_event(session, firm, noted, reason="录错", by=SYSTEM)
    standing = [one for one in registry.events(session, firm.id) if one.voided_at is None and one.kind in STATUS]
    assert firm.status is (STATUS[standing[0].kind] if standing else FirmStatus.ACTIVE)
    logged = select(func.count()).select_from(AuditEvent).where(AuditEvent.subject_type == "firm_event")
    assert session.scalar(logged.where(AuditEvent.firm_id == firm.id)) == len(steps) + sum(not one[2] for one in steps)
    session.rollback()


@pytest.mark.parametrize(
    ("draft", "why"),
    [
        (event(EventKind.MOVED_OUT, 1, to_place=" "), "请写明迁往哪里"),
        (event(EventKind.MOVED_IN, 1, from_place=""), "请写明从哪里迁入"),
        (EventDraft(kind=EventKind.CANCELLED, on_day=date(2999, 1, 1)), "不能晚于今天"),
        (EventDraft(kind=EventKind.BRANCH, on_day=date(2024, 1, 1)), "请填写所属法人"),
    ],
)
def test_an_event_is_refused(session: Session, draft: EventDraft, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        registry.record_event(session, make_firm(session), draft, by=SYSTEM)


def test_a_firm_is_the_branch_of_one_legal_entity(session: Session) -> None:
    parent, branch = make_firm(session), make_firm(session)
    made = event(EventKind.BRANCH, 1, parent_id=parent.id)
    noted = registry.record_event(session, branch, made, by=SYSTEM)
    with pytest.raises(Conflict, match="已经登记了所属法人"):
        registry.record_event(session, branch, made, by=SYSTEM)
    registry.void_event(session, branch, noted, reason="录错", by=SYSTEM)
    with pytest.raises(Conflict, match="已经作废"):
        registry.void_event(session, branch, noted, reason="录错", by=SYSTEM)
    registry.record_event(session, branch, made, by=SYSTEM)


def test_a_name_that_a_table_reveals_is_offered_once_and_decided_by_a_person(session: Session) -> None:
    firm = make_firm(session, name="虚构甲厂", former_names=("虚构老厂",))
    seen = [
        (firm.id, "虚构新厂", "批次 1"),
        (firm.id, "虚构 甲厂", ""),
        (firm.id, "虚构老厂", ""),
        (firm.id, "虚购甲厂", ""),
    ]
    assert registry.offer_names(session, seen) == 2
    assert registry.offer_names(session, seen) == 0
    slip = session.scalars(select(NameOffer).where(NameOffer.name == "虚购甲厂")).one()
    registry.decline_name(session, firm, slip, reason="表中笔误", by=SYSTEM)
    rename(session, firm, "虚构新厂", date(2024, 1, 1))
    assert registry.open_offers(session, firm.id) == []
    assert registry.offer_names(session, seen) == 0
