"""The path and the actual values as a chart; a year without a figure is a gap."""

from __future__ import annotations

from markupsafe import Markup

from app.core.text import tr
from app.figures.line import LineChart, Series, line_chart
from app.figures.svg import Say
from app.programmes.doubling.queries import Progress


def doubling_chart(progress: Progress, *, say: Say = str) -> Markup:
    """Return the chart of a target: the path and what was reached, 万元; ``say`` puts its words."""
    years = progress.years
    return line_chart(
        LineChart(
            title=say(tr("进度线与实绩")),
            unit=say(tr("万元")),
            periods=tuple(str(year.year) for year in years),
            series=(
                Series(say(tr("实绩")), tuple(year.actual for year in years)),
                Series(say(tr("进度线")), tuple(year.expected for year in years)),
            ),
            key=f"doubling-{progress.target.id}",
        ),
        say=say,
    )
