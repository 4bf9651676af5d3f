"""What to ask on the telephone for a figure that is missing: one plain sentence, with unit, year and calibre (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from app.eligibility.engine.finding import Place
from app.facts.catalogue import Indicator, load_catalogue

FEW = 8
"""Answers that can be read out on the telephone."""


@dataclass(frozen=True, slots=True)
class Question:
    """A figure to ask for; ``clauses`` wait for it, ``bar`` says from where on they are met, where that is known."""

    key: str
    year: int | None
    text: str
    note: str
    clauses: tuple[str, ...]
    bar: str = ""


def question(place: Place, clauses: tuple[str, ...], bar: str = "") -> Question:
    """Return the question for a missing figure."""
    known = load_catalogue()
    if place.key not in known:
        return Question(place.key, place.year, f"请问贵公司的{place.label}是什么情况？", "", clauses, bar)
    indicator = known.get(place.key)
    said = indicator.label if indicator.label != indicator.short else ""
    note = "；".join(part for part in (said, indicator.calibre, indicator.hint) if part)
    return Question(place.key, place.year, _asked(indicator, place.year), note, clauses, bar)


def _asked(indicator: Indicator, year: int | None) -> str:
    when = f" {year} 年" if year is not None else ""
    name = f"{when}{indicator.short}"
    unit = "百分之多少" if indicator.is_ratio else f"多少{indicator.unit}"
    if indicator.kind == "number":
        return f"请问贵公司{name}是{unit}？"
    if indicator.kind == "bool":
        return f"请问贵公司{when}：“{indicator.short}”，是还是否？"
    if indicator.kind in ("dates", "records", "list"):
        return f"请问贵公司有没有{name}？有的话分别是哪些？"
    if indicator.kind == "date":
        return f"请问贵公司{name}是哪一天？"
    if indicator.kind == "year":
        return f"请问贵公司{name}是哪一年？"
    if 0 < len(indicator.options) <= FEW:
        choices = "、".join(option.value for option in indicator.options)
        return f"请问贵公司{name}是下列哪一种：{choices}？"
    return f"请问贵公司{name}是什么？"
