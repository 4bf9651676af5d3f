"""What the review queue is narrowed to: filters as an address carries them, and as the parts of a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.access.towns import Town
from app.core.choices import Choice
from app.core.errors import Invalid
from app.core.text import Message, tr
from app.facts.keeping import indicator_of
from app.facts.models import ClaimState, SourceKind
from app.facts.trust import SOURCES, source_of

C = TypeVar("C", bound=Choice)


@dataclass(frozen=True)
class QueueFilter:
    """What the queue is narrowed to; a field left at its default narrows nothing but the state."""

    state: ClaimState = ClaimState.PENDING
    source: SourceKind | None = None
    origin: str = ""
    batch_id: int | None = None
    town: Town | None = None
    key: str = ""
    text: str = ""
    firm_id: int | None = None
    conflicts: bool = False
    run_id: int | None = None

    @classmethod
    def from_plain(cls, plain: Mapping[str, str]) -> QueueFilter:
        """Read the filters from an address, or from what ``as_plain`` kept; what is no filter narrows nothing."""
        origin = plain.get("origin", "")
        return cls(
            state=_choice(ClaimState, plain.get("state")) or ClaimState.PENDING,
            source=_choice(SourceKind, plain.get("source")),
            origin=origin if origin in SOURCES else "",
            batch_id=_whole(plain.get("batch")),
            town=_choice(Town, plain.get("town")),
            key=plain.get("key", "")[:60],
            text=plain.get("q", "")[:100],
            firm_id=_whole(plain.get("firm")),
            conflicts=plain.get("conflicts") == "1",
            run_id=_whole(plain.get("run")),
        )

    def as_plain(self) -> dict[str, str]:
        """Return the filters as an address carries them, without those that narrow nothing."""
        told = {
            "state": self.state.value if self.state is not ClaimState.PENDING else "",
            "source": self.source.value if self.source else "",
            "origin": self.origin,
            "batch": str(self.batch_id or ""),
            "town": self.town.value if self.town else "",
            "key": self.key,
            "q": self.text,
            "firm": str(self.firm_id or ""),
            "conflicts": "1" if self.conflicts else "",
            "run": str(self.run_id or ""),
        }
        return {name: text for name, text in told.items() if text}


def _choice(choices: type[C], value: str | None) -> C | None:
    return choices(value) if value in {member.value for member in choices} else None


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def in_words(chosen: QueueFilter) -> Sequence[Message]:
    """Return the filters as the parts of a sentence, the state first."""
    return [Message(chosen.state.label), *_sources_in_words(chosen), *_places_in_words(chosen)]


def _sources_in_words(chosen: QueueFilter) -> Iterator[Message]:
    if chosen.source is not None:
        yield Message(chosen.source.label)
    if chosen.origin:
        yield tr("来源为%(name)s", name=Message(source_of(chosen.origin).label))
    if chosen.batch_id is not None:
        yield tr("导入批次 %(n)s", n=chosen.batch_id)
    if chosen.run_id is not None:
        yield tr("第 %(n)s 次按规则核定", n=chosen.run_id)
    if chosen.conflicts:
        yield tr("来源不一致")


def _places_in_words(chosen: QueueFilter) -> Iterator[Message]:
    if chosen.firm_id is not None:
        yield tr("企业编号 %(n)s", n=chosen.firm_id)
    if chosen.town is not None:
        yield Message(chosen.town.label)
    if chosen.key:
        yield tr("指标为%(name)s", name=_short(chosen.key))
    if chosen.text:
        yield tr("企业名称或代码含“%(text)s”", text=chosen.text)


def _short(key: str) -> str:
    try:
        return indicator_of(key).short
    except Invalid:  # an address may ask for anything; the list is empty then
        return key
