"""Finding firms: search, reach, pages, matching."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor, Reach
from app.access.roles import Role
from app.core import clock
from app.core.db import Database
from app.core.errors import NotFound
from app.firms import keys, listing, queries
from app.firms.filtering import FirmFilter
from app.firms.models import Firm, FormerName
from app.firms.taxonomy import ClusterCode, Town
from tests.factories.firms import credit_code, make_firm

TOWN_ACTOR = Actor(1, "t", "镇", Role.CASEWORKER, reach=Reach.TOWNS, towns=("duruan",))
FIRM_ACTOR = Actor(2, "f", "企", Role.FIRM_FILLER, firm_id=1)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("海信", True), ("hx", True), ("haixin", True), ("HaiXin", True), ("海信 电子", True), ("ｈａｉ ｘｉｎ", True),
        ("gdhx", True), ("000921", True), (credit_code(3), True), (credit_code(3)[3:12].lower(), True),
        ("小海", True), ("ronghe", True), ("格力", False), ("海信 格力", False), ("%", False), ("_", False),
        ("/", False), ("海信\x00", True),
    ],
)  # fmt: skip
def test_a_firm_is_found_by_name_pinyin_initials_former_name_and_code(
    session: Session, asked: str, found: bool
) -> None:
    make_firm(
        session, name="广东海信（江门）电子有限公司", short_name="小海", credit_code=credit_code(3),
        security_code="000921", former_names=("江门融合电子厂",),
    )  # fmt: skip
    assert bool(queries.search(session, asked, for_=SYSTEM)) is found


@pytest.mark.parametrize("asked", ["chongqing", "zhongqing", "changcheng", "cqcc", "重庆"])
def test_signs_with_two_readings_are_found_by_both(session: Session, asked: str) -> None:
    make_firm(session, name="重庆长城机电有限公司")
    assert queries.search(session, asked, for_=SYSTEM)


def test_an_empty_search_finds_nothing_and_names_come_first(session: Session) -> None:
    make_firm(session, name="江门海信厂")
    make_firm(session, name="海信总厂")
    assert not queries.search(session, "  ", for_=SYSTEM)
    assert [one.name for one in queries.search(session, "海信", for_=SYSTEM)] == ["海信总厂", "江门海信厂"]
    assert len(queries.search(session, "海信", for_=SYSTEM, limit=1)) == 1


def test_reach_keeps_firms_apart(session: Session) -> None:
    mine = make_firm(session, town=Town.DURUAN)
    make_firm(session, town=Town.HETANG)
    make_firm(session, town=None)
    assert queries.count(session, SYSTEM) == 3
    assert queries.count(session, TOWN_ACTOR) == 1
    assert queries.firm(session, mine.id, for_=TOWN_ACTOR).id == mine.id
    assert queries.count(session, Actor(3, "p", "员", Role.CASEWORKER, reach=Reach.PORTFOLIO)) == 0
    own = Actor(2, "f", "企", Role.FIRM_FILLER, firm_id=mine.id)
    assert queries.count(session, own) == 1
    assert not queries.search(session, "虚构", for_=Actor(2, "f", "企", Role.FIRM_FILLER))
    with pytest.raises(NotFound):
        queries.firm(session, mine.id + 1, for_=own)
    with pytest.raises(NotFound):
        queries.chosen(session, [mine.id, mine.id + 1], for_=TOWN_ACTOR)


def test_identities_hold_everything_a_row_is_matched_by(session: Session) -> None:
    firm = make_firm(
        session, name="虚构甲厂", credit_code=credit_code(8), security_code="000576", former_names=("虚构旧厂",)
    )
    assert keys.identities(session) == [(firm.id, "虚构甲厂", credit_code(8), "000576", ("虚构旧厂",), "", ())]
    assert queries.names(session, [firm.id, 999]) == {firm.id: "虚构甲厂"}


def test_the_name_of_a_day_is_the_one_it_had_then() -> None:
    former = [
        FormerName(firm_id=1, name="第一个", until=date(2019, 5, 1)),
        FormerName(firm_id=1, name="第二个", until=date(2022, 5, 1)),
        FormerName(firm_id=1, name="不知何时", until=None),
    ]
    assert queries.name_on("现名", former, date(2018, 1, 1)) == "第一个"
    assert queries.name_on("现名", former, date(2019, 5, 1)) == "第二个"
    assert queries.name_on("现名", former, date(2022, 5, 1)) == "现名"


@pytest.fixture
def crowd(session: Session) -> list[int]:
    """Twenty-three firms with equal and missing keys."""
    chance = random.Random(7)
    ids = []
    for number in range(23):
        firm = make_firm(
            session, town=chance.choice([Town.DURUAN, Town.HETANG, None]),
            credit_code=None if chance.random() < 0.4 else credit_code(number + 1),
        )  # fmt: skip
        moment = clock.now() - timedelta(days=chance.randrange(4))
        session.execute(update(Firm).where(Firm.id == firm.id).values(updated_at=moment.replace(microsecond=0)))
        ids.append(firm.id)
    session.commit()
    return ids


@pytest.mark.parametrize("sort", ["name", "-name", "town", "-town", "code", "-code", "updated", "-updated"])
def test_walking_all_pages_gives_each_firm_once_both_ways(session: Session, crowd: list[int], sort: str) -> None:
    whole = [row.id for row in listing.listing(session, SYSTEM, FirmFilter(), sort, size=100).page.items]
    assert sorted(whole) == sorted(crowd)
    seen: list[int] = []
    pages = []
    after = ""
    while True:
        page = listing.listing(session, SYSTEM, FirmFilter(), sort, after=after, size=5).page
        pages.append([row.id for row in page.items])
        seen += pages[-1]
        assert page.total == len(crowd)
        after = page.after
        if not after:
            break
    assert seen == whole
    for earlier in reversed(pages[:-1]):
        page = listing.listing(session, SYSTEM, FirmFilter(), sort, before=page.before, size=5).page
        assert [row.id for row in page.items] == earlier
    assert not page.before
    values = [getattr(row, {"code": "credit_code", "updated": "updated_at"}.get(sort.lstrip("-"), sort.lstrip("-")))
              for row in listing.listing(session, SYSTEM, FirmFilter(), sort, size=100).page.items]  # fmt: skip
    if "name" not in sort:
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=sort.startswith("-"))
        assert values[len(known) :] == [None] * (len(values) - len(known))


def test_names_are_in_the_order_of_their_pinyin(session: Session) -> None:
    for name in ("中山厂", "安徽厂", "海信厂"):
        make_firm(session, name=name)
    found = listing.listing(session, SYSTEM, FirmFilter(), "name").page.items
    assert [row.name for row in found] == ["安徽厂", "海信厂", "中山厂"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("江门市海信电子有限公司", "same"), ("江门市 海信电子（有限公司", ""), ("广东海信电子股份有限公司", "near"),
        ("海欣电子厂", "near"), ("江门海信电子科技有限公司", ""), ("江门旧名厂", "former"), ("格力电器有限公司", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_namesakes_are_the_same_former_and_like_sounding_names(session: Session, name: str, kind: str) -> None:
    make_firm(session, name="江门市海信电子有限公司", former_names=("江门旧名厂",))
    found = queries.namesakes(session, name, for_=SYSTEM)
    assert [one.kind for one in found.seen] == ([kind] if kind else [])


def test_a_longer_registered_name_is_near_too(session: Session) -> None:
    firm = make_firm(session, name="江门市海信电子科技有限公司")
    assert [one.kind for one in queries.namesakes(session, "海信电子有限公司", for_=SYSTEM).seen] == ["near"]
    assert not queries.namesakes(session, "海信电子有限公司", for_=SYSTEM, but=firm.id).any


@contextmanager
def _counted(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_more: object) -> None:
        if statement != "BEGIN":
            statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


def test_queries_of_the_list_do_not_grow_with_the_rows(session: Session, database: Database) -> None:
    def needed() -> int:
        session.expunge_all()  # what happens to be in memory still need not be read
        with _counted(database) as statements:
            listing.listing(session, SYSTEM, FirmFilter(text="虚构"))
        return len(statements)

    make_firm(session, clusters=(ClusterCode.MOTORCYCLES,))
    one = needed()
    for _ in range(8):
        make_firm(session, clusters=(ClusterCode.MOTORCYCLES, ClusterCode.HEALTH_FOOD))
    assert needed() == one <= 5


def test_a_kept_list_is_never_older_than_the_last_commit(session: Session, database: Database) -> None:
    def shown(reader: Session) -> tuple[list[str], int]:
        found = listing.kept_listing(reader, SYSTEM, FirmFilter(), "name")
        reader.rollback()
        return [row.name for row in found.page.items], found.total

    with database.session() as one, database.session() as two:
        firm = make_firm(session, name="安甲厂")
        assert shown(one) == shown(two) == (["安甲厂"], 1)
        make_firm(session, name="白乙厂")
        assert shown(one) == shown(two) == (["安甲厂", "白乙厂"], 2)
        one.execute(update(Firm).where(Firm.id == firm.id).values(name="安丙厂"))
        one.commit()
        assert shown(one) == shown(two) == (["安丙厂", "白乙厂"], 2)
    narrow = listing.kept_listing(session, TOWN_ACTOR, FirmFilter(town=Town.HETANG), "name")
    assert narrow.total == 0
    needed = []
    for _ in range(20):  # PostgreSQL marks what is committed anywhere in the cluster, by a neighbouring test too
        with _counted(database) as statements:
            again = listing.kept_listing(session, TOWN_ACTOR, FirmFilter(town=Town.HETANG), "name")
        assert again == narrow
        needed.append(len(statements))
        if needed[-1] <= 1:
            break
    assert needed[-1] <= 1, "only the mark is asked for"


def test_an_export_gives_every_firm_once(session: Session, crowd: list[int]) -> None:
    rows = list(listing.export_rows(session, SYSTEM, FirmFilter(), "town"))
    assert sorted(row.id for row in rows) == sorted(crowd)
    assert len(list(listing.export_rows(session, TOWN_ACTOR, FirmFilter(), "town"))) == sum(
        row.town == "duruan" for row in rows
    )
