"""The English catalogue is complete: every text that a user reads has a translation with the same places."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from app.facts.catalogue import load_catalogue
from app.facts.display import UNITS

ROOT = Path(__file__).parent.parent.parent
ENGLISH = ROOT / "app" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {"tr": None, "N_": None, "_l": None, "_": None, "gettext": None}
PLACE = re.compile(r"%\((\w+)\)[sd]")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def marked() -> dict[str, str]:
    """Return every marked text with where it stands."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, method_map=methods, options_map=options, keywords=KEYWORDS)
    return {str(message): f"{name}:{line}" for name, line, message, _comments, _context in found if message}


def english() -> Catalog:
    with ENGLISH.open("rb") as file:
        return read_po(file)


def test_every_text_has_an_english_translation() -> None:
    catalogue = english()
    missing = {
        text: place
        for text, place in marked().items()
        if (entry := catalogue.get(text)) is None or not entry.string or entry.fuzzy
    }
    assert not missing, f"{len(missing)} texts without English, first: {list(missing.items())[:5]}"


def test_translations_keep_the_places() -> None:
    wrong = [
        entry.id
        for entry in english()
        if entry.id and set(PLACE.findall(str(entry.id))) != set(PLACE.findall(str(entry.string)))
    ]
    assert not wrong


def test_no_chinese_is_left_in_english() -> None:
    """Except where the Chinese is the point: names of documents, examples of what to type, the language itself."""
    left = [
        str(entry.string)
        for entry in english()
        if entry.id and CHINESE.search(re.sub(r"[“《「『（(].*?[”》」』）)]", "", str(entry.string)))
    ]
    assert not left, left[:10]


def test_the_catalogue_holds_nothing_that_nobody_says() -> None:
    said = set(marked())
    assert not [entry.id for entry in english() if entry.id and entry.id not in said]


def test_every_unit_of_the_catalogue_has_english() -> None:
    assert {indicator.unit for indicator in load_catalogue() if indicator.unit} <= UNITS
