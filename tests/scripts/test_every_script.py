"""Each script explains itself, refuses what it does not know, and stops at the first error."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent.parent.parent / "scripts"
COMMANDS = sorted(path for path in SCRIPTS.iterdir() if path.is_file() and path.suffix == "")


def run(*command: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environ}
    )


@pytest.mark.parametrize("script", COMMANDS, ids=lambda path: path.name)
def test_help_says_how_to_use_it(script: Path) -> None:
    result = run(script, "--help")
    assert result.returncode == 0
    assert "用法" in result.stdout or "Usage" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize("script", COMMANDS, ids=lambda path: path.name)
def test_stops_at_the_first_error(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in text


@pytest.mark.parametrize("script", ["setup", "check"])
def test_an_unknown_option_is_named(script: str) -> None:
    result = run(SCRIPTS / script, "--nonsense")
    assert result.returncode == 1
    assert f"scripts/{script} --help" in result.stderr


def test_without_a_fitting_python_the_command_to_install_it_is_named(tmp_path: Path) -> None:
    for name in ("bash", "dirname", "awk"):
        found = run("sh", "-c", f"command -v {name}").stdout.strip()
        (tmp_path / name).symlink_to(found)
    result = run(SCRIPTS / "serve", PATH=str(tmp_path))
    assert result.returncode == 1
    assert "apt-get install --yes python3.11" in result.stderr


def test_the_command_line_keeps_standard_output_for_its_answer(tmp_path: Path) -> None:
    result = run(SCRIPTS / "flask", "database", "migrate", YUQI_DATA_DIR=str(tmp_path), DATABASE_URL="")
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    assert (tmp_path / "yuqi.db").is_file()
