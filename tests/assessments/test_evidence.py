"""Evidence beside answers: from the locker or new, what the reviewer sees, what the claims carry, what must stay."""

from __future__ import annotations

import io
from datetime import date
from urllib.parse import urljoin

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.access.roles import Role
from app.accounts.models import User
from app.assessments import attached, attaching, checks, queries, returned, reviewing, submitting
from app.assessments.models import AnswerDocument, Assessment
from app.assessments.places import Place
from app.assessments.reviewing import Draft
from app.core.errors import Conflict, Invalid, NotFound
from app.facts import locker, removing
from app.facts import queries as facts
from app.facts.locker import Upload
from app.facts.models import Claim, ClaimState, Document, Evidence
from app.files.store import FileStore
from app.firms.models import Firm
from tests.assessments.conftest import Fill
from tests.factories.firms import make_firm
from tests.facts.samples import JPEG, PDF, PNG
from tests.support.people import People

STAFF = "value-tech_staff_month_avg-2025"
PLACE = Place("tech_staff_month_avg", 2025)


@pytest.fixture
def paper(session: Session, firm: Firm, filler: Actor, store: FileStore) -> Document:
    made = locker.keep(session, store, firm.id, Upload("花名册.pdf", PDF), by=filler)
    session.commit()
    return made


@pytest.fixture
def whole(session: Session, form: Assessment, filler: Actor, fill: Fill) -> Assessment:
    filled = queries.filled(session, queries.form(session, form.id, for_=filler))
    texts = {line.name("confirm"): "yes" for line in filled.lines if line.may_confirm}
    texts |= {line.name("value"): "无" for line in filled.lines if line.question.is_declaration}
    fill(filler, {**texts, STAFF: "20"})
    return form


def _submit(session: Session, form: Assessment, by: Actor) -> None:
    seen = queries.form(session, form.id, for_=by).row.revision
    submitting.submit(session, form.id, seen=seen, agrees=True, by=by)
    session.commit()


def _beside(session: Session, form: Assessment) -> list[str]:
    session.rollback()
    row = session.get_one(Assessment, form.id)
    return [one.title for one in attached.of_form(session, row).get(PLACE, ())]


def _evidence(session: Session, state: ClaimState) -> list[str]:
    rows = select(Evidence.title).join(Claim, Claim.id == Evidence.claim_id).where(Claim.key == PLACE.key)
    return list(session.scalars(rows.where(Claim.state == state).order_by(Evidence.id)))


def test_documents_are_chosen_or_uploaded_beside_a_question_without_a_script(
    session: Session, people: People, form: Assessment, filler_user: User, paper: Document
) -> None:
    browser = people.browser(filler_user)
    browser.get(f"/portal/assessments/{form.id}/sections/staff")
    page = browser.page
    link = page.select_one("#ask-tech_staff_month_avg-2025 .x-papers a")
    assert link is not None
    address = urljoin(browser.url, str(link["href"]))
    browser.get(address)
    browser.submit({}, form="#locker-form", expect=422)
    assert "请选择要上传的文件，或从材料库选用" in browser.text
    sent = [(io.BytesIO(PNG), "社保.png"), (io.BytesIO(b"MZ"), "坏.pdf")]
    browser.submit({"document": [str(paper.id)], "files": sent}, form="#locker-form", expect=422)
    assert "不是可接收的文件" in browser.text
    assert _beside(session, form) == ["花名册.pdf", "社保.png"]
    browser.get(f"/portal/assessments/{form.id}/sections/staff")
    assert "佐证材料（2）" in browser.text
    browser.get(f"/portal/facts/documents/{paper.id}")
    assert "自评“高新技术企业认定 2025 年度”" in browser.text
    browser.get(address)
    browser.submit({}, form=f"form:has(input[type=hidden][name=document][value='{paper.id}'])")
    assert "已取下" in browser.text
    assert _beside(session, form) == ["社保.png"]
    assert session.get(Document, paper.id) is not None


