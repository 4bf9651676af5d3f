"""The path and the actual values as a chart; a year without a figure is a gap."""

from __future__ import annotations

from markupsafe import Markup

from app.core.text import tr
from app.figures.line import LineChart, Series, line_chart
from app.programmes.doubling.queries import Progress


def doubling_chart(progress: Progress) -> Markup:
    """Return the chart of a target: the path and what was reached, 万元."""
    years = progress.years
    return line_chart(
        LineChart(
            title=str(tr("进度线与实绩")),
            unit="万元",
            periods=tuple(str(year.year) for year in years),
            series=(
                Series(str(tr("实绩")), tuple(year.actual for year in years)),
                Series(str(tr("进度线")), tuple(year.expected for year in years)),
            ),
            key=f"doubling-{progress.target.id}",
        )
    )
