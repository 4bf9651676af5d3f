"""The commands: JSON on standard output, one Chinese sentence on standard error, exit status 0 only on success."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.facts.models import Claim
from app.firms.models import Firm
from app.imports.layouts.profile import profile
from app.imports.table import read_table
from tests.factories.imports import FIGURES, listed_csv, listed_row
from tests.support.people import People

MANY = 892
ROOT = Path(__file__).parent.parent.parent


def _run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["imports", *arguments])


def _json(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def login(people: People) -> str:
    return people.caseworker().login


def _arguments(path: Path, login: str, **changes: str) -> list[str]:
    options = {"profile": "annual-firms", "year": "2025", "by": login, **changes}
    return ["run", str(path), *[part for name, value in options.items() for part in (f"--{name}", value)]]


def test_a_large_published_table(app: Flask, login: str, session: Session, tmp_path: Path) -> None:
    path = tmp_path / "上市公司.csv"
    without = {number: "" for number in range(1, 32)}
    path.write_bytes(
        listed_csv(
            listed_row(number, rd_expense_yuan=without.get(number, "106511493.85")) for number in range(1, MANY + 1)
        )
    )
    first = _json(_run(app, *_arguments(path, login)))
    assert set(first) == {"batch", "applied", "counts", "rows"}
    assert first["applied"] is False
    assert session.scalar(select(func.count()).select_from(Firm)) == 0
    session.commit()
    done = _run(app, *_arguments(path, login), "--apply")
    told = _json(done)
    assert (told["applied"], told["counts"]["new"], told["counts"]["skipped"]) == (True, MANY, 1)
    assert sum(told["counts"].values()) == len(told["rows"]) == MANY + 1
    assert "研发费用（审计报告口径）：31 行未填写或未披露" in done.stderr
    row = told["rows"][1]
    assert {key: row[key] for key in ("sheet", "row", "outcome", "firm")} == {
        "sheet": "上市公司", "row": 2, "outcome": "new", "firm": "虚构上市样例1号股份有限公司",
    }  # fmt: skip
    assert row["problems"] == [
        {"cell": "P2", "level": "info", "message": "第 2 行『研发费用』：未填写或未披露，按缺失处理，不作 0"}
    ]
    assert session.scalar(select(func.count()).select_from(Claim)) == MANY * FIGURES - 31
    session.commit()
    again = _run(app, *_arguments(path, login), "--apply")
    assert _json(again)["counts"]["unchanged"] == MANY
    assert "没有需要写入的内容" in again.stderr
    assert "这份文件已于" in again.stderr
    assert session.scalar(select(func.count()).select_from(Claim)) == MANY * FIGURES - 31


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"profile": "nope"},
            "没有“nope”这种表格样式，可用的有：annual-firms（年度企业情况表）、above-scale-roster（规上企业名录）",
        ),
        ({"year": "2031"}, "2031 年度还没有结束"),
        ({"year": "二〇二五"}, "“二〇二五”不是年度，请写四位数，如 2025。"),
        ({"by": "nobody"}, "没有账号“nobody”，请检查 --by。"),
        ({"by": ""}, "没有给出--by 账号"),
    ],
)
def test_refusals(app: Flask, login: str, tmp_path: Path, changes: dict[str, str], message: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(listed_csv([listed_row(1)]))
    result = _run(app, *_arguments(path, login, **changes))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert message in result.stderr


def test_files_that_are_not_there_or_no_table(app: Flask, login: str, tmp_path: Path) -> None:
    picture = tmp_path / "b.xlsx"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    plain = tmp_path / "c.csv"
    plain.write_text("甲,乙\n1,2\n")
    for path, message in (
        (tmp_path / "没有.csv", "找不到或无法读取文件"),
        (tmp_path, "是文件夹"),
        (picture, "内容是图片，不是表格"),
        (plain, "没有找到表头"),
    ):
        result = _run(app, *_arguments(path, login))
        assert (result.exit_code, result.stdout) == (1, "")
        assert message in result.stderr


def test_who_may_not_import(app: Flask, people: People, session: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(listed_csv([listed_row(1)]))
    admin, gone = people.admin(), people.caseworker()
    with people.database.transaction() as writing:
        writing.get_one(User, gone.id).is_active = False
    assert "没有“上传并预检表格”的权限" in _run(app, *_arguments(path, admin.login)).stderr
    assert "已停用" in _run(app, *_arguments(path, gone.login)).stderr
    assert session.scalar(select(func.count()).select_from(Firm)) == 0


def test_nothing_importable_prints_the_rows_and_fails(app: Flask, login: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(listed_csv([listed_row(1, fiscal_year="2024")]))
    result = _run(app, *_arguments(path, login), "--apply")
    assert result.exit_code == 1
    assert "没有可以导入的行" in result.stderr
    told = json.loads(result.stdout)
    assert (told["applied"], told["counts"]["review"]) == (False, 1)


def test_undo(app: Flask, login: str, session: Session, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(listed_csv([listed_row(1)]))
    batch = _json(_run(app, *_arguments(path, login), "--apply"))["batch"]
    assert _json(_run(app, "undo", str(batch), "--by", login)) == {"batch": batch, "undone": True}
    assert session.scalar(select(func.count()).select_from(Firm)) == 0
    twice = _run(app, "undo", str(batch), "--by", login)
    assert (twice.exit_code, twice.stdout) == (1, "")
    assert "只有已导入的批次可以撤销" in twice.stderr
    assert _run(app, "undo", "x", "--by", login).exit_code == 1
    assert _run(app, "undo", "99", "--by", login).exit_code == 1


def test_template_and_profiles(app: Flask, tmp_path: Path) -> None:
    out = tmp_path / "模板.xlsx"
    _json(_run(app, "template", "--out", str(out)))
    listed = [one["id"] for one in _json(_run(app, "profiles"))]
    assert listed == ["annual-firms", "above-scale-roster", "hitech-annual", "torch-annual"]
    known = profile("annual-firms")
    read = read_table(out.read_bytes(), out.name, known, 2025)
    assert {note.state for note in read.columns} == {"used"}
    assert len(read.columns) == len(known.template_columns())
    lost = _run(app, "template", "--out", str(tmp_path / "没有" / "a.xlsx"))
    assert lost.exit_code == 1
    assert "无法写入" in lost.stderr


def test_the_shipped_table_of_sixteen_listed_firms(app: Flask, login: str, session: Session) -> None:
    path = ROOT / "app" / "demo" / "data" / "jiangmen_listed_fy2025.csv"
    told = _json(_run(app, *_arguments(path, login), "--apply"))
    assert (told["counts"]["new"], told["counts"]["skipped"], len(told["rows"])) == (16, 1, 17)
    claim = session.execute(
        select(Claim.number, Claim.raw)
        .join(Firm, Firm.id == Claim.firm_id)
        .where(Firm.security_code == "002600", Claim.key == "operating_revenue")
    ).one()
    assert (str(claim.number), claim.raw) == ("5142894.435394", "51428944353.940002")
