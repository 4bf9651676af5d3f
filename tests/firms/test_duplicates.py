"""Likely duplicates: found with reasons, decided once, within one's scope; different firms are not brought up."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor, Reach
from app.access.roles import Role
from app.core.errors import Conflict, Invalid, NotFound
from app.firms import contacts, duplicates, merge
from app.firms.duplicates import Reason
from app.firms.models import DuplicatePair, Firm
from app.firms.taxonomy import PairState, Town
from tests.factories.firms import credit_code, make_firm
from tests.firms.renames import confusable

TOWN = Actor(9, "t", "镇", Role.CASEWORKER, reach=Reach.TOWNS, towns=("duruan",))


def found(session: Session) -> dict[frozenset[str], list[str]]:
    duplicates.scan(session)
    shown, _total, _partly = duplicates.pairs(session, SYSTEM, limit=500)
    return {frozenset({one.low.name, one.high.name}): [reason.value for reason in one.reasons] for one in shown}


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        ("江门市恒丰机电有限公司", "恒丰机电厂", ["core"]),
        ("江门市恒丰机电有限公司", "江门市衡丰机电有限公司", ["sound"]),
        ("江门市恒丰机电有限公司", "广州市恒丰机电有限公司", None),
        ("江门市恒丰机电一厂", "江门市恒丰机电二厂", None),
        ("江门市恒丰机电有限公司", "江门市恒丰机电有限公司杜阮分公司", None),
        ("江门市恒丰机电有限公司", "江门市天成卫浴有限公司", None),
    ],
)
def test_like_names_are_brought_up_with_their_reasons(
    session: Session, one: str, other: str, reasons: list[str] | None
) -> None:
    make_firm(session, name=one, credit_code=None)
    make_firm(session, name=other)
    shown = found(session)
    got = shown.get(frozenset({one, other}))
    assert (sorted(got) if got else None) == (sorted(reasons) if reasons else None)


def test_two_codes_are_two_firms_unless_a_name_says_otherwise(session: Session) -> None:
    make_firm(session, name="江门市恒丰机电有限公司", credit_code=credit_code(1))
    make_firm(session, name="恒丰机电厂", credit_code=credit_code(2))
    make_firm(session, name="虚构新厂", credit_code=credit_code(3), former_names=("天成老厂",))
    make_firm(session, name="天成老厂", credit_code=credit_code(4))
    assert found(session) == {frozenset({"虚构新厂", "天成老厂"}): ["renamed", "core"]}


def test_a_phone_and_an_address_speak_together(session: Session) -> None:
    firms = [make_firm(session, name=name, address="蓬江区建设三路 88 号") for name in ("虚构甲乙丙厂", "天成卫浴公司")]
    for firm in firms:
        firm.credit_code = None
        contacts.add(session, firm, contacts.ContactDraft(name="王", phone="0750-3388 123"), by=SYSTEM)
    session.flush()
    assert list(found(session).values()) == [[Reason.PHONE.value, Reason.ADDRESS.value]]


def test_what_a_person_decided_stays_and_the_scope_is_kept(session: Session) -> None:
    one = make_firm(session, name="江门市恒丰机电有限公司", credit_code=None, town=Town.DURUAN)
    other = make_firm(session, name="恒丰机电厂", credit_code=None, town=Town.HETANG)
    assert duplicates.scan(session) == {"found": 1, "new": 1}
    assert duplicates.scan(session) == {"found": 1, "new": 0}
    assert duplicates.pairs(session, TOWN) == ([], 0, 1)
    number = session.scalars(select(DuplicatePair.id)).one()
    with pytest.raises(NotFound):
        duplicates.pair(session, number, for_=TOWN)
    pair = duplicates.pair(session, number, for_=SYSTEM)
    with pytest.raises(Invalid, match="请写明依据"):
        duplicates.keep_apart(session, pair, reason=" ", by=SYSTEM)
    duplicates.keep_apart(session, pair, reason="已电话核实", by=SYSTEM)
    with pytest.raises(Conflict):
        duplicates.keep_apart(session, pair, reason="已电话核实", by=SYSTEM)
    duplicates.scan(session)
    assert duplicates.pairs(session, SYSTEM)[1] == 0
    assert duplicates.pairs(session, SYSTEM, state=PairState.DIFFERENT)[0][0].pair.decision == "已电话核实"
    duplicates.reopen(session, pair, by=SYSTEM)
    merge.merge(session, one, other, merge.Choice("同一执照重复建档"), by=SYSTEM)
    assert duplicates.pairs(session, SYSTEM)[1] == 0
    assert session.scalars(select(DuplicatePair.state)).one() is PairState.MERGED


def test_a_pair_that_no_longer_holds_is_dropped(session: Session) -> None:
    firm = make_firm(session, name="江门市恒丰机电有限公司", credit_code=None)
    make_firm(session, name="恒丰机电厂", credit_code=None)
    duplicates.scan(session)
    session.execute(Firm.__table__.update().where(Firm.id == firm.id).values(credit_code=credit_code(1)))  # type: ignore[attr-defined]
    session.execute(Firm.__table__.update().where(Firm.id != firm.id).values(credit_code=credit_code(2)))  # type: ignore[attr-defined]
    assert duplicates.scan(session) == {"found": 0, "new": 0}
    assert session.scalars(select(DuplicatePair.id)).all() == []


def test_the_scan_brings_up_only_a_part_of_what_is_confusable_and_merges_nothing(session: Session) -> None:
    for number, name in enumerate(sorted({name for pair in confusable()[:22] for name in pair}), 1):
        make_firm(session, name=name, credit_code=credit_code(number))
    assert duplicates.scan(session)["found"] == 0  # every one has a code of its own
