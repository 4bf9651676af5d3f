"""Spans of time as bars over a common scale of years, with today marked: what held, from when until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from app.core.text import tr
from app.figures import colour
from app.figures.svg import Say, box, breadth, fitted, join, picture, rule, words

LINE, TOP, LABEL = 32, 30, 168


@dataclass(frozen=True, slots=True)
class Span:
    """One bar; ``until`` None runs on to the edge. ``is_over`` draws it pale, ``is_near`` in the colour of warning."""

    begin: date
    until: date | None
    told: str
    is_over: bool = False
    is_near: bool = False


@dataclass(frozen=True, slots=True)
class SpanRow:
    """A line of the chart; without spans it says ``nothing``."""

    label: str
    spans: tuple[Span, ...]
    nothing: str


@dataclass(frozen=True, slots=True)
class SpanChart:
    """Rows over the years ``first`` to ``last`` (both whole)."""

    title: str
    rows: tuple[SpanRow, ...]
    today: date
    first: int
    last: int
    width: int = 1080
    key: str = ""


def span_chart(chart: SpanChart, *, say: Say = str) -> Markup:
    """Draw the chart; bars that lie outside the years are cut at the edge."""
    height = TOP + LINE * len(chart.rows) + 10
    parts = [_years(chart, height)]
    parts += [_row(chart, place, row) for place, row in enumerate(chart.rows)]
    x = _x(chart, chart.today)
    parts.append(rule(f"M{x:.1f} {TOP - 6}V{height - 6}", colour.BAD, width=1.4, dash="4 3"))
    anchor = "end" if x > chart.width - 40 else "middle"
    parts.append(words(x, TOP - 10, say(tr("今天")), size=11, fill=colour.BAD, anchor=anchor, bold=True))
    return picture(
        chart.width, height, join(*parts), title=chart.title, description=_described(chart.rows), key=chart.key,
        name="spans",
    )  # fmt: skip


def _x(chart: SpanChart, day: date) -> float:
    begin, end = date(chart.first, 1, 1), date(chart.last + 1, 1, 1)
    share = (min(max(day, begin), end) - begin).days / (end - begin).days
    return LABEL + share * (chart.width - LABEL - 8)


def _years(chart: SpanChart, height: float) -> Markup:
    parts = []
    today = _x(chart, chart.today)
    for year in range(chart.first, chart.last + 1):
        x = _x(chart, date(year, 1, 1))
        parts.append(rule(f"M{x:.1f} {TOP - 4}V{height - 6}", colour.GRID))
        middle = (x + _x(chart, date(year + 1, 1, 1))) / 2
        if abs(middle - today) > 28:  # noqa: PLR2004 - else the year would stand under the word for today
            parts.append(words(middle, TOP - 10, str(year), size=11, fill=colour.MUTED))
    return join(*parts)


def _row(chart: SpanChart, place: int, row: SpanRow) -> Markup:
    y = TOP + LINE * place
    parts = [words(LABEL - 10, y + 21, fitted(row.label, 12, LABEL - 14), anchor="end", fill=colour.INK)]
    parts.append(box(LABEL, y + 7, chart.width - LABEL - 8, 20, colour.PALE, rx=4))
    if not row.spans:
        parts.append(words(LABEL + 10, y + 21, row.nothing, anchor="start", size=11, fill=colour.MUTED))
    parts += [_bar(chart, y, span) for span in row.spans]
    return join(*parts)


def _bar(chart: SpanChart, y: float, span: Span) -> Markup:
    begin, end = _x(chart, span.begin), _x(chart, span.until or date(chart.last + 1, 1, 1))
    fill = colour.OPEN if span.is_near else colour.SERIES[0]
    ink = colour.MUTED if span.is_over else colour.WHITE
    frame = {"fill": colour.WHITE, "stroke": colour.AXIS, "stroke_dasharray": "4 3"} if span.is_over else {"fill": fill}
    return join(
        box(begin, y + 7, end - begin, 20, rx=4, **frame),
        words(begin + 6, y + 21, _fitting(span, end - begin - 10), anchor="start", size=11, fill=ink),
    )


def _fitting(span: Span, room: float) -> str:
    """Return the longest of the texts that fits into the bar: both days, the last year, nothing."""
    short = str(span.until.year) if span.until is not None else ""
    return next((text for text in (span.told, short) if breadth(text, 11) <= room), "")


def _described(rows: Sequence[SpanRow]) -> str:
    return "；".join(f"{row.label}：{'，'.join(span.told for span in row.spans) or row.nothing}" for row in rows)
