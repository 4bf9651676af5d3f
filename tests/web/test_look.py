"""The look, measured: contrast, what old browsers lack, names that exist, weight on the wire."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from app.rooms import MENU

ROOT = Path(__file__).parent.parent.parent
STATIC = ROOT / "app" / "static"
TEMPLATES = ROOT / "templates"
SHEETS = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "documents" not in path.parts)


def _plain(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.S)


def test_every_brace_is_closed() -> None:
    """Sheets are merged line by line: a lost brace would hide all that follows on large screens."""
    for sheet in SHEETS:
        depth = 0
        for line in _plain(sheet.read_text()).splitlines():
            assert depth <= 1 or not line.startswith("@media"), f"{sheet.name}: {line}"
            depth += line.count("{") - line.count("}")
        assert depth == 0, sheet.name


def _rules(css: str) -> Iterator[tuple[str, str, bool]]:
    """(selector, declarations, stands inside another style rule) of a style sheet, media queries opened."""
    depth: list[str] = []
    text = ""
    for sign in _plain(css):
        if sign == "{":
            nested = any(not outer.startswith("@") for outer in depth)
            depth.append(text.strip())
            text = ""
            if nested:
                yield depth[-1], "", True
        elif sign == "}":
            selector = depth.pop()
            if not selector.startswith("@"):
                yield selector, text.strip(), False
            text = ""
        elif sign == ";" and not depth:
            text = ""
        else:
            text += sign


def _tokens() -> dict[str, str]:
    css = _plain((STATIC / "css" / "app.css").read_text())
    return dict(re.findall(r"(--x-[a-z-]+):\s*(#[0-9a-f]{6})\s*;", css))


def _declared(selector: str, name: str) -> str:
    """The colour that the first rule for ``selector`` sets."""
    for sheet in SHEETS:
        for found, declarations, _nested in _rules(sheet.read_text()):
            if selector not in [part.strip() for part in found.split(",")]:
                continue
            value = re.search(rf"(?:^|;)\s*{name}:\s*([^;]+)", declarations)
            if value:
                return re.sub(r"var\((--[a-z-]+)\)", lambda hit: _tokens()[hit[1]], value[1].strip())
    raise AssertionError(f"{selector} sets no {name}")


def _luminance(colour: str) -> float:
    if len(colour) == 4:
        colour = "#" + "".join(sign * 2 for sign in colour[1:])
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG contrast of two colours, 1 to 21."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_says() -> None:
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


TEXT = [
    (ink, ground)
    for ink in ("ink", "soft", "muted", "blue", "blue-dark", "ok", "bad", "warn", "info", "mute")
    for ground in ("paper", "ground", "head-ground")
] + [
    ("blue-dark", "blue-pale"),
    ("blue", "blue-pale"),
    ("ok", "ok-pale"),
    ("bad", "bad-pale"),
    ("warn", "warn-pale"),
    ("info", "info-pale"),
    ("mute", "mute-pale"),
    ("muted", "mute-pale"),
    ("ink", "warn-pale"),
    ("paper", "blue"),
    ("paper", "blue-dark"),
    ("paper", "navy"),
    ("paper", "bad"),
]


@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_stands_out_at_4_5(ink: str, ground: str) -> None:
    tokens = _tokens()
    assert contrast(tokens[f"--x-{ink}"], tokens[f"--x-{ground}"]) >= 4.5


@pytest.mark.parametrize(
    ("edge", "ground"),
    [
        ("edge", "paper"),
        ("edge", "ground"),
        ("edge", "head-ground"),
        ("bad", "paper"),
        ("blue", "paper"),
        ("blue", "ground"),
        ("ink", "focus"),
        ("focus", "navy"),
        ("blue", "track"),
    ],
)
def test_borders_and_marks_stand_out_at_3(edge: str, ground: str) -> None:
    """WCAG 1.4.11, which axe does not look at: edges of inputs, the focus ring, bars on their track."""
    tokens = _tokens()
    assert contrast(tokens[f"--x-{edge}"], tokens[f"--x-{ground}"]) >= 3


@pytest.mark.parametrize("tone", ["blue", "azure", "teal", "purple", "orange", "grey"])
def test_tags_can_be_read(tone: str) -> None:
    selector = f".x-tag--{tone}"
    assert contrast(_declared(selector, "color"), _declared(selector, "background")) >= 4.5


@pytest.mark.parametrize(
    "selector",
    [
        ".x-btn--primary",
        ".x-btn--danger",
        ".x-btn--on-blue",
        ".x-btn--primary:hover",
        ".x-risk",
        ".x-toast",
        ".x-btn--danger:hover",
    ],
)
def test_words_on_coloured_ground_can_be_read(selector: str) -> None:
    assert contrast(_declared(selector, "color"), _declared(selector, "background")) >= 4.5


@pytest.mark.parametrize("step", range(5))
def test_stage_dots_stand_out_at_3(step: int) -> None:
    selector = f".x-stage--{step}::before" if step else ".x-stage::before"
    assert contrast(_declared(selector, "background"), "#ffffff") >= 3


@pytest.mark.parametrize("selector", [".x-input", ".x-group", ".x-choice", ".x-filter input", ".x-btn--plain"])
def test_controls_have_an_edge_that_is_seen(selector: str) -> None:
    name = "border-color" if selector == ".x-btn--plain" else "border"
    colour = re.search(r"#[0-9a-f]{6}", _declared(selector, name))
    assert colour is not None
    assert contrast(colour[0], "#ffffff") >= 3


MISSING_IN_CHROMIUM_92 = (
    r"color-mix\(|okl(?:ab|ch)\(|\blch\(|\blab\(|light-dark\(|@container|container-type|@layer|@scope|@starting-style|"
    r":has\(|subgrid|\d(?:dvh|svh|lvh|dvw|cqw|cqi)\b|text-wrap-style|@property|anchor-name|rgb\(from|"
    r"\btranslate:|\bscale:|\brotate:|\bcolor\("
)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_style_sheets_keep_to_what_chromium_92_knows(sheet: Path) -> None:
    found = re.findall(MISSING_IN_CHROMIUM_92, _plain(sheet.read_text()))
    assert not found, f"{sheet.name}: {found}"
    assert not [selector for selector, _text, nested in _rules(sheet.read_text()) if nested]


@pytest.mark.parametrize(
    "sample", ["a { color: color-mix(in srgb, red, blue) }", ".a:has(b) { top: 0 }", "a{height:100dvh}"]
)
def test_the_check_for_old_browsers_finds_what_it_should(sample: str) -> None:
    assert re.search(MISSING_IN_CHROMIUM_92, sample)


def test_the_check_for_nesting_finds_nesting_and_allows_media_queries() -> None:
    assert [nested for *_rest, nested in _rules(".a { .b { top: 0; } }")][0]
    assert not any(nested for *_rest, nested in _rules("@media print { .a { top: 0; } }"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_own_classes_carry_the_prefix(sheet: Path) -> None:
    """Unprefixed names collided with Bootstrap's once; only these two belong to others."""
    names = {
        name
        for selector, _text, _nested in _rules(sheet.read_text())
        for name in re.findall(r"\.([a-zA-Z][\w-]*)", selector)
    }
    assert {name for name in names if not name.startswith("x-")} <= {"visually-hidden", "htmx-request"}


