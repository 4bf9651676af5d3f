"""How a figure is written for a person: thousands separators, percent for fractions, 是/否, dates (pure).

A figure that is not there is a dash, never a zero.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from app.core.text import N_, Message, tr
from app.facts.catalogue import Indicator
from app.facts.keeping import restored
from app.facts.sheet import decimal_text
from app.facts.values import Record, Value

UNKNOWN = "—"
# The units of the catalogue and of own indicators, marked so that pages can write them in the user's language.
UNITS = frozenset(
    (
        N_("万元"),
        N_("人"),
        N_("分"),
        N_("名"),
        N_("平方米"),
        N_("年"),
        N_("次"),
        N_("比例"),
        N_("级"),
        N_("起"),
        N_("项"),
        N_("个"),
        N_("家"),
        N_("件"),
        N_("台"),
        N_("套"),
        N_("吨"),
        N_("小时"),
        N_("天"),
        N_("千瓦时"),
        N_("吨标准煤"),
        N_("立方米"),
        N_("亩"),
        N_("万元/人"),
    )
)
Text = Message | str


def show(indicator: Indicator, value: Value | None) -> Text:
    """Return the value without its unit: 62,974 · 5.2% · 是 · 2023-05-01 · 无 (known to be none) · — (unknown)."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return tr("是") if value else tr("否")
    if isinstance(value, Decimal):
        return grouped(value * 100) + "%" if indicator.is_ratio else grouped(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "、".join(_item(item) for item in value) if value else tr("无")
    return str(value)


def show_columns(indicator: Indicator, number: Decimal | None, value: Any) -> Text:
    """Return ``show`` of a claim's or fact's two columns."""
    return show(indicator, restored(indicator, number, value))


def unit_of(indicator: Indicator) -> str:
    """Return the unit written after the shown value; a percentage bears its own."""
    return "" if indicator.is_ratio else indicator.unit


def with_unit(indicator: Indicator, value: Value | None) -> str:
    """Return the value with its unit in Chinese, for the log and for source texts: 62,974 万元."""
    text, unit = str(show(indicator, value)), unit_of(indicator)
    return text if value is None or not unit or not isinstance(value, Decimal) else f"{text} {unit}"


def as_input(indicator: Indicator, value: Value) -> str:
    """Return the value as a person would type it into the form again."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return decimal_text(value * 100) + "%" if indicator.is_ratio else decimal_text(value)
    if isinstance(value, tuple):
        return "\n".join(_line(indicator, item) for item in value) if value else "无"
    return str(show(indicator, value))


def grouped(number: Decimal) -> str:
    """Return the exact number with thousands separators and as many decimals as it has."""
    text = format(number, ",f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _item(item: date | str | Record) -> str:
    if isinstance(item, Record):
        return " ".join(_plain(part) for _name, part in item.fields)
    return _plain(item)


def _line(indicator: Indicator, item: date | str | Record) -> str:
    if isinstance(item, Record) and indicator.fields:
        return "；".join(_plain(item.get(field.name) or "") for field in indicator.fields)
    return _item(item)


def _plain(part: Decimal | date | str) -> str:
    if isinstance(part, Decimal):
        return decimal_text(part)
    return part.isoformat() if isinstance(part, date) else part
