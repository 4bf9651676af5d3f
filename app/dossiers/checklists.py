"""Which papers a dossier must contain, as data, and which files look like them (pure)."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from app.dossiers.context import Checklist, EvidenceFile, Material
from app.rulebooks.schema import Rulebook

ATTACHED = "已附"
MISSING = "缺"
OPTIONAL = "未附（非必备）"
ENCLOSED = "本册已列，待签章"
MATCHED = "按文件标题识别，须人工核对原件。"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A paper that is asked for. ``match``: groups of words, all of one group stand in the title of such a file."""

    code: str
    name: str
    required: bool
    doubtful: bool = False
    match: tuple[tuple[str, ...], ...] = ()
    enclosed: str = ""


@dataclass(frozen=True, slots=True)
class WantedList:
    """The papers of one policy or fund; empty where its list is not known."""

    title: str
    source: str
    note: str
    papers: tuple[Wanted, ...]


def wanted(rulebook: Rulebook) -> tuple[WantedList, ...]:
    """Return the lists a dossier under this edition is checked against: the edition's own and the fund's."""
    data = _data()
    words = data.get("match", {}).get(rulebook.id, {})
    own = WantedList(
        title=f"{rulebook.title}材料",
        source="、".join(f"《{policy.name}》（{policy.number}）" for policy in rulebook.policies),
        note="份数、顺序以当年申报通知为准。" if rulebook.materials else "政策资料未载明材料清单，未定义。",
        papers=tuple(
            Wanted(one.code, one.name, one.required, one.status != "verified", _groups(words.get(one.code, [])))
            for one in rulebook.materials
        ),
    )
    return (own, *(_fund(one) for one in data["checklist"]))


def checked(lists: Sequence[WantedList], files: Sequence[EvidenceFile]) -> tuple[Checklist, ...]:
    """Return each list with what is attached and what is missing; nothing is left out."""
    return tuple(
        Checklist(
            title=one.title,
            source=one.source,
            note=one.note + (MATCHED if one.papers else ""),
            materials=tuple(_material(paper, files) for paper in one.papers),
        )
        for one in lists
    )


def missing(lists: Sequence[Checklist]) -> tuple[str, ...]:
    """Return the required papers that are not there, as 代码 名称."""
    return tuple(f"{one.code} {one.name}" for found in lists for one in found.materials if one.state == "missing")


def _material(paper: Wanted, files: Sequence[EvidenceFile]) -> Material:
    found = [file for file in files if _is(paper, file)]
    note = "待核" if paper.doubtful else ""
    if found:
        cited = "、".join(f"附件 {file.no}" for file in found)
        return Material(paper.code, paper.name, "attached", ATTACHED, "；".join(filter(None, (cited, note))))
    if paper.enclosed:
        return Material(paper.code, paper.name, "enclosed", ENCLOSED, note)
    if paper.required:
        return Material(paper.code, paper.name, "missing", MISSING, note)
    return Material(paper.code, paper.name, "optional", OPTIONAL, note)


def _is(paper: Wanted, file: EvidenceFile) -> bool:
    text = f"{file.title}\n{file.name}"
    return paper.code in text or any(all(word in text for word in group) for group in paper.match)


def _fund(data: dict[str, Any]) -> WantedList:
    papers = tuple(
        Wanted(
            code=one["code"],
            name=one["name"],
            required=one["required"],
            match=_groups(one.get("match", [])),
            enclosed=one.get("enclosed", ""),
        )
        for one in data["material"]
    )
    return WantedList(data["title"], data["source"], data["note"], papers)


def _groups(words: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(group) for group in words)


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("app.dossiers").joinpath("checklists.toml").read_text(encoding="utf-8"))
