"""Asking for dossiers: when it is refused, how they are numbered, batches, voiding."""

import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.access.actor import Reach
from app.audit.models import AuditEvent
from app.core.errors import Conflict, Invalid, NotFound
from app.dossiers import numbering, queries, service
from app.dossiers.models import Dossier, DossierState
from app.firms.taxonomy import Town
from app.jobs import service as jobs
from app.jobs.models import Job, JobState
from app.nominations.models import Decision, Nomination, NominationList
from tests.dossiers.conftest import PUBLIC, look_again
from tests.factories import dossiers as make
from tests.factories.firms import make_firm


@pytest.fixture
def firms(session, reviewer):
    return [make_firm(session, town=town) for town in (Town.DURUAN, Town.TANGXIA, Town.DURUAN)]


def ask(database, nomination, by):
    with database.transaction() as session:
        return service.request(session, session.get_one(Nomination, nomination.id), by=by, public_url=PUBLIC)


def ask_all(database, list_id, by):
    """Ask for the dossiers of a list; return the id of the job."""
    with database.transaction() as session:
        return service.request_list(session, session.get_one(NominationList, list_id), by=by.as_actor()).id


def states(session):
    look_again(session)
    return [one.state for one in session.scalars(select(Dossier).order_by(Dossier.id))]


def test_only_a_frozen_list_gives_dossiers(session, database, reviewer, firms):
    nominations = make.make_list(session, firms[:1], reviewer=reviewer, frozen=False)
    with pytest.raises(Conflict, match="尚未锁定（拟定中），请先提交并由另一人锁定"):
        ask(database, nominations[0], reviewer.as_actor())
    chosen = session.get_one(NominationList, nominations[0].list_id)
    with pytest.raises(Conflict, match="尚未锁定"):
        service.request_list(session, chosen, by=reviewer.as_actor())
    assert states(session) == []
    make.freeze(session, session.get_one(NominationList, chosen.id), reviewer)
    session.commit()
    assert ask(database, nominations[0], reviewer.as_actor()).state is DossierState.REQUESTED


def test_only_a_nominated_firm_gets_one(session, database, reviewer, firms):
    one = make.make_list(session, firms[:1], reviewer=reviewer, decision=Decision.DEFER)[0]
    with pytest.raises(Conflict, match="意见是“暂缓”"):
        ask(database, one, reviewer.as_actor())
    assert states(session) == []


def test_a_firm_out_of_reach_is_not_found(session, database, people, reviewer, firms):
    one = make.make_list(session, firms[:1], reviewer=reviewer)[0]
    elsewhere = people.caseworker(reach=Reach.TOWNS, towns=[Town.TANGXIA.value]).as_actor()
    with pytest.raises(NotFound):
        ask(database, one, elsewhere)
    found = ask(database, one, reviewer.as_actor())
    with pytest.raises(NotFound):
        queries.dossier(session, found.id, for_=elsewhere)
    assert queries.counts(session, for_=elsewhere) == {}
    assert queries.counts(session, for_=reviewer.as_actor()) == {"requested": 1}
    assert queries.listed(session, for_=elsewhere, total=0).items == []
    assert [row.firm_id for row in queries.listed(session, for_=reviewer.as_actor(), total=1).items] == [firms[0].id]


def test_asking_twice_gives_the_same_dossier_and_one_job(session, database, reviewer, firms):
    one = make.make_list(session, firms[:1], reviewer=reviewer)[0]
    first, second = (ask(database, one, reviewer.as_actor()) for _ in range(2))
    assert first.id == second.id
    assert len(session.scalars(select(Job)).all()) == 1


def test_numbers_follow_each_other_without_gaps(session, database, reviewer, firms):
    nominations = make.make_list(session, firms, reviewer=reviewer)
    with database.transaction() as lost:
        service.request(lost, lost.get_one(Nomination, nominations[0].id), by=reviewer.as_actor(), public_url=PUBLIC)
        lost.rollback()
    numbers, problems = [], []

    def run(nomination):
        try:
            numbers.append(ask(database, nomination, reviewer.as_actor()).number)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=run, args=(one,)) for one in (*nominations, *nominations)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    year = numbers[0][4:8]
    assert sorted(set(numbers)) == [f"蓬科资〔{year}〕00000{n}" for n in (1, 2, 3)]
    assert states(session) == [DossierState.REQUESTED] * 3


def test_codes_are_long_and_can_be_typed():
    codes = {numbering.new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 16 and set(code) <= set(numbering.CODE_SIGNS) for code in codes)
    assert not set("01ilo") & set(numbering.CODE_SIGNS)


