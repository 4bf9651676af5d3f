"""What open lists do when an edition is succeeded, and who is told: the choice is kept, shown with counts, and held."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.audit.models import AuditEvent
from app.core.errors import Conflict
from app.nominations import service as nominations
from app.nominations.models import Decision, ListState, Nomination, NominationList
from app.revisions import letters, queries, service, transition
from app.revisions.models import Revision
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition, Follow
from tests.factories.eligibility import AS_OF, edition, make_judged_firm, make_list
from tests.support.people import People


def nominated(session: Session, by: Actor, title: str) -> NominationList:
    """A list of one firm under hnte-2016, decided and still a draft."""
    made = nominations.draw_up(session, make_list(session, by=by), by=by, title=title)
    place = session.scalars(select(Nomination).where(Nomination.list_id == made.id)).one()
    nominations.decide(session, place, Decision.NOMINATE, by=by, reason="")
    session.commit()
    return made


def sealed(session: Session, about: Revision, by: Actor, other: Actor) -> Edition:
    """Seal a revision whose preview found one loser."""
    text = queries.newest(session, about.id)
    firm_id = session.scalars(select(Nomination.firm_id)).first()
    found = {"gained": [], "lost": [[firm_id, "研发占比不足"]], "gains": 0, "losses": 3, "asked": ["ip_total"],
             "moves": [], "by_town": {}, "by_cluster": {}, "lists": {"eligibility": [], "nominations": []},
             "cost": None, "as_of": AS_OF.isoformat(), "kind": "new", "firms": 3}  # fmt: skip
    service.keep_impact(session, about, text.digest, found)
    service.submit(session, about, by=by)
    made = service.seal(session, about, by=other, note="一致")
    session.commit()
    return made


def test_open_lists_do_what_was_chosen_and_frozen_ones_nothing(session: Session, people: People) -> None:
    users = (people.reviewer(name="拟定人"), people.reviewer(name="起草人"), people.reviewer(name="封存人"))
    by, writer, other = (one.as_actor() for one in users)
    base = edition(session)
    firm = make_judged_firm(session, "江门甲电机有限公司")
    draft, submitted, frozen = (nominated(session, by, title) for title in ("草稿", "已提交", "已锁定"))
    for one in (submitted, frozen):
        nominations.submit(session, one.id, by=by)
    nominations.freeze(session, frozen.id, by=writer)
    about = service.clone(
        session, base, code="hnte-2026b", effective_from=date(2026, 2, 1), reason="虚构的新办法", by=writer
    )
    session.commit()
    counted = {one.state: (one.lists, one.firms) for one in transition.affected(session, base.id)}
    assert counted == dict.fromkeys(ListState, (1, 1))

    browser = people.browser(users[1])
    page = f"/office/rulebooks/revisions/{about.id}"
    browser.get(page)
    assert "冻结，按原版" in browser.text
    browser.submit({"drafts": "new", "submitted": "old"}, form="#transition-form")
    session.rollback()
    assert (about.drafts, about.submitted) == (Follow.NEW, Follow.OLD)

    made = sealed(session, about, writer, other)
    after = rulebooks.successor(session, base.id, date(2026, 2, 1))
    assert after is not None
    assert after.edition.id == made.id
    assert rulebooks.successor(session, base.id, date(2026, 1, 31)) is None, "not in force yet"
    with pytest.raises(Conflict, match="这份名单须跟新版"):
        nominations.submit(session, draft.id, by=by)
    session.rollback()
    kept = nominations.freeze(session, submitted.id, by=writer)
    assert kept.state is ListState.FROZEN, "handed over before: finished under the old edition"
    session.commit()
    browser.get(f"/office/nominations/{draft.id}")
    assert "这份名单须按新版重新拟定" in browser.text
    browser.get(f"/office/nominations/{frozen.id}")
    assert "这份名单须按新版重新拟定" not in browser.text

    browser.get(f"{page}/letters")
    assert [one.get_text() for one in browser.page.select(".x-letter h2")] == [
        "致不再符合条件的企业", "致拟定中名单上的企业（跟新版）", "致名单经办人（内部）",
    ]  # fmt: skip
    assert firm.name in browser.text
    assert "研发占比不足" in browser.text
    assert "另有 2 家没有列名" in browser.text
    text = letters.as_text(letters.letters(session, about, for_=by))
    assert "自 2026-02-01 起施行" in text
    assert "虚构的新办法" in text
    session.rollback()
    browser.submit(form="form[action$='/letters/file']")
    session.rollback()
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert event.note == "下载告知函草稿"