def test_the_reviewer_sees_them_and_accepted_claims_carry_them(
    session: Session, people: People, whole: Assessment, filler: Actor, head_user: User, reviewer_user: User,
    paper: Document,
) -> None:  # fmt: skip
    attaching.attach(session, whole.id, PLACE, [paper], by=filler)
    session.commit()
    _submit(session, whole, head_user.as_actor())
    assert _evidence(session, ClaimState.PENDING) == ["花名册.pdf"]
    browser = people.browser(reviewer_user)
    browser.get(f"/office/assessments/{whole.id}/submissions/1")
    page = browser.page
    row = page.select_one("#place-tech_staff_month_avg-2025")
    assert row is not None
    assert row.select_one(f"a[href='/office/facts/documents/{paper.id}/file']")
    session.rollback()
    reviewing.accept(session, session.get_one(Assessment, whole.id), 1, by=reviewer_user.as_actor())
    session.commit()
    assert _evidence(session, ClaimState.ACCEPTED) == ["花名册.pdf"]
    fact = facts.current_fact(session, whole.firm_id, PLACE.key, PLACE.year)
    assert fact is not None
    browser.get(f"/office/dossiers/documents/{paper.id}")
    assert "自评“高新技术企业认定 2025 年度”" in browser.text


def test_evidence_answers_what_was_returned_and_states_the_figure_anew(
    session: Session, whole: Assessment, filler: Actor, head_user: User, reviewer_user: User, paper: Document,
    store: FileStore,
) -> None:  # fmt: skip
    head, reviewer = head_user.as_actor(), reviewer_user.as_actor()
    _submit(session, whole, head)
    form = session.get_one(Assessment, whole.id)
    reviewing.return_for_correction(session, form, 1, [Draft(PLACE, "请附花名册")], date(2026, 6, 30), by=reviewer)
    session.commit()

    def left() -> int:
        found = queries.form(session, whole.id, for_=filler)
        return len(returned.unanswered(session, found, queries.filled(session, found)))

    assert left() == 1
    attaching.attach(session, whole.id, PLACE, [paper], by=filler)
    session.commit()
    assert left() == 0
    _submit(session, whole, head)
    first, second = (queries.submission(session, whole.id, number).content for number in (1, 2))
    assert [one.place for one in returned.changed(first, second)] == [PLACE]
    assert _evidence(session, ClaimState.PENDING) == ["花名册.pdf"]
    with pytest.raises(Conflict):
        attaching.attach(session, whole.id, PLACE, [paper], by=filler)


def test_a_newer_version_goes_with_the_submission_and_what_it_held_stays(
    session: Session, whole: Assessment, filler: Actor, head_user: User, reviewer_user: User, paper: Document,
    store: FileStore,
) -> None:  # fmt: skip
    head = head_user.as_actor()
    attaching.attach(session, whole.id, PLACE, [paper], by=filler)
    newer = locker.replace(session, store, paper, Upload("花名册新.png", PNG), by=filler)
    session.commit()
    assert _beside(session, whole) == ["花名册新.png"]
    _submit(session, whole, head)
    assert _evidence(session, ClaimState.PENDING) == ["花名册新.png"]
    form = session.get_one(Assessment, whole.id)
    reviewing.return_for_correction(
        session, form, 1, [Draft(PLACE, "请核对")], date(2026, 6, 30), by=reviewer_user.as_actor()
    )
    attaching.detach(session, whole.id, PLACE, newer, by=filler)
    session.commit()
    assert _beside(session, whole) == []
    kept = session.scalars(select(AnswerDocument)).one()
    assert (kept.document_id, kept.submitted, kept.detached_at is not None) == (newer.id, True, True)
    with pytest.raises(Conflict, match="不能删除"):
        removing.remove(session, newer, [attached.uses], by=filler)
    attaching.attach(session, whole.id, PLACE, [newer], by=filler)
    session.commit()
    assert _beside(session, whole) == ["花名册新.png"]


