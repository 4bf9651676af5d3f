"""The index finds what reading every search text finds, whatever writes the firms."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor, Reach
from app.access.roles import Role
from app.core import clock
from app.core.db import Database
from app.firms import counting, listing, queries, search_text, walking
from app.firms.filtering import FirmFilter
from app.firms.models import Firm
from app.firms.taxonomy import FirmStatus, Town
from tests.support import databases

SIGNS = "精密光电科技海信华盛长重乐區（(）·&Ａaｂ3０-𠮷鑫"
TOWN_ACTOR = Actor(1, "t", "镇", Role.CASEWORKER, reach=Reach.TOWNS, towns=("duruan",))
names = st.text(SIGNS, min_size=2, max_size=14)
parts = st.text(SIGNS, min_size=1, max_size=6)


def put(session: Session, made: Sequence[str]) -> None:
    """Insert past the service, as a bulk path does."""
    rows = [
        {
            "id": number, "name": name, "name_key": search_text.sort_key(name),
            "search_text": search_text.build([name], [f"9144070{number:011d}"]),
            "town": (Town.DURUAN, Town.HETANG, None)[number % 3], "status": FirmStatus.ACTIVE,
            "updated_at": clock.now(), "created_at": clock.now(),
        }
        for number, name in enumerate(made, start=1)
    ]  # fmt: skip
    session.execute(insert(Firm), rows)


def read_through(session: Session, asked: str) -> set[int]:
    """What a naive scan finds: every term in the text, terms of one or two signs in names and initials."""
    found = set()
    for number, kept in session.execute(select(Firm.id, Firm.search_text)):
        head = kept.split(search_text.BREAK)[0]
        if all(term in (kept if len(term) > 2 else head) for term in search_text.terms(asked)):
            found.add(number)
    return found


def by_index(session: Session, asked: str) -> set[int]:
    return set(session.scalars(select(Firm.id).where(queries.matching(asked))))


@settings(max_examples=12)
@given(st.data())
def test_the_index_finds_what_reading_all_finds(module_database: Database, data: st.DataObject) -> None:
    made = data.draw(st.lists(names, min_size=1, max_size=12))
    with module_database.transaction() as session:
        put(session, made)
        asked = [data.draw(parts), *data.draw(st.permutations(made))[:2]]
        asked += [search_text.sound(asked[1])[:7], search_text.bare(asked[1])[1:3], f"{asked[0]} {asked[1]}"]
        asked += ["9144070", "70", "jmgd", '"', "%精", "精 光 科"]
        for one in asked:
            if search_text.terms(one):
                assert by_index(session, one) == read_through(session, one), one
        session.rollback()


@pytest.fixture(scope="module")
def module_database(tmp_path_factory: pytest.TempPathFactory, worker_id: str, _empty: str) -> Iterator[Database]:
    """One for all examples, which take back what they wrote."""
    url = databases.address(tmp_path_factory.mktemp("index"), f"{worker_id}_index")
    databases.copy(_empty, url)
    made = Database(url)
    yield made
    made.dispose()


def test_the_index_follows_every_way_of_writing(session: Session) -> None:
    put(session, ["华盛精密厂", "海信光电厂", "重庆科技"])
    assert by_index(session, "精密") == {1}
    session.execute(update(Firm).where(Firm.id == 1).values(search_text=search_text.build(["新名包装厂"], [])))
    assert (by_index(session, "精密"), by_index(session, "包装厂")) == (set(), {1})
    session.execute(text("UPDATE firm SET search_text = '海信海信' WHERE id = 3"))
    assert by_index(session, "海信") == {2, 3}
    session.execute(delete(Firm).where(Firm.id == 2))
    assert by_index(session, "海信") == {3}
    assert counting.counts(session, SYSTEM, FirmFilter(text="海信")).total == 1
    session.rollback()
    assert counting.counts(session, SYSTEM, FirmFilter(text="海信")).total == 0


def test_the_triggers_are_there(session: Session) -> None:
    """A migration that rebuilds the table of firms must create them again."""
    if session.get_bind().dialect.name == "sqlite":
        kept = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'firm_search_%' ORDER BY name"
        assert list(session.scalars(text(kept))) == ["firm_search_added", "firm_search_changed", "firm_search_removed"]


@pytest.mark.parametrize("sort", ["name", "-updated", "code", "-town"])
@pytest.mark.parametrize("wanted", [
    FirmFilter(text="精密"), FirmFilter(text="jmg"), FirmFilter(town=Town.DURUAN),
    FirmFilter(text="精", town=Town.HETANG), FirmFilter(text="精密光 光电"),
])  # fmt: skip
def test_every_way_through_a_list_gives_the_same_pages(
    session: Session, monkeypatch: pytest.MonkeyPatch, sort: str, wanted: FirmFilter
) -> None:
    """Whether hits are sorted, walked to, or walked to in vain first: the same firms in the same order."""
    chance = random.Random(3)
    put(session, ["".join(chance.choices("精密光电科技", k=4)) for _ in range(60)])

    def walk() -> list[int]:
        seen: list[int] = []
        after = ""
        while True:
            found = listing.listing(session, TOWN_ACTOR if wanted.town else SYSTEM, wanted, sort, after=after, size=4)
            seen += [row.id for row in found.page.items]
            after = found.page.after
            if not after:
                return seen

    plain = walk()
    for taken, met, asked in ((0, 0, 400), (0, 0, 5), (0, 400, 400), (0, 400, 5)):  # walk; walk, take; meet; meet, take
        monkeypatch.setattr(walking, "MOST_TAKEN", taken)
        monkeypatch.setattr(walking, "MOST_MET", met)
        monkeypatch.setattr(walking, "WALK", asked)
        monkeypatch.setattr(walking, "_REACH", asked * len(plain))
        assert walk() == plain
    assert len(plain) == len(set(plain)) == counting.counts(
        session, TOWN_ACTOR if wanted.town else SYSTEM, wanted
    ).total  # fmt: skip


def test_counts_stop_where_a_page_needs_no_more(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    put(session, ["精密厂", "精密社", "光电厂"])
    assert counting.counts(session, SYSTEM, FirmFilter(text="精密")).total == 2
    monkeypatch.setattr(counting, "MOST_COUNTED", 1)
    monkeypatch.setattr(counting, "MOST_FOUND", 1)
    found = listing.listing(session, SYSTEM, FirmFilter(text="精密"))
    assert (found.total, found.is_capped, found.page.is_capped, found.by_cluster) == (1, True, True, {})
    assert len(found.page.items) == 2
