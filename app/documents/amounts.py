"""大写金额: amounts in the capital characters of cheques and approvals.

Rules after 《正确填写票据和结算凭证的基本规定》(支付结算办法附一): zeros between digits are written once,
an amount that ends at 元 or 角 is closed with 整, one that reaches 分 is not.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from app.core.errors import Invalid
from app.core.rounding import Exact
from app.core.text import tr

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")
LIMIT = 10**16
"""In yuan: beyond 9,999 万亿 there is no customary reading."""


def capital_amount(yuan: Exact) -> str:
    """Write an amount in yuan: ``Decimal("1234.56")`` is 人民币壹仟贰佰叁拾肆元伍角陆分.

    Raises ``Invalid`` when the amount has parts of a 分 or is too large; it is never rounded here.
    """
    cents = Fraction(yuan) * 100
    if cents.denominator != 1:
        raise Invalid("amount", tr("金额 %(value)s 元有不足一分的零头，请先核定到分", value=_plain(yuan)))
    if abs(cents.numerator) >= LIMIT * 100:
        raise Invalid("amount", tr("金额 %(value)s 元过大，无法写成大写", value=_plain(yuan)))
    whole, rest = divmod(abs(cents.numerator), 100)
    jiao, fen = divmod(rest, 10)
    sign = "负" if cents < 0 else ""
    return f"人民币{sign}{_yuan(whole, jiao, fen)}{_change(jiao, fen)}"


def capital_wan(wan: Exact) -> str:
    """Write an amount given in 万元, the unit figures are kept in."""
    return capital_amount(Fraction(wan) * 10_000)


def _plain(value: Exact) -> str:
    return str(value) if isinstance(value, int | Decimal) else f"{value.numerator}/{value.denominator}"


def _yuan(whole: int, jiao: int, fen: int) -> str:
    if whole == 0:
        return "" if jiao or fen else "零元"
    # 元 followed by no 角 but some 分 takes a 零: 壹元零伍分
    return _integer(whole) + "元" + ("零" if fen and not jiao else "")


def _change(jiao: int, fen: int) -> str:
    tenths = f"{DIGITS[jiao]}角" if jiao else ""
    return tenths + (f"{DIGITS[fen]}分" if fen else "整")


def _integer(whole: int) -> str:
    groups = []
    while whole:
        whole, group = divmod(whole, 10_000)
        groups.append(group)
    text, gap = "", False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if group == 0:
            # 亿 is said even when only 万亿 are there: 壹万亿 stays as it is, 零 follows before the next digit
            gap = bool(text)
            continue
        gap = gap or (bool(text) and group < 1000)
        name = "万" if index == 3 and groups[2] else GROUPS[index]
        text += ("零" if gap else "") + _group(group) + name
        gap = False
    return text


def _group(group: int) -> str:
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + DIGITS[digit] + PLACES[place]
        gap = False
    return text
