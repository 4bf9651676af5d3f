"""What to ask on the telephone for a figure that is missing: one plain sentence, with unit, year and calibre (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.eligibility.engine.finding import Finding, Place
from app.eligibility.engine.outcome import Outcome
from app.eligibility.reach.changes import Change, State, shown, step_of
from app.eligibility.reach.least import least
from app.eligibility.reach.probe import Probe, asks_score
from app.facts.catalogue import Indicator, load_catalogue
from app.rulebooks.schema import Clause

FEW = 8
"""Answers that can be read out on the telephone."""
FAR = 10**7
"""Steps up to which a bar is looked for."""


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


def asked(
    probe: Probe, state: State, clauses: Sequence[Clause], findings: Sequence[Finding], *, with_bars: bool = True
) -> tuple[Question, ...]:
    """Return the questions of some clauses: each figure once, with the bar where its clause waits for it alone.

    Raises Exhausted when the judge has been asked too often.
    """
    waiting: dict[Place, list[str]] = {}
    for found in findings:
        for place in found.missing:
            waiting.setdefault(place, []).append(found.clause)
    alone = lonely(clauses, findings) if with_bars else {}
    return tuple(
        question(place, tuple(names), bar(probe, state, place, alone[place]) if place in alone else "")
        for place, names in sorted(waiting.items(), key=lambda pair: (pair[0].key, pair[0].year or 0))
    )


def lonely(clauses: Sequence[Clause], findings: Sequence[Finding]) -> dict[Place, Clause]:
    """Return the figures that are all that a clause waits for: a bar can be told of them."""
    pairs = zip(clauses, findings, strict=True)
    return {found.missing[0]: clause for clause, found in pairs if len(found.missing) == 1}


def bar(probe: Probe, state: State, place: Place, clause: Clause) -> str:
    """Return from where on (or up to where) a missing number meets its clause, in words; empty where not told."""
    test, known = clause.test, load_catalogue()
    if test is None or asks_score(test) or place.key not in known or known.get(place.key).kind != "number":
        return ""
    indicator = known.get(place.key)
    step = step_of(indicator, None)

    def met(n: int) -> bool:
        change = Change(place.key, place.year, None, n * step)
        return probe.check(state.with_changes(change), test).outcome is Outcome.MET

    from_the_start = met(0)
    edge = least(lambda n: met(n) is not from_the_start, FAR)
    if edge is None:
        return ""
    value: Decimal = (edge - 1 if from_the_start else edge) * step
    return f"{'不超过' if from_the_start else '达到'} {shown(indicator, value)}即符合本条"
