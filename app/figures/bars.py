"""Bars beside their targets; what is short of its target says so in words and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from app.core.rounding import Exact, grouped
from app.core.text import tr
from app.figures import colour
from app.figures.scale import Scale, scale_for
from app.figures.svg import Say, box, breadth, fitted, join, linked, picture, rule, words

TOP, BOTTOM, LABEL = 62.0, 34.0, 11.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what was reached and what was aimed at; None where it is not known or not set."""

    label: str
    value: Exact | None
    target: Exact | None = None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars of one ``unit``; ``places`` decimals, or as many as a value needs."""

    title: str
    unit: str
    bars: tuple[Bar, ...]
    places: int | None = None
    width: int = 520
    height: int = 300
    key: str = ""

    def __post_init__(self) -> None:
        if not self.bars:
            raise ValueError("a bar chart needs bars")


def bar_chart(chart: BarChart, *, say: Say = str) -> Markup:
    """Draw ``chart``: a bar per row, its target as a thick line, a hatched place where a value is missing."""
    scale = scale_for(value for bar in chart.bars for value in (bar.value, bar.target))
    left = breadth(scale.widest, LABEL) + 18
    body = join(
        _head(chart, say),
        _grid(chart, scale, left),
        *(_bar(chart, scale, left, i, say) for i in range(len(chart.bars))),
    )
    described = "；".join(_described(chart, bar, say) for bar in chart.bars)
    return picture(
        chart.width, chart.height, body, title=chart.title, description=described, key=chart.key, name="bars"
    )


def _y(chart: BarChart, scale: Scale, value: Exact) -> float:
    return chart.height - BOTTOM - (chart.height - TOP - BOTTOM) * scale.share(value)


def _head(chart: BarChart, say: Say) -> Markup:
    parts = [words(8, 19, chart.title, anchor="start", size=14, fill=colour.INK, bold=True)]
    x = 8.0
    unit = say(tr("单位：%(unit)s", unit=chart.unit))
    if any(bar.target is not None for bar in chart.bars):
        done, aim = say(tr("完成")), say(tr("目标"))
        parts.append(box(x, 31, 12, 10, colour.SERIES[0], rx=1))
        parts.append(words(x + 17, 40, done, anchor="start", size=LABEL, fill=colour.MUTED))
        x += 17 + breadth(done, LABEL) + 16
        parts.append(rule(f"M{x:.1f} 36h18", colour.INK, width=3))
        parts.append(words(x + 23, 40, aim, anchor="start", size=LABEL, fill=colour.MUTED))
        x += 23 + breadth(aim, LABEL) + 16
    parts.append(words(x, 40, unit, anchor="start", size=LABEL, fill=colour.MUTED))
    return join(*parts)


def _grid(chart: BarChart, scale: Scale, left: float) -> Markup:
    parts = []
    for tick in scale.ticks:
        y = _y(chart, scale, tick)
        parts.append(rule(f"M{left:.1f} {y:.1f}H{chart.width - 10}", colour.AXIS if tick == 0 else colour.GRID))
        parts.append(words(left - 7, y + 4, scale.label(tick), anchor="end", size=LABEL, fill=colour.MUTED))
    return join(*parts)


def shortfall(bar: Bar) -> Fraction | None:
    """How far the value is short of its target; None when it is not, or when one of them is unknown."""
    if bar.value is None or bar.target is None or Fraction(bar.value) >= Fraction(bar.target):
        return None
    return Fraction(bar.target) - Fraction(bar.value)


def _described(chart: BarChart, bar: Bar, say: Say) -> str:
    value = say(tr("未知")) if bar.value is None else grouped(bar.value, chart.places) + chart.unit
    if bar.target is None:
        return f"{bar.label} {value}"
    goal = grouped(bar.target, chart.places) + chart.unit
    return say(tr("%(label)s完成 %(value)s，目标 %(goal)s", label=bar.label, value=value, goal=goal))


def _bar(chart: BarChart, scale: Scale, left: float, index: int, say: Say) -> Markup:
    bar, slot = chart.bars[index], (chart.width - left - 10) / len(chart.bars)
    width = min(slot * 0.52, 64.0)
    middle = left + slot * (index + 0.5)
    zero, short = _y(chart, scale, 0), shortfall(bar)
    parts, heights = [], [zero]
    if bar.value is None:
        parts.append(box(middle - width / 2, zero - 34, width, 34, "none", stroke=colour.AXIS, stroke_dasharray="3 3"))
        parts.append(words(middle, zero - 13, say(tr("未知")), size=LABEL, fill=colour.OPEN))
        heights.append(zero - 34)
    else:
        y = _y(chart, scale, bar.value)
        fill = colour.SERIES[0] if short is None else "#6f9bdc"
        mark = box(middle - width / 2, min(y, zero), width, abs(zero - y), fill, rx=2)
        parts.append(linked(mark, bar.href, _described(chart, bar, say)))
        heights.append(y)
    if bar.target is not None:
        y = _y(chart, scale, bar.target)
        parts.append(rule(f"M{middle - width / 2 - 6:.1f} {y:.1f}h{width + 12:.1f}", colour.INK, width=3))
        heights.append(y)
    if bar.value is not None:
        parts.append(_value(chart, bar, middle, min(heights), say))
    parts.append(words(middle, chart.height - 14, fitted(bar.label, LABEL, slot - 2), size=LABEL, fill=colour.MUTED))
    return join(*parts)


def _value(chart: BarChart, bar: Bar, x: float, top: float, say: Say) -> Markup:
    assert bar.value is not None
    text, gap = grouped(bar.value, chart.places), shortfall(bar)
    if gap is None:
        return words(x, top - 7, text, fill=colour.INK, bold=True)
    note = say(tr("差 %(gap)s", gap=grouped(gap, chart.places)))
    return join(
        words(x, top - 19, text, fill=colour.BAD, bold=True),
        words(x, top - 7, note, size=10, fill=colour.BAD),
    )
