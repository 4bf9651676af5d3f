"""What is said becomes what is held, and who may decide it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.facts import queries, service
from app.facts.models import Claim, ClaimState, Fact, SourceKind
from app.firms.models import Firm
from tests.factories.facts import make_claim, make_fact, make_statement
from tests.factories.firms import make_firm

MANY = 300


def test_an_accepted_claim_becomes_the_fact(session: Session, firm: Firm, reviewer: Actor) -> None:
    claim = make_claim(session, firm.id)
    fact = service.accept(session, claim, by=reviewer)
    assert (fact.number, fact.key, fact.year, fact.claim_id) == (Decimal(62974), "sales_revenue", 2025, claim.id)
    assert claim.state is ClaimState.ACCEPTED
    assert (claim.reviewed_by_name, claim.raw) == ("王审核", "62,974")


@pytest.mark.parametrize(
    ("key", "year", "value"),
    [
        ("is_resident_enterprise", None, False),
        ("registration_date", None, date(2010, 5, 1)),
        ("hnte_cert_date", None, ()),
        ("major_safety_incident_dates", None, (date(2024, 1, 2), date(2025, 3, 4))),
        ("mgmt_system_cert", None, ("ISO9001", "ISO14001")),
        ("rd_expense_hnte", 2025, Decimal("0.00000001")),
        ("market_share_ratio", 2025, Decimal("0.0512")),
        ("registered_country", None, "中国"),
        ("expert:IP1", None, Decimal(6)),
    ],
)
def test_every_kind_of_value_is_read_back_as_it_was_said(
    session: Session, firm: Firm, reviewer: Actor, key: str, year: int | None, value: object
) -> None:
    make_fact(session, firm.id, key, year, value, reviewer=reviewer)  # type: ignore[arg-type]
    session.commit()
    session.expire_all()
    found = queries.fact_sheet(session, firm.id, date(2026, 6, 30)).get(key, year)
    assert found is not None
    assert found.value == value
    assert type(found.value) is type(value)


def test_registers_are_read_back_with_their_columns(session: Session, firm: Firm, reviewer: Actor) -> None:
    rows = [{"level": "省部级", "rank": "2", "date": date(2024, 5, 1)}]
    make_fact(session, firm.id, "sci_award_records", None, rows, reviewer=reviewer)  # type: ignore[arg-type]
    session.expire_all()
    found = queries.fact_sheet(session, firm.id, date(2026, 6, 30)).get("sci_award_records")
    assert found is not None
    entry = found.value[0]  # type: ignore[index]
    assert (entry.get("level"), entry.get("rank"), entry.get("date")) == ("省部级", Decimal(2), date(2024, 5, 1))


def test_accepting_another_value_supersedes_and_keeps_the_old_one(
    session: Session, firm: Firm, reviewer: Actor
) -> None:
    old = make_fact(session, firm.id, "sales_revenue", 2025, Decimal(100), reviewer=reviewer)
    new = make_fact(session, firm.id, "sales_revenue", 2025, Decimal(120), reviewer=reviewer, reason="以审计报告为准")
    session.refresh(old)
    assert old.superseded_at is not None
    assert (old.superseded_by, old.number, new.superseded_at) == (new.id, Decimal(100), None)
    assert [step.note for step in queries.history(session, firm.id, "sales_revenue", 2025)][0] == "以审计报告为准"


def test_a_value_that_differs_from_the_current_one_needs_a_reason(
    session: Session, firm: Firm, reviewer: Actor
) -> None:
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal(100), reviewer=reviewer)
    claim = make_claim(session, firm.id, value=Decimal(120))
    with pytest.raises(Invalid, match="不一致") as refused:
        service.accept(session, claim, by=reviewer)
    assert refused.value.field == "reason"
    assert service.accept(session, claim, by=reviewer, reason="审计调整").number == Decimal(120)


def test_an_equal_value_confirms_the_current_fact(session: Session, firm: Firm, reviewer: Actor) -> None:
    fact = make_fact(session, firm.id, "sales_revenue", 2025, Decimal("100.50"), reviewer=reviewer)
    claim = make_claim(session, firm.id, value=Decimal("100.5"), source_label="企业自报")
    assert service.accept(session, claim, by=reviewer).id == fact.id
    assert claim.state is ClaimState.ACCEPTED
    assert session.scalar(select(func.count()).select_from(Fact)) == 1
    assert any("予以确认" in str(step.what) for step in queries.history(session, firm.id, "sales_revenue", 2025))


def test_two_sources_that_differ_wait_until_a_person_chooses(session: Session, firm: Firm, reviewer: Actor) -> None:
    table = make_claim(session, firm.id, value=Decimal(100))
    said = make_claim(session, firm.id, value=Decimal(120), source_kind=SourceKind.FIRM, source_label="企业自报")
    with pytest.raises(Invalid, match="不一致"):
        service.accept(session, table, by=reviewer)
    with pytest.raises(Invalid, match="理由"):
        service.choose(session, table, by=reviewer, reason="  ")
    fact = service.choose(session, table, by=reviewer, reason="与纳税申报表一致")
    assert fact.number == Decimal(100)
    assert said.state is ClaimState.REJECTED
    assert "与纳税申报表一致" in said.review_note
    assert said.number == Decimal(120)


def test_keeping_the_current_fact_sends_the_others_back(session: Session, firm: Firm, reviewer: Actor) -> None:
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal(100), reviewer=reviewer)
    other = make_claim(session, firm.id, value=Decimal(120))
    same = make_claim(session, firm.id, value=Decimal(100))
    with pytest.raises(Invalid, match="理由"):
        service.keep_current(session, other, by=reviewer, reason="")
    assert service.keep_current(session, other, by=reviewer, reason="审计数") == 1
    assert (other.state, same.state) == (ClaimState.REJECTED, ClaimState.PENDING)


def test_there_is_nothing_to_keep_without_a_current_fact(session: Session, firm: Firm, reviewer: Actor) -> None:
    claim = make_claim(session, firm.id)
    with pytest.raises(Conflict, match="还没有核定值"):
        service.keep_current(session, claim, by=reviewer, reason="审计数")


def test_nobody_accepts_what_he_stated_himself(
    session: Session, firm: Firm, reviewer: Actor, second_reviewer: Actor
) -> None:
    claim = make_claim(session, firm.id, by=reviewer)
    with pytest.raises(Refused, match="另一位审核人"):
        service.accept(session, claim, by=reviewer)
    assert service.accept(session, claim, by=second_reviewer).claim_id == claim.id


def test_a_decided_claim_is_not_decided_again(session: Session, firm: Firm, reviewer: Actor) -> None:
    rejected = make_claim(session, firm.id)
    service.reject(session, rejected, by=reviewer, note="缺审计报告")
    with pytest.raises(Conflict, match="已退回（王审核"):
        service.accept(session, rejected, by=reviewer)
    accepted = make_claim(session, firm.id)
    service.accept(session, accepted, by=reviewer)
    with pytest.raises(Conflict, match="已核定"):
        service.reject(session, accepted, by=reviewer, note="再看")
    with pytest.raises(Conflict, match="已核定"):
        service.withdraw(session, accepted, by=Actor(None, "filler", "系统导入", Role.CASEWORKER))


def test_a_rejection_says_why(session: Session, firm: Firm, reviewer: Actor) -> None:
    claim = make_claim(session, firm.id)
    with pytest.raises(Invalid, match="退回原因"):
        service.reject(session, claim, by=reviewer, note=" ")
    service.reject(session, claim, by=reviewer, note="缺审计报告")
    assert (claim.state, claim.review_note) == (ClaimState.REJECTED, "缺审计报告")


def test_only_who_stated_it_withdraws_it(
    session: Session, firm: Firm, reviewer: Actor, caseworker: Actor, people: object
) -> None:
    claim = make_claim(session, firm.id, by=caseworker, source_kind=SourceKind.CASEWORKER)
    with pytest.raises(Refused, match="陈经办"):
        service.withdraw(session, claim, by=reviewer)
    service.withdraw(session, claim, by=caseworker)
    assert claim.state is ClaimState.WITHDRAWN


def test_a_colleague_of_the_same_firm_may_withdraw_what_the_firm_said(session: Session, firm: Firm) -> None:
    filler = Actor(None, "a", "填报人", Role.FIRM_FILLER, firm_id=firm.id)
    signatory = Actor(None, "b", "负责人", Role.FIRM_SIGNATORY, firm_id=firm.id)
    claim = make_claim(session, firm.id, by=filler, source_kind=SourceKind.FIRM)
    service.withdraw(session, claim, by=signatory)
    assert claim.state is ClaimState.WITHDRAWN


def test_a_firm_speaks_only_for_itself_and_decides_nothing(session: Session, firm: Firm, reviewer: Actor) -> None:
    other = make_firm(session)
    filler = Actor(None, "a", "填报人", Role.FIRM_FILLER, firm_id=firm.id)
    with pytest.raises(NotFound):
        make_claim(session, other.id, by=filler, source_kind=SourceKind.FIRM)
    with pytest.raises(NotFound):
        make_claim(session, firm.id, by=filler, source_kind=SourceKind.IMPORT)
    claim = make_claim(session, firm.id)
    with pytest.raises(Refused, match="企业账号"):
        service.accept(session, claim, by=filler)
    with pytest.raises(Refused, match="企业账号"):
        service.reject(session, claim, by=filler, note="不认可")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"key": "sales_revenu"}, "sales_revenu", "sales_revenue"),
        ({"year": None}, "year", "须按年度填报"),
        ({"year": 2199}, "year", "已经开始的年度"),
        ({"key": "registration_date", "value": date(2010, 1, 1)}, "year", "不分年度"),
        ({"value": "3,0O0"}, "sales_revenue", "第 4 位是字母 O"),
        ({"key": "total_assets", "value": Decimal("-1")}, "total_assets", "小于 0"),
        ({"key": "expert:机器", "year": None, "value": Decimal(1)}, "key", "专家评分"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_place_and_remedy(
    session: Session, firm: Firm, changes: dict[str, object], field: str, words: str
) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        make_claim(session, firm.id, **changes)
    assert refused.value.field == field
    assert session.scalar(select(func.count()).select_from(Claim)) == 0


def test_many_statements_are_kept_in_order_or_not_at_all(session: Session, reviewer: Actor) -> None:
    firms = [make_firm(session) for _ in range(3)]
    statements = [
        make_statement(firm.id, value=Decimal(number), year=2025 - number % 3, batch_id=7)
        for number, firm in enumerate(firms * 2)
    ]
    ids = service.state_many(session, statements, by=reviewer)
    kept = {claim.id: claim for claim in session.scalars(select(Claim))}
    assert [kept[claim_id].number for claim_id in ids] == [statement.value for statement in statements]
    bad = [make_statement(firms[0].id, year=2022), make_statement(firms[0].id, key="total_assets", value=Decimal(-5))]
    with pytest.raises(Invalid):
        service.state_many(session, bad, by=reviewer)
    assert session.scalar(select(func.count()).select_from(Claim)) == len(ids)


def test_undoing_a_batch_takes_back_what_waits_and_names_what_is_decided(
    session: Session, firm: Firm, reviewer: Actor, caseworker: Actor
) -> None:
    accepted = make_claim(session, firm.id, batch_id=7, year=2024)
    waiting = make_claim(session, firm.id, batch_id=7)
    foreign = make_claim(session, firm.id, batch_id=8, year=2023)
    service.accept(session, accepted, by=reviewer)
    assert service.withdraw_batch(session, 7, by=caseworker) == 1
    session.expire_all()
    assert (waiting.state, accepted.state, foreign.state) == (
        ClaimState.WITHDRAWN, ClaimState.ACCEPTED, ClaimState.PENDING,
    )  # fmt: skip
    assert [claim.name for claim in queries.accepted_of_batch(session, 7)] == ["销售收入 2024 年"]
    assert queries.batch_states(session, 7) == {ClaimState.ACCEPTED: 1, ClaimState.WITHDRAWN: 1}


def test_every_step_is_in_the_log_with_old_and_new_and_a_refused_one_is_not(
    session: Session, firm: Firm, reviewer: Actor
) -> None:
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal(100), reviewer=reviewer)
    claim = make_claim(session, firm.id, value=Decimal("62974.5"))
    before = session.scalar(select(func.count()).select_from(AuditEvent))
    with pytest.raises(Invalid):
        service.accept(session, claim, by=reviewer)
    session.flush()
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == before
    service.accept(session, claim, by=reviewer, reason="审计调整")
    session.flush()
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert event.changes["销售收入 2025 年"] == ["100 万元", "62,974.5 万元"]
    assert (event.firm_id, event.subject_type, event.subject_id, event.note, event.actor_name) == (
        firm.id, "claim", claim.id, "审计调整", "王审核",
    )  # fmt: skip
