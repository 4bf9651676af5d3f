"""The catalogue's pages: an administrator defines an indicator, a caseworker states it at once."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.models import Claim
from app.indicators.models import CustomIndicator
from tests.factories.firms import make_firm
from tests.support.people import People

NEW = {
    "label": "工业总产值（本区口径）", "unit": "万元", "document": "蓬江区工业统计报表制度", "owner": "区科工商务局",
    "key": "output", "kind": "number", "period": "annual",
}  # fmt: skip


def test_from_definition_to_claim_without_a_developer(session: Session, people: People) -> None:
    firm = make_firm(session)
    admin = people.browser(people.admin())
    admin.get("/office/indicators/new")
    admin.submit(NEW, form="form.x-form")
    assert "已新增指标『工业总产值（本区口径）』" in admin.text
    admin.get("/office/indicators?show=own")
    assert "c_output" in admin.text
    caseworker = people.browser(people.caseworker())
    caseworker.get(f"/office/firms/{firm.id}/figures/indicators?q=总产值")
    assert "工业总产值（本区口径）" in caseworker.text
    caseworker.get(f"/office/firms/{firm.id}/figures/new?key=c_output&year=2025")
    caseworker.submit({"value": "1,200 万元", "source": "统计报表第 3 行"}, form="form.x-form")
    assert session.scalars(select(Claim.number)).one() == 1200
    caseworker.get("/office/indicators/new", expect=403)


def test_wrong_definition_is_told_at_its_field_and_nothing_is_lost(session: Session, people: People) -> None:
    admin = people.browser(people.admin())
    admin.get("/office/indicators/new")
    wrong = {**NEW, "operation": "ratio", "operand_0": "sales_revenue"}
    admin.submit(wrong, form="form.x-form", expect=422)
    assert "求比需要正好两个指标" in admin.text
    assert session.scalars(select(CustomIndicator)).all() == []


def test_change_and_retire(session: Session, people: People) -> None:
    admin = people.browser(people.admin())
    admin.get("/office/indicators/new")
    admin.submit(NEW, form="form.x-form")
    number = session.scalars(select(CustomIndicator.id)).one()
    admin.get(f"/office/indicators/{number}/change")
    admin.submit({"label": "工业总产值（新口径）", "why": "", "effective_year": "2026"}, form="form.x-form", expect=422)
    assert "请写明为什么修改定义" in admin.text
    admin.submit({"label": "工业总产值（新口径）", "why": "统计制度调整", "effective_year": "2026"}, form="form.x-form")
    assert "第 2 版定义" in admin.text
    assert "自 2026 年度起适用" in admin.text
    admin.submit({"reason": "不再统计"}, form="form#retire")
    assert "指标已停用" in admin.text
    admin.get("/office/indicators?show=retired")
    assert "工业总产值（新口径）" in admin.text
