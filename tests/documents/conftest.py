"""Documents are tested with the real fonts; without them the tests fail, they are not skipped."""

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.documents.fonts import FILES
from app.documents.sources import Sources

HERE = Path(__file__).parent
ISSUED = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def sources(tmp_path_factory):
    """Real base template, parts and stylesheet, with the templates of these tests beside them."""
    given = Sources()
    if folder := os.environ.get("YUQI_FONTS"):
        given = replace(given, fonts=Path(folder))
    assert all((given.fonts / name).is_file() for name in FILES), f"fonts are missing in {given.fonts}"
    root = tmp_path_factory.mktemp("templates")
    shutil.copytree(given.templates / "documents", root / "documents")
    shutil.copytree(HERE / "templates", root / "sample")
    return replace(given, templates=root)


@pytest.fixture
def template(sources):
    """Write a template of one test and return its name."""
    written = []

    def write(body, name="one.html"):
        path = sources.templates / name
        text = (
            body if "<html" in body else '{% extends "documents/base.html" %}{% block body %}' + body + "{% endblock %}"
        )
        path.write_text(text, encoding="utf-8")
        # Jinja trusts the time of change; two tests may write within one tick
        stamp = path.stat().st_mtime_ns + len(written) + hash(text) % 10**9
        os.utime(path, ns=(stamp, stamp))
        written.append(path)
        return name

    yield write
    for path in written:
        path.unlink(missing_ok=True)
