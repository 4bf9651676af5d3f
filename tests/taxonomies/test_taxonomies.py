"""Taxonomies: industries found by what people type, chains by version, reclassification and its exact way back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor, Reach
from app.access.roles import Role
from app.core.errors import Conflict, Invalid, Refused
from app.firms import industries
from app.firms import service as firms
from app.firms.models import Firm
from app.firms.queries import clusters
from app.notes import service as notes
from app.notes.models import FirmNote
from app.taxonomies import queries, service
from app.taxonomies.built_in import taxonomies
from app.taxonomies.models import Reclassified, Remap
from app.taxonomies.service import EditionDraft
from tests.factories.firms import make_firm
from tests.support.people import People

CODES = sorted(industries.industries())


def edition(session: Session, title: str, day: date, *chains: str) -> list[int]:
    """Add a version of the chains and return the ids of its chains."""
    draft = EditionDraft(title=title, effective_from=day, document="江府办〔2026〕1号", chains=chains)
    made = service.add_edition(session, draft, by=SYSTEM)
    session.commit()
    return [chain.id for chain in queries.edition(session, made.id).chains]


@settings(max_examples=80)
@given(st.sampled_from(CODES))
def test_an_entry_is_found_by_code_with_and_without_letter_and_as_it_is_written(code: str) -> None:
    entry = industries.industries()[code]
    assert industries.chosen(entry.full_code) == industries.chosen(str(entry)) == code
    assert industries.chosen(f" {entry.code} ") == code
    named = industries.find(entry.name)
    assert named is None or named.name == entry.name
    assert entry.level == 1 or industries.industries()[entry.parent].level == entry.level - 1


def test_what_the_table_lacks_is_refused_with_the_nearest() -> None:
    with pytest.raises(Invalid, match="C3857 家用通风电器具制造|家用"):
        industries.chosen("家用通风电器")
    with pytest.raises(Invalid, match="没有“A3857”"):  # the letter of another section
        industries.chosen("A3857")
    assert industries.chosen(" ") is None


def test_towns_keep_both_codes_and_chains_are_not_invented() -> None:
    towns = {one.name: one.also for one in taxonomies()["towns"].entries}
    assert towns["棠下镇"] == ("440703101", "440703103")
    assert taxonomies()["chains"].entries == ()


def test_chains_move_to_the_next_version_and_back_exactly(session: Session) -> None:
    a, b, c = edition(session, "二十条", date(2021, 1, 1), "甲链", "乙链", "丙链")
    first, second = make_firm(session), make_firm(session)
    service.set_chains(session, first, [b, a], by=SYSTEM)
    service.set_chains(session, second, [c], by=SYSTEM)
    session.commit()
    ab, d = edition(session, "十五条", date(2026, 1, 1), "甲乙链", "丁链")
    rules = {a: ab, b: ab, c: None}
    found = service.preview(session, Reclassified.CHAIN, rules)
    assert [(one.firm_id, one.after) for one in found] == [(first.id, [[ab, True]]), (second.id, [])]
    with pytest.raises(Conflict, match="请重新预览"):
        service.apply(session, Reclassified.CHAIN, rules, title="调整", reason="文件", expected=1, by=SYSTEM)
    made = service.apply(session, Reclassified.CHAIN, rules, title="调整", reason="文件", expected=2, by=SYSTEM)
    session.commit()
    assert [one.chain.name for one in queries.chains_of(session, first.id)] == ["甲乙链"]
    service.set_chains(session, second, [d], by=SYSTEM)  # somebody works on: this one is not to be lost
    session.commit()
    done = service.undo(session, session.get_one(Remap, made.id), by=SYSTEM)
    session.commit()
    assert (done.restored, done.left_alone) == (1, (second.name,))
    kept = queries.chains_of(session, first.id)
    assert [(one.chain.name, one.is_primary) for one in kept] == [("乙链", True), ("甲链", False)]
    assert [one.chain.name for one in queries.chains_of(session, second.id)] == ["丁链"]
    with pytest.raises(Conflict, match="已经撤销"):
        service.undo(session, session.get_one(Remap, made.id), by=SYSTEM)


def test_a_version_is_refused_with_the_remedy(session: Session) -> None:
    edition(session, "二十条", date(2021, 1, 1), "甲链")
    for chains, title, day, says in (
        (("甲", "甲"), "新", date(2026, 1, 1), "写了两次"),
        ((), "新", date(2026, 1, 1), "逐行填写"),
        (("甲",), "二十条", date(2026, 1, 1), "同名的版本"),
        (("甲",), "新", date(2021, 1, 1), "同一天"),
    ):
        with pytest.raises(Invalid, match=says):
            service.add_edition(session, EditionDraft(title, day, "文件", chains), by=SYSTEM)
    towns_only = Actor(id=None, login="x", name="镇街", role=Role.REVIEWER, reach=Reach.TOWNS, towns=("duruan",))
    with pytest.raises(Refused, match="全区"):
        service.apply(session, Reclassified.CHAIN, {}, title="t", reason="r", expected=0, by=towns_only)


def test_texts_become_codes_on_the_page_and_an_edit_meanwhile_survives_the_undo(
    session: Session, people: People
) -> None:
    for _number in range(2):
        make_firm(session, industry="谷物磨制")
    other = make_firm(session, industry="做灯的")
    browser = people.browser(people.reviewer())
    browser.get("/office/taxonomies/industries/remap")
    assert "3 家企业只有文字" in browser.text
    browser.submit({"reason": "按 2017 年标准"}, form="form.x-form", button="step=preview")
    assert "将调整 2 家企业" in browser.text
    browser.submit({"reason": ""}, form="form.x-form", button="step=apply", expect=422)
    assert "请写明调整依据" in browser.text
    browser.submit({"reason": "按 2017 年标准"}, form="form.x-form", button="step=preview")
    browser.submit({"reason": "按 2017 年标准"}, form="form.x-form", button="step=apply")
    assert "已调整 2 家企业的分类" in browser.text
    session.expire_all()
    codes = dict(session.execute(select(Firm.id, Firm.industry_code)).all())
    assert sorted(filter(None, codes.values())) == ["131", "131"]
    assert codes[other.id] is None
    changed = session.scalars(select(Firm).where(Firm.industry_code == "131").order_by(Firm.id)).first()
    assert changed is not None
    draft = firms.draft_of(changed, clusters(session, changed.id))
    firms.edit(session, changed, replace(draft, industry_code="1311"), by=SYSTEM, version=changed.version)
    session.commit()
    browser.submit({}, form="main form")
    assert f"1 家企业之后又有修改，保留现状：{changed.name}" in browser.text
    session.expire_all()
    assert sorted(filter(None, session.scalars(select(Firm.industry_code)))) == ["1311"]


def test_notes_stay_as_written_and_show_on_the_firm(session: Session, people: People) -> None:
    firm = make_firm(session)
    browser = people.browser(people.caseworker(name="林晓"))
    browser.get(f"/office/firms/{firm.id}/notes/new")
    browser.submit({"text": "  "}, form="form.x-form", expect=422)
    browser.submit({"text": "电话核实：2025 年搬入新厂房"}, form="form.x-form")
    assert session.scalars(select(FirmNote.text)).all() == ["电话核实：2025 年搬入新厂房"]
    browser.get(f"/office/firms/{firm.id}/identity")
    assert "电话核实：2025 年搬入新厂房" in browser.text
    with pytest.raises(Invalid, match="请填写备注内容"):
        notes.write(session, firm, " ", by=SYSTEM)
