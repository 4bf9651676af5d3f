"""Where templates, fonts, static files and stored files lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Sources:
    """The folders a document may be made from. ``files`` is the store of uploaded files, absent by default."""

    templates: Path = _ROOT / "templates"
    fonts: Path = _ROOT / "app" / "static" / "vendor" / "fonts"
    static: Path | None = None
    files: Path | None = None

    @property
    def roots(self) -> dict[str, Path]:
        """Address scheme → folder, as the fetcher serves them."""
        given = {"font": self.fonts, "static": self.static, "file-store": self.files}
        return {scheme: folder for scheme, folder in given.items() if folder is not None}
