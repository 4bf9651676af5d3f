"""Sealed editions in the database, and the record that a person checked one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM
from app.audit.models import AuditEvent
from app.core import clock
from app.core.errors import Invalid, NotFound
from app.rulebooks import loader, queries, service, words
from app.rulebooks.models import Edition


def test_sync_copies_each_sealed_edition_once(session: Session) -> None:
    added = service.sync(session, by=SYSTEM)
    session.commit()
    assert [one.code for one in added] == list(loader.edition_ids())
    assert service.sync(session, by=SYSTEM) == []
    assert session.scalar(select(func.count()).select_from(Edition)) == len(added)
    for one in queries.editions(session):
        assert queries.rulebook_of(one).digest == one.digest == loader.load_edition(one.code).digest


def test_sync_on_the_command_line_says_what_it_did(app: Flask, session: Session) -> None:
    first = app.test_cli_runner().invoke(args=["rulebooks", "sync"])
    assert first.exit_code == 0
    assert "hnte-2016" in first.stderr
    second = app.test_cli_runner().invoke(args=["rulebooks", "sync"])
    assert "无需载入" in second.stderr
    assert session.scalar(select(func.count()).select_from(Edition)) == len(loader.edition_ids())


def test_an_unknown_edition_names_those_there_are(session: Session) -> None:
    with pytest.raises(NotFound, match="rulebooks sync"):
        queries.by_code(session, "hnte-2016")
    service.sync(session, by=SYSTEM)
    with pytest.raises(NotFound, match="hnte-2016"):
        queries.by_code(session, "hnte-2061")


def test_a_sealed_edition_cannot_be_changed_or_removed(session: Session) -> None:
    service.sync(session, by=SYSTEM)
    session.commit()
    for statement in ("UPDATE edition SET content = 'x'", "UPDATE edition SET digest = 'x'", "DELETE FROM edition"):
        with pytest.raises(DBAPIError, match="a sealed edition never changes"):
            session.execute(text(statement))
        session.rollback()


def test_a_check_is_recorded_with_its_basis(session: Session) -> None:
    edition = service.sync(session, by=SYSTEM)[0]
    assert not edition.is_checked
    service.record_check(
        session, edition, by=SYSTEM, checked_on=date(2026, 11, 1), checked_by="王审核", note="与官网公布文本逐条一致"
    )
    session.commit()
    assert edition.is_checked
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == Action.EDITION_CHECK)).one()
    assert event.changes["checked_by"] == ["", "王审核"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"checked_by": "  "}, "checked_by"),
        ({"note": ""}, "note"),
        ({"checked_on": clock.today() + timedelta(days=2)}, "checked_on"),
    ],
)
def test_a_check_without_name_basis_or_past_date_is_refused(
    session: Session, changes: dict[str, object], field: str
) -> None:
    edition = service.sync(session, by=SYSTEM)[0]
    given = {"checked_on": date(2026, 11, 1), "checked_by": "王审核", "note": "一致", **changes}
    with pytest.raises(Invalid) as refused:
        service.record_check(session, edition, by=SYSTEM, **given)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert not edition.is_checked


@pytest.mark.parametrize("edition_id", loader.edition_ids())
def test_every_test_of_every_edition_has_words(edition_id: str) -> None:
    rulebook = loader.load_edition(edition_id)
    for one in words.shown(rulebook).clauses:
        assert bool(one.test) == (one.clause.test is not None)
    for _group, items in words.shown(rulebook).groups:
        for item in items:
            assert bool(item.measure) == (item.item.measure is not None)
            assert item.bands


def test_thresholds_read_as_the_policy_writes_them() -> None:
    rulebook = loader.load_edition("hnte-2016")
    shown = {one.clause.id: one for one in words.shown(rulebook).clauses}
    assert "不低于 5%（含）" in shown["HNTE-11-5a"].test
    assert "近 3 个会计年度" in shown["HNTE-11-5a"].test
    assert "不超过 5,000 万元（含）" in shown["HNTE-11-5a"].applies
    assert "超过 70 分（不含）" in shown["HNTE-11-7"].test


def test_the_keys_of_an_edition_are_those_its_clauses_name() -> None:
    keys = queries.keys_of(loader.load_edition("hnte-2016"))
    assert {"tech_staff_month_avg", "rd_expense_hnte", "ip_class1_count", "registration_date"} <= keys
    assert "in_abnormal_list" not in keys
