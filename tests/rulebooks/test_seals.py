"""A sealed edition never changes; whoever needs another text makes another edition."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.rulebooks import loader, seal
from app.rulebooks.tables import RulebookError


@pytest.mark.parametrize("edition", loader.edition_ids())
def test_each_edition_bears_its_seal(edition: str) -> None:
    folder = loader.EDITIONS / edition
    content = (folder / seal.RULEBOOK).read_bytes()
    assert seal.check(folder, content) == seal.digest(content) == loader.load_edition(edition).digest


def test_a_changed_edition_is_not_loaded(editions: Path) -> None:
    path = editions / "hnte-2016" / seal.RULEBOOK
    path.write_text(path.read_text("utf-8").replace("at_least = 0.60", "at_least = 0.50"), encoding="utf-8")
    with pytest.raises(RulebookError, match=r"hnte-2016/rulebook.toml：内容与封存时不一致.*另立一版"):
        loader.load_edition("hnte-2016")
    with pytest.raises(RulebookError, match="不能重新封存"):
        seal.write(editions / "hnte-2016")


def test_an_unsealed_edition_is_not_loaded_until_it_is_sealed(editions: Path) -> None:
    (editions / "tech-sme-2017" / seal.SEAL).unlink()
    with pytest.raises(RulebookError, match=r"尚未封存，请核对后运行 rulebooks seal tech-sme-2017"):
        loader.load_edition("tech-sme-2017")
    digest = seal.write(editions / "tech-sme-2017")
    assert loader.load_edition("tech-sme-2017").digest == digest
    assert seal.write(editions / "tech-sme-2017") == digest


def test_cases_may_grow_without_breaking_the_seal(editions: Path) -> None:
    path = editions / "hnte-2016" / "cases.toml"
    path.write_text(path.read_text("utf-8") + "\n# 新增算例\n", encoding="utf-8")
    assert loader.load_edition("hnte-2016").id == "hnte-2016"
