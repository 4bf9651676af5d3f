"""``eligibility run``: a list on standard output, an Excel file beside it, refusals on standard error."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.actor import Reach
from app.eligibility.models import EligibilityList
from app.firms.taxonomy import Town
from tests.factories.eligibility import editions, make_four_firms
from tests.factories.firms import make_firm
from tests.support.people import People


def test_the_list_with_counts_reasons_and_a_file(app: Flask, session: Session, tmp_path: Path) -> None:
    editions(session)
    firms = make_four_firms(session)
    out = tmp_path / "list.xlsx"
    result = app.test_cli_runner().invoke(
        args=["eligibility", "run", "--edition", "hnte-2016", "--as-of", "2026-06-01", "--out", str(out)]
    )
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert (answer["edition"], answer["as_of"]) == ("hnte-2016", "2026-06-01")
    assert answer["counts"] == {"eligible": 1, "ineligible": 1, "undetermined": 1, "needs_review": 1}
    assert len(answer["firms"]) == sum(answer["counts"].values())
    short = next(one for one in answer["firms"] if one["firm"] == firms["ineligible"].name)
    assert (short["verdict"], short["shortfall"], short["short_clause"]) == (
        "ineligible", "one_substance", "HNTE-11-5a",
    )  # fmt: skip
    assert short["credit_code"] == firms["ineligible"].credit_code
    assert "不低于 5%" in short["reason"]
    assert set(short["score"]) == {"low", "high"}
    assert load_workbook(out).active is not None


def test_a_persons_reach_and_rights_count(app: Flask, session: Session, people: People) -> None:
    editions(session)
    inside = make_firm(session, town=Town.BAISHA)
    make_firm(session, town=Town.DURUAN)
    person = people.caseworker(reach=Reach.TOWNS, towns=["baisha"])
    run = ["eligibility", "run", "--edition", "hnte-2016", "--as-of", "2026-06-01", "--by"]
    result = app.test_cli_runner().invoke(args=[*run, person.login])
    assert [one["firm"] for one in json.loads(result.stdout)["firms"]] == [inside.name]
    refused = app.test_cli_runner().invoke(args=[*run, people.admin().login])
    assert refused.exit_code != 0
    assert "没有“生成资格清单”的权限" in refused.stderr
    unknown = app.test_cli_runner().invoke(args=[*run, "nobody"])
    assert unknown.exit_code != 0
    assert "nobody" in unknown.stderr


def test_wrong_editions_and_days_are_refused_and_store_nothing(app: Flask, session: Session) -> None:
    editions(session)
    make_firm(session)
    for edition, day, told in (
        ("hnte-2061", "2026-06-01", "hnte-2016"),
        ("hnte-2016", "2015-06-01", "2016-01-01"),
        ("hnte-2016", "1 June", "--as-of"),
    ):
        result = app.test_cli_runner().invoke(args=["eligibility", "run", "--edition", edition, "--as-of", day])
        assert result.exit_code != 0
        assert told in result.stderr
        assert result.stdout == ""
    assert session.scalar(select(func.count()).select_from(EligibilityList)) == 0
