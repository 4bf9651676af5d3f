"""A line chart over years: labels at the lines, dash and marker per series, gaps where nothing is known."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from app.core.rounding import Exact, grouped
from app.core.text import tr
from app.figures import colour
from app.figures.scale import Scale, scale_for
from app.figures.svg import Say, box, breadth, element, fitted, join, linked, picture, rule, words

TOP, BOTTOM, LABEL = 56.0, 46.0, 11.0


@dataclass(frozen=True, slots=True)
class Series:
    """One line: a value for every place on the axis, None where nothing is known."""

    name: str
    values: tuple[Exact | None, ...]
    hrefs: tuple[str | None, ...] = ()
    places: int | None = None


@dataclass(frozen=True, slots=True)
class LineChart:
    """Figures over ``periods`` (years as text) in one ``unit``."""

    title: str
    unit: str
    periods: tuple[str, ...]
    series: tuple[Series, ...]
    width: int = 520
    height: int = 300
    key: str = ""

    def __post_init__(self) -> None:
        if not self.periods or not self.series:
            raise ValueError("a line chart needs periods and series")
        if len(self.series) > len(colour.SERIES):
            raise ValueError(f"at most {len(colour.SERIES)} lines can be told apart")
        for line in self.series:
            if len(line.values) != len(self.periods) or len(line.hrefs) not in {0, len(self.periods)}:
                raise ValueError(f"{line.name}: one value for each period, no more and no fewer")


@dataclass(frozen=True, slots=True)
class _Frame:
    chart: LineChart
    scale: Scale
    left: float
    right: float

    def x(self, index: int) -> float:
        # the figure above the first point of a single line must not run into the axis
        inset = 26.0 if len(self.chart.series) == 1 else 8.0
        room = self.chart.width - self.left - self.right - inset
        last = len(self.chart.periods) - 1
        return self.left + inset + (room * index / last if last else room / 2)

    def y(self, value: Exact) -> float:
        return self.chart.height - BOTTOM - (self.chart.height - TOP - BOTTOM) * self.scale.share(value)


def line_chart(chart: LineChart, *, say: Say = str) -> Markup:
    """Draw ``chart``; unknown years stay gaps and are named as such, they are never drawn as zero."""
    frame = _frame(chart)
    body = join(
        words(8, 19, chart.title, anchor="start", size=14, fill=colour.INK, bold=True),
        words(8, 37, say(tr("单位：%(unit)s", unit=chart.unit)), anchor="start", size=LABEL, fill=colour.MUTED),
        _grid(frame, say),
        *(_line(frame, index) for index in range(len(chart.series))),
        _end_labels(frame),
    )
    described = say(tr("；")).join(_described(chart, line, say) for line in chart.series)
    return picture(
        chart.width, chart.height, body, title=chart.title, description=described, key=chart.key, name="line"
    )


def _frame(chart: LineChart) -> _Frame:
    scale = scale_for(value for line in chart.series for value in line.values)
    ends = [line.name for line in chart.series] + [
        _written(line, value) for line in chart.series for value in line.values if value is not None
    ]
    right = min(chart.width * 0.34, max(breadth(text, LABEL) for text in ends) + 22)
    return _Frame(chart, scale, breadth(scale.widest, LABEL) + 18, right)


def _written(line: Series, value: Exact) -> str:
    return grouped(value, line.places)


def _described(chart: LineChart, line: Series, say: Say) -> str:
    parts = [
        f"{period} {_written(line, value)}" if value is not None else say(tr("%(period)s 未知", period=period))
        for period, value in zip(chart.periods, line.values, strict=True)
    ]
    return f"{line.name}（{chart.unit}）：" + "，".join(parts)


def _grid(frame: _Frame, say: Say) -> Markup:
    chart, parts = frame.chart, []
    for tick in frame.scale.ticks:
        y = frame.y(tick)
        parts.append(
            rule(
                f"M{frame.left:.1f} {y:.1f}H{chart.width - frame.right:.1f}",
                colour.AXIS if tick == 0 else colour.GRID,
            )
        )
        parts.append(words(frame.left - 7, y + 4, frame.scale.label(tick), anchor="end", size=LABEL, fill=colour.MUTED))
    for index, period in enumerate(chart.periods):
        x = frame.x(index)
        parts.append(words(x, chart.height - 26, period, size=LABEL, fill=colour.MUTED))
        if any(line.values[index] is None for line in chart.series):
            note = say(tr("未知")) if len(chart.series) == 1 else say(tr("有未知"))
            parts.append(words(x, chart.height - 11, note, size=10, fill=colour.OPEN))
    return join(*parts)


def _line(frame: _Frame, number: int) -> Markup:
    line, stroke = frame.chart.series[number], colour.SERIES[number]
    known = [(i, value) for i, value in enumerate(line.values) if value is not None]
    path = ""
    for place, (index, value) in enumerate(known):
        joined = place > 0 and known[place - 1][0] == index - 1
        path += f"{'L' if joined else 'M'}{frame.x(index):.1f} {frame.y(value):.1f}"
    marks = []
    for index, value in known:
        mark = _marker(number, frame.x(index), frame.y(value), stroke)
        label = f"{frame.chart.periods[index]} {line.name} {_written(line, value)} {frame.chart.unit}"
        marks.append(linked(mark, line.hrefs[index] if line.hrefs else None, label))
        if len(frame.chart.series) == 1 and (index, value) != known[-1]:
            below = _is_valley(line, index)
            y = frame.y(value) + (19 if below else -10)
            marks.append(words(frame.x(index), y, _written(line, value), size=LABEL, fill=colour.INK))
    stroked = rule(path, stroke, width=2.2, dash=colour.DASHES[number], cap="round") if path else Markup("")
    return join(stroked, *marks)


def _is_valley(line: Series, index: int) -> bool:
    """Whether the line rises to both sides, so that a figure above the point would stand on it."""
    around = (line.values[at] for at in (index - 1, index + 1) if 0 <= at < len(line.values))
    known = [Fraction(value) for value in around if value is not None]
    here = line.values[index]
    return bool(known) and here is not None and all(value > Fraction(here) for value in known)


def _marker(number: int, x: float, y: float, stroke: str) -> Markup:
    shape = number % 4
    if shape == 1:
        return box(x - 3.5, y - 3.5, 7, 7, stroke)
    if shape == 2:
        return element("path", d=f"M{x:.1f} {y - 4.5:.1f}l4.5 8h-9z", fill=stroke)
    if shape == 3:
        return element("path", d=f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z", fill=stroke)
    return element("circle", cx=x, cy=y, r=4, fill=colour.WHITE, stroke=stroke, stroke_width=2)


def _end_labels(frame: _Frame) -> Markup:
    """Name and last known value of every line, beside its end; labels that would overlap are moved apart."""
    chart, ends = frame.chart, []
    for number, line in enumerate(chart.series):
        last = max((i for i, value in enumerate(line.values) if value is not None), default=None)
        if last is None:
            ends.append((chart.height - BOTTOM, number, "—"))
            continue
        value = line.values[last]
        assert value is not None
        note = "" if last == len(chart.periods) - 1 else f"（{chart.periods[last]}）"
        ends.append((frame.y(value), number, _written(line, value) + note))
    parts, floor, room = [], TOP - 20.0, frame.right - 14
    ends.sort()
    start = min(ends[0][0], chart.height - BOTTOM + 8 - 29 * (len(ends) - 1))
    for index, (y, number, value_text) in enumerate(ends):
        at = max(start if index == 0 else y, floor + 29 if index else floor)
        at = min(at, chart.height - BOTTOM + 8 - 29 * (len(ends) - 1 - index))
        floor, x, ink = at, chart.width - frame.right + 11, colour.SERIES[number]
        name = fitted(chart.series[number].name, LABEL, room)
        parts.append(words(x, at - 1, name, anchor="start", size=LABEL, fill=ink, bold=True))
        parts.append(words(x, at + 13, value_text, anchor="start", size=LABEL, fill=colour.INK, bold=True))
    return join(*parts)
