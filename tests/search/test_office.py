"""One box: each room's things are found, within reach, and nothing else, not even counted."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor, Reach
from app.access.roles import Role
from app.accounts.models import User
from app.firms import contacts
from app.firms.contacts import ContactDraft
from app.firms.taxonomy import Town
from app.notes.models import FirmNote
from app.rulebooks import service as rulebooks
from app.search import queries
from app.search.hits import Group
from tests.factories.firms import make_firm
from tests.support.people import People

DURUAN = Actor(91, "t", "镇", Role.CASEWORKER, reach=Reach.TOWNS, towns=("duruan",))
AUDITOR = Actor(92, "a", "审", Role.AUDITOR)


def signed_in(people: People, user: User) -> FlaskClient:
    people.app.config["WTF_CSRF_ENABLED"] = False
    client: FlaskClient = people.browser(user).client
    return client


def groups(session: Session, text: str, actor: Actor = SYSTEM, **changes: str) -> dict[str, Group]:
    return {group.key: group for group in queries.found(session, text, for_=actor, **changes)}


@pytest.fixture
def world(session: Session) -> Session:
    here = make_firm(
        session, name="江门市海信电子有限公司", short_name="海信", town=Town.DURUAN, former_names=("蓬江融合厂",),
        note="王总提过扩建新厂房",
    )  # fmt: skip
    there = make_firm(session, name="荷塘海欣电子厂", town=Town.HETANG, note="也想扩建")
    for firm in (here, there):
        contacts.add(session, firm, ContactDraft(name="李小四", phone="13800001234"), by=SYSTEM)
        session.add(FirmNote(firm_id=firm.id, text="电话里说要申报数字化", author_name="林"))
    rulebooks.sync(session, by=SYSTEM)
    session.commit()
    return session


@pytest.mark.parametrize("text", ["海信", "hx", "haixin", "融合", "HAIXIN", "ｈx", "海 信", "海信 电子"])
def test_firms_are_found_by_every_way_of_writing_them(world: Session, text: str) -> None:
    assert "江门市海信电子有限公司" in [hit.title for hit in groups(world, text)["firms"].hits]


def test_a_former_name_is_marked_and_a_present_one_is_not(world: Session) -> None:
    assert str(groups(world, "融合")["firms"].hits[0].mark) == "曾用名：蓬江融合厂"
    assert groups(world, "海信")["firms"].hits[0].mark is None


def test_a_wrong_sign_of_the_same_sound_is_a_group_of_its_own(world: Session) -> None:
    found = groups(world, "海新电子")
    assert "firms" not in found
    assert [hit.title for hit in found["alike"].hits] == ["荷塘海欣电子厂", "江门市海信电子有限公司"]
    assert [hit.title for hit in groups(world, "海信电子")["alike"].hits] == ["荷塘海欣电子厂"]


def test_people_notes_clauses_and_indicators_are_found_by_two_signs(world: Session) -> None:
    assert groups(world, "李小四")["contacts"].total == 2
    assert [hit.note for hit in groups(world, "扩建")["notes"].hits] == ["也想扩建", "王总提过扩建新厂房"]
    assert groups(world, "数字化")["notes"].total == 2
    assert groups(world, "研发")["clauses"].hits
    assert groups(world, "研发")["indicators"].hits


def test_what_is_out_of_reach_is_neither_shown_nor_counted(world: Session) -> None:
    for text, key in (("电子", "firms"), ("李小四", "contacts"), ("扩建", "notes"), ("数字化", "notes")):
        group = groups(world, text, DURUAN)[key]
        assert group.total == 1
        assert "荷塘" not in repr(group)
    assert "alike" not in groups(world, "海新", Actor(93, "p", "员", Role.CASEWORKER, reach=Reach.PORTFOLIO))
    assert not groups(world, "荷塘", DURUAN)


def test_a_phone_is_found_whole_and_only_by_those_who_may_see_it(world: Session) -> None:
    reviewer = Actor(94, "r", "审核", Role.REVIEWER)
    assert groups(world, "13800001234", reviewer)["contacts"].total == 2
    assert groups(world, "138-00001234", reviewer)["contacts"].total == 2
    assert "contacts" not in groups(world, "1380000", reviewer)
    assert "contacts" not in groups(world, "13800001234", AUDITOR)


def test_groups_are_short_and_lead_to_all(world: Session) -> None:
    for _ in range(7):
        make_firm(world, note="同样的备注")
    group = groups(world, "同样")["notes"]
    assert (len(group.hits), group.total, group.is_capped) == (5, 7, False)
    assert len(groups(world, "同样", only="notes")["notes"].hits) == 7
    assert groups(world, "虚构")["firms"].total == 7
    assert groups(world, "   ") == {}


def test_the_page_works_without_javascript(people: People, world: Session) -> None:
    browser = signed_in(people, people.reviewer())
    page = browser.get("/office/search/?q=海信").get_data(as_text=True)
    assert "江门市海信电子有限公司" in page
    assert "音近" in page
    assert browser.get("/office/search/?q=%25_x").status_code == 200
    assert browser.get("/office/search/").status_code == 200
    assert 'action="/office/search/"' in browser.get("/office/firms/").text
