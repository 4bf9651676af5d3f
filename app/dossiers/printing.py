"""From a stored context to the PDF, and to the drawings that page and PDF share.

Nothing but the context is read, so the same context gives the same bytes. The variant is PDF/UA-1: a dossier is read
by people, some of them with a screen reader, and its structure (headings, tables with heads, descriptions of the
charts) is what they go by; fonts are embedded in this variant too. It carries no attached files, the only thing for
which PDF/A-3 would have to be chosen instead.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from pypdf import PdfReader

from app.core.rounding import grouped
from app.documents.press import pdf_in_child
from app.documents.render import Imprint, Variant, html_of, print_html
from app.dossiers.context import Chart, DossierContext, ScorePart
from app.figures.interval import IntervalBar, interval_bar
from app.figures.line import LineChart, Series, line_chart

TEMPLATE = "documents/dossier/dossier.html"
VARIANT: Variant = "pdf/ua-1"
CHAPTERS = (
    ("firm", "企业概况", (("firm-identity", "基本信息"), ("firm-lines", "四条线培育情况"))),
    (
        "history",
        "指标与历年数据",
        (("history-table", "历年指标"), ("history-charts", "走势图"), ("sources", "数据来源")),
    ),
    ("findings", "逐条判定", (("findings-summary", "判定一览"), ("findings-clauses", "逐条说明"))),
    ("declarations", "真实性与不重复申报承诺", ()),
    (
        "papers",
        "材料清单",
        (("papers-missing", "缺少的材料"), ("papers-files", "佐证文件"), ("papers-lists", "应附材料")),
    ),
    ("approval", "审批", ()),
)
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart ready for page and paper; ``svg`` is empty where nothing is known, then only the title is printed."""

    id: str
    title: str
    unit: str
    svg: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """An entry of the contents; ``id`` is the place it leads to, ``name`` the template's part."""

    id: str
    title: str
    level: int


def pdf(context: DossierContext) -> bytes:
    """Print a dossier in a child process with bounds on time and memory.

    Raises ``DocumentFault`` naming what is wrong (a missing value, too many rows)
    or ``PrintingStopped``.
    """
    return pdf_in_child(
        TEMPLATE, contents_of(context), title=headline(context), issued=context.issued_at, number=context.number,
        author=context.organ, variant=VARIANT,
    )  # fmt: skip


def print_here(context: DossierContext) -> bytes:
    """As ``pdf``, in this process: for measuring, and for tests that look at the exception itself."""
    return print_html(html(context), variant=VARIANT)


def html(context: DossierContext) -> str:
    """Return the HTML that is printed."""
    imprint = Imprint(headline(context), context.issued_at, context.number, context.organ)
    return html_of(TEMPLATE, contents_of(context), imprint)


def contents_of(context: DossierContext) -> dict[str, object]:
    """Return what the template of the document is filled with."""
    return {
        "dossier": context,
        "chapters": chapters(context),
        "drawings": drawings(context),
        "score_drawing": score_drawing(context.judgement.score),
    }


def pages_of(content: bytes) -> int:
    """Return how many pages a PDF has."""
    return len(PdfReader(io.BytesIO(content)).pages)


def headline(context: DossierContext) -> str:
    """Return the title in the head of every page; invented firms say so there too."""
    mark = "（演示数据，内容为虚构）" if context.firm.is_demo else ""
    return f"{context.firm.name}　{context.title}{mark}"


def chapters(context: DossierContext) -> tuple[Chapter, ...]:
    """Return the contents, numbered in the order of printing."""
    entries: list[tuple[str, str, Sequence[tuple[str, str]]]] = list(CHAPTERS)
    if context.judgement.score is not None:
        entries.insert(3, ("score", "评分", ()))
    found = []
    for place, (mark, title, parts) in enumerate(entries):
        found.append(Chapter(mark, f"{NUMERALS[place]}、{title}", 1))
        found.extend(Chapter(inner, name, 2) for inner, name in parts)
    return tuple(found)


def drawings(context: DossierContext) -> tuple[Drawing, ...]:
    """Return the charts of the history; a year that nobody has told is a gap."""
    return tuple(_drawing(chart, context.figures.years) for chart in context.figures.charts)


def _drawing(chart: Chart, years: Sequence[int]) -> Drawing:
    if not chart.lines:
        return Drawing(chart.id, chart.title, chart.unit, "")
    svg = line_chart(
        LineChart(
            title=chart.title,
            unit=chart.unit,
            periods=tuple(str(year) for year in years),
            series=tuple(Series(line.name, line.values) for line in chart.lines),
            height=220,
            key=chart.id,
        )
    )
    return Drawing(chart.id, chart.title, chart.unit, svg)


def score_drawing(score: ScorePart | None) -> str:
    """Return the score against the line to pass; empty where the edition has no score or no line."""
    if score is None or score.line is None:
        return ""
    return interval_bar(
        IntervalBar(
            title=f"综合得分 {score.points} 分（满分 {grouped(score.total)} 分）",
            unit="分",
            low=score.low,
            high=score.high,
            pass_line=score.line,
            full=score.total,
            pass_label="合格须达",  # noqa: S106 - a word, not a password
            key="score",
        )
    )
