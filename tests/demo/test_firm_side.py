"""The demo shows the portal at work: a form half filled in, one returned, one handed in, a verdict published."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core import clock, workdays
from app.core.db import Database
from app.demo.load import load_firm_side
from tests.architecture.world import World


@pytest.fixture(scope="module")
def filler(world: World, world_app: Flask) -> FlaskClient:
    database: Database = world_app.extensions["yuqi_database"]
    load_firm_side(database, world_app.extensions["yuqi_store"])
    client = world_app.test_client()
    client.post("/sign-in", data={"login": "demo-filler", "password": World.PASSWORDS["demo-filler"]})
    return client


def test_the_list_shows_forms_at_every_stage(filler: FlaskClient) -> None:
    text = filler.get("/portal/assessments/").text
    for state in ("填写中", "退回修改", "已提交"):
        assert state in text
    assert str(workdays.after(clock.today(), 10)) in text  # until when the returned one is to be mended


def test_the_start_page_says_what_is_next(filler: FlaskClient) -> None:
    text = filler.get("/portal/").text
    assert "已退回" in text
    assert "0750-0000000" in text


def test_a_verdict_was_published_and_says_that_it_is_a_demonstration(filler: FlaskClient) -> None:
    assert "演示：按已核定的数据判定" in filler.get("/portal/eligibility/").text


def test_the_locker_holds_a_report_that_says_that_it_is_invented(filler: FlaskClient) -> None:
    assert "2025 年度审计报告（虚构样例）" in filler.get("/portal/facts/documents/").text
