"""Real renames find one firm with both names; different firms of near-equal names are never made one by the machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor, Reach
from app.access.roles import Role
from app.core.db import Database
from app.files.store import FileStore
from app.firms import queries, registry
from app.firms.models import Firm, NameOffer
from app.firms.taxonomy import Town
from app.imports.cells.entry import Entry, Named
from app.imports.plans import register
from app.imports.plans.matching import How, Index, Match, match
from tests.factories.firms import credit_code, make_firm
from tests.factories.imports import applied, table
from tests.firms.renames import confusable, renames
from tests.support.people import People


@dataclass(frozen=True)
class Known:
    id: int
    name: str
    credit_code: str | None = None
    security_code: str | None = None
    former_names: tuple[str, ...] = ()
    short_name: str = ""
    merged_codes: tuple[str, ...] = ()


def row(number: int = 2, **named: object) -> Entry:
    return Entry("一", number, Named(**named))  # type: ignore[arg-type]


def test_real_renames_are_one_firm_with_both_names_in_both_directions(session: Session) -> None:
    real = renames()
    assert len(real) == 49
    ids = [
        make_firm(session, name=one.new, former_names=(one.old,), security_code=None, credit_code=None).id
        for one in real
    ]
    by_old = register.matches(session, [row(n, name=one.old) for n, one in enumerate(real)], by=SYSTEM)
    by_new = register.matches(session, [row(n, name=one.new) for n, one in enumerate(real)], by=SYSTEM)
    assert [one.firm_id for one in by_old] == [one.firm_id for one in by_new] == ids


@pytest.mark.parametrize("one", renames(), ids=lambda one: one.security_code)
def test_a_real_rename_is_told_by_its_code_or_by_the_former_name_in_the_table(one: object) -> None:
    old, new, code = one.old, one.new, one.security_code  # type: ignore[attr-defined]
    before = Index([Known(1, old, None, code)])
    by_code = match(row(name=new, security_code=code), before)
    assert (by_code.firm_id, by_code.new_name, by_code.is_open) == (1, new, False)
    by_former = match(row(name=new, former_names=(old,)), before)
    assert (by_former.firm_id, by_former.new_name, by_former.is_open) == (1, new, False)
    after = Index([Known(1, new, None, code, (old,))])
    assert match(row(name=old, security_code=code), after) == Match(1)
    other = match(row(name=old, security_code="999999"), after)
    assert (other.firm_id, other.is_open) == (None, True)


@pytest.mark.parametrize("codes", ["both", "row", "register", "none"])
def test_different_firms_of_near_equal_names_are_never_made_one(codes: str) -> None:
    pairs = confusable()
    assert len(set(pairs)) >= 200
    mine, theirs = credit_code(1), credit_code(2)
    for one, other in [*pairs, *((b, a) for a, b in pairs)]:
        known = Index([Known(1, one, mine if codes in {"both", "register"} else None)])
        found = match(row(name=other, credit_code=theirs if codes in {"both", "row"} else ""), known)
        assert found.firm_id is None, (one, other, found)


@pytest.mark.parametrize(
    ("known", "named", "how"),
    [
        ("江门市恒丰机电有限公司", "恒丰机电股份有限公司", How.CORE),
        ("江门市恒丰机电有限公司", "江门市恒丰机电（集团）有限公司", How.CORE),
        ("江门市恒丰机电有限公司", "江门市衡丰机电有限公司", How.SOUND),
        ("江门市恒丰机电有限公司", "江门市桓辛机电有限公司", None),
        ("江门市恒丰精密机电有限公司", "江门市恒羊精密机电有限公司", How.NEAR),
        ("江门市恒丰机电有限公司", "江门市恒丰机电有限公司棠下分公司", How.PARENT),
        ("江门市恒丰机电一厂", "江门市恒丰机电二厂", None),
        ("江门市恒丰机电有限公司", "广州市恒丰机电有限公司", None),
    ],
)
def test_names_that_are_only_alike_are_offered_to_a_person(known: str, named: str, how: How | None) -> None:
    found = match(row(name=named), Index([Known(7, known)]))
    assert found.is_open is (how is not None)
    if how is not None:
        assert [(one.firm_id, one.how) for one in found.offers] == [(7, how)]


def test_another_code_is_another_firm_and_nobody_is_asked() -> None:
    known = Index([Known(1, "江门市恒丰机电有限公司", credit_code(1))])
    assert match(row(name="恒丰机电股份有限公司", credit_code=credit_code(2)), known) == Match()
    held = match(row(name="江门市恒丰机电有限公司", credit_code=credit_code(2)), known)
    assert (held.is_open, held.candidates) == (True, (1,))


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ({"name": "虚构五金加工店"}, "个体工商户"),
        ({"name": "虚构五金", "credit_code": "92440703MA0000001X"}, "个体工商户"),
        ({"name": "虚构丙有限公司江门办事处"}, "分支机构，不是法人"),
    ],
)
def test_a_sole_trader_and_a_branch_are_held(named: dict[str, str], why: str) -> None:
    found = match(row(**named), Index([]))
    assert found.is_open
    assert why in str(found.problems[0].message)


def test_a_branch_under_the_code_of_its_legal_entity_is_held() -> None:
    known = Index([Known(1, "虚构丙有限公司", credit_code(1))])
    assert match(row(name="虚构丙有限公司棠下分公司", credit_code=credit_code(1)), known).is_open
    assert match(row(credit_code=credit_code(1)), known) == Match(1)


def test_a_firm_out_of_reach_is_counted_but_not_named(session: Session) -> None:
    make_firm(session, name="江门市恒丰机电有限公司", credit_code=None, town=Town.HETANG)
    actor = Actor(9, "t", "镇", Role.CASEWORKER, reach=Reach.TOWNS, towns=("duruan",))
    (found,) = register.matches(session, [row(name="恒丰机电股份有限公司")], by=actor)
    assert (found.is_open, found.candidates) == (True, ())
    assert "恒丰机电有限公司" not in str(found.problems[0].message)


@settings(max_examples=60)
@given(st.sampled_from(confusable()), st.booleans())
def test_a_machine_never_joins_what_differs_in_name_without_a_code(pair: tuple[str, str], turned: bool) -> None:
    one, other = reversed(pair) if turned else pair
    assert match(row(name=other), Index([Known(1, one)])).firm_id is None


def test_two_imports_five_years_apart_are_one_firm_and_the_rename_is_offered(
    database: Database, store: FileStore, session: Session, people: People
) -> None:
    by = people.reviewer().as_actor()
    real = renames()
    header = ("企业名称", "证券代码", "营业收入（万元）")
    applied(database, store, table([(one.old, one.security_code, 100) for one in real], header=header), by=by)
    applied(database, store, table([(one.new, one.security_code, 200) for one in real], header=header), by=by)
    firms = {firm.security_code: firm for firm in session.scalars(select(Firm))}
    assert {code: firm.name for code, firm in firms.items()} == {one.security_code: one.old for one in real}
    offered = {offer.firm_id: offer for offer in session.scalars(select(NameOffer))}
    for one in real:
        firm = firms[one.security_code]
        assert offered[firm.id].name == one.new
        registry.rename(
            session, firm, one.new, on=date(2025, 10, 1), document="交易所名录", by=by, version=firm.version
        )
        assert [former.name for former in queries.former_names(session, firm.id)] == [one.old]
    assert not session.scalars(select(NameOffer).where(NameOffer.is_open)).all()
