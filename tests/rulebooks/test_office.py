"""The pages of the editions."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.access.roles import Role
from app.rulebooks import loader, queries
from tests.factories.eligibility import editions
from tests.support.people import People


@pytest.mark.parametrize("code", loader.edition_ids())
def test_an_edition_shows_every_clause_with_its_standing(session: Session, people: People, code: str) -> None:
    editions(session)
    edition = queries.by_code(session, code)
    rulebook = queries.rulebook_of(edition)
    browser = people.browser(people.caseworker())
    browser.get("/office/rulebooks/")
    assert code in browser.text
    browser.get(f"/office/rulebooks/{edition.id}")
    for clause in rulebook.clauses:
        row = browser.page.select_one(f"#clause-{clause.id}")
        assert row is not None
        assert clause.article in row.get_text()
        assert " ".join(clause.text.split()) in " ".join(row.get_text(" ").split())
    for policy in rulebook.policies:
        assert policy.number in browser.text
    assert edition.digest in browser.text
    assert "尚无人与官方原文逐条核对" in browser.text


def test_a_reviewer_records_a_check_and_the_banner_goes(session: Session, people: People) -> None:
    editions(session)
    edition = queries.by_code(session, "hnte-2016")
    browser = people.browser(people.reviewer(name="王审核"))
    browser.get(f"/office/rulebooks/{edition.id}/check")
    browser.submit({"checked_on": "2026-11-01", "note": ""}, expect=422)
    browser.submit({"checked_on": "2026-11-01", "note": "与科技部官网文本逐条一致"})
    assert "尚无人与官方原文逐条核对" not in browser.text
    assert "王审核" in browser.text


def test_only_reviewers_and_administrators_record_checks(session: Session, people: People) -> None:
    editions(session)
    edition = queries.by_code(session, "hnte-2016")
    for user in (people.caseworker(), people.make(Role.LEADER)):
        browser = people.browser(user)
        browser.get(f"/office/rulebooks/{edition.id}")
        browser.get(f"/office/rulebooks/{edition.id}/check", expect=403)


def test_an_unknown_edition_is_not_there(people: People) -> None:
    browser = people.browser(people.caseworker())
    browser.get("/office/rulebooks/77", expect=404)


def test_what_is_undefined_recalled_or_in_transition_is_told(session: Session, people: People) -> None:
    editions(session)
    browser = people.browser(people.caseworker())
    browser.get(f"/office/rulebooks/{queries.by_code(session, 'srdi-gd-2024').id}")
    gap = browser.page.select_one("a[href='#clause-SRDI22-S9']")
    assert gap is not None
    assert "未定义：未查到原文" in browser.page.select_one("#clause-SRDI22-S9").get_text()  # type: ignore[union-attr]
    browser.get(f"/office/rulebooks/{queries.by_code(session, 'lg-2022').id}")
    assert "有 4 处（条款、评分项或定义）为凭记忆录入" in browser.text
    assert "2026年度专精特新“小巨人”企业复核仍按63号办理（工信厅企业函〔2026〕117号）" in browser.text
    browser.get(f"/office/rulebooks/{queries.by_code(session, 'srdi-2026').id}")
    assert "免除本条：SRDI26-4X1" in browser.text
