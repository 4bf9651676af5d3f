"""A sparkline for table cells: the shape of a few years, gaps where nothing is known."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from app.core.rounding import Exact, grouped
from app.core.text import tr
from app.figures import colour
from app.figures.svg import Say, element, join, picture, rule


@dataclass(frozen=True, slots=True)
class Spark:
    """Values in the order of time, None where unknown."""

    title: str
    values: tuple[Exact | None, ...]
    places: int | None = None
    width: int = 64
    height: int = 20
    key: str = ""


def sparkline(chart: Spark, *, say: Say = str) -> Markup:
    """Draw the line; a value with unknown neighbours is a dot, nothing known is an empty line."""
    known = [Fraction(value) for value in chart.values if value is not None]
    low, high = (min(known), max(known)) if known else (Fraction(0), Fraction(1))
    span = (high - low) or Fraction(1)
    step = (chart.width - 8) / max(1, len(chart.values) - 1)
    points: list[tuple[float, float] | None] = [
        None
        if value is None
        else (4 + index * step, chart.height - 4 - float((Fraction(value) - low) / span) * (chart.height - 8))
        for index, value in enumerate(chart.values)
    ]
    path, dots = "", []
    for index, point in enumerate(points):
        if point is None:
            continue
        before = points[index - 1] if index else None
        after = points[index + 1] if index + 1 < len(points) else None
        path += f"{'L' if before else 'M'}{point[0]:.1f} {point[1]:.1f}"
        if before is None and after is None and index + 1 < len(points):
            dots.append(_dot(point, 1.6))
    last = next((point for point in reversed(points) if point is not None), None)
    body = join(
        rule(path, colour.SERIES[0], width=1.6, cap="round") if path else _nothing(chart),
        *dots,
        _dot(last, 2.2) if last else Markup(""),
    )
    described = "，".join(say(tr("未知")) if value is None else grouped(value, chart.places) for value in chart.values)
    return picture(
        chart.width, chart.height, body, title=chart.title, description=described, key=chart.key, name="spark"
    )


def _dot(point: tuple[float, float], radius: float) -> Markup:
    return element("circle", cx=point[0], cy=point[1], r=radius, fill=colour.SERIES[0])


def _nothing(chart: Spark) -> Markup:
    return rule(f"M4 {chart.height / 2:.1f}H{chart.width - 4}", colour.AXIS, dash="2 3")
