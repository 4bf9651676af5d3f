"""Forms and versions of a policy: drafts move with a look beforehand, what was submitted stays; questionnaires."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.assessments import carrying, preview, queries, service
from app.assessments.models import Answer, Assessment, AssessmentState
from app.core import clock
from app.core.errors import Conflict
from app.rulebooks import queries as rulebooks
from tests.assessments.conftest import Fill
from tests.support.people import People


@pytest.fixture
def old(session: Session, filler: Actor) -> Assessment:
    """A draft begun under the edition of 2022, with answers to what both ask and to what only that one asks."""
    made = service.start(session, "specialised_sme", "new", 2025, by=filler)
    made.edition_id = rulebooks.by_code(session, "srdi-2022").id
    session.commit()
    Fill(session, made.id)(filler, {"value-rd_staff-2025": "12", "value-main_business_revenue-2025": "3600"})
    return made


def test_drafts_move_with_a_look_at_what_that_does(
    session: Session, old: Assessment, form: Assessment, filler: Actor, people: People
) -> None:
    submitted = service.start(session, "specialised_sme", "review", 2025, by=filler)
    submitted.edition_id, submitted.state = old.edition_id, AssessmentState.SUBMITTED
    session.commit()
    (move,) = carrying.moves(session)
    assert (move.before.code, move.after.code, [one.id for one in move.forms]) == ("srdi-2022", "srdi-2026", [old.id])
    asked = {line.question.place for line in queries.filled(session, queries.form(session, old.id, for_=filler)).lines}
    assert (move.gaining, bool(move.gained)) == (1, True)
    assert not set(move.gained) & asked
    assert set(move.dropped) <= asked

    office = people.browser(people.reviewer())
    office.get("/office/assessments/editions")
    assert "1 份草稿，其中 1 份增加问题" in office.text
    office.submit({}, form="main form.x-inline")
    assert "1 份草稿已转到新版本" in office.text
    session.rollback()
    assert session.get_one(Assessment, old.id).edition_id == move.after.id
    assert session.get_one(Assessment, submitted.id).edition_id == move.before.id
    texts = session.scalars(select(Answer.text).where(Answer.assessment_id == old.id)).all()
    assert sorted(texts) == ["12", "3600"]  # whatever the new edition asks for, no answer is lost
    with pytest.raises(Conflict):
        carrying.carry(session, move.before.id, move.after.id, by=filler)


def test_a_questionnaire_shows_score_and_scenes_and_an_estimated_level(
    session: Session, filler: Actor, people: People, filler_user: object
) -> None:
    made = service.start(session, "sme_digital", "new", 2025, by=filler)
    session.commit()
    fill = Fill(session, made.id)
    filled = queries.filled(session, queries.form(session, made.id, for_=filler))
    scenes = [line for line in filled.lines if line.question.key.startswith("digital_scene_")]
    assert len(scenes) == 16
    fill(filler, {line.name("value"): line.question.indicator.options[1].value for line in scenes})
    seen = preview.preview(queries.filled(session, queries.form(session, made.id, for_=filler)), today=clock.today())
    assert "16 项中达到一级及以上的 16 个" in seen.counted[0].explanation
    assert seen.points is not None
    assert seen.points.high - seen.points.low > Decimal(0)
    assert seen.level is not None
    browser = people.browser(filler_user)  # type: ignore[arg-type]
    browser.get(f"/portal/assessments/{made.id}/sections/digital-scenes")
    assert "数字化水平等级（估算）" in browser.text
    assert len(browser.response.data) < 60_000
