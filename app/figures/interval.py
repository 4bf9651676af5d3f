"""A score that is known only as an interval, against its pass line."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from app.core.rounding import Exact, grouped
from app.core.text import Message, tr
from app.figures import colour
from app.figures.scale import Scale
from app.figures.svg import Say, box, breadth, element, join, picture, rule, words

LEFT, RIGHT, TOP = 12.0, 12.0, 66.0


@dataclass(frozen=True, slots=True)
class IntervalBar:
    """A score between ``low`` and ``high`` (both included) of ``full``; passed from ``pass_line`` on."""

    title: str
    unit: str
    low: Exact
    high: Exact
    pass_line: Exact
    full: Exact
    pass_label: str
    places: int | None = None
    width: int = 520
    key: str = ""

    def __post_init__(self) -> None:
        if not Fraction(0) <= Fraction(self.low) <= Fraction(self.high) <= Fraction(self.full):
            raise ValueError("a score interval needs 0 <= low <= high <= full")

    @property
    def standing(self) -> Message:
        """What the interval says about the pass line; only a clear case is called passed or failed."""
        if Fraction(self.low) >= Fraction(self.pass_line):
            return tr("最低得分已达线")
        if Fraction(self.high) < Fraction(self.pass_line):
            return tr("最高得分仍未达线")
        return tr("能否达线取决于待定得分")

    @property
    def ink(self) -> str:
        """Colour that goes with ``standing``."""
        if Fraction(self.low) >= Fraction(self.pass_line):
            return colour.GOOD
        return colour.BAD if Fraction(self.high) < Fraction(self.pass_line) else colour.OPEN


def _span(chart: IntervalBar) -> str:
    low, high = grouped(chart.low, chart.places), grouped(chart.high, chart.places)
    return f"{low} {chart.unit}" if Fraction(chart.low) == Fraction(chart.high) else f"{low}–{high} {chart.unit}"


def interval_bar(chart: IntervalBar, *, say: Say = str) -> Markup:
    """Draw the bar: solid up to the sure score, striped up to the possible one, the pass line across."""
    room = chart.width - LEFT - RIGHT
    scale = Scale(Fraction(0), Fraction(chart.full), Fraction(chart.full) / 5)
    low, high, bar = (LEFT + room * scale.share(value) for value in (chart.low, chart.high, chart.pass_line))
    standing, span = say(chart.standing), _span(chart)
    line_text = f"{chart.pass_label} {grouped(chart.pass_line, chart.places)} {chart.unit}"
    half = breadth(line_text, 11) / 2
    at = min(max(bar, LEFT + half), chart.width - RIGHT - half)
    body = join(
        words(LEFT, 19, chart.title, anchor="start", size=14, fill=colour.INK, bold=True),
        words(LEFT, 39, standing, anchor="start", size=12, fill=chart.ink, bold=True),
        words(chart.width - RIGHT, 24, span, anchor="end", size=18, fill=colour.INK, bold=True),
        box(LEFT, TOP, room, 22, colour.TRACK, rx=3),
        box(LEFT, TOP, low - LEFT, 22, chart.ink, rx=3),
        _stripes(low, high, chart.ink),
        rule(f"M{bar:.1f} {TOP - 6:.1f}V{TOP + 28:.1f}", colour.INK, width=3),
        words(at, TOP - 10, line_text, size=11, fill=colour.INK),
        *(
            words(
                LEFT + room * scale.share(tick),
                TOP + 42,
                scale.label(tick),
                anchor=_anchor(index),
                size=10,
                fill=colour.MUTED,
            )
            for index, tick in enumerate(scale.ticks)
        ),
    )
    return picture(
        chart.width,
        TOP + 50,
        body,
        title=chart.title,
        description=_described(chart, line_text, say),
        key=chart.key,
        name="interval",
    )


def _described(chart: IntervalBar, line_text: str, say: Say) -> str:
    return say(
        tr(
            "得分 %(span)s，%(line)s，满分 %(full)s %(unit)s；%(standing)s",
            span=_span(chart),
            line=line_text,
            full=grouped(chart.full, chart.places),
            unit=chart.unit,
            standing=chart.standing,
        )
    )


def _anchor(index: int) -> str:
    return {0: "start", 5: "end"}.get(index, "middle")


def _stripes(low: float, high: float, ink: str) -> Markup:
    """The part that is not decided yet: slanting lines, to be seen without colour."""
    if high - low < 0.5:
        return Markup("")
    top, bottom = TOP, TOP + 22
    path, x = "", low - 22
    while x < high:
        # each line runs from (x, bottom) up to (x + 22, top), cut to the box
        start, end = max(x, low), min(x + 22, high)
        if end > start:
            path += f"M{start:.1f} {bottom - (start - x):.1f}L{end:.1f} {bottom - (end - x):.1f}"
        x += 7
    return join(
        box(low, top, high - low, 22, colour.WHITE),
        box(low, top, high - low, 22, ink, fill_opacity="0.16"),
        rule(path, ink, width=1.4),
        element("rect", x=low, y=top, width=high - low, height=22, fill="none", stroke=ink, stroke_width="1.2"),
    )
