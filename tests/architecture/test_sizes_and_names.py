"""The house stays readable: sizes, names, nothing in package fronts."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted([*(ROOT / "app").rglob("*.py"), ROOT / "config.py", ROOT / "wsgi.py"])
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
# the vocabulary's last column: words that have a better one here
BANNED_NAMES = {
    "enterprise", "company", "customer", "uscc", "officer", "scheme", "warehouse", "gaoqi", "survey", "ruleset",
    "winners", "attachment",
}  # fmt: skip


def test_no_python_file_is_over_400_lines() -> None:
    long = {str(p.relative_to(ROOT)): n for p in [*SOURCES, *TESTS] if (n := len(p.read_text().splitlines())) > 400}
    assert not long


def test_no_function_is_over_40_lines() -> None:
    long = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 40:
                long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not long


def test_no_template_is_over_200_lines() -> None:
    long = {str(p.relative_to(ROOT)): n for p in TEMPLATES if (n := len(p.read_text().splitlines())) > 200}
    assert not long


def test_no_drawers() -> None:
    assert not [p for p in [*SOURCES, *TEMPLATES] if p.stem in DRAWERS or DRAWERS & set(p.parts)]


def test_names_are_of_the_vocabulary() -> None:
    named = {p.stem for p in SOURCES} | {p.parent.name for p in SOURCES}
    for path in SOURCES:
        if path.name == "models.py":
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    named.add(node.name.lower())
    assert not named & BANNED_NAMES


def test_package_fronts_hold_a_docstring_only() -> None:
    for path in SOURCES:
        if path.name == "__init__.py":
            body = ast.parse(path.read_text()).body
            assert len(body) == 1, path
            assert isinstance(body[0], ast.Expr), path


@pytest.mark.parametrize("room", ["models", "queries", "service"])
def test_the_inside_of_a_room_knows_no_web(room: str) -> None:
    offenders = []
    for path in SOURCES:
        if path.name == f"{room}.py" and any(
            line.startswith(("from flask", "import flask", "from app.web")) for line in path.read_text().splitlines()
        ):
            offenders.append(str(path.relative_to(ROOT)))
    assert not offenders


def test_only_the_clock_asks_for_the_time() -> None:
    offenders = []
    for path in SOURCES:
        if path.name == "clock.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}:
                owner = ast.unparse(node.value)
                if owner in {"datetime", "date", "datetime.datetime", "datetime.date"}:
                    offenders.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not offenders
