"""What-if: a firm's figures as somebody would have them, judged again and stored nowhere (pure).

Figures come as ``f-KEY-YEAR`` (``f-KEY-`` without a year). A blank one stays as it is held.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.core.errors import Invalid
from app.core.rounding import decimals
from app.core.text import Message
from app.eligibility.engine.finding import Finding, Judgement
from app.eligibility.engine.outcome import Outcome
from app.eligibility.reach.changes import ASSUMED, FigurePlace, as_typed, shown
from app.eligibility.reach.probe import judged
from app.facts import keeping
from app.facts.catalogue import Indicator, load_catalogue
from app.facts.sheet import EXPERT, FactSheet, FactValue
from app.facts.values import Value
from app.rulebooks.schema import Clause, Rulebook

OFFERED = ("number", "bool", "enum", "date", "year", "text", "code")
LONGEST = 40
_NAME = re.compile(r"f-(?P<key>[A-Za-z0-9_:.-]{1,60}?)-(?P<year>[0-9]{4})?")


@dataclass(frozen=True, slots=True)
class Field:
    """One figure that can be tried: ``text`` as it stands in the box, ``held`` as the bureau holds it (empty: unknown).

    ``highest`` and ``step`` are for the slider of a number (None: no slider). ``problem`` says what is wrong with the
    text. ``is_near`` marks figures of the clauses that stand in the way.
    """

    name: str
    key: str
    year: int | None
    label: str
    unit: str
    kind: str
    text: str
    held: str
    options: tuple[str, ...]
    highest: Decimal | None
    step: Decimal | None
    problem: Message | None
    is_near: bool
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Turned:
    """A clause that comes out otherwise, or for another reason."""

    clause: Clause
    before: Finding
    after: Finding


@dataclass(frozen=True, slots=True)
class Calculation:
    """What was tried and what the judge says of it, beside what he says of the figures that are held."""

    fields: tuple[Field, ...]
    before: Judgement
    after: Judgement
    turned: tuple[Turned, ...]

    @property
    def is_tried(self) -> bool:
        """Whether a figure was changed at all."""
        return any(field.is_changed for field in self.fields)

    @property
    def near(self) -> tuple[Field, ...]:
        """The figures of the clauses that stand in the way."""
        return tuple(field for field in self.fields if field.is_near)

    @property
    def others(self) -> tuple[Field, ...]:
        """All other figures that the edition looks at."""
        return tuple(field for field in self.fields if not field.is_near)


def name_of(key: str, year: int | None) -> str:
    """Return the name of a figure in the address."""
    return f"f-{key}-{year or ''}"


def place_of(name: str) -> FigurePlace:
    """Return which figure a name in the address means; an empty key where it means none."""
    found = _NAME.fullmatch(name)
    return (found["key"], int(found["year"]) if found["year"] else None) if found else ("", None)


def calculate(rulebook: Rulebook, sheet: FactSheet, as_of: date, kind: str, typed: Mapping[str, str]) -> Calculation:
    """Return the calculation for what was typed. Raises Invalid as ``evaluate`` does for figures that are held."""
    before = judged(rulebook, sheet, as_of, kind)
    fields: list[Field] = []
    tried: list[FactValue] = []
    near = set(_places(before, near_only=True))
    for place in dict.fromkeys(_places(before)):
        found, value = _field(sheet, place, typed, is_near=place in near)
        fields.append(found)
        if value is not None:
            tried.append(FactValue(*place, value, None, ASSUMED))
    after = judged(rulebook, sheet.changed(tried), as_of, kind) if tried else before
    turned = tuple(
        Turned(clause, before.finding(clause.id), after.finding(clause.id))
        for clause in rulebook.clauses
        if clause.decides and _differs(before.finding(clause.id), after.finding(clause.id))
    )
    return Calculation(tuple(fields), before, after, turned)


def _differs(before: Finding, after: Finding) -> bool:
    return (before.outcome, before.explanation) != (after.outcome, after.explanation)


def _places(judgement: Judgement, *, near_only: bool = False) -> Iterator[FigurePlace]:
    """Yield the places of every figure that the judge looked at or missed, in the order of the clauses."""
    standing = {clause for obstacle in judgement.obstacles for clause in obstacle.clauses}
    for found in judgement.findings:
        if found.decides and (found.clause in standing or not near_only):
            yield from _offered([*((one.key, one.year) for one in found.used),
                                 *((one.key, one.year) for one in found.missing)])  # fmt: skip
    open_score = any(judgement.finding(clause).actual_text.endswith(" 分") for clause in standing)
    if judgement.score is None or (near_only and not open_score):
        return
    for group in judgement.score.groups:
        for item in group.items:
            yield from _offered([*((one.key, one.year) for one in item.used),
                                 *((one.key, one.year) for one in item.missing)])  # fmt: skip
            if item.open == "expert" or item.reason.startswith("专家评分"):
                yield EXPERT + item.id, None


def _offered(places: Sequence[FigurePlace]) -> Iterator[FigurePlace]:
    known = load_catalogue()
    for key, year in sorted(places, key=lambda place: place[1] or 0):
        if key.startswith(EXPERT) or (key in known and known.get(key).kind in OFFERED):
            yield key, year


def _field(
    sheet: FactSheet, place: FigurePlace, typed: Mapping[str, str], *, is_near: bool
) -> tuple[Field, Value | None]:
    """Return the box of a figure and the value tried in it; None where nothing else than the held one was typed."""
    key, year = place
    indicator = keeping.indicator_of(key, year)
    fact = sheet.get(key, year)
    held = fact.value if fact is not None else None
    name = name_of(key, year)
    raw = typed.get(name, "").strip()[:LONGEST]
    value: Value | None = None
    problem: Message | None = None
    if raw:
        try:
            value = keeping.checked(indicator, raw)
        except Invalid as error:
            problem = error.message
    changed = value is not None and value != held
    text = raw or ("" if held is None else as_typed(indicator, held))
    highest, step = _slide(indicator, held, value)
    found = Field(
        name, key, year, indicator.short if year is None else f"{year} 年{indicator.short}",
        "" if indicator.is_ratio else indicator.unit, indicator.kind, text,
        "" if held is None else shown(indicator, held), tuple(option.value for option in indicator.options),
        highest, step, problem, is_near, changed,
    )  # fmt: skip
    return found, value if changed else None


def _slide(indicator: Indicator, held: Value | None, tried: Value | None) -> tuple[Decimal | None, Decimal | None]:
    """Return the highest value and the step of a slider: twice what is there, in about two hundred steps."""
    if indicator.kind != "number" or indicator.is_ratio or indicator.signed:
        return None, None
    largest = max((Decimal(one) for one in (held, tried) if isinstance(one, Decimal)), default=Decimal(0))
    highest = max(largest * 2, Decimal(10))
    if indicator.maximum is not None:
        highest = min(highest, Decimal(indicator.maximum))
    rough = highest / 200
    step = Decimal(1).scaleb(rough.adjusted()) if rough > 0 else Decimal(1)
    if indicator.whole or indicator.unit == "人":
        step = max(step, Decimal(1))
    places = decimals(step)
    return highest.quantize(Decimal(1).scaleb(-places)), step


def outcome_turned(turned: Turned) -> bool:
    """Tell whether a clause comes out otherwise, not only with other figures."""
    return turned.before.outcome is not turned.after.outcome


def closed(calculation: Calculation) -> tuple[str, ...]:
    """Return the labels of the demands that stood in the way and do so no longer."""
    left = {one.requirement for one in calculation.after.obstacles if one.outcome is not Outcome.NEEDS_REVIEW}
    return tuple(one.label for one in calculation.before.obstacles if one.requirement not in left)
