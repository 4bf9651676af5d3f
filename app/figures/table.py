"""The table that stands beside a chart: the same figures, for readers who do not see the picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

from app.core.rounding import Exact, grouped
from app.core.text import tr
from app.figures.bars import BarChart, shortfall
from app.figures.bullet import BulletChart
from app.figures.interval import IntervalBar
from app.figures.line import LineChart
from app.figures.ring import Ring
from app.figures.svg import Say
from app.figures.tiles import HeatTable, TileMap


@dataclass(frozen=True, slots=True)
class FigureTable:
    """Caption, column heads and rows of text; the first cell of a row is its head."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def _text(value: Exact | None, places: int | None, say: Say) -> str:
    return say(tr("未知")) if value is None else grouped(value, places)


@singledispatch
def table_of(chart: object, *, say: Say = str) -> FigureTable:
    """Return the figures of ``chart`` as a table. Every kind of chart in this package has one."""
    raise TypeError(f"{type(chart).__name__} is no chart with a table")


@table_of.register
def _line(chart: LineChart, *, say: Say = str) -> FigureTable:
    rows = tuple(
        (period, *(_text(line.values[index], line.places, say) for line in chart.series))
        for index, period in enumerate(chart.periods)
    )
    heads = (say(tr("年度")), *(f"{line.name}（{chart.unit}）" for line in chart.series))
    return FigureTable(chart.title, heads, rows)


@table_of.register
def _bars(chart: BarChart, *, say: Say = str) -> FigureTable:
    unit = chart.unit
    rows = tuple(
        (
            bar.label,
            _text(bar.value, chart.places, say),
            "—" if bar.target is None else grouped(bar.target, chart.places),
            "—" if (gap := shortfall(bar)) is None else grouped(gap, chart.places),
        )
        for bar in chart.bars
    )
    heads = (
        say(tr("名称")),
        say(tr("完成（%(unit)s）", unit=unit)),
        say(tr("目标（%(unit)s）", unit=unit)),
        say(tr("差额（%(unit)s）", unit=unit)),
    )
    return FigureTable(chart.title, heads, rows)


@table_of.register
def _bullets(chart: BulletChart, *, say: Say = str) -> FigureTable:
    rows = tuple(
        (
            bullet.label,
            bullet.unit,
            _text(bullet.value, bullet.places, say),
            "—" if bullet.target is None else grouped(bullet.target, bullet.places),
        )
        for bullet in chart.bullets
    )
    return FigureTable(chart.title, (say(tr("指标")), say(tr("单位")), say(tr("完成")), say(tr("目标"))), rows)


@table_of.register
def _interval(chart: IntervalBar, *, say: Say = str) -> FigureTable:
    heads = (say(tr("项目")), f"{say(tr('得分'))}（{chart.unit}）")
    rows = (
        (say(tr("最低得分")), grouped(chart.low, chart.places)),
        (say(tr("最高得分")), grouped(chart.high, chart.places)),
        (chart.pass_label, grouped(chart.pass_line, chart.places)),
        (say(tr("满分")), grouped(chart.full, chart.places)),
    )
    return FigureTable(chart.title, heads, rows)


@table_of.register
def _ring(chart: Ring, *, say: Say = str) -> FigureTable:
    rows = [(say(tr("数值")), _text(chart.value, chart.places, say) + ("" if chart.value is None else chart.unit))]
    if chart.pass_line is not None:
        rows.append((say(tr("达标线")), grouped(chart.pass_line, chart.places) + chart.unit))
    rows.append((say(tr("满值")), grouped(chart.full, chart.places) + chart.unit))
    return FigureTable(chart.title, (say(tr("项目")), say(tr("数值"))), tuple(rows))


@table_of.register
def _heat(chart: HeatTable, *, say: Say = str) -> FigureTable:
    rows = tuple(
        (name, *(_text(value, chart.places, say) for value in cells))
        for name, cells in zip(chart.rows, chart.cells, strict=True)
    )
    return FigureTable(chart.title, (say(tr("名称")), *chart.columns), rows)


@table_of.register
def _tiles(chart: TileMap, *, say: Say = str) -> FigureTable:
    rows = tuple((tile.label, _text(tile.value, chart.places, say)) for tile in chart.tiles)
    return FigureTable(chart.title, (say(tr("名称")), say(tr("数值（%(unit)s）", unit=chart.unit))), rows)