def test_every_class_in_a_template_is_styled_or_known() -> None:
    """A mistyped class name is a look that silently is not there."""
    known = {name for sheet in SHEETS for name in re.findall(r"\.(x-[\w-]+)", _plain(sheet.read_text()))}
    known |= set(re.findall(r"x-[\w-]+", "".join(path.read_text() for path in SCRIPTS)))
    wrong = []
    for path in PAGES:
        for value in re.findall(r'class="([^"]*)"', path.read_text()):
            fixed = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "\0", value).split()
            wrong += [f"{path.name}: {n}" for n in fixed if n.startswith("x-") and "\0" not in n and n not in known]
    assert not wrong


def test_icons_named_in_templates_and_menu_are_in_the_list() -> None:
    listed = (STATIC / "icons.txt").read_text().split()
    assert listed == sorted(set(listed))
    used = {entry.icon for entry in MENU}
    for path in PAGES:
        text = path.read_text()
        used |= set(re.findall(r'\bicon\("([a-z0-9-]+)"', text))
        used |= set(re.findall(r'icon_(?:name|after)="([a-z0-9-]+)"', text))
    assert not used - set(listed), "add them to app/static/icons.txt"


def test_scripts_keep_to_the_policy() -> None:
    for path in SCRIPTS:
        text = path.read_text()
        assert not re.search(
            r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|\.style\b|document\.write", text
        )
        assert not re.search(r"^\s*import\s", text, flags=re.M), f"{path.name}: an import carries no ?v= and goes stale"
        assert not re.search(r'["\'`][^"\'`\n]*[\u4e00-\u9fff]', text), (
            f"{path.name}: words come from the page, translated"
        )


def test_light_on_the_wire() -> None:
    """What every page loads; a script or sheet that some page loads for itself is weighed alone."""

    def weight(paths: list[Path]) -> int:
        return sum(len(gzip.compress(path.read_bytes())) for path in paths)

    head = (TEMPLATES / "shared" / "_head.html").read_text()
    layouts = "".join((TEMPLATES / name / "layout.html").read_text() for name in ("office", "portal", "public"))
    everywhere = [path for path in SCRIPTS if f'"{path.stem}"' in head]
    everywhere += [path for path in SHEETS if path.stem in ("app", "nojs") or path.name in layouts]
    assert weight(everywhere) < 20_000
    assert all(weight([path]) < 5_000 for path in [*SCRIPTS, *SHEETS] if path not in everywhere)


def test_templates_stay_readable() -> None:
    long = [path.name for path in PAGES if len(path.read_text().splitlines()) >= 200]
    assert not long


def test_macro_files_translate_inside_macros_only() -> None:
    """An imported file is kept for all requests: what it translates at its top level stays in one language."""
    environment = Environment(autoescape=True, extensions=["jinja2.ext.do", "jinja2.ext.i18n"])
    frozen = []
    for path in (TEMPLATES / "shared").glob("*.html"):
        tree = environment.parse(path.read_text())
        if tree.find(nodes.Block) is not None or tree.find(nodes.Extends) is not None:
            continue
        if not any(isinstance(node, nodes.Macro) for node in tree.body):
            continue  # a part that is drawn, not imported
        for node in tree.body:
            if isinstance(node, nodes.Macro):
                continue
            frozen += [path.name for call in node.find_all(nodes.Call) if getattr(call.node, "name", "") == "_"]
    assert not frozen
