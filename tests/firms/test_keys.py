"""The keys of names are always those of the names a firm has, and a batch is looked up in few statements."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.core import clock
from app.core.db import Database
from app.firms import keys, names, queries, registry, service
from app.firms.models import Firm, FirmKey
from app.firms.names import KeyKind
from tests.factories.firms import make_firm

STEP = st.tuples(
    st.sampled_from(["rename", "correct", "short", "add", "remove"]),
    st.sampled_from(["江门虚构甲厂", "虚构乙（集团）公司", "虚构丙有限公司", "虚构"]),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=5))
def test_keys_follow_the_names(session: Session, steps: list[tuple[str, str]]) -> None:
    firm = make_firm(session, name="江门市虚构机电有限公司", credit_code=None)
    for verb, name in steps:
        draft = service.draft_of(firm, queries.clusters(session, firm.id))
        former = {one.name: one for one in queries.former_names(session, firm.id)}
        if verb == "correct":
            changed = replace(draft, name=name)
            service.edit(session, firm, changed, by=SYSTEM, version=firm.version, corrects_name=True)
        elif verb == "rename" and name != firm.name:
            registry.rename(
                session, firm, name, on=clock.today(), document="变更通知", by=SYSTEM, version=firm.version
            )  # fmt: skip
        elif verb == "short":
            service.edit(session, firm, replace(draft, short_name=name), by=SYSTEM, version=firm.version)
        elif verb == "add" and name not in {firm.name, *former}:
            service.add_former_name(session, firm, name, until=None, by=SYSTEM)
        elif verb == "remove" and name in former:
            service.remove_former_name(session, firm, former[name], by=SYSTEM)
    held = {
        (kind, key)
        for kind, key in session.execute(select(FirmKey.kind, FirmKey.key).where(FirmKey.firm_id == firm.id))
    }
    now = [one.name for one in queries.former_names(session, firm.id)]
    assert held == set(names.keys(firm.name, firm.short_name, now))
    session.rollback()


def test_ten_or_ten_thousand_names_take_the_same_statements(session: Session, database: Database) -> None:
    mine = make_firm(session, name="江门市虚构机电有限公司", credit_code=None)
    make_firm(session, name="别家厂", credit_code=None)
    counted: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda _c, _k, text, *_m: counted.append(text))
    found = keys.likely(session, keys.Sought(names=["虚构机电厂", *(f"没有这家{n}厂" for n in range(400))]))
    assert [one.id for one in found] == [mine.id]
    assert len(counted) < 12


def test_bulk_filling_writes_what_renewing_writes(session: Session) -> None:
    firm = make_firm(session, name="江门市虚构（集团）有限公司", short_name="虚构", credit_code=None)
    kept = {(kind, key) for kind, key in session.execute(select(FirmKey.kind, FirmKey.key))}
    session.query(FirmKey).delete()
    assert keys.fill(session, [(firm.id, firm.name, firm.short_name, ())]) == len(kept)
    assert {(kind, key) for kind, key in session.execute(select(FirmKey.kind, FirmKey.key))} == kept
    assert (KeyKind.CORE, "虚构") in kept
    assert session.get(Firm, firm.id) is firm


def test_numbers_tell_works_apart_and_places_agree_when_one_holds_the_other() -> None:
    assert names.numbers_differ("机电一厂", "机电二厂")
    part = names.parts
    assert names.places_agree(part("广东虚构厂"), part("江门市虚构厂"))
    assert names.places_agree(part("江门市蓬江区虚构厂"), part("虚构厂"))
    assert not names.places_agree(part("广州虚构厂"), part("江门虚构厂"))
    assert part("亚钾国际投资（广州）股份有限公司").core == "亚钾国际投资"
    assert part("有限公司").core == ""
