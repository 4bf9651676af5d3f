"""Accepting by rule: exact at the boundary, previewed, told with reasons; never one's own word, never a choice."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor, Reach
from app.access.roles import Role
from app.core.errors import Invalid, NotFound
from app.facts import service as facts
from app.facts.filtering import QueueFilter
from app.facts.models import Claim, ClaimState, Fact, RuleRun, SourceKind
from app.facts.rules import service, sifting
from app.facts.rules.law import PERCENTS, Around, Candidate, Rule, Why, leaves
from app.firms.models import Firm
from tests.factories.facts import make_claim, make_fact
from tests.factories.firms import make_firm
from tests.support.people import People

TAX = {"source": "tax", "source_kind": SourceKind.CASEWORKER}
NUMBERS = st.decimals(min_value=Decimal("0.0001"), max_value=Decimal("90000000"), places=4)


def candidate(now: Decimal | None, **changes: object) -> Candidate:
    values: dict[str, object] = {
        "id": 1, "place": (1, "sales_revenue", 2025), "columns": (now, None), "source": "tax", "stated_by": 7,
        "odd": False, "doubted": False,
    }  # fmt: skip
    return Candidate(**{**values, **changes})  # type: ignore[arg-type]


def around(before: Decimal | None, source: str = "tax") -> Around:
    return Around(False, None, (before, None) if before is not None else None, source)


@settings(max_examples=60)
@given(before=NUMBERS, percent=st.sampled_from(PERCENTS), sign=st.sampled_from((1, -1)))
def test_exactly_the_chosen_change_is_not_smaller_and_a_hair_less_is(before: Decimal, percent: int, sign: int) -> None:
    edge = before + sign * before * percent / 100
    inside = edge - sign * before / 1_000_000
    assert leaves(Rule.STEADY, percent, candidate(edge), around(before), reviewer=9) is Why.TOO_MUCH
    assert leaves(Rule.STEADY, percent, candidate(inside), around(before), reviewer=9) is None


@settings(max_examples=40)
@given(before=st.one_of(st.just(Decimal(0)), NUMBERS.map(lambda n: -n)), now=NUMBERS, percent=st.sampled_from(PERCENTS))
def test_a_year_before_of_zero_or_below_is_never_a_small_change(before: Decimal, now: Decimal, percent: int) -> None:
    for said in (now, -now, before, Decimal(0)):
        assert leaves(Rule.STEADY, percent, candidate(said), around(before), reviewer=9) is Why.NO_BASE


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize(
    ("changes", "beside", "why"),
    [
        ({"stated_by": 9}, around(Decimal(100)), Why.OWN),
        ({"doubted": True}, around(Decimal(100)), Why.EVIDENCE),
        ({"odd": True}, around(Decimal(100)), Why.ODD),
        ({}, Around(True, None, (Decimal(100), None), "tax"), Why.RIVALS),
        ({}, Around(False, (Decimal(99), None), (Decimal(100), None), "tax"), Why.DIFFERS),
    ],
)
def test_what_no_rule_may_take(rule: Rule, changes: dict[str, object], beside: Around, why: Why) -> None:
    assert leaves(rule, 20, candidate(Decimal(100), **changes), beside, reviewer=9) is why


@pytest.mark.parametrize(
    ("claim", "beside", "why"),
    [
        (candidate(Decimal(100)), around(None), Why.NO_LAST_YEAR),
        (candidate(Decimal(100)), around(Decimal(100), "torch"), Why.OTHER_SOURCE),
        (candidate(Decimal(100), source="sheet"), around(Decimal(100), "sheet"), Why.UNKNOWN_SOURCE),
        (candidate(Decimal(-1)), around(Decimal(100)), Why.NEGATIVE),
        (candidate(None, columns=(None, True)), around(Decimal(100)), Why.NO_NUMBER),
    ],
)
def test_what_a_steady_figure_is_not(claim: Candidate, beside: Around, why: Why) -> None:
    assert leaves(Rule.STEADY, 20, claim, beside, reviewer=9) is why


def held_before(session: Session, firm: Firm, value: Decimal, reviewer: Actor, key: str = "sales_revenue") -> None:
    claim = make_claim(session, firm.id, key=key, year=2024, value=value, **TAX)
    facts.accept(session, claim, by=reviewer)


def test_a_run_accepts_what_the_preview_said_and_every_fact_names_the_rule(
    session: Session, firm: Firm, people: People, reviewer: Actor
) -> None:
    for number, (before, now) in enumerate([(100, 119), (100, 120), (0, 5), (100, 90)]):
        one = make_firm(session, name=f"江门第{number}示例有限公司")
        held_before(session, one, Decimal(before), reviewer)
        make_claim(session, one.id, value=Decimal(now), **TAX)
    first_time = make_claim(session, firm.id, value=Decimal(50), **TAX)
    session.commit()
    browser = people.browser(people.reviewer(name="赵审核"))
    browser.get("/office/facts")
    browser.get("/office/facts/rules?rule=steady&percent=20")
    assert "共 5 条 = 可核定 2 条 + 留待人工 3 条" in browser.text
    browser.submit({"note": ""}, form="form#run-form", expect=422)
    later = make_claim(session, make_firm(session).id, value=Decimal(50), **TAX)
    session.commit()
    browser.submit({"note": "已抽查原件"}, form="form#run-form")
    people.app.extensions["yuqi_worker"].run_pending()
    run = session.scalars(select(RuleRun)).one()
    browser.get(f"/office/facts/rules/runs/{run.id}")
    assert "新核定 2 条" in browser.text
    assert "变动达到或超过所选比例 1 条" in browser.text
    session.expire_all()
    made = session.scalars(select(Fact).where(Fact.year == 2025)).all()
    assert sorted(fact.number for fact in made) == [90, 119]
    assert {fact.reason for fact in made} == {
        f"按规则核定（第 {run.id} 次）：来源与上一年核定值的来源相同，且变动小于 20%。说明：已抽查原件"
    }
    assert {first_time.state, later.state} == {ClaimState.PENDING}
    browser.get(f"/office/facts?state=accepted&run={run.id}")
    assert "共 2 项" in browser.text


def test_a_run_that_was_broken_off_goes_on_and_counts_once(
    session: Session, reviewer: Actor, second_reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sifting, "AT_ONCE", 2)
    claims = []
    for _ in range(5):
        one = make_firm(session)
        held_before(session, one, Decimal(100), reviewer)
        claims.append(make_claim(session, one.id, value=Decimal(101), **TAX))
    upper = max(claim.id for claim in claims)
    run = service.begin(session, QueueFilter(), Rule.STEADY, 5, upper=upper, note="同一口径", by=second_reviewer)
    facts.accept(session, claims[3], by=reviewer)
    pieces = 1
    while not service.carry_on(session, run, by=second_reviewer):
        pieces += 1
    assert (pieces, run.accepted, run.confirmed, run.left) == (3, 4, 0, {})
    assert service.carry_on(session, run, by=second_reviewer)
    assert session.scalars(select(Claim.state).where(Claim.id <= upper).distinct()).all() == [ClaimState.ACCEPTED]


def test_the_same_value_is_confirmed_and_the_fact_stays(
    session: Session, firm: Firm, reviewer: Actor, second_reviewer: Actor
) -> None:
    fact = facts.accept(session, make_claim(session, firm.id), by=reviewer)
    again = make_claim(session, firm.id, source_kind=SourceKind.FIRM)
    own = make_claim(session, firm.id, by=second_reviewer)
    found = sifting.preview(session, QueueFilter(), Rule.SAME, 20, for_=second_reviewer)
    assert (found.taken, dict(found.left)) == (1, {Why.OWN: 1})
    run = service.begin(session, QueueFilter(), Rule.SAME, 20, upper=found.upper, note="年报复核", by=second_reviewer)
    service.carry_on(session, run, by=second_reviewer)
    assert (run.accepted, run.confirmed, run.left) == (0, 1, {"own": 1})
    assert (again.state, own.state) == (ClaimState.ACCEPTED, ClaimState.PENDING)
    assert (again.rule_run_id, fact.superseded_at) == (run.id, None)


def test_a_run_keeps_within_reach_and_is_seen_by_its_own(session: Session, firm: Firm, reviewer: Actor) -> None:
    far = Actor(reviewer.id, "far", "远", Role.REVIEWER, Reach.TOWNS, ("hetang",))
    make_claim(session, firm.id)
    found = sifting.preview(session, QueueFilter(), Rule.STEADY, 20, for_=far)
    assert found.looked_at == 0
    with pytest.raises(Invalid, match="说明"):
        service.begin(session, QueueFilter(), Rule.STEADY, 20, upper=1, note=" ", by=far)
    run = service.begin(session, QueueFilter(), Rule.STEADY, 20, upper=found.upper, note="说明", by=far)
    other = Actor(None, "other", "别人", Role.REVIEWER, Reach.TOWNS, ("hetang",))
    with pytest.raises(NotFound):
        service.run_of(session, run.id, for_=other)
    assert service.run_of(session, run.id, for_=far) is run


def test_a_fact_accepted_while_the_rule_was_looking_stays(session: Session, firm: Firm, reviewer: Actor) -> None:
    """The reason of a rule is none for replacing what a person accepted in the meantime."""
    fact = make_fact(session, firm.id, "total_profit", 2025, Decimal(7), reviewer=reviewer)
    late = make_claim(session, firm.id, key="total_profit", value=Decimal(8))
    run = RuleRun(
        rule=Rule.STEADY.value, chosen={"percent": 20, "filter": {}}, upper=late.id, note="例行",
        started_by=reviewer.id, started_by_name=reviewer.name, left={},
    )  # fmt: skip
    session.add(run)
    session.flush()
    report = facts.accept_many(session, [late.id], by=reviewer, reason=service.reason_of(run), rule_run_id=run.id)
    assert [one.claim_id for one in report.refused] == [late.id]
    session.refresh(fact)
    assert fact.superseded_at is None