def test_a_version_that_the_bureau_put_in_its_place_is_never_shown_and_the_firm_gets_on(
    session: Session, whole: Assessment, filler: Actor, head_user: User, reviewer_user: User, paper: Document,
    store: FileStore,
) -> None:  # fmt: skip
    attaching.attach(session, whole.id, PLACE, [paper], by=filler)
    locker.replace(session, store, paper, Upload("内部批注.png", PNG), by=reviewer_user.as_actor())
    session.commit()
    assert _beside(session, whole) == ["花名册.pdf"]
    with pytest.raises(Conflict, match="1 处"):
        _submit(session, whole, head_user.as_actor())
    session.rollback()
    filled = queries.filled(session, queries.form(session, whole.id, for_=filler))
    assert ["已有更新的版本" in str(one.message) for one in checks.open_faults(filled)] == [True]
    attaching.detach(session, whole.id, PLACE, paper, by=filler)
    session.commit()
    _submit(session, whole, head_user.as_actor())


def test_evidence_out_of_date_asks_why_and_what_was_declared_wrong_must_be_changed(
    session: Session, whole: Assessment, filler: Actor, head_user: User, reviewer_user: User, paper: Document
) -> None:
    attaching.attach(session, whole.id, PLACE, [paper], by=filler)
    paper.valid_until = date(2026, 6, 14)
    session.commit()
    filled = queries.filled(session, queries.form(session, whole.id, for_=filler))
    assert [str(one.message) for one in checks.open_faults(filled)] == [
        "佐证材料“花名册.pdf”已过有效期，请换用有效的，或写明原因"
    ]
    locker.withdraw(session, paper, by=reviewer_user.as_actor(), why="页数不全")
    session.commit()
    filled = queries.filled(session, queries.form(session, whole.id, for_=filler))
    assert [str(one.message) for one in checks.open_faults(filled)] == [
        "佐证材料“花名册.pdf”已被认定有误，请去掉或换用其他材料"
    ]
    with pytest.raises(Conflict, match="1 处"):
        _submit(session, whole, head_user.as_actor())


def test_nothing_of_another_firm_is_attached_or_seen(
    session: Session, people: People, form: Assessment, filler: Actor, filler_user: User, store: FileStore
) -> None:
    other = make_firm(session)
    session.commit()
    stranger = people.make(Role.FIRM_SIGNATORY, firm_id=other.id)
    theirs = locker.keep(session, store, other.id, Upload("别家.jpg", JPEG), by=stranger.as_actor())
    session.commit()
    with pytest.raises(Invalid, match="没有找到"):
        attaching.attach(session, form.id, PLACE, [theirs], by=filler)
    session.rollback()
    with pytest.raises(NotFound):
        attaching.attach(session, form.id, PLACE, [theirs], by=stranger.as_actor())
    session.rollback()
    address = f"/portal/assessments/{form.id}/evidence/tech_staff_month_avg-2025"
    people.browser(stranger).get(address, expect=404)
    browser = people.browser(filler_user)
    browser.get(address)
    browser.post(address, {"document": str(theirs.id)}, expect=422)
    browser.get(address)
    browser.post(f"{address}/detach", {"document": str(theirs.id)}, expect=404)
    browser.get(f"/portal/assessments/{form.id}/evidence/no_such-2025", expect=404)


def test_what_lies_in_the_locker_already_is_attached_as_it_stands_now(
    session: Session, people: People, form: Assessment, filler: Actor, filler_user: User, paper: Document,
    store: FileStore,
) -> None:  # fmt: skip
    reviewer, browser = people.reviewer().as_actor(), people.browser(filler_user)
    address = f"/portal/assessments/{form.id}/evidence/tech_staff_month_avg-2025"

    def send(content: bytes, expect: int = 200) -> None:
        browser.get(address)
        browser.submit({"files": [(io.BytesIO(content), "又一次.pdf")]}, form="#locker-form", expect=expect)

    send(PDF)
    assert "“花名册.pdf”已在材料库中，没有重复存入，已附在这里" in browser.text
    send(PDF)
    assert _beside(session, form) == ["花名册.pdf"]
    newer = locker.replace(session, store, session.merge(paper), Upload("花名册新.png", PNG), by=filler)
    session.commit()
    send(PDF)
    assert "“花名册.pdf”是旧版，已附上现行版本“花名册新.png”" in browser.text
    assert _beside(session, form) == ["花名册新.png"]
    locker.withdraw(session, newer, by=reviewer, why="日期不对")
    session.commit()
    send(PDF, 422)
    assert "请上传现行的材料" in browser.text
