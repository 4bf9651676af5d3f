"""Templates are found by address: every page has an endpoint, every GET page a template; every text is marked."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from flask import Flask

from app.web.render import template_of

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = ROOT / "templates"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PRIVATE = {"layout.html"}


def _pages() -> set[str]:
    return {
        str(path.relative_to(TEMPLATES))
        for surface in ("office", "portal", "public")
        for path in (TEMPLATES / surface).rglob("*.html")
        if not path.name.startswith("_") and path.name not in PRIVATE and path.parent.name != "errors"
    }


def _named_views() -> set[str]:
    """Templates named by ``page_named("view")`` in a door."""
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        if path.name not in {"office.py", "portal.py", "public.py"} and path.parent.name not in {"office", "portal"}:
            continue
        surface = path.stem if path.stem in {"office", "portal", "public"} else path.parent.name
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "page_named" and node.args:
                found.add((surface, ast.literal_eval(node.args[0])))
    return {f"{surface}/{view}" for surface, view in found}


def test_every_page_template_has_an_endpoint(app: Flask) -> None:
    known = {template_of(endpoint) for endpoint in app.view_functions}
    named = _named_views()
    orphans = {page for page in _pages() - known if f"{page.split('/')[0]}/{Path(page).stem}" not in named}
    assert not orphans


def test_text_in_templates_goes_through_gettext() -> None:
    """Chinese outside of ``{{ … }}`` and ``{% … %}`` is text that nobody can translate."""
    bare = []
    for path in TEMPLATES.rglob("*.html"):
        if "documents" in path.parts:  # the dossier is a Chinese official document
            continue
        text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)
        text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.S)
        text = text.replace("中文", "")  # the switch names each language in itself
        if CHINESE.search(text):
            bare.append(f"{path.relative_to(TEMPLATES)}: {CHINESE.search(text).group()}…")  # type: ignore[union-attr]
    assert not bare


def test_no_inline_style_or_script() -> None:
    offenders = [
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if re.search(r"\sstyle=|<style|\son[a-z]+=\"|javascript:|hx-on", path.read_text())
    ]
    assert not offenders
