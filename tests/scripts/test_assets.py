"""What is served is copied out of the packages, whole or not at all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from scripts import assets

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real packages, a list of icons and a target folder of our own."""
    monkeypatch.setattr(assets, "ICON_LIST", tmp_path / "icons.txt")
    monkeypatch.setattr(assets, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(assets, "FONTS", {})
    return tmp_path


def test_the_sprite_holds_the_icons_of_the_list(place: Path) -> None:
    (place / "icons.txt").write_text("# ours\nhome\nstar-filled  # a favourite\n\nhome\n", encoding="utf-8")
    assert assets.main() == 0
    sprite = ElementTree.parse(place / "vendor" / "icons.svg").getroot()
    symbols = {symbol.get("id"): symbol for symbol in sprite.findall(f"{SVG}symbol")}
    assert list(symbols) == ["home", "star-filled"]
    assert symbols["home"].get("stroke") == "currentColor"
    assert symbols["star-filled"].get("fill") == "currentColor"
    assert all(part.get("d") != "M0 0h24v24H0z" for symbol in symbols.values() for part in symbol)


def test_an_unknown_icon_is_named_and_what_was_there_stays(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "icons.txt").write_text("home\n", encoding="utf-8")
    assert assets.main() == 0
    (place / "icons.txt").write_text("home\nhoem\n", encoding="utf-8")
    assert assets.main() == 1
    assert "“hoem”不存在" in capsys.readouterr().err
    assert (place / "vendor" / "icons.svg").is_file()
    assert not (place / "vendor.new").exists()


def test_the_manifest_holds_the_digest_of_each_file(place: Path) -> None:
    (place / "icons.txt").write_text("home\n", encoding="utf-8")
    assert assets.main() == 0
    manifest = json.loads((place / "vendor" / "manifest.json").read_text(encoding="utf-8"))
    assert {"css/bootstrap.min.css", "js/htmx.min.js", "icons.svg"} <= manifest.keys()
    for name, digest in manifest.items():
        assert hashlib.sha256((place / "vendor" / name).read_bytes()).hexdigest() == digest


def test_no_reference_to_a_source_map_is_served(place: Path) -> None:
    (place / "icons.txt").write_text("home\n", encoding="utf-8")
    assert assets.main() == 0
    for file in (place / "vendor").rglob("*.[cj]s*"):
        assert "sourceMappingURL" not in file.read_text(encoding="utf-8"), file
