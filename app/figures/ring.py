"""A ring for one score or share, and a small bar for table cells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from app.core.rounding import Exact, grouped
from app.core.text import tr
from app.figures import colour
from app.figures.svg import Say, box, element, join, linked, picture, rule, words

RADIUS = 54


@dataclass(frozen=True, slots=True)
class Ring:
    """``value`` of ``full``; ``pass_line`` is marked when there is one. ``value`` None is an empty ring."""

    title: str
    value: Exact | None
    full: Exact
    unit: str = ""
    pass_line: Exact | None = None
    places: int | None = None
    caption: str | None = None
    href: str | None = None
    size: int = 132
    key: str = ""

    @property
    def ink(self) -> str:
        """Colour of the arc."""
        if self.value is None or self.pass_line is None:
            return colour.SERIES[0]
        return colour.GOOD if Fraction(self.value) >= Fraction(self.pass_line) else colour.OPEN


def _share(value: Exact, full: Exact) -> float:
    return float(min(Fraction(1), max(Fraction(0), Fraction(value) / Fraction(full))))


def ring(chart: Ring, *, say: Say = str) -> Markup:
    """Draw the ring with its figure in the middle."""
    around = 2 * math.pi * RADIUS
    parts = [element("circle", cx=66, cy=66, r=RADIUS, fill="none", stroke=colour.TRACK, stroke_width=11)]
    share = 0.0 if chart.value is None else _share(chart.value, chart.full)
    if share > 0:
        arc = element(
            "circle",
            cx=66,
            cy=66,
            r=RADIUS,
            fill="none",
            stroke=chart.ink,
            stroke_width=11,
            stroke_dasharray=f"{around * share:.2f} {around:.2f}",
            transform="rotate(-90 66 66)",
        )
        parts.append(arc)
    if chart.pass_line is not None:
        angle = 2 * math.pi * _share(chart.pass_line, chart.full)
        inner, outer = (
            f"{66 + r * math.sin(angle):.2f} {66 - r * math.cos(angle):.2f}" for r in (RADIUS - 8, RADIUS + 8)
        )
        parts.append(rule(f"M{inner}L{outer}", colour.INK, width=3))
    figure = "—" if chart.value is None else grouped(chart.value, chart.places) + chart.unit
    caption = chart.caption or say(tr("满分 %(full)s", full=grouped(chart.full, chart.places)))
    size = 30 if len(figure) <= 5 else 22 if len(figure) <= 7 else 17
    parts.append(words(66, 74, figure, size=size, fill=colour.INK, bold=True))
    parts.append(words(66, 93, caption, size=12, fill=colour.MUTED))
    described = _described(chart, figure, say)
    body = linked(join(*parts), chart.href, f"{chart.title}：{described}")
    drawn = picture(132, 132, body, title=chart.title, description=described, key=chart.key, name="ring")
    if chart.size == 132:
        return drawn
    return Markup(drawn.replace('width="132" height="132"', f'width="{chart.size}" height="{chart.size}"', 1))  # noqa: S704 - two numbers


def _described(chart: Ring, figure: str, say: Say) -> str:
    value = say(tr("未知")) if chart.value is None else figure
    full = grouped(chart.full, chart.places) + chart.unit
    if chart.pass_line is None:
        return say(tr("%(value)s，满 %(full)s", value=value, full=full))
    line = grouped(chart.pass_line, chart.places) + chart.unit
    return say(tr("%(value)s，达标线 %(line)s，满 %(full)s", value=value, line=line, full=full))


@dataclass(frozen=True, slots=True)
class ShareBar:
    """A bar of a table cell: ``part`` of ``whole``."""

    title: str
    part: Exact | None
    whole: Exact
    reached: bool = True
    width: int = 64
    key: str = ""


def share_bar(chart: ShareBar, *, say: Say = str) -> Markup:
    """Draw the bar; an unknown part is a dashed outline."""
    if chart.part is None:
        body = element(
            "rect",
            x="0.5",
            y="0.5",
            width=chart.width - 1,
            height=5,
            rx="2.5",
            fill="none",
            stroke=colour.AXIS,
            stroke_dasharray="3 2",
        )
        text = say(tr("未知"))
    else:
        share = _share(chart.part, chart.whole) if Fraction(chart.whole) > 0 else 0.0
        ink = colour.SERIES[0] if chart.reached else colour.OPEN
        body = join(box(0, 0, chart.width, 6, colour.TRACK, rx=3), box(0, 0, chart.width * share, 6, ink, rx=3))
        text = f"{grouped(chart.part)} / {grouped(chart.whole)}"
    return picture(chart.width, 6, body, title=chart.title, description=text, key=chart.key, name="share")
