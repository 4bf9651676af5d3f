"""The list of forms: what presses first, with why; no choice where only one would do; how a thing is renewed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor
from app.accounts.models import User
from app.assessments import service
from app.assessments.offers import offers
from app.core.errors import Invalid
from app.dashboards.home import home
from app.eligibility.gap.models import Intake
from app.firms.models import Firm
from app.recognitions import service as recognitions
from app.recognitions.models import RecognitionKind, RecognitionLevel
from app.recognitions.service import RecognitionDraft
from tests.assessments.conftest import NOW
from tests.support.people import People

TODAY = NOW.date()


def hold(session: Session, firm: Firm, kind: RecognitionKind, until: date) -> None:
    draft = RecognitionDraft(kind, RecognitionLevel.NATIONAL, date(2023, 12, 28), "公告", valid_until=until)
    recognitions.register(session, firm, draft, by=SYSTEM)


def test_the_nearest_day_stands_first_with_why_and_what_is_held_last(session: Session, firm: Firm) -> None:
    hold(session, firm, RecognitionKind.HITECH, TODAY + timedelta(days=40))
    hold(session, firm, RecognitionKind.TECH_SME, TODAY + timedelta(days=400))
    closes = TODAY + timedelta(days=10)
    session.add(
        Intake(
            programme="quality_award",
            name="第七届",
            opens_on=TODAY,
            closes_on=closes,
            source="通知",
            created_by_name="局",
        )
    )
    session.flush()
    found = offers(session, firm.id)
    assert [one.edition.programme for one in found[:2]] == ["quality_award", "hitech_recognition"]
    assert found[-1].edition.programme == "tech_sme"
    assert str(found[0].why[0]) == f"第七届正在申报，{closes} 截止"
    assert "到期前按初次申请重新办理" in str(found[1].why[0])
    assert found[2].why == []


def test_a_review_is_offered_only_where_there_is_one_and_proposed_only_to_who_has_it(
    session: Session, firm: Firm, filler: Actor
) -> None:
    hold(session, firm, RecognitionKind.LITTLE_GIANT, TODAY + timedelta(days=90))
    by_programme = {one.edition.programme: one for one in offers(session, firm.id)}
    assert by_programme["hitech_recognition"].kinds == ("new",)  # 国科发火〔2016〕32号: renewal is a first application
    assert by_programme["little_giant"].kind == "review"
    assert by_programme["specialised_sme"].kind == "new"
    with pytest.raises(Invalid, match="没有复核"):
        service.start(session, "hitech_recognition", "review", 2025, by=filler)


def test_a_certificate_that_ends_leads_to_its_very_form(
    session: Session, firm: Firm, filler: Actor, filler_user: User, people: People
) -> None:
    hold(session, firm, RecognitionKind.HITECH, TODAY + timedelta(days=40))
    session.commit()
    (step,) = [one for one in home(session, firm).steps if "到期" in str(one.what)]
    assert (step.endpoint, step.values) == ("portal.assessments.index", {"_anchor": "offer-hitech_recognition"})
    browser = people.browser(filler_user)
    browser.get("/portal/assessments")
    row = browser.page.select_one("#offer-hitech_recognition")
    assert row is not None
    assert len(row.select("form:not(details form) select")) == 0, "nothing to choose"
    browser.submit({}, form="#offer-hitech_recognition form")
    assert "高新技术企业认定自评（2025 年度）" in browser.text
    session.rollback()
    (step,) = [one for one in home(session, firm).steps if "到期" in str(one.what)]
    assert step.endpoint == "portal.assessments.show"
