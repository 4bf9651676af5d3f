"""Who works on lists: a caseworker, and reviewers who freeze."""

from __future__ import annotations

import pytest

from app.access.actor import Actor
from tests.support.people import People


@pytest.fixture
def caseworker(people: People) -> Actor:
    return people.caseworker(name="陈经办").as_actor()


@pytest.fixture
def reviewer(people: People) -> Actor:
    return people.reviewer(name="王审核").as_actor()


@pytest.fixture
def second_reviewer(people: People) -> Actor:
    return people.reviewer(name="李审核").as_actor()
