"""Shaded cells: a heat table, and tiles that stand roughly where places lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from app.core.rounding import Exact, grouped
from app.core.text import tr
from app.figures import colour
from app.figures.svg import Say, box, breadth, fitted, join, linked, picture, words


@dataclass(frozen=True, slots=True)
class HeatTable:
    """``cells[row][column]``; every column is shaded by itself when ``by_column`` (units may differ)."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Exact | None, ...], ...]
    hrefs: tuple[tuple[str | None, ...], ...] = ()
    places: int | None = None
    by_column: bool = False
    width: int = 520
    key: str = ""

    def __post_init__(self) -> None:
        if len(self.cells) != len(self.rows) or any(len(row) != len(self.columns) for row in self.cells):
            raise ValueError("a heat table needs one cell for each row and column")


@dataclass(frozen=True, slots=True)
class Tile:
    """One place at (column, row) of the grid; both count from 0."""

    label: str
    column: int
    row: int
    value: Exact | None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class TileMap:
    """Places as tiles."""

    title: str
    unit: str
    tiles: tuple[Tile, ...]
    places: int | None = None
    width: int = 420
    key: str = ""


def _shades(values: Iterable[Exact | None]) -> tuple[Fraction, Fraction]:
    known = [Fraction(value) for value in values if value is not None]
    return (min([Fraction(0), *known]), max(known, default=Fraction(1)))


def _ground(value: Exact | None, span: tuple[Fraction, Fraction]) -> str:
    if value is None:
        return colour.WHITE
    low, high = span
    return colour.shade((Fraction(value) - low) / (high - low) if high > low else Fraction(1, 2))


def heat_table(chart: HeatTable, *, say: Say = str) -> Markup:
    """Draw the table; the ink of each cell is chosen by contrast, unknown cells are dashed and say 未知."""
    left = max(breadth(row, 12) for row in chart.rows) + 16
    room, line, top = (chart.width - left - 8) / len(chart.columns), 34, 58
    whole = _shades(value for row in chart.cells for value in row)
    parts = [words(8, 19, chart.title, anchor="start", size=14, fill=colour.INK, bold=True)]
    for place, column in enumerate(chart.columns):
        text = fitted(column, 11, room)
        parts.append(words(left + room * (place + 0.5), top - 8, text, size=11, fill=colour.MUTED))
    for number, (name, cells) in enumerate(zip(chart.rows, chart.cells, strict=True)):
        y = top + line * number
        parts.append(words(left - 8, y + line / 2 + 4, name, anchor="end", fill=colour.INK))
        for place, value in enumerate(cells):
            span = _shades(row[place] for row in chart.cells) if chart.by_column else whole
            href = chart.hrefs[number][place] if chart.hrefs else None
            cell = _cell(left + room * place, y, room, line, value, _ground(value, span), chart.places, say)
            parts.append(linked(cell, href, f"{name} {chart.columns[place]}"))
    described = "；".join(
        f"{name}："
        + "，".join(
            f"{column} {_text(value, chart.places, say)}" for column, value in zip(chart.columns, cells, strict=True)
        )
        for name, cells in zip(chart.rows, chart.cells, strict=True)
    )
    height = top + line * len(chart.rows) + 8
    return picture(
        chart.width,
        height,
        join(*parts),
        title=chart.title,
        description=described,
        key=chart.key,
        name="heat",
    )


def _text(value: Exact | None, places: int | None, say: Say) -> str:
    return say(tr("未知")) if value is None else grouped(value, places)


def _cell(
    x: float,
    y: float,
    width: float,
    height: float,
    value: Exact | None,
    ground: str,
    places: int | None,
    say: Say,
) -> Markup:
    edge = {"stroke": colour.AXIS, "stroke_dasharray": "3 3"} if value is None else {}
    ink = colour.MUTED if value is None else colour.ink_on(ground)
    return join(
        box(x + 1, y + 1, width - 2, height - 2, ground, rx=3, **edge),
        words(x + width / 2, y + height / 2 + 4, _text(value, places, say), fill=ink, bold=value is not None),
    )


def tile_map(chart: TileMap, *, say: Say = str) -> Markup:
    """Draw the tiles, deeper where the value is larger."""
    span = _shades(tile.value for tile in chart.tiles)
    columns = max(tile.column for tile in chart.tiles) + 1
    rows = max(tile.row for tile in chart.tiles) + 1
    size, tall, gap = (chart.width - 16 - 6 * (columns - 1)) / columns, 74, 6
    parts = [words(8, 19, chart.title, anchor="start", size=14, fill=colour.INK, bold=True)]
    for tile in chart.tiles:
        x, y = 8 + tile.column * (size + gap), 34 + tile.row * (tall + gap)
        ground = _ground(tile.value, span)
        ink = colour.ink_on(ground)
        edge = {"stroke": colour.AXIS, "stroke_dasharray": "3 3"} if tile.value is None else {}
        text = _text(tile.value, chart.places, say) + ("" if tile.value is None else f" {chart.unit}")
        mark = join(
            box(x, y, size, tall, ground, rx=8, **edge),
            words(x + size / 2, y + 30, fitted(tile.label, 13, size - 8), size=13, fill=ink, bold=True),
            words(x + size / 2, y + 54, text, size=15, fill=ink, bold=True),
        )
        parts.append(linked(mark, tile.href, f"{tile.label} {text}"))
    described = "；".join(f"{tile.label} {_text(tile.value, chart.places, say)}" for tile in chart.tiles)
    height = 34 + rows * (tall + gap) + 4
    return picture(
        chart.width,
        height,
        join(*parts),
        title=chart.title,
        description=described,
        key=chart.key,
        name="tiles",
    )
