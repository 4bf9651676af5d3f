"""How a figure is typed: what a person writes, and what the catalogue's reader takes of it (pure)."""

from __future__ import annotations

import re
from decimal import Decimal

from app.core.errors import Invalid
from app.core.text import Message, tr
from app.facts.catalogue import Indicator
from app.facts.values import NARROW, read_number

MONEY = "万元"
MOST_TERMS = 50
_TERM = re.compile(r"[+-]?[^+-]+")
_MONEY = (
    ("千万元", Decimal(1000)), ("百万元", Decimal(100)), ("亿元", Decimal(10_000)), (MONEY, Decimal(1)),
    ("千元", Decimal("0.1")), ("元", Decimal("0.0001")), ("亿", Decimal(10_000)), ("万", Decimal(1)),
)  # fmt: skip
"""What an amount is multiplied with to be in 万元, by the unit behind it; longer names first."""


def help_of(indicator: Indicator, *, is_written: bool = True) -> list[Message | str]:
    """Return everything that helps to give a value: calibre, hint, how it is typed; “无” for none is said once."""
    note = how_to_write(indicator, says_none="“无”" not in indicator.hint) if is_written else None
    return [part for part in (indicator.calibre, indicator.hint, note) if part]


def how_to_write(indicator: Indicator, *, says_none: bool = True) -> Message | None:
    """Return how the value of this kind is typed, where the label alone does not tell.

    ``says_none``: also how it is written that there is none.
    """
    if not says_none:
        return _written_without_none(indicator)
    if indicator.kind == "records" and indicator.fields:
        names = "；".join(field.label for field in indicator.fields)
        return tr("每行一项，各栏用分号隔开，依次为：%(names)s。没有的请填“无”。", names=names)
    if indicator.kind in ("records", "list"):
        return tr("每行一项；确实没有的请填“无”。")
    if indicator.kind == "dates":
        return tr("每行一个日期，如 2025-03-01；经查询确实没有的请填“无”。")
    if indicator.kind == "date":
        text = tr("按 2023-05-01 的格式填写。")
        return tr("按 2023-05-01 的格式填写；确实没有的请填“无”。") if indicator.none_allowed else text
    if indicator.is_ratio:
        return tr("填百分数（如 5.2%）或小数（如 0.052）。")
    return None


def _written_without_none(indicator: Indicator) -> Message | None:
    """Return the same where another text says how none is written."""
    if indicator.kind == "records" and indicator.fields:
        names = "；".join(field.label for field in indicator.fields)
        return tr("每行一项，各栏用分号隔开，依次为：%(names)s。", names=names)
    if indicator.kind in ("records", "list"):
        return tr("每行一项。")
    if indicator.kind == "dates":
        return tr("每行一个日期，如 2025-03-01。")
    return tr("按 2023-05-01 的格式填写。") if indicator.kind == "date" else how_to_write(indicator)


def in_money(indicator: Indicator, text: str) -> Decimal | None:
    """Return an amount in 万元 where it was typed with another unit of money behind it (41,862,300.55 元), else None.

    Accounts are kept in 元: whoever copies a figure from them must not have to move the point.
    """
    if indicator.kind != "number" or indicator.unit != MONEY:
        return None
    plain = text.strip()
    unit, by = next(((name, by) for name, by in _MONEY if plain.endswith(name)), (MONEY, Decimal(1)))
    if unit == MONEY:
        return None
    try:
        return read_number(plain.removesuffix(unit).strip(), indicator.short) * by
    except Invalid:
        return None


def summed(indicator: Indicator, text: str) -> Decimal | None:
    """Return what a sum of figures makes (4186.23+120.5, 4,186.23 万元 - 3 万元), exactly; None where the text is none.

    Reports break down what a form asks for as one figure. Only + and - are read; either every figure bears its unit
    or none does, so that nobody has to guess what “3+2 元” means. A first sign belongs to the first figure.
    """
    if indicator.kind != "number" or indicator.is_ratio:
        return None
    plain = text.translate(NARROW).strip()
    terms = _TERM.findall(plain)
    if not 2 <= len(terms) <= MOST_TERMS or "".join(terms) != plain:
        return None
    bodies = [term.lstrip("+-").strip() for term in terms]
    if len({body[-1:].isdigit() for body in bodies}) > 1:
        return None
    total = Decimal(0)
    for term, body in zip(terms, bodies, strict=True):
        amount = in_money(indicator, body)
        try:
            amount = read_number(body, indicator.short, unit=indicator.unit) if amount is None else amount
        except Invalid:
            return None
        total += -amount if term.startswith("-") else amount
    return total


def typed(indicator: Indicator, text: str) -> object:
    """Return what was typed as the catalogue's reader takes it: lines as items, columns of a register by name."""
    amount = in_money(indicator, text)
    if amount is None:
        amount = summed(indicator, text)
    if amount is not None:
        return amount
    if indicator.kind not in ("dates", "list", "records"):
        return text
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) == 1 and lines[0] in ("无", "没有", "暂无"):
        return lines[0]
    if indicator.kind != "records":
        return lines
    return [_register_line(indicator, line) for line in lines]


def _register_line(indicator: Indicator, line: str) -> dict[str, str]:
    if not indicator.fields:
        return {"说明": line}
    cells = [cell.strip() for cell in line.replace(";", "；").split("；")]
    names = [field.name for field in indicator.fields]
    spare = [f"第{number}栏" for number in range(len(names) + 1, len(cells) + 1)]
    return {name: cell for name, cell in zip([*names, *spare], cells, strict=False) if cell}
