"""A firm whose figures are held but for one, its people, and the form it fills in, on a day in June 2026."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.access.roles import Role
from app.accounts.models import User
from app.assessments import queries, saving, service
from app.assessments.models import Assessment
from app.assessments.places import field_of
from app.core import clock
from app.firms.models import Firm
from tests.factories.eligibility import LACKS_STAFF, NO_EXPERTS, editions, make_judged_firm
from tests.support.people import People

NOW = datetime(2026, 6, 15, 6, 32, 7, tzinfo=UTC)
STAFF, SALES = "value-tech_staff_month_avg-2025", "value-sales_revenue-2025"


@pytest.fixture(autouse=True)
def _in_june(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last fiscal year is 2025, whatever the year in which the tests run."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def firm(session: Session) -> Firm:
    editions(session)
    return make_judged_firm(session, "江门甲电机有限公司", NO_EXPERTS, LACKS_STAFF)


@pytest.fixture
def filler_user(people: People, firm: Firm) -> User:
    return people.make(Role.FIRM_FILLER, name="赵填报", firm_id=firm.id)


@pytest.fixture
def filler(filler_user: User) -> Actor:
    return filler_user.as_actor()


@pytest.fixture
def head_user(people: People, firm: Firm) -> User:
    return people.make(Role.FIRM_SIGNATORY, name="钱总", firm_id=firm.id)


@pytest.fixture
def head(head_user: User) -> Actor:
    return head_user.as_actor()


@pytest.fixture
def reviewer_user(people: People) -> User:
    return people.reviewer(name="王审核")


@pytest.fixture
def reviewer(reviewer_user: User) -> Actor:
    return reviewer_user.as_actor()


@pytest.fixture
def form(session: Session, filler: Actor) -> Assessment:
    made = service.start(session, "hitech_recognition", "new", 2025, by=filler)
    session.commit()
    return made


class Fill:
    """Types into a form as a person would: what is not said is not touched."""

    def __init__(self, session: Session, form_id: int) -> None:
        self.session, self.form_id = session, form_id

    def __call__(self, by: Actor, texts: dict[str, str], seen: int | None = None) -> list[saving.Stands]:
        standing = queries.answers(self.session, self.form_id)
        typed = []
        for name, text in texts.items():
            field = field_of(name)
            assert field is not None, name
            version = standing[field].version if field in standing else 0
            typed.append(saving.Typed(field, text, version if seen is None else seen))
        _revision, stands = saving.save(self.session, self.form_id, typed, by=by)
        self.session.commit()
        return stands


@pytest.fixture
def fill(session: Session, form: Assessment) -> Fill:
    return Fill(session, form.id)


@pytest.fixture
def whole(session: Session, form: Assessment, filler: Actor, fill: Fill) -> Assessment:
    """The form filled in: one figure new, one corrected with a reason, the rest confirmed and declared."""
    filled = queries.filled(session, queries.form(session, form.id, for_=filler))
    texts = {line.name("confirm"): "yes" for line in filled.lines if line.may_confirm}
    texts |= {line.name("value"): "无" for line in filled.lines if line.question.is_declaration}
    del texts["confirm-sales_revenue-2025"]
    fill(filler, {**texts, STAFF: "20", SALES: "3700", "reason-sales_revenue-2025": "审计调增"})
    return form
