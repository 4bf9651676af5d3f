"""Own indicators: defined, versioned by year, retired; stated and shown at once, kept from the judge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.audit.models import AuditEvent
from app.core.db import Database
from app.core.errors import Conflict, Invalid
from app.facts import queries as facts
from app.facts import table
from app.facts.definitions import Formula, Operand, Operation, current
from app.facts.keeping import indicator_of
from app.firms.models import Firm
from app.indicators import queries, service
from app.indicators.draft import IndicatorDraft
from app.indicators.models import CustomIndicator
from tests.factories.facts import make_claim, make_fact
from tests.factories.firms import make_firm
from tests.support.people import People


@pytest.fixture
def admin(people: People) -> Actor:
    return people.admin().as_actor()


@pytest.fixture
def reviewer(people: People) -> Actor:
    return people.reviewer().as_actor()


@pytest.fixture
def firm(session: Session) -> Firm:
    return make_firm(session)


def draft(**changes: Any) -> IndicatorDraft:
    values = {
        "label": "工业总产值（本区口径）",
        "document": "蓬江区工业统计报表制度",
        "owner": "区科工商务局",
        "unit": "万元",
    }
    return IndicatorDraft(**{**values, **changes})


def ratio(over: str, under: str, back: int = 0) -> Formula:
    return Formula(Operation.RATIO, (Operand(over), Operand(under, back)))


def made(session: Session, admin: Actor, **changes: Any) -> CustomIndicator:
    found = service.create(session, draft(**changes), by=admin)
    session.commit()
    return queries.indicator(session, found.id)


def test_a_new_indicator_is_stated_and_shown_at_once_and_in_another_process(
    session: Session, admin: Actor, firm: Firm, database: Database
) -> None:
    found = made(session, admin, key="output")
    assert found.key == "c_output"
    claim = make_claim(session, firm.id, key="c_output", year=2025, value=Decimal(1200))
    assert claim.number == 1200
    session.commit()
    with database.session() as other:  # a session that never heard of it
        other.connection()
        assert indicator_of("c_output").label == "工业总产值（本区口径）"
        assert "c_output" in {one.key for _name, group in table.indicators_to_state() for one in group}
    event = session.scalars(select(AuditEvent).where(AuditEvent.subject_type == "custom_indicator")).one()
    assert event.changes["document"] == [None, "蓬江区工业统计报表制度"]


def test_the_judge_is_given_built_in_figures_only(session: Session, admin: Actor, firm: Firm, reviewer: Actor) -> None:
    made(session, admin, key="output")
    make_fact(session, firm.id, "c_output", 2025, Decimal(1), reviewer=reviewer)
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal(2), reviewer=reviewer)
    sheet = facts.fact_sheet(session, firm.id, date(2026, 6, 1))
    assert [one.key for one in sheet.facts()] == ["sales_revenue"]


WRONG: list[tuple[dict[str, Any], str, str]] = [
        ({"unit": "箱"}, "unit", "不认识的单位“箱”"),
        ({"unit": "亿元"}, "unit", "金额一律按万元保存"),
        ({"unit": "%"}, "unit", "请选择单位“比例”"),
        ({"label": "销售收入"}, "label", "已有同名指标"),
        ({"key": "Output-1"}, "key", "小写字母"),
        ({"document": " "}, "document", "依据的文件"),
        ({"kind": "enum", "unit": ""}, "choices", "至少要有两个选项"),
        ({"kind": "bool"}, "unit", "只有数值类"),
        ({"url": "ftp://x"}, "url", "http"),
        ({"formula": Formula(Operation.SUM, (Operand("sales_revenue"),))}, "operation", "2 至 6"),
        ({"formula": ratio("sales_revenu", "sales_revenue")}, "operation", "是否应为“sales_revenue”"),
        ({"formula": ratio("registration_date", "sales_revenue")}, "operation", "不是按年度统计的数值"),
        (
            {"formula": ratio("sales_revenue", "employees_total"), "unit": "比例"}, "unit", "两项单位必须相同",
        ),
        ({"formula": Formula(Operation.GROWTH, (Operand("sales_revenue"),))}, "unit", "增长率"),
        ({"formula": ratio("sales_revenue", "sales_revenue", 2)}, "operation", "本年或上年"),
]  # fmt: skip


def test_a_wrong_definition_is_refused_with_the_remedy(session: Session, admin: Actor) -> None:
    for changes, field, says in WRONG:
        with pytest.raises(Invalid, match=says) as refusal:
            service.create(session, draft(**changes), by=admin)
        assert refusal.value.field == field, says
    assert session.scalars(select(CustomIndicator)).all() == []


def test_a_taken_key_is_refused_and_one_from_the_name_gives_way(session: Session, admin: Actor) -> None:
    made(session, admin, key="output")
    with pytest.raises(Invalid, match="已被『工业总产值"):
        service.create(session, draft(key="c_output", label="另一个"), by=admin)
    first = made(session, admin, label="绿电用量", unit="千瓦时")
    second = made(session, admin, label="绿店用量", unit="家")
    assert (first.key, second.key) == ("c_lvdianyongliang", "c_lvdianyongliang_2")


def test_a_circle_of_formulas_is_refused_by_name(session: Session, admin: Actor) -> None:
    a = made(session, admin, key="a", label="甲")
    total = Formula(Operation.SUM, (Operand("c_a", 1), Operand("sales_revenue")))
    made(session, admin, key="b", label="乙", formula=total)
    round_about = Formula(Operation.DIFFERENCE, (Operand("c_b"), Operand("sales_revenue")))
    with pytest.raises(Invalid, match="公式循环引用：甲 → 乙 → 甲"):
        service.change(
            session, a, draft(label="甲", formula=round_about, effective_year=2025), why="试", version=1, by=admin
        )


def test_old_years_keep_their_definition(session: Session, admin: Actor, firm: Firm, reviewer: Actor) -> None:
    found = made(session, admin, key="energy", label="综合能耗", unit="吨")
    make_fact(session, firm.id, "c_energy", 2024, Decimal(5), reviewer=reviewer)
    session.commit()
    new = draft(label="综合能源消费量", unit="吨标准煤", effective_year=2024)
    with pytest.raises(Invalid, match="已有 1 条数据按原定义填报"):
        service.change(session, found, new, why="口径调整", version=1, by=admin)
    assert service.change(session, found, replace(new, effective_year=2025), why="口径调整", version=1, by=admin)
    session.commit()
    make_fact(session, firm.id, "c_energy", 2025, Decimal(7), reviewer=reviewer)
    shown = {one.year: (one.label, one.unit) for one in facts.current_facts(session, firm.id)}
    assert shown == {2024: ("综合能耗", "吨"), 2025: ("综合能源消费量", "吨标准煤")}
    with pytest.raises(Conflict, match="已被他人修改"):
        service.change(session, queries.indicator(session, found.id), new, why="再改", version=1, by=admin)


def test_computed_values_are_shown_and_never_stated(
    session: Session, admin: Actor, firm: Firm, reviewer: Actor
) -> None:
    made(session, admin, key="share", label="研发占比", unit="比例", formula=ratio("rd_expense_hnte", "sales_revenue"))
    with pytest.raises(Invalid, match="由系统按公式计算，不能填报"):
        make_claim(session, firm.id, key="c_share", year=2025, value=Decimal("0.1"))
    make_fact(session, firm.id, "sales_revenue", 2025, Decimal(300), reviewer=reviewer)
    make_fact(session, firm.id, "sales_revenue", 2024, Decimal(200), reviewer=reviewer)
    make_fact(session, firm.id, "rd_expense_hnte", 2025, Decimal(12), reviewer=reviewer)
    groups = table.figure_groups(facts.current_facts(session, firm.id), [], this_year=2026)
    line = next(one for group in groups for one in group.yearly if one.indicator.key == "c_share")
    cells = {cell.year: cell.computed for cell in line.cells}
    known, unknown = cells[2025], cells[2024]
    assert known is not None
    assert (str(known.shown), known.why) == ("4%", None)
    assert unknown is not None
    assert str(unknown.why) == f"缺 {indicator_of('rd_expense_hnte').short} 2024 年"
    assert session.scalars(select(CustomIndicator.key)).all() == ["c_share"]


def test_a_retired_indicator_takes_nothing_new_and_stays_readable(
    session: Session, admin: Actor, firm: Firm, reviewer: Actor
) -> None:
    found = made(session, admin, key="old")
    make_fact(session, firm.id, "c_old", 2025, Decimal(9), reviewer=reviewer)
    made(
        session, admin, key="twice", label="两倍", formula=Formula(Operation.SUM, (Operand("c_old"), Operand("c_old")))
    )
    with pytest.raises(Invalid, match="『两倍』由这个指标计算"):
        service.retire(session, found, on=date(2026, 1, 1), reason="不再统计", by=admin)
    twice = queries.indicator(session, queries.ids_by_key(session)["c_twice"])
    service.retire(session, twice, on=date(2026, 1, 1), reason="不再统计", by=admin)
    service.retire(session, found, on=date(2026, 1, 1), reason="不再统计", by=admin)
    session.commit()
    with pytest.raises(Invalid, match="已于 2026-01-01 停用"):
        make_claim(session, firm.id, key="c_old", year=2024, value=Decimal(1))
    assert facts.current_facts(session, firm.id)[0].label == "工业总产值（本区口径）"
    assert "c_old" not in {one.key for one in current()}
    service.take_up(session, queries.indicator(session, found.id), by=admin)
    assert make_claim(session, firm.id, key="c_old", year=2024, value=Decimal(1)).number == 1
