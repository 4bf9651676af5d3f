"""rulebooks on the command line: list, check, seal."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.rulebooks import loader, seal
from app.rulebooks.cli import group


def run(*words: str) -> Result:
    return CliRunner().invoke(group, words)


def test_list_names_every_edition_and_says_nobody_has_checked_it() -> None:
    result = run("list")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == list(loader.edition_ids())
    assert all(line.endswith("尚无人与官方原文核对") for line in lines)


def test_check_passes_on_what_is_shipped() -> None:
    result = run("check")
    assert result.exit_code == 0
    assert "hnte-2016：17 条条款，无误。" in result.stderr


def test_check_names_what_is_wrong(editions: Path) -> None:
    path = editions / "hnte-2016" / seal.RULEBOOK
    path.write_text(path.read_text("utf-8").replace('"employees_month_avg"', '"employees_month"'), encoding="utf-8")
    (editions / "tech-sme-2017" / seal.SEAL).unlink()
    result = run("check")
    assert result.exit_code == 1
    assert "hnte-2016/rulebook.toml，条款 HNTE-11-4" in result.stderr
    assert "tech-sme-2017/rulebook.toml：尚未封存" in result.stderr
    assert "错误：2 个版本有误。" in result.stderr


def test_seal_writes_the_checksum_once(editions: Path) -> None:
    (editions / "tech-sme-2017" / seal.SEAL).unlink()
    result = run("seal", "tech-sme-2017")
    assert result.exit_code == 0
    assert loader.load_edition("tech-sme-2017").digest in result.stdout


@pytest.mark.parametrize(("edition", "words"), [("none", "没有“none”这一版规则"), ("hnte-2016", "不能重新封存")])
def test_seal_refuses_what_it_must(editions: Path, edition: str, words: str) -> None:
    path = editions / "hnte-2016" / seal.RULEBOOK
    path.write_text(path.read_text("utf-8") + "\n# 改动\n", encoding="utf-8")
    before = (editions / "hnte-2016" / seal.SEAL).read_text("utf-8")
    result = run("seal", edition)
    assert result.exit_code == 1
    assert words in result.stderr
    assert (editions / "hnte-2016" / seal.SEAL).read_text("utf-8") == before
