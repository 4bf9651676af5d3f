"""The score as an interval: figures choose the band, experts choose the point inside it (pure).

Where experts have not scored an item, or a figure is missing, the item keeps every point it can still get. An
interval is never narrowed by a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.core.errors import Invalid
from app.core.rounding import decimals, grouped, telling_places
from app.core.text import tr
from app.eligibility.engine import wording
from app.eligibility.engine.check import Check, unknown
from app.eligibility.engine.conditions import checked
from app.eligibility.engine.finding import GroupScore, ItemScore, Place, ScoreResult, used
from app.eligibility.engine.measure import measured
from app.eligibility.engine.outcome import Outcome
from app.eligibility.engine.reading import Reading, number_of
from app.eligibility.engine.setting import Setting
from app.facts.sheet import FactValue
from app.rulebooks.criteria import CountMet, Measure, PerYear, Test, YearsSince
from app.rulebooks.schema import Band, Group, Item, ScoreTable

ZERO = Decimal(0)


@dataclass(slots=True)
class _Choice:
    """The bands an item can still be in, and why."""

    bands: Sequence[Band]
    used: tuple[FactValue, ...] = ()
    missing: tuple[Place, ...] = ()
    reason: str = ""
    open: str = "expert"
    flags: tuple[str, ...] = ()
    nothing: bool = False


def scored(setting: Setting, table: ScoreTable) -> ScoreResult:
    """Return the whole score. Raises Invalid for an expert score outside its band or not a whole point."""
    groups = tuple(_group(setting, table, group) for group in table.groups)
    missing = tuple(dict.fromkeys(place for group in groups for place in group.missing))
    return ScoreResult(
        low=sum((group.low for group in groups), ZERO),
        high=sum((group.high for group in groups), ZERO),
        total=table.total,
        groups=groups,
        missing=missing,
    )


def _group(setting: Setting, table: ScoreTable, group: Group) -> GroupScore:
    items = tuple(item_score(setting, table, group, item) for item in group.items)
    if group.choice == "best":
        low, high = max(item.low for item in items), max(item.high for item in items)
        open_items = [item for item in items if item.high > low]
    else:
        low = min(sum((item.low for item in items), ZERO), group.max)
        high = min(sum((item.high for item in items), ZERO), group.max)
        open_items = [item for item in items if item.low != item.high] if low != high else []
    missing = tuple(dict.fromkeys(place for item in open_items for place in item.missing))
    return GroupScore(group.id, group.name, low, high, group.max, group.choice, items, missing)


def item_score(setting: Setting, table: ScoreTable, group: Group, item: Item) -> ItemScore:
    """Return one row of the score. Raises Invalid as ``scored`` does."""
    choice = _choose(setting, item)
    low = ZERO if choice.nothing else min(band.low for band in choice.bands)
    high = ZERO if choice.nothing else max(band.high for band in choice.bands)
    facts, missing, reason, open_by = choice.used, choice.missing, choice.reason, choice.open
    given = setting.sheet.expert(item.id)
    if given is not None:
        low = high = _expert_points(given, choice, table, item)
        facts, missing = (*facts, given), ()
        reason = f"{reason}；专家评分 {low} 分" if reason else f"专家评分 {low} 分"
    single = choice.bands[0] if len(choice.bands) == 1 and not choice.nothing else None
    return ItemScore(
        id=item.id,
        name=item.name,
        group=group.id,
        low=low,
        high=high,
        max=item.max,
        band=single.label if single else "",
        reason=reason,
        open="" if low == high else open_by,
        used=tuple(used(fact) for fact in facts),
        missing=missing if low != high else (),
        flags=(*choice.flags, single.flag) if single and single.flag else choice.flags,
    )


def _expert_points(given: FactValue, choice: _Choice, table: ScoreTable, item: Item) -> Decimal:
    score = given.value
    assert isinstance(score, Decimal | int)
    points = Decimal(score)
    if table.whole and points != points.to_integral_value():
        raise Invalid(
            given.key,
            tr("评分项 %(item)s：专家评分 %(points)s 不是整数，各级指标按整数打分。", item=item.id, points=points),
        )
    low, high = min(band.low for band in choice.bands), max(band.high for band in choice.bands)
    if choice.nothing:
        low = high = ZERO
    allowed = choice.nothing and points == 0 or any(band.low <= points <= band.high for band in choice.bands)
    if not allowed or (choice.nothing and points != 0):
        raise Invalid(
            given.key,
            tr(
                "评分项 %(item)s（%(name)s）：专家评分 %(points)s 超出允许范围 %(low)s—%(high)s 分%(why)s，请更正。",
                item=item.id,
                name=item.name,
                points=points,
                low=low,
                high=high,
                why=f"（{choice.reason}）" if choice.reason else "",
            ),
        )
    return Decimal(int(points)) if points == points.to_integral_value() else points


def _choose(setting: Setting, item: Item) -> _Choice:
    if item.measure is not None:
        return _by_measure(setting, item)
    if item.by_conditions:
        return _by_conditions(setting, item)
    if item.is_undefined:
        return _Choice(item.bands, reason="未定义：未查到本项的原文，得分须由主管部门按其文件给出", open="undefined")
    return _Choice(
        item.bands, reason="由专家评分" if len(item.bands) > 1 or item.bands[0].high > item.bands[0].low else ""
    )


def _by_measure(setting: Setting, item: Item) -> _Choice:
    assert item.measure is not None
    reading = _reading(setting, item.measure)
    choice = _Choice(item.bands, reading.used, reading.missing, flags=reading.flags)
    if reading.no_points:
        choice.nothing, choice.reason = True, reading.no_points
    elif reading.value is not None:
        choice.bands = (_band_of(item.bands, reading.value),)
        choice.reason = _told(item, reading, reading.value)
    else:
        if reading.candidates:
            choice.bands = tuple(dict.fromkeys(_band_of(item.bands, value) for value in reading.candidates))
        choice.reason, choice.open = reading.review, "review"
        if reading.missing:
            choice.reason, choice.open = f"{wording.wanting(reading.missing)}", "data"
    return choice


def _reading(setting: Setting, measure: Measure) -> Reading:
    return _counted(setting, measure.tests) if isinstance(measure, CountMet) else measured(setting, measure)


def _counted(setting: Setting, tests: Sequence[Test]) -> Reading:
    """Return how many tests are met; those that are open may or may not be."""
    checks = [checked(setting, test) for test in tests]
    met = sum(check.outcome is Outcome.MET for check in checks)
    left = [check for check in checks if check.outcome in (Outcome.UNKNOWN, Outcome.NEEDS_REVIEW)]
    reading = Reading(used=tuple(dict.fromkeys(fact for check in checks for fact in check.used)))
    reading.note = f"符合 {met} 项"
    if not left:
        reading.value = Fraction(met)
        return reading
    reading.candidates = tuple(Fraction(met + more) for more in range(len(left) + 1))
    reading.missing = tuple(dict.fromkeys(place for check in left for place in check.missing))
    reading.review = "；".join(check.sentence for check in left if check.outcome is Outcome.NEEDS_REVIEW)
    return reading


def _told(item: Item, reading: Reading, value: Fraction) -> str:
    if isinstance(item.measure, CountMet):
        return reading.note
    if isinstance(item.measure, YearsSince):
        return f"{item.name}满 {wording.amount(max(value, Fraction(0)), '年')}"
    nearest = min((band.bound.exact for band in item.bands if band.bound), key=lambda bar: abs(bar - value))
    if isinstance(item.measure, PerYear):
        text = f"年平均 {grouped(value, telling_places(value, min(2, decimals(value)), nearest))} 项"
    else:
        text = f"{item.name} {wording.percent(value, nearest)}"
    return f"{text}（{reading.note}）" if reading.note else text


def _band_of(bands: Sequence[Band], value: Fraction) -> Band:
    for band in bands:
        if band.bound is None or band.bound.admits(value):
            return band
    raise AssertionError("the last band of an item has no bound")


def _by_conditions(setting: Setting, item: Item) -> _Choice:
    """First match from the top; a step that is open may hold, so the search goes on below it."""
    possible: list[Band] = []
    checks: list[Check] = []
    for band in item.bands:
        if not band.is_step:
            possible.append(band)
            break
        check = _step(setting, band)
        checks.append(check)
        if check.outcome in (Outcome.UNMET, Outcome.NOT_APPLICABLE):
            continue
        possible.append(band)
        if check.outcome is Outcome.MET:
            break
    facts = tuple(dict.fromkeys(fact for check in checks for fact in check.used))
    if len(possible) == 1:
        return _Choice(possible, facts, (), reason=possible[0].label)
    left = [check for check in checks if check.outcome in (Outcome.UNKNOWN, Outcome.NEEDS_REVIEW)]
    places = tuple(dict.fromkeys(place for check in left for place in check.missing))
    if places:
        return _Choice(possible, facts, places, f"{wording.wanting(places)}", "data")
    said = "；".join(dict.fromkeys(check.sentence for check in left))
    return _Choice(possible, facts, reason=said, open="review")


def _step(setting: Setting, band: Band) -> Check:
    if band.test is not None:
        return checked(setting, band.test)
    assert band.condition is not None
    fact = setting.find(band.condition.key)
    if fact is None:
        return unknown((setting.place(band.condition.key),))
    fits = band.condition.bound.admits(number_of(fact))
    return Check(Outcome.MET if fits else Outcome.UNMET, "", (fact,))
