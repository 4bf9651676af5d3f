"""A firm's timeline: nothing lost or doubled at any page, every kind, every link, changes of verdict included."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM
from app.audit.models import AuditEvent
from app.audit.service import Subject, record
from app.core import clock
from app.eligibility.models import VerdictState
from app.firms import merge
from app.notes import service as notes
from app.timeline import queries
from app.timeline.kinds import EventKind, actions_of, kind_of
from app.timeline.queries import TimelineFilter
from tests.factories.eligibility import TOO_LITTLE_RESEARCH, hold, make_judged_firm, make_list
from tests.factories.firms import make_firm
from tests.support.people import People


def test_every_action_has_exactly_one_kind() -> None:
    assert sorted(action for kind in EventKind for action in actions_of(kind)) == sorted(Action)
    assert kind_of(Action.RECOGNITION_REGISTER) is EventKind.RECOGNITIONS


def test_pages_forward_and_back_show_everything_once(session: Session) -> None:
    good = make_judged_firm(session, "虚构时间线有限公司")
    make_list(session)
    make_list(session)  # judges as the first: tells nothing new
    hold(session, good.id, TOO_LITTLE_RESEARCH)
    make_list(session)
    for number in range(23):
        record(session, SYSTEM, Action.FIRM_EDIT, Subject("firm", good.id, good.name, good.id), note=str(number))
    session.commit()
    everything = queries.timeline(session, good.id, TimelineFilter(), size=1000)
    events = session.scalars(select(AuditEvent.id).where(AuditEvent.firm_id == good.id)).all()
    assert len(everything.items) == len(events) + 2
    changes = [one.verdict for one in everything.items if one.verdict]
    assert [(one.before, one.after) for one in changes] == [
        (VerdictState.ELIGIBLE, VerdictState.INELIGIBLE), (None, VerdictState.ELIGIBLE),
    ]  # fmt: skip
    assert str(changes[0].told) == "高新技术企业认定：由符合条件变为不符合条件"
    for size in (1, 4, 7):
        pages, cursor = [], ""
        while True:
            found = queries.timeline(session, good.id, TimelineFilter(), after=cursor, size=size)
            pages.append([(one.source, one.id) for one in found.items])
            if not found.after:
                break
            cursor, last = found.after, found
        assert [place for page in pages for place in page] == [(one.source, one.id) for one in everything.items]
        back = [pages[-1]]
        before = found.before
        while before:
            found = queries.timeline(session, good.id, TimelineFilter(), before=before, size=size)
            back.insert(0, [(one.source, one.id) for one in found.items])
            before = found.before
        assert [place for page in back for place in page] == [place for page in pages for place in page], last


def test_a_broken_cursor_starts_at_the_top(session: Session) -> None:
    firm = make_firm(session)
    for text in ("nonsense", "WzEsIDJd", "W251bGwsIG51bGxd"):
        assert queries.timeline(session, firm.id, TimelineFilter(), after=text).items is not None


def test_kinds_years_links_and_reach(session: Session, people: People) -> None:
    firm = make_firm(session, name="虚构时间线有限公司")
    note = notes.write(session, firm, "电话核实", by=SYSTEM)
    record(session, SYSTEM, Action.CLAIM_STATE, Subject("firm", firm.id, "3 项指标", firm.id), note="导入批次 7")
    session.commit()
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{firm.id}/timeline")
    targets = {str(link["href"]) for link in browser.page.select(".x-timeline a")}
    assert f"/office/firms/{firm.id}/notes#note-{note.id}" in targets
    assert {f"/office/firms/{firm.id}/figures", "/office/imports/7"} <= targets
    browser.get(f"/office/firms/{firm.id}/timeline?kind=notes")
    assert "电话核实" in browser.text
    assert "3 项指标" not in browser.text
    last_year = clock.today() - timedelta(days=366)
    browser.get(f"/office/firms/{firm.id}/timeline?year={last_year.year}")
    assert "没有符合条件的动态" in browser.text
    people.browser(people.caseworker(reach="portfolio")).get(f"/office/firms/{firm.id}/timeline", expect=404)


def test_what_happened_to_a_merged_firm_is_told_of_the_survivor(session: Session) -> None:
    stays = make_firm(session, name="虚构甲机电有限公司")
    goes = make_firm(session, name="虚构甲机电公司")
    notes.write(session, goes, "合并之前的走访", by=SYSTEM)
    merge.merge(session, stays, goes, merge.Choice("同一家企业，重复建档"), by=SYSTEM)
    found = queries.timeline(session, stays.id, TimelineFilter())
    told = [(one.subject, one.subject_id) for one in found.items]
    assert ("firm", goes.id) in told
    assert any(one.kind is EventKind.NOTES for one in found.items)
    assert queries.kinds(session, stays.id)[EventKind.NOTES] == 1
    assert len(queries.timeline(session, goes.id, TimelineFilter()).items) < len(found.items)