def test_void_needs_a_reason_and_makes_room_for_another(session, database, reviewer, firms):
    one = make.make_list(session, firms[:1], reviewer=reviewer)[0]
    first, by = ask(database, one, reviewer.as_actor()), reviewer.as_actor()
    with pytest.raises(Invalid, match="请填写作废原因"), database.transaction() as writing:
        service.void(writing, writing.get_one(Dossier, first.id), by=by, reason="　")
    assert states(session) == [DossierState.REQUESTED]
    with database.transaction() as writing:
        service.void(writing, writing.get_one(Dossier, first.id), by=by, reason="名称有误")
    with pytest.raises(Conflict, match="已经作废"), database.transaction() as writing:
        service.void(writing, writing.get_one(Dossier, first.id), by=by, reason="再来一次")
    second = ask(database, one, by)
    assert second.number != first.number
    assert states(session) == [DossierState.VOID, DossierState.REQUESTED]
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == "dossier:void")).all()
    assert [(event.note, event.changes) for event in events] == [("名称有误", {"state": ["requested", "void"]})]


def test_a_printed_dossier_never_changes(app, session, database, reviewer, firms):
    one = make.make_list(session, firms[:1], reviewer=reviewer)[0]
    found = ask(database, one, reviewer.as_actor())
    app.extensions["yuqi_worker"].run_pending()
    with pytest.raises(Conflict, match="如需重新生成，请先将其作废"):
        ask(database, one, reviewer.as_actor())
    for change in ("context = '{}'", "number = 'x'", "sha256 = 'x'", "state = 'requested'"):
        with pytest.raises(DBAPIError, match="never changes"), database.transaction() as writing:
            writing.execute(text(f"UPDATE dossier SET {change}, version = version + 1 WHERE id = {found.id}"))
    with pytest.raises(DBAPIError, match="never changes"), database.transaction() as writing:
        writing.execute(text(f"DELETE FROM dossier WHERE id = {found.id}"))
    with database.transaction() as writing:
        service.void(writing, writing.get_one(Dossier, found.id), by=reviewer.as_actor(), reason="另行生成")
    with pytest.raises(DBAPIError, match="never changes"), database.transaction() as writing:
        writing.execute(text(f"UPDATE dossier SET state = 'rendered' WHERE id = {found.id}"))


class TestBatch:
    def test_stops_when_asked_and_goes_on_where_it_was(self, app, session, database, reviewer, firms, monkeypatch):
        chosen = session.get_one(NominationList, make.make_list(session, firms, reviewer=reviewer)[0].list_id)
        worker, printed = app.extensions["yuqi_worker"], []
        real = service.prepare

        def prepare(writing, nomination, **more):
            printed.append(nomination.firm_id)
            if len(printed) == 2:
                job = writing.scalars(select(Job)).one()
                jobs.request_cancel(writing, job)
            return real(writing, nomination, **more)

        monkeypatch.setattr(service, "prepare", prepare)
        job_id = ask_all(database, chosen.id, reviewer)
        assert ask_all(database, chosen.id, reviewer) == job_id
        worker.run_pending()
        look_again(session)
        assert session.get_one(Job, job_id).state is JobState.CANCELLED
        assert states(session) == [DossierState.RENDERED] * 2
        kept = session.scalars(select(Dossier.sha256).order_by(Dossier.id)).all()
        ask_all(database, chosen.id, reviewer)
        worker.run_pending()
        assert states(session) == [DossierState.RENDERED] * 3
        assert session.scalars(select(Dossier.sha256).order_by(Dossier.id)).all()[:2] == kept
        assert printed == [firms[0].id, firms[1].id, firms[2].id]
        with pytest.raises(Conflict, match="都已生成"):
            ask_all(database, chosen.id, reviewer)

    def test_one_bad_firm_does_not_stop_the_others(self, app, session, database, reviewer, firms, jam):
        odd = make_firm(session, name="虚构乙有限公司")
        jam(odd.name)
        chosen = session.get_one(NominationList, make.make_list(session, [odd, firms[0]], reviewer=reviewer)[0].list_id)
        job_id = ask_all(database, chosen.id, reviewer)
        app.extensions["yuqi_worker"].run_pending()
        assert states(session) == [DossierState.FAILED, DossierState.RENDERED]
        found = session.get_one(Job, job_id)
        assert found.state is JobState.DONE
        assert (found.done_steps, found.all_steps) == (2, 2)
        assert found.result["failed"][0]["firm"] == odd.name
        assert "未能排完" in found.result["failed"][0]["reason"]

    def test_takes_only_firms_in_reach(self, app, session, database, people, reviewer, firms):
        chosen = session.get_one(NominationList, make.make_list(session, firms, reviewer=reviewer)[0].list_id)
        local = people.caseworker(reach=Reach.TOWNS, towns=[Town.TANGXIA.value])
        ask_all(database, chosen.id, local)
        app.extensions["yuqi_worker"].run_pending()
        look_again(session)
        assert session.scalars(select(Dossier.firm_id)).all() == [firms[1].id]
        nobody = people.caseworker(reach=Reach.TOWNS, towns=[Town.HETANG.value])
        with pytest.raises(Conflict, match="没有您管理范围内的推荐企业"):
            ask_all(database, chosen.id, nobody)
