"""Figures of one row held against each other: real firms can look odd, so most of it only asks to look (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from app.core.text import tr
from app.facts.catalogue import load_catalogue
from app.imports.cells.draft import Draft
from app.imports.cells.entry import Figure
from app.imports.problem import Kind, Level, Problem

REVENUES = ("operating_revenue", "main_business_revenue", "sales_revenue")
EXPENSES = ("rd_expense_audit", "rd_expense_hnte", "rd_expense_super", "rd_expense_stat")
STAFF = ("employees_total", "employees_month_avg", "employees_quarter_avg")
PARTS = ("tech_staff_month_avg", "tech_staff_quarter_avg", "rd_staff", "fulltime_rd_staff")
LOOKED_AT = frozenset({*REVENUES, *EXPENSES, *STAFF, *PARTS, "debt_asset_ratio", "total_liabilities", "total_assets"})


def look(draft: Draft, found: Iterable[Figure]) -> None:
    """Tell what does not go together, year by year."""
    by_year: dict[int | None, dict[str, Figure]] = {}
    for figure in found:
        if figure.key in LOOKED_AT:
            by_year.setdefault(figure.year, {})[figure.key] = figure
    for figures in by_year.values():
        _revenue(draft, figures)
        _staff(draft, figures)
        _debt(draft, figures)


def _value(figures: Mapping[str, Figure], key: str) -> Decimal | None:
    value = figures[key].value if key in figures else None
    return value if isinstance(value, Decimal) else None


def _revenue(draft: Draft, figures: Mapping[str, Figure]) -> None:
    key, revenue = next(((key, value) for key in REVENUES if (value := _value(figures, key)) is not None), ("", None))
    if revenue is None:
        return
    spent = next(((one, value) for one in EXPENSES if (value := _value(figures, one)) is not None), None)
    if revenue <= 0:
        why = tr("%(what)s是 %(number)s，不大于 0，按比例计算的指标将无法得出；请核对", what=_name(key), number=revenue)
        _tell(draft, Level.WARNING, figures[key], why)
    elif spent is not None and spent[1] > revenue:
        why = tr(
            "%(what)s（%(number)s）大于%(other)s（%(revenue)s）；确实如此的可以导入，请核对单位",
            what=_name(spent[0]),
            number=spent[1],
            other=_name(key),
            revenue=revenue,
        )
        _tell(draft, Level.WARNING, figures[spent[0]], why)


def _staff(draft: Draft, figures: Mapping[str, Figure]) -> None:
    key, staff = next(((key, value) for key in STAFF if (value := _value(figures, key)) is not None), ("", None))
    if staff is None:
        return
    if not staff:
        why = tr("%(what)s是 0，按人数计算的指标将无法得出；请核对", what=_name(key))
        _tell(draft, Level.WARNING, figures[key], why)
    for part in PARTS:
        number = _value(figures, part)
        if number is not None and number > staff:
            why = tr(
                "%(what)s（%(number)s）大于%(other)s（%(staff)s），请核对",
                what=_name(part),
                number=number,
                other=_name(key),
                staff=staff,
            )
            _tell(draft, Level.ERROR, figures[part], why)


def _debt(draft: Draft, figures: Mapping[str, Figure]) -> None:
    ratio = _value(figures, "debt_asset_ratio")
    debts, assets = _value(figures, "total_liabilities"), _value(figures, "total_assets")
    if ratio is not None and ratio > 1:
        _tell(draft, Level.WARNING, figures["debt_asset_ratio"], tr("资产负债率超过 100%，已资不抵债；请核对"))
    elif debts is not None and assets is not None and debts > assets:
        why = tr("负债总额（%(debts)s）大于资产总额（%(assets)s），请核对", debts=debts, assets=assets)
        _tell(draft, Level.WARNING, figures["total_liabilities"], why)


def _name(key: str) -> str:
    return load_catalogue().get(key).short


def _tell(draft: Draft, level: Level, figure: Figure, why: object) -> None:
    where = tr("第 %(row)s 行『%(header)s』", row=draft.row, header=_name(figure.key))
    message = tr("%(place)s：%(problem)s", place=where, problem=why)
    draft.problems.append(Problem(level, Kind.UNUSUAL, message, figure.cell))
