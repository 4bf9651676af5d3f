"""The fonts documents are set in, and which characters they hold."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont

from app.core.text import tr
from app.documents.strict import DocumentFault

FILES = ("NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf")
"""Static TTF: OTF makes larger files, WOFF2 and variable fonts cost seconds a document."""


def missing_fonts(folder: Path) -> list[str]:
    """Return the names of font files that ``folder`` lacks."""
    return [name for name in FILES if not (folder / name).is_file()]


def covered(folder: Path) -> frozenset[int]:
    """Return the code points that every font of ``folder`` holds. Read once for each version of the files."""
    if absent := missing_fonts(folder):
        raise DocumentFault(
            tr(
                "缺少字体文件 %(files)s（目录 %(folder)s），请重新运行安装脚本。",
                files="、".join(absent),
                folder=folder,
            )
        )
    stamp = tuple((folder / name).stat().st_mtime_ns for name in FILES)
    return _covered(folder, stamp)


@lru_cache(maxsize=4)
def _covered(folder: Path, stamp: tuple[int, ...]) -> frozenset[int]:
    tables = []
    for name in FILES:
        with TTFont(folder / name, lazy=True) as font:
            tables.append(frozenset(font.getBestCmap()))
    return frozenset.intersection(*tables)
