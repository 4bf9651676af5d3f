"""The figures of a verdict's sheet as a table of indicators and years, each with the cell or answer it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.dossiers.context import (
    Cell,
    Chart,
    ChartLine,
    FiguresPart,
    HistoryGroup,
    HistoryRow,
    OtherFigure,
    Source,
    UsedFigure,
)
from app.eligibility.engine.finding import Used
from app.facts import display
from app.facts.catalogue import Indicator, load_catalogue
from app.facts.keeping import indicator_of, name_of
from app.facts.models import Claim, Fact
from app.facts.sheet import FactSheet, FactValue
from app.facts.trust import source_of

LONGEST = 6
"""Years that fit beside each other on a page; earlier ones stand in the list of single figures."""
SHORTEST = 3

REVENUE = ("sales_revenue", "operating_revenue", "main_business_revenue")
RESEARCH = ("rd_expense_hnte", "rd_expense_super", "rd_expense_audit", "rd_expense_stat")
STAFF = ("employees_month_avg", "employees_quarter_avg", "employees_total", "tech_staff_month_avg")


@dataclass(frozen=True, slots=True)
class Origin:
    """A fact with the claim it was accepted from."""

    fact: Fact
    claim: Claim


Origins = Mapping[int, Origin]


def origins(session: Session, sheet: FactSheet) -> Origins:
    """Return ``{fact id: fact and claim}`` of everything on a sheet, in one statement."""
    ids = [fact.fact_id for fact in sheet.facts() if fact.fact_id is not None]
    rows = session.execute(select(Fact, Claim).join(Claim, Claim.id == Fact.claim_id).where(Fact.id.in_(ids)))
    return {row[0].id: Origin(row[0], row[1]) for row in rows}


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a sheet, numbered for citing in the order in which they are printed."""

    sheet: FactSheet
    origins: Origins
    numbers: Mapping[tuple[str, int | None], int]

    def cell(self, key: str, year: int) -> Cell:
        """Return the figure of a year; an unknown one is a dash."""
        fact = self.sheet.get(key, year)
        if fact is None:
            return Cell(display.UNKNOWN, None, 0)
        number = fact.value if isinstance(fact.value, Decimal) else None
        return Cell(str(display.show(indicator_of(key), fact.value)), number, self.numbers[key, year])

    def used(self, used: Used) -> UsedFigure:
        """Return a figure that a finding rests on, in the words of the sheet."""
        fact = self.sheet.get(used.key, used.year)
        value = None if fact is None else fact.value
        indicator = indicator_of(used.key)
        return UsedFigure(
            label=used.label,
            shown=_with_unit(indicator, value),
            origin=used.source,
            source=self.numbers.get((used.key, used.year), 0),
        )


def number(sheet: FactSheet, found: Origins) -> Figures:
    """Number the figures of a sheet: by heading and order of the catalogue, then by year."""
    rank = {indicator.key: place for place, indicator in enumerate(load_catalogue())}
    ordered = sorted(sheet.facts(), key=lambda fact: (rank.get(fact.key, len(rank)), fact.key, fact.year or 0))
    return Figures(sheet, found, {(fact.key, fact.year): no for no, fact in enumerate(ordered, start=1)})


def figures_part(figures: Figures, last_year: int) -> FiguresPart:
    """Return the history, the single figures, the charts and the register of sources.

    ``last_year`` is the last complete fiscal year of the judgement; at least three years up to it are shown, so that
    a year nobody has told is seen as a gap.
    """
    years = _years(figures.sheet, last_year)
    by_year = [indicator for indicator in load_catalogue() if _in_table(figures.sheet, indicator, years)]
    tabled = {(indicator.key, year) for indicator in by_year for year in years}
    ordered = sorted(figures.sheet.facts(), key=lambda fact: figures.numbers[fact.key, fact.year])
    return FiguresPart(
        years=years,
        groups=_groups(figures, by_year, years),
        others=tuple(_other(figures, fact) for fact in ordered if (fact.key, fact.year) not in tabled),
        charts=_charts(figures, years),
        sources=tuple(_source(figures, fact) for fact in ordered),
    )


def _years(sheet: FactSheet, last_year: int) -> tuple[int, ...]:
    known = [year for fact in sheet.facts() if (year := fact.year) is not None and year <= last_year]
    first = min([last_year - SHORTEST + 1, *known])
    return tuple(range(max(first, last_year - LONGEST + 1), last_year + 1))


def _in_table(sheet: FactSheet, indicator: Indicator, years: Sequence[int]) -> bool:
    return indicator.by_year and any(year in years for year in sheet.years(indicator.key))


def _groups(figures: Figures, indicators: Sequence[Indicator], years: Sequence[int]) -> tuple[HistoryGroup, ...]:
    rows: dict[str, list[HistoryRow]] = {}
    for one in indicators:
        cells = tuple(figures.cell(one.key, year) for year in years)
        rows.setdefault(one.group, []).append(HistoryRow(one.label, display.unit_of(one) or "—", cells))
    return tuple(HistoryGroup(title, tuple(found)) for title, found in rows.items())


def _other(figures: Figures, fact: FactValue) -> OtherFigure:
    indicator = indicator_of(fact.key)
    return OtherFigure(
        label=indicator.label if fact.year is None else f"{indicator.label}（{fact.year} 年）",
        shown=str(display.show(indicator, fact.value)),
        unit=display.unit_of(indicator) if isinstance(fact.value, Decimal) else "",
        source=figures.numbers[fact.key, fact.year],
    )


def _source(figures: Figures, fact: FactValue) -> Source:
    indicator = indicator_of(fact.key)
    origin = figures.origins.get(fact.fact_id) if fact.fact_id is not None else None
    no, name = figures.numbers[fact.key, fact.year], name_of(fact.key, fact.year)
    value = _with_unit(indicator, fact.value)
    if origin is None:
        return Source(no, name, value, "", fact.source or "—", "—", "—", "—", replaced=False)
    claim, held = origin.claim, origin.fact
    return Source(
        no=no,
        figure=name,
        value=value,
        raw=claim.raw,
        place=claim.source_label or claim.source_kind.label,
        kind=source_of(claim.source, claim.source_kind.value).label,
        stated=f"{claim.stated_by_name} {clock.local(claim.stated_at).date().isoformat()}",
        accepted=f"{held.accepted_by_name} {clock.local(held.accepted_at).date().isoformat()}",
        replaced=held.superseded_at is not None,
    )


def _with_unit(indicator: Indicator, value: object) -> str:
    unit = display.unit_of(indicator) if isinstance(value, Decimal) else ""
    text = str(display.show(indicator, value))  # type: ignore[arg-type]
    return f"{text} {unit}" if unit else text


def _charts(figures: Figures, years: Sequence[int]) -> tuple[Chart, ...]:
    return (
        _chart(figures, years, "chart-revenue", "营业收入与销售收入", "万元", REVENUE),
        _chart(figures, years, "chart-research", "研发费用", "万元", RESEARCH),
        _chart(figures, years, "chart-staff", "职工与科技人员", "人", STAFF),
    )


def _chart(figures: Figures, years: Sequence[int], mark: str, title: str, unit: str, keys: Sequence[str]) -> Chart:
    lines = []
    for key in keys:
        values = tuple(figures.cell(key, year).number for year in years)
        if any(value is not None for value in values):
            lines.append(ChartLine(indicator_of(key).short, values))
    return Chart(mark, title, unit, tuple(lines))
