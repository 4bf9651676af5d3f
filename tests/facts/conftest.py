"""What the tests of figures share: a firm, a reviewer, another reviewer, a caseworker."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.firms.models import Firm
from app.firms.taxonomy import Town
from tests.factories.firms import make_firm
from tests.support.people import People


@pytest.fixture
def reviewer(people: People) -> Actor:
    return people.reviewer(name="王审核").as_actor()


@pytest.fixture
def second_reviewer(people: People) -> Actor:
    return people.reviewer(name="李审核").as_actor()


@pytest.fixture
def caseworker(people: People) -> Actor:
    return people.caseworker(name="陈经办").as_actor()


@pytest.fixture
def firm(session: Session, people: People) -> Firm:
    return make_firm(session, name="江门海信示例有限公司", town=Town.TANGXIA)
