"""The button, the page that watches, the results, and the command."""

from __future__ import annotations

import json

from flask import Flask
from sqlalchemy.orm import Session

from app.core.db import Database
from app.eligibility.runs import queries
from app.jobs.worker import Worker
from tests.factories.eligibility import edition, editions, make_four_firms
from tests.support.people import People

RUNS = "/office/eligibility/runs"


def test_from_the_button_to_the_firms_one_clause_short(
    app: Flask, database: Database, session: Session, people: People
) -> None:
    editions(session)
    firms = make_four_firms(session)
    browser = people.browser(people.reviewer())
    browser.get(f"{RUNS}/")
    assert "还没有做过全部判定" in browser.text
    browser.get(f"{RUNS}/new")
    browser.submit({"as_of": "2026-06-01"})
    assert "判定进度" in browser.text
    worker: Worker = app.extensions["yuqi_worker"]
    worker.run_pending()
    found = queries.latest(session)[0]
    browser.get(f"{RUNS}/{found.id}")
    assert "高新技术企业认定" in browser.text
    assert "4 家存续企业" in browser.text
    address = f"{RUNS}/{found.id}/editions/{edition(session).id}"
    browser.get(address)
    assert all(firm.name in browser.text for firm in firms.values())
    browser.get(f"{address}?short=one_substance&clause=HNTE-11-5a")
    assert firms["ineligible"].name in browser.text
    assert firms["undetermined"].name not in browser.text
    browser.get(f"{address}?state=eligible")
    assert firms["eligible"].name in browser.text
    browser.get(f"{address}?short=one_data&clause=HNTE-11-7")
    assert "没有符合条件的企业" in browser.text
    browser.get(f"{address}/heat")
    cell = browser.page.select_one("tbody tr td.x-heat__3, tbody tr td.x-heat__4")
    assert cell is not None
    link = next(
        one
        for one in browser.page.select("tbody td a")
        if "HNTE-11-5a" in str(one["href"]) and "unmet" in str(one["href"])
    )
    browser.get(str(link["href"]))
    assert firms["ineligible"].name in browser.text
    assert f"共 {link.get_text()} 家" in browser.text
    assert firms["eligible"].name not in browser.text
    browser.get(f"{address}/heat?by=firm")
    assert all(firm.name in browser.text for firm in firms.values())
    browser.get(f"{RUNS}/{found.id}/editions/9999", expect=404)
    browser.get(f"{RUNS}/9999", expect=404)
    browser.get(f"{RUNS}/")
    assert "已判定完毕" in browser.text


def test_a_day_without_editions_is_refused_on_the_form(people: People) -> None:
    browser = people.browser(people.reviewer())
    browser.get(f"{RUNS}/new")
    browser.submit({"as_of": "2026-06-01"}, expect=422)
    assert "没有适用的规则版本" in browser.text


def test_the_command_judges_all_and_goes_on(app: Flask, session: Session, people: People) -> None:
    editions(session)
    make_four_firms(session)
    runner = app.test_cli_runner()
    result = runner.invoke(args=["eligibility", "run", "--all", "--as-of", "2026-06-01"])
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["firms"] == 4
    hnte = next(one for one in answer["editions"] if one["edition"] == "hnte-2016")
    assert hnte["counts"] == {"eligible": 1, "ineligible": 1, "undetermined": 1, "needs_review": 1}
    assert "判定企业：0 / 1 块" in result.stderr
    again = runner.invoke(args=["eligibility", "run", "--all", "--resume", str(answer["run"])])
    assert json.loads(again.stdout)["run"] == answer["run"]
    assert runner.invoke(args=["eligibility", "run", "--all", "--resume", "999"]).exit_code == 1
    assert runner.invoke(args=["eligibility", "run"]).exit_code == 1
    refused = runner.invoke(args=["eligibility", "run", "--all", "--by", people.admin().login])
    assert "没有“判定全部企业”的权限" in refused.stderr
