"""Which verdicts, lists and dossiers lean on a file: all named on its page, and marked when it is declared wrong."""

from sqlalchemy import select

from app.dossiers.leaning import leaning_on
from app.eligibility.models import Verdict
from app.facts import locker
from app.facts.documents import queries as documents
from app.facts.models import Document
from app.nominations.models import Decision


def test_from_a_file_to_the_dossier_in_one_click(session, nomination, request_dossier, people, reviewer):
    printed = request_dossier(nomination)
    document = session.scalars(select(Document)).one()
    found = leaning_on(session, document)
    assert (len(found.claims), found.facts) == (1, 1)
    assert [(one.id, one.used) for one in found.verdicts] == [(nomination.verdict_id, True)]
    assert [(one.list_id, one.decision) for one in found.nominations] == [(nomination.list_id, Decision.NOMINATE)]
    assert [one.id for one in found.dossiers] == [printed.id]
    before = session.get_one(Verdict, nomination.verdict_id).digest
    locker.withdraw(session, document, by=reviewer.as_actor(), why="报告已撤销")
    session.commit()
    browser = people.browser(reviewer)
    browser.get(f"/office/dossiers/documents/{document.id}")
    assert "判定 1 次，推荐名单 1 处，申报材料 1 册" in browser.text
    browser.get(f"/office/eligibility/verdicts/{nomination.verdict_id}")
    assert "“研发费用专项审计报告”已被认定有误（报告已撤销）。结果未改动，请复核。" in browser.text
    browser.get(f"/office/dossiers/{printed.id}")
    assert "已被认定有误（报告已撤销）" in browser.text
    browser.get(f"/office/nominations/{nomination.list_id}")
    assert "依据的材料“研发费用专项审计报告”已被认定有误（报告已撤销）。名单未改动，请复核。" in browser.text
    session.expire_all()
    assert session.get_one(Verdict, nomination.verdict_id).digest == before
    assert [one.document_id for one in documents.doubts_behind(session, [found.claims[0][1].id])] == [document.id]
