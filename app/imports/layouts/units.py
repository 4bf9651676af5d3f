"""Units of columns and cells, turned exactly into the catalogue's unit (pure, no float)."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

PLACES = Decimal("0.00000001")
"""Figures are kept in 8 decimals of the catalogue's unit (0.00000001 万元 is far below a 分)."""
PLACED = 8
ONE = Decimal(1)
_DIGITS = re.compile(r"-?[0-9]{1,15}(?:\.([0-9]{1,8}))?\Z")
LARGEST = Decimal(90_000_000_000)
"""Beyond this the 8 decimals no longer fit into what a database keeps; no figure of a firm comes near."""

_MONEY = {
    "元": Decimal("0.0001"),
    "人民币元": Decimal("0.0001"),
    "千元": Decimal("0.1"),
    "万元": ONE,
    "人民币万元": Decimal(1),
    "万": Decimal(1),
    "百万元": Decimal(100),
    "百万": Decimal(100),
    "千万元": Decimal(1000),
    "千万": Decimal(1000),
    "亿元": Decimal(10_000),
    "亿": Decimal(10_000),
}
MONEY_UNITS = ("元", "千元", "万元", "百万元", "亿元")
"""What a person chooses from."""
_SHARES = {"%": Decimal("0.01"), "‰": Decimal("0.001"), "比例": Decimal(1), "小数": Decimal(1)}
COUNTS = {
    "人": ("人", "名", "人次", "个"),
    "项": ("项", "件", "个", "篇"),
    "家": ("家", "户", "个"),
}
_FACTORS: dict[str, dict[str, Decimal]] = {
    "万元": _MONEY,
    "比例": _SHARES,
    **{unit: dict.fromkeys(words, ONE) for unit, words in COUNTS.items()},
}
KNOWN = frozenset(word for words in _FACTORS.values() for word in words)
_PLACES = {by: max(0, -int(by.as_tuple().exponent)) for words in _FACTORS.values() for by in words.values()}


_IN_FULL = {"万": "万元", "亿": "亿元", "百万": "百万元", "千万": "千万元", "人民币元": "元", "人民币万元": "万元"}


def in_full(unit: str) -> str:
    """Return a unit of money as it is called in full: 万 is 万元."""
    return _IN_FULL.get(unit, unit)


def factor(unit: str, into: str) -> Decimal | None:
    """Return what a number in ``unit`` is multiplied with to be in ``into``; None when that is not possible."""
    if unit == into:
        return ONE
    return _FACTORS.get(into, {}).get(unit)


def converted(number: Decimal, by: Decimal) -> Decimal:
    """Return the number in the new unit, exact to 8 decimals."""
    with localcontext() as context:
        context.prec = 60
        scaled = (number * by).quantize(PLACES, rounding=ROUND_HALF_EVEN)
        return scaled.quantize(Decimal(1)) if scaled == scaled.to_integral_value() else scaled.normalize()


def decimals(by: Decimal) -> int:
    """Return how many decimals a factor adds to a number."""
    return _PLACES[by]


def quickly(text: str, by: Decimal) -> Decimal | None:
    """Return what ``converted`` gives for a text of plain digits that needs no rounding; None when it may need some.

    Fifteen digits times a factor stay below the 28 that a product keeps, so that nothing is rounded here.
    """
    found = _DIGITS.match(text)
    if found is None:
        return None
    number = Decimal(text)
    decimals = found[1]
    if by is ONE:
        return number.normalize() if decimals and decimals[-1] == "0" and number % ONE else _whole(number, decimals)
    if (len(decimals) if decimals else 0) + _PLACES[by] > PLACED:
        return None
    scaled = number * by
    return scaled.quantize(ONE) if scaled == scaled.to_integral_value() else scaled.normalize()


def _whole(number: Decimal, decimals: str | None) -> Decimal:
    return number if not decimals or number % ONE else number.quantize(ONE)
