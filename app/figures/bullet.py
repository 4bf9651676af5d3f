"""Bullets: a value, its target and bands behind it, one measure a row, each with its own round axis."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from app.core.rounding import Exact, grouped
from app.core.text import tr
from app.figures import colour
from app.figures.scale import scale_for
from app.figures.svg import Say, box, fitted, join, linked, picture, rule, words

LEFT, RIGHT, TOP, ROW = 128.0, 26.0, 40.0, 62.0
BAND_FILLS = ("#c6d2df", "#dbe3ec", "#edf1f6")


@dataclass(frozen=True, slots=True)
class Bullet:
    """One measure. ``bands`` are upper ends of up to three grounds, darkest first; may be empty."""

    label: str
    unit: str
    value: Exact | None
    target: Exact | None = None
    bands: tuple[Exact, ...] = ()
    href: str | None = None
    places: int | None = None


@dataclass(frozen=True, slots=True)
class BulletChart:
    """Measures under each other."""

    title: str
    bullets: tuple[Bullet, ...]
    width: int = 520
    key: str = ""

    def __post_init__(self) -> None:
        if not self.bullets:
            raise ValueError("a bullet chart needs measures")
        for bullet in self.bullets:
            ends = [Fraction(end) for end in bullet.bands]
            if len(ends) > len(BAND_FILLS) or ends != sorted(ends):
                raise ValueError(f"{bullet.label}: up to three bands, in rising order")


def bullet_chart(chart: BulletChart, *, say: Say = str) -> Markup:
    """Draw ``chart``; a missing value leaves its bar out and says 未知."""
    height = TOP + ROW * len(chart.bullets)
    body = join(
        words(8, 19, chart.title, anchor="start", size=14, fill=colour.INK, bold=True),
        *(_row(chart, index, say) for index in range(len(chart.bullets))),
    )
    described = "；".join(f"{bullet.label} {_figures(bullet, say)}" for bullet in chart.bullets)
    return picture(chart.width, height, body, title=chart.title, description=described, key=chart.key, name="bullet")


def _figures(bullet: Bullet, say: Say) -> str:
    value = say(tr("未知")) if bullet.value is None else grouped(bullet.value, bullet.places) + bullet.unit
    if bullet.target is None:
        return value
    goal = grouped(bullet.target, bullet.places) + bullet.unit
    return say(tr("%(value)s，目标 %(goal)s", value=value, goal=goal))


def _row(chart: BulletChart, index: int, say: Say) -> Markup:
    bullet, y = chart.bullets[index], TOP + ROW * index
    scale = scale_for([bullet.value, bullet.target, *bullet.bands])
    room = chart.width - LEFT - RIGHT

    def x(value: Exact) -> float:
        return LEFT + room * scale.share(value)

    parts = [box(LEFT, y, room, 28, "#f4f6f9")]
    for number in range(len(bullet.bands) - 1, -1, -1):
        parts.append(box(LEFT, y, x(bullet.bands[number]) - LEFT, 28, BAND_FILLS[number]))
    if bullet.value is None:
        parts.append(words(LEFT + 8, y + 18, say(tr("未知")), anchor="start", size=11, fill=colour.OPEN))
    else:
        zero, end = x(0), x(bullet.value)
        mark = box(min(zero, end), y + 9, abs(end - zero), 10, colour.SERIES[0])
        parts.append(linked(mark, bullet.href, f"{bullet.label} {_figures(bullet, say)}"))
    if bullet.target is not None:
        parts.append(rule(f"M{x(bullet.target):.1f} {y + 3:.1f}v22", colour.BAD, width=3))
    parts.append(
        words(LEFT - 10, y + 12, fitted(bullet.label, 12, LEFT - 14), anchor="end", fill=colour.INK, bold=True)
    )
    parts.append(
        words(
            LEFT - 10,
            y + 27,
            fitted(_short(bullet, say), 10, LEFT - 12),
            anchor="end",
            size=10,
            fill=colour.MUTED,
        )
    )
    for tick in scale.ticks:
        parts.append(words(x(tick), y + 41, scale.label(tick), size=10, fill=colour.MUTED))
    return join(*parts)


def _short(bullet: Bullet, say: Say) -> str:
    value = say(tr("未知")) if bullet.value is None else grouped(bullet.value, bullet.places)
    if bullet.target is None:
        return f"{value} {bullet.unit}"
    return f"{value} / {grouped(bullet.target, bullet.places)} {bullet.unit}"
