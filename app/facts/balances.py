"""Figures of one year held against each other: real firms can look odd, so most of it only asks to look (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.core.text import Message, tr
from app.facts.catalogue import load_catalogue

REVENUES = ("operating_revenue", "main_business_revenue", "sales_revenue")
EXPENSES = ("rd_expense_audit", "rd_expense_hnte", "rd_expense_super", "rd_expense_stat")
STAFF = ("employees_total", "employees_month_avg", "employees_quarter_avg")
PARTS = ("tech_staff_month_avg", "tech_staff_quarter_avg", "rd_staff", "fulltime_rd_staff")
LOOKED_AT = frozenset({*REVENUES, *EXPENSES, *STAFF, *PARTS, "debt_asset_ratio", "total_liabilities", "total_assets"})


@dataclass(frozen=True, slots=True)
class Imbalance:
    """What does not go together: the figure it is told at, why, and whether it cannot be (a part above its whole)."""

    key: str
    why: Message
    is_impossible: bool = False


def imbalances(figures: Mapping[str, Decimal]) -> Iterator[Imbalance]:
    """Yield what does not go together among a firm's figures of one year, by key."""
    yield from _revenue(figures)
    yield from _staff(figures)
    yield from _debt(figures)


def _first(figures: Mapping[str, Decimal], keys: tuple[str, ...]) -> tuple[str, Decimal] | None:
    return next(((key, figures[key]) for key in keys if key in figures), None)


def _revenue(figures: Mapping[str, Decimal]) -> Iterator[Imbalance]:
    found, spent = _first(figures, REVENUES), _first(figures, EXPENSES)
    if found is None:
        return
    key, revenue = found
    if revenue <= 0:
        why = tr("%(what)s是 %(number)s，不大于 0，按比例计算的指标将无法得出；请核对", what=_name(key), number=revenue)
        yield Imbalance(key, why)
    elif spent is not None and spent[1] > revenue:
        why = tr(
            "%(what)s（%(number)s）大于%(other)s（%(revenue)s）；请核对单位，确实如此的请写明原因",
            what=_name(spent[0]),
            number=spent[1],
            other=_name(key),
            revenue=revenue,
        )
        yield Imbalance(spent[0], why)


def _staff(figures: Mapping[str, Decimal]) -> Iterator[Imbalance]:
    found = _first(figures, STAFF)
    if found is None:
        return
    key, staff = found
    if not staff:
        yield Imbalance(key, tr("%(what)s是 0，按人数计算的指标将无法得出；请核对", what=_name(key)))
    for part in PARTS:
        if part in figures and figures[part] > staff:
            why = tr(
                "%(what)s（%(number)s）大于%(other)s（%(staff)s），请核对",
                what=_name(part),
                number=figures[part],
                other=_name(key),
                staff=staff,
            )
            yield Imbalance(part, why, is_impossible=True)


def _debt(figures: Mapping[str, Decimal]) -> Iterator[Imbalance]:
    ratio, debts, assets = (figures.get(key) for key in ("debt_asset_ratio", "total_liabilities", "total_assets"))
    if ratio is not None and ratio > 1:
        yield Imbalance("debt_asset_ratio", tr("资产负债率超过 100%，已资不抵债；请核对"))
    elif debts is not None and assets is not None and debts > assets:
        why = tr("负债总额（%(debts)s）大于资产总额（%(assets)s），请核对", debts=debts, assets=assets)
        yield Imbalance("total_liabilities", why)


def _name(key: str) -> str:
    return load_catalogue().get(key).short
