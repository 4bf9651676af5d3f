"""Creating, editing, assigning: what changes, what the log keeps, what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Reach
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.core.errors import Invalid, NotFound
from app.firms import contacts, queries, service
from app.firms.contacts import ContactDraft
from app.firms.models import Contact, Firm, RosterEntry
from app.firms.service import CodeDoubtful, EditedMeanwhile, FirmDraft
from app.firms.taxonomy import ClusterCode, FirmStatus, Town
from tests.factories.firms import credit_code, make_draft, make_firm
from tests.support.people import People


def _events(session: Session) -> int:
    kinds = ["firm", "contact", "roster_entry"]
    return session.scalar(select(func.count()).where(AuditEvent.subject_type.in_(kinds))) or 0


def _last(session: Session) -> AuditEvent:
    return session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()


def _draft(session: Session, firm: Firm, **changes: object) -> FirmDraft:
    return replace(service.draft_of(firm, queries.clusters(session, firm.id)), **changes)  # type: ignore[arg-type]


def test_a_new_firm_is_found_and_logged(session: Session) -> None:
    firm = make_firm(
        session, name="广东海信电子有限公司", clusters=(ClusterCode.SMART_APPLIANCES, ClusterCode.MOTORCYCLES)
    )
    assert queries.firm(session, firm.id, for_=SYSTEM).name == "广东海信电子有限公司"
    assert [one.cluster for one in queries.clusters(session, firm.id) if one.is_primary] == [
        ClusterCode.SMART_APPLIANCES
    ]
    event = _last(session)
    assert event.action is Action.FIRM_CREATE
    assert event.firm_id == firm.id
    assert event.changes["name"] == [None, "广东海信电子有限公司"]
    assert event.changes["clusters"] == [None, ["smart_appliances", "motorcycles"]]


def test_many_new_firms_are_checked_beside_each_other_and_leave_an_event_each(session: Session) -> None:
    held = make_firm(session, name="虚构在册有限公司", credit_code=credit_code(1))
    drafts = [
        make_draft(
            name="虚构甲有限公司", credit_code=credit_code(2), source="表 第 2 行", former_names=("虚构旧名厂",)
        ),
        make_draft(name="虚构乙有限公司", credit_code=credit_code(1)),
        make_draft(name="虚构丙有限公司", credit_code=credit_code(2)),
        make_draft(name="虚构丁有限公司", security_code="002600", clusters=(ClusterCode.MOTORCYCLES,)),
        make_draft(name=" "),
    ]
    checked = service.checked_all(session, drafts, by=SYSTEM)
    told = [(one.field, str(one.message)) if isinstance(one, Invalid) else None for one in checked]
    assert [one and one[0] for one in told] == [None, "credit_code", "credit_code", None, "name"]
    assert held.name in str(told[1])
    assert "虚构甲有限公司" in str(told[2])
    sound = [(draft, one) for draft, one in zip(drafts, checked, strict=True) if not isinstance(one, Invalid)]
    firms = service.create_all(session, sound, by=SYSTEM)
    assert [firm.name for firm in firms] == ["虚构甲有限公司", "虚构丁有限公司"]
    assert [one.name for one in queries.former_names(session, firms[0].id)] == ["虚构旧名厂"]
    made = select(AuditEvent).where(AuditEvent.firm_id.in_([firm.id for firm in firms])).order_by(AuditEvent.id)
    events = session.scalars(made).all()
    assert [(one.action, one.firm_id) for one in events] == [(Action.FIRM_CREATE, firm.id) for firm in firms]
    assert events[0].note == "表 第 2 行"
    assert events[1].changes["clusters"] == [None, ["motorcycles"]]
    assert [found.id for found in queries.search(session, "虚构旧名厂", for_=SYSTEM)] == [firms[0].id]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": " 　 "}, "name", "请填写企业名称"),
        ({"credit_code": "91440703MA000001"}, "credit_code", "现有 16 位"),
        ({"credit_code": "91440703MO0000019X"}, "credit_code", "第 10 位是字母 O"),
        ({"name": "长" * 121}, "name", "最多 120 个字"),
        ({"security_code": "00-576"}, "security_code", "只含数字和字母"),
        ({"clusters": (ClusterCode.MOTORCYCLES, ClusterCode.MOTORCYCLES)}, "clusters", "不能重复"),
    ],
)
def test_a_wrong_field_is_refused_and_nothing_is_written(
    session: Session, changes: dict[str, object], field: str, words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        service.create(session, make_draft(**changes), by=SYSTEM)
    assert refused.value.field == field
    assert words in str(refused.value)
    session.commit()
    assert session.scalar(select(func.count()).select_from(Firm)) == 0
    assert _events(session) == 0


def test_a_code_can_be_held_once_only(session: Session) -> None:
    make_firm(session, name="虚构甲厂", credit_code=credit_code(7))
    with pytest.raises(Invalid, match="虚构甲厂"):
        service.create(session, make_draft(credit_code=credit_code(7).lower()), by=SYSTEM)


def test_a_code_held_outside_ones_reach_is_refused_without_the_name(session: Session, people: People) -> None:
    make_firm(session, name="虚构秘密厂", credit_code=credit_code(7), town=Town.HETANG)
    actor = people.caseworker(reach=Reach.TOWNS, towns=["duruan"]).as_actor()
    with pytest.raises(Invalid) as refused:
        service.create(session, make_draft(credit_code=credit_code(7)), by=actor)
    assert "管理范围之外" in str(refused.value)
    assert "秘密" not in str(refused.value)


def test_a_failing_check_digit_needs_a_person(session: Session) -> None:
    code = credit_code(9)
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    with pytest.raises(CodeDoubtful):
        service.create(session, make_draft(credit_code=wrong), by=SYSTEM)
    firm = make_firm(session, credit_code=wrong, code_confirmed=True)
    assert firm.credit_code == wrong
    assert firm.code_confirmed
    assert _last(session).changes["code_confirmed"] == [None, True]
    # a right code needs no confirmation, so none is kept
    assert not make_firm(session, credit_code=code, code_confirmed=True).code_confirmed


def test_an_edit_is_logged_with_old_and_new_and_an_empty_one_is_not(session: Session) -> None:
    firm = make_firm(session, name="虚构旧名厂", town=Town.DURUAN)
    before = _events(session)
    assert not service.edit(session, firm, _draft(session, firm), by=SYSTEM, version=firm.version)
    assert _events(session) == before
    draft = _draft(session, firm, name="虚构新名厂", town=Town.HETANG, clusters=(ClusterCode.MOTORCYCLES,))
    assert service.edit(session, firm, draft, by=SYSTEM, version=firm.version, corrects_name=True)
    session.commit()
    changes = _last(session).changes
    assert changes["name"] == ["虚构旧名厂", "虚构新名厂"]
    assert changes["town"] == ["duruan", "hetang"]
    assert changes["clusters"] == [[], ["motorcycles"]]
    assert "search_text" not in changes
    assert queries.former_names(session, firm.id) == []
    assert [one.id for one in queries.search(session, "新名", for_=SYSTEM)] == [firm.id]


def test_a_new_name_and_a_new_status_come_from_the_registry(session: Session) -> None:
    firm = make_firm(session, name="虚构旧名厂")
    before = _events(session)
    for field, changed in (
        ("name", _draft(session, firm, name="虚构新名厂")),
        ("status", _draft(session, firm, status=FirmStatus.CANCELLED)),
    ):
        with pytest.raises(Invalid, match="名称与变动") as error:
            service.edit(session, firm, changed, by=SYSTEM, version=firm.version)
        assert error.value.field == field
    session.commit()
    assert (firm.name, firm.status, _events(session)) == ("虚构旧名厂", FirmStatus.ACTIVE, before)


def test_the_primary_cluster_can_change_places(session: Session) -> None:
    both = (ClusterCode.MOTORCYCLES, ClusterCode.HEALTH_FOOD)
    firm = make_firm(session, clusters=both)
    service.edit(session, firm, _draft(session, firm, clusters=both[::-1]), by=SYSTEM, version=firm.version)
    session.commit()
    assert [one.cluster for one in queries.clusters(session, firm.id)] == list(both[::-1])


def test_a_second_save_never_wins_silently(session: Session) -> None:
    firm = make_firm(session)
    opened = firm.version
    service.edit(session, firm, _draft(session, firm, address="第一位填写的地址"), by=SYSTEM, version=opened)
    session.commit()
    before = _events(session)
    with pytest.raises(EditedMeanwhile):
        service.edit(session, firm, _draft(session, firm, address="第二位填写的地址"), by=SYSTEM, version=opened)
    session.commit()
    assert firm.address == "第一位填写的地址"
    assert _events(session) == before


def test_a_race_between_two_transactions_is_noticed(session: Session, people: People) -> None:
    firm = make_firm(session)
    session.expunge(firm)
    stale = session.merge(firm, load=False)  # what a slower writer still holds in memory
    with people.database.transaction() as other:
        mine = other.get_one(Firm, firm.id)
        service.edit(other, mine, _draft(other, mine, address="快的一位"), by=SYSTEM, version=mine.version)
    with pytest.raises(EditedMeanwhile):
        service.edit(session, stale, _draft(session, stale, address="慢的一位"), by=SYSTEM, version=stale.version)


def test_assigning_logs_names_and_leaves_an_open_edit_alone(session: Session, people: People) -> None:
    firms = [make_firm(session) for _ in range(3)]
    person = people.caseworker(name="王专员")
    versions = [firm.version for firm in firms]
    assert service.assign(session, firms, person, by=SYSTEM) == 3
    assert service.assign(session, firms, person, by=SYSTEM) == 0
    session.commit()
    assert [firm.version for firm in firms] == versions
    assert {firm.caseworker_id for firm in firms} == {person.id}
    assert _last(session).changes == {"caseworker": [None, "王专员"]}
    assert service.assign(session, firms[:1], None, by=SYSTEM) == 1
    assert _last(session).changes == {"caseworker": ["王专员", None]}


def test_firms_cannot_be_assigned_to_a_leader(session: Session, people: People) -> None:
    firm = make_firm(session)
    before = _events(session)
    with pytest.raises(Invalid, match="不是在岗的经办人"):
        service.assign(session, [firm], people.make(Role.LEADER), by=SYSTEM)
    session.commit()
    assert firm.caseworker_id is None
    assert _events(session) == before


def test_whoever_sees_only_their_own_firms_keeps_those_they_enter(session: Session, people: People) -> None:
    actor = people.caseworker(reach=Reach.PORTFOLIO).as_actor()
    firm = make_firm(session, by=actor)
    assert queries.firm(session, firm.id, for_=actor).caseworker_id == actor.id


def test_a_town_caseworker_cannot_create_or_move_a_firm_elsewhere(session: Session, people: People) -> None:
    actor = people.caseworker(reach=Reach.TOWNS, towns=["duruan"]).as_actor()
    with pytest.raises(Invalid) as refused:
        service.create(session, make_draft(town=Town.HETANG), by=actor)
    assert refused.value.field == "town"
    firm = make_firm(session, by=actor, town=Town.DURUAN)
    with pytest.raises(Invalid):
        service.edit(session, firm, _draft(session, firm, town=Town.HETANG), by=actor, version=firm.version)


def test_a_roster_year_needs_a_source_and_a_sensible_year(session: Session) -> None:
    firm = make_firm(session)
    for year, source in ((2025, " "), (1800, "名录"), (3000, "名录")):
        with pytest.raises(Invalid):
            service.set_roster(session, firm.id, year, True, source=source, by=SYSTEM)
    assert service.set_roster(session, firm.id, 2025, True, source="虚构 2025 年名录", by=SYSTEM)
    assert not service.set_roster(session, firm.id, 2025, True, source="虚构 2025 年名录", by=SYSTEM)
    session.commit()
    assert list(queries.roster(session, 2025)) == [firm.id]
    assert _last(session).changes["roster_source"] == [None, "虚构 2025 年名录"]
    assert service.set_roster(session, firm.id, 2025, False, source="", by=SYSTEM)
    session.commit()
    assert session.scalars(select(RosterEntry)).all() == []
    assert _last(session).changes["roster_year"] == [2025, None]


def test_a_former_name_is_searched_and_can_be_taken_back(session: Session) -> None:
    firm = make_firm(session, name="虚构小崧厂")
    for wrong in ("", "虚构小崧厂", " 虚构 小崧厂"):
        with pytest.raises(Invalid):
            service.add_former_name(session, firm, wrong, until=None, by=SYSTEM)
    added = service.add_former_name(session, firm, "虚构金莱特厂", until=None, by=SYSTEM)
    session.commit()
    assert [one.id for one in queries.search(session, "jinlaite", for_=SYSTEM)] == [firm.id]
    service.remove_former_name(session, firm, added, by=SYSTEM)
    session.commit()
    assert not queries.search(session, "jinlaite", for_=SYSTEM)


def test_phones_are_masked_in_the_log_too(session: Session) -> None:
    firm = make_firm(session)
    draft = ContactDraft(name="李工", phone="１３８12341234", email="li@example.cn", is_primary=True)
    contact = contacts.add(session, firm, draft, by=SYSTEM)
    session.commit()
    assert contact.phone == "13812341234"
    assert _last(session).changes["phone"] == [None, "138****1234"]
    assert contacts.edit(session, contact, replace(draft, phone="13900005678"), by=SYSTEM)
    session.commit()
    assert _last(session).changes == {"phone": ["138****1234", "139****5678"]}
    assert contacts.reveal(session, contact, by=SYSTEM) == "13900005678"
    session.commit()
    assert _last(session).action is Action.FIRM_REVEAL


@pytest.mark.parametrize(
    ("phone", "email", "words"),
    [("138O2341234", "", "第 4 位是“O”"), ("12345", "", "不足 7 位"), ("", "zhang@", "格式不对")],
)
def test_a_wrong_contact_is_refused(session: Session, phone: str, email: str, words: str) -> None:
    firm = make_firm(session)
    before = _events(session)
    with pytest.raises(Invalid, match=words):
        contacts.add(session, firm, ContactDraft(name="李工", phone=phone, email=email), by=SYSTEM)
    session.commit()
    assert _events(session) == before
    assert not session.scalars(select(Contact)).all()


def test_a_firm_has_one_primary_contact(session: Session) -> None:
    firm = make_firm(session)
    contacts.add(session, firm, ContactDraft(name="甲", is_primary=True), by=SYSTEM)
    contacts.add(session, firm, ContactDraft(name="乙", is_primary=True), by=SYSTEM)
    session.commit()
    assert session.scalars(select(Contact.name).where(Contact.is_primary)).all() == ["乙"]
    with pytest.raises(NotFound):
        queries.contact(session, firm.id + 1, 1)
