"""Recognitions: what one is worth on a day, the ladder, and the register as people use it."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.audit.models import AuditEvent
from app.core import clock
from app.core.db import Database
from app.core.errors import Conflict, Invalid
from app.firms import service as firms
from app.recognitions import queries, service
from app.recognitions.models import Recognition, RecognitionKind, RecognitionLevel
from app.recognitions.queries import RegisterFilter
from app.recognitions.service import RecognitionDraft
from app.recognitions.standing import HELD, NEAR, Standing, ladder, standing
from tests.factories.firms import make_firm
from tests.facts.samples import PDF
from tests.support.people import People

DAY = date(2026, 6, 1)
DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))


def draft(**changes: Any) -> RecognitionDraft:
    values = {
        "kind": RecognitionKind.HITECH, "level": RecognitionLevel.NATIONAL, "granted_on": date(2023, 12, 28),
        "valid_until": date(2026, 12, 27), "number": "GR202344001234", "source": "国科火字〔2024〕12号",
    }  # fmt: skip
    return RecognitionDraft(**{**values, **changes})


def row(**changes: Any) -> Recognition:
    values = {"id": 1, "kind": RecognitionKind.HITECH, "granted_on": date(2023, 1, 1), "void_reason": ""}
    return Recognition(**{**values, **changes})


@settings(max_examples=80)
@given(DAYS, st.integers(0, 1500), st.one_of(st.none(), DAYS), DAYS)
def test_a_recognition_holds_exactly_between_its_days(begin: date, days: int, revoked: date | None, day: date) -> None:
    until = begin + timedelta(days=days)
    found = standing(row(granted_on=begin, valid_until=until, revoked_on=revoked), day)
    holds = begin <= day <= until and not (revoked is not None and revoked <= day)
    assert (found in HELD) == holds
    assert (found is Standing.ENDING) == (holds and until - day <= NEAR)
    assert standing(row(granted_on=begin, valid_until=until, void_reason="录错"), day) is Standing.VOID


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(list(RecognitionKind)), DAYS, st.integers(1, 1500)), max_size=8))
def test_the_next_rung_is_above_the_highest_held_and_no_row_is_lost(
    given_rows: list[tuple[RecognitionKind, date, int]],
) -> None:
    rows = [
        row(id=number, kind=kind, granted_on=begin, valid_until=begin + timedelta(days=days))
        for number, (kind, begin, days) in enumerate(given_rows, start=1)
    ]
    found = ladder(rows, DAY)
    kinds = [rung.kind for rung in found.rungs]
    held = [place for place, rung in enumerate(found.rungs) if rung.is_held]
    assert found.next == (found.rungs[max(held, default=-1) + 1] if max(held, default=-1) < 5 else None)
    assert sum(len(rung.spans) for rung in found.rungs) == sum(one.kind in kinds for one in rows)
    for rung in found.rungs:
        assert rung.is_held == any(standing(one, DAY) in HELD for one in rung.spans)


def test_register_correct_revoke_void_and_refuse(session: Session) -> None:
    firm = make_firm(session)
    one = service.register(session, firm, draft(), by=SYSTEM)
    with pytest.raises(Invalid, match="已经登记"):
        service.register(session, firm, draft(), by=SYSTEM)
    for changes, says in (
        ({"valid_until": None}, "请填写有效期止"),
        ({"valid_until": date(2020, 1, 1)}, "早于有效期起"),
        ({"granted_on": clock.today() + timedelta(days=1)}, "不能晚于今天"),
        ({"kind": RecognitionKind.OTHER}, "须写明名称"),
        ({"source": " "}, "出处"),
    ):
        with pytest.raises(Invalid, match=says):
            service.register(session, firm, draft(**changes), by=SYSTEM)
    assert service.edit(session, one, firm, draft(number="GR202344009999"), version=one.version, by=SYSTEM)
    assert not service.edit(session, one, firm, draft(number="GR202344009999"), version=one.version, by=SYSTEM)
    with pytest.raises(Conflict, match="已被他人修改"):
        service.edit(session, one, firm, draft(), version=one.version - 1, by=SYSTEM)
    with pytest.raises(Invalid, match="认定日期"):
        service.revoke(session, one, firm, on=date(2020, 1, 1), reason="公告", by=SYSTEM)
    service.revoke(session, one, firm, on=date(2025, 1, 1), reason="粤科公告〔2025〕1号", by=SYSTEM)
    assert standing(one, date(2024, 12, 31)) is Standing.VALID
    assert standing(one, date(2025, 1, 1)) is Standing.REVOKED
    service.void(session, one, firm, reason="录错企业", by=SYSTEM)
    assert service.register(session, firm, draft(), by=SYSTEM).id != one.id
    session.commit()
    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_type == "recognition")).all()
    assert len(actions) == 5


def test_the_register_filters_as_standing_says_and_pages_by_end(session: Session, people: People) -> None:
    caseworker = people.caseworker().as_actor()
    today = clock.today()
    firm = make_firm(session)
    for number, (begin, end, revoked) in enumerate(
        [(-900, 90, None), (-900, 900, None), (-900, -1, None), (-900, 900, -10), (-30, None, None)]
    ):
        kind = RecognitionKind.GREEN_FACTORY
        made = service.register(
            session, firm,
            draft(kind=kind, title=f"第 {number} 个", granted_on=today + timedelta(days=begin),
                  valid_until=None if end is None else today + timedelta(days=end)),
            by=SYSTEM,
        )  # fmt: skip
        if revoked is not None:
            service.revoke(session, made, firm, on=today + timedelta(days=revoked), reason="公告", by=SYSTEM)
    session.commit()
    everything = queries.register(session, RegisterFilter(), for_=caseworker)
    assert [row.recognition.valid_until for row in everything.items][-1] is None
    for state in Standing:
        found = queries.register(session, RegisterFilter(state=state), for_=caseworker)
        assert {row.recognition.id for row in found.items} == {
            row.recognition.id for row in everything.items if row.state is state
        }


def test_a_certificate_bears_the_name_of_its_day(session: Session, database: Database, people: People) -> None:
    firm = make_firm(session, name="江门市金莱特示例股份有限公司")
    firms.add_former_name(session, firm, "江门市旧灯饰有限公司", until=date(2024, 3, 1), by=SYSTEM)
    session.commit()
    browser = people.browser(people.caseworker())
    browser.get(f"/office/firms/{firm.id}/recognitions/new")
    sent = {
        "kind": "hitech", "level": "national", "granted_on": "2023-12-28", "valid_until": "2026-12-27",
        "number": "GR202344001234", "source": "国科火字〔2024〕12号",
    }  # fmt: skip
    browser.submit({**sent, "source": ""}, form="form.x-form", expect=422)
    browser.submit({**sent, "file": (io.BytesIO(PDF), "证书.pdf")}, form="form.x-form")
    assert "资质已登记" in browser.text
    one = session.scalars(select(Recognition)).one()
    browser.get(f"/office/recognitions/{one.id}")
    assert "江门市旧灯饰有限公司" in browser.text
    assert "认定当日的名称" in browser.text
    browser.get(f"/office/firms/{firm.id}/identity")
    assert "下一步：创新型中小企业" in browser.text
    assert len(browser.page.select("ol.x-ladder li")) == 6
    assert browser.page.select_one("svg.x-figure-spans")
    browser.get(f"/office/recognitions/{one.id}/file")
    assert browser.response.data == PDF
    stranger = people.browser(people.caseworker(reach="portfolio"))
    stranger.get(f"/office/recognitions/{one.id}", expect=404)
