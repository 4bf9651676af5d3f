"""The documents that go with a submission, numbered as they are cited: as they were called when it was submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.assessments.filled import Attached
from app.assessments.receipts.context import PaperPart
from app.core.text import Message, tr
from app.documents.format import file_size
from app.facts import keeping

NOT_KEPT = "提交时未留存"
Told = Mapping[str, Any]


def numbers(content: Sequence[Told]) -> dict[int, int]:
    """Return ``{document: the number it is cited by}``, in the order of the form."""
    ids = [paper["id"] for one in content for paper in one.get("documents", ())]
    return {number: place for place, number in enumerate(dict.fromkeys(ids), start=1)}


def papers_of(content: Sequence[Told]) -> tuple[PaperPart, ...]:
    """Return the documents of a submission, each once, with the answers that they support."""
    kept: dict[int, Told] = {}
    supports: dict[int, list[str]] = {}
    for one in content:
        for paper in one.get("documents", ()):
            kept.setdefault(paper["id"], paper)
            supports.setdefault(paper["id"], []).append(keeping.name_of(one["key"], one["year"]))
    return tuple(
        PaperPart(
            no=no, document=number, title=kept[number]["title"], kind=kept[number].get("kind", NOT_KEPT),
            validity=validity(kept[number]), name=kept[number]["name"], size=file_size(kept[number]["size"]),
            sha256=kept[number]["sha256"], supports=tuple(supports[number]),
        )
        for number, no in numbers(content).items()
    )  # fmt: skip


def validity(paper: Told) -> str:
    """Return from when until when a document is valid, as it was said when it was submitted."""
    if "valid_from" not in paper:
        return NOT_KEPT
    start, end = paper["valid_from"], paper["valid_until"]
    if start and end:
        return f"{start} 至 {end}"
    return f"至 {end}" if end else f"自 {start} 起" if start else "未注明"


def moved(content: Sequence[Told], now: Mapping[int, Attached]) -> dict[int, list[Message]]:
    """Return ``{document: what the firm changed about it since it was submitted}``; nothing where it reads the same."""
    told = {paper["id"]: paper for one in content for paper in one.get("documents", ())}
    found = {number: _moved(paper, now[number]) for number, paper in told.items() if number in now}
    return {number: texts for number, texts in found.items() if texts}


def _moved(told: Told, now: Attached) -> list[Message]:
    found = []
    if told["title"] != now.title:
        found.append(tr("提交后标题已改为“%(title)s”", title=now.title))
    if "kind" not in told:  # submitted before these were kept
        return found
    if told["kind"] != now.kind:
        found.append(tr("提交后类型已改为%(kind)s", kind=Message(now.kind)))
    if (told["valid_from"], told["valid_until"]) != (now.valid_from, now.valid_until):
        today = validity({"valid_from": now.valid_from, "valid_until": now.valid_until})
        found.append(tr("提交后有效期已改为：%(validity)s", validity=Message(today)))
    return found
