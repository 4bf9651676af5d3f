"""A verdict as pages show it: every finding beside its clause, every figure with unit, source and claim (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.core.digest import canonical_json
from app.core.rounding import grouped
from app.core.text import N_, Message, tr
from app.eligibility.engine.finding import Finding, ItemScore, Judgement, Place, ScoreResult, Used
from app.eligibility.models import Verdict
from app.eligibility.queries import ClaimOf
from app.facts import display
from app.facts.catalogue import load_catalogue
from app.facts.sheet import FactSheet
from app.facts.trust import Source, source_of
from app.figures.interval import IntervalBar
from app.figures.svg import Say
from app.rulebooks.criteria import AllOf, AnyOf, Bound, Compare, Score
from app.rulebooks.schema import Clause, Rulebook


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure that was used: its name with the year, the value with its unit, and where it came from."""

    label: str
    shown: Message | str
    unit: str
    source: str
    claim_id: int | None
    origin: Source | None = None


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding beside its clause, with figures used and figures missing."""

    finding: Finding
    clause: Clause
    figures: Sequence[ShownFigure]
    missing: Sequence[Place]


@dataclass(frozen=True, slots=True)
class ShownItem:
    """A row of the score."""

    item: ItemScore
    points: str
    full: str
    figures: Sequence[ShownFigure]


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A heading of the score with its rows; ``best`` says that only the best row counts."""

    name: str
    points: str
    full: str
    best: bool
    items: Sequence[ShownItem]


@dataclass(frozen=True, slots=True)
class ShownVerdict:
    """Everything of a verdict that a page prints: what stands in the way, clauses that decide, and the others."""

    judgement: Judgement
    decisive: Sequence[ShownFinding]
    others: Sequence[ShownFinding]
    groups: Sequence[ShownGroup]
    interval: IntervalBar | None


def shown_verdict(
    verdict: Verdict, rulebook: Rulebook, claims: Mapping[int, ClaimOf], *, title: str, say: Say = str
) -> ShownVerdict:
    """Return a stored verdict for a page; ``title`` names the picture of the score, ``say`` puts its words."""
    judgement = Judgement.from_json(verdict.judgement)
    sheet = FactSheet.from_canonical(canonical_json(verdict.sheet))
    findings = [_finding(found, rulebook, sheet, claims) for found in judgement.findings]
    score = judgement.score
    return ShownVerdict(
        judgement=judgement,
        decisive=[one for one in findings if one.finding.decides],
        others=[one for one in findings if not one.finding.decides],
        groups=[] if score is None else _groups(score, sheet, claims),
        interval=None if score is None else interval_of(score, rulebook, title, say),
    )


def fact_ids(verdict: Verdict) -> list[int]:
    """Return the ids of all facts that a verdict used."""
    return [entry[3] for entry in verdict.sheet if entry[3] is not None]


def pass_line(rulebook: Rulebook) -> Decimal | None:
    """Return the first whole-score total that passes: 71 where the rule says more than 70 in whole points."""
    bounds = [bound for clause in rulebook.clauses for bound in _score_bounds(clause.test)]
    if not bounds or rulebook.score is None:
        return None
    bound = bounds[0]
    return bound.value + 1 if bound.operator == ">" and rulebook.score.whole else bound.value


def interval_of(score: ScoreResult, rulebook: Rulebook, title: str, say: Say = str) -> IntervalBar | None:
    """Return the picture of the score against the line to pass, or None where the edition has no line."""
    line = pass_line(rulebook)
    if line is None:
        return None
    return IntervalBar(
        title=title,
        unit=say(tr("分")),
        low=score.low,
        high=score.high,
        pass_line=line,
        full=score.total,
        pass_label=say(tr("合格须达")),
        key="score",
    )


def _score_bounds(test: object) -> Iterable[Bound]:
    if isinstance(test, Compare) and isinstance(test.measure, Score) and test.measure.part == "total":
        yield from test.bounds
    elif isinstance(test, AllOf | AnyOf):
        for inner in test.tests:
            yield from _score_bounds(inner)


def _finding(found: Finding, rulebook: Rulebook, sheet: FactSheet, claims: Mapping[int, ClaimOf]) -> ShownFinding:
    return ShownFinding(found, rulebook.clause(found.clause), _figures(found.used, sheet, claims), found.missing)


def _figures(used: Iterable[Used], sheet: FactSheet, claims: Mapping[int, ClaimOf]) -> list[ShownFigure]:
    return [_figure(one, sheet, claims) for one in used]


def _figure(used: Used, sheet: FactSheet, claims: Mapping[int, ClaimOf]) -> ShownFigure:
    known = load_catalogue()
    fact = sheet.get(used.key, used.year)
    value: Message | str = str(used.value)
    unit = N_("分")
    if used.key in known:
        indicator = known.get(used.key)
        value = display.show(indicator, fact.value if fact is not None else None)
        unit = display.unit_of(indicator)
    claim = claims.get(used.fact_id) if used.fact_id is not None else None
    if claim is None:
        return ShownFigure(used.label, value, unit, used.source, None)
    return ShownFigure(used.label, value, unit, used.source, claim.id, source_of(claim.source, claim.kind.value))


def _groups(score: ScoreResult, sheet: FactSheet, claims: Mapping[int, ClaimOf]) -> list[ShownGroup]:
    return [
        ShownGroup(
            name=group.name,
            points=points(group.low, group.high),
            full=grouped(group.max),
            best=group.choice == "best",
            items=[
                ShownItem(item, points(item.low, item.high), grouped(item.max), _figures(item.used, sheet, claims))
                for item in group.items
            ],
        )
        for group in score.groups
    ]


def points(low: Decimal | None, high: Decimal | None) -> str:
    """Return points or an interval of points: 12, 58—83; empty where there is no score."""
    if low is None or high is None:
        return ""
    return grouped(low) if low == high else f"{grouped(low)}—{grouped(high)}"


def tone(low: Decimal, high: Decimal, line: Decimal) -> str:
    """Return how an interval stands to the line: ok, bad or warn."""
    return "ok" if low >= line else "bad" if high < line else "warn"
