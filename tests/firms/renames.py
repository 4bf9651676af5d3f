"""Forty-nine real renames, and made pairs of different firms with names that are easily taken for one."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

DATA = Path(__file__).parent / "data" / "renamed_firms_guangdong_2020_2025.csv"


class Rename(NamedTuple):
    """A firm under its name of 2020 and that of 2025."""

    security_code: str
    old: str
    new: str


def renames() -> list[Rename]:
    """Return the real renames."""
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Rename(row["security_code"], row["full_name_2020_07"], row["full_name_2025_10"]) for row in rows]


WORDS = ("恒丰", "华美", "金源", "宏泰", "永盛", "佳科", "瑞达", "天成")
TRADES = ("机电", "电器", "新材料", "精密五金", "卫浴")
SWAPS = {"恒": "衡", "华": "桦", "金": "锦", "宏": "弘", "永": "咏", "佳": "嘉", "瑞": "锐", "天": "添"}


def confusable() -> list[tuple[str, str]]:
    """Return pairs of different firms: other town, one sign, same sound, group, branch, trade, numbered works …"""
    return [pair for word in WORDS for trade in TRADES for pair in _pairs(word, trade)]


def _pairs(word: str, trade: str) -> list[tuple[str, str]]:
    name = f"江门市{word}{trade}有限公司"
    return [
        (name, f"广州市{word}{trade}有限公司"),
        (name, f"江门市{word[0]}辉{trade}有限公司"),
        (name, f"江门市{SWAPS[word[0]]}{word[1]}{trade}有限公司"),
        (name, f"江门市{word}{trade}（集团）有限公司"),
        (name, f"江门市{word}{trade}股份有限公司"),
        (name, f"江门市{word}{trade}有限公司蓬江分公司"),
        (name, f"江门市{word}{trade}科技有限公司"),
        (f"江门市{word}科技有限公司", f"江门市{word}科贸有限公司"),
        (f"江门市{word}{trade}一厂", f"江门市{word}{trade}二厂"),
        (f"江门市第一{word}{trade}厂", f"江门市第二{word}{trade}厂"),
        (name, f"江门市{word}{trade}经营部"),
    ]
