"""A table as an office sends it, for measuring: four columns of text, thirty-six of numbers."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from decimal import Decimal

import xlsxwriter

from app.sheets.columns import Column, ColumnKind

TEXTS, NUMBERS = 4, 36
COLUMNS = (
    Column("name", "企业名称", width=30),
    Column("code", "统一社会信用代码", ColumnKind.CODE, width=22),
    Column("town", "镇街"),
    Column("person", "负责人"),
    *(Column(f"n{place}", f"指标{place}", ColumnKind.NUMBER, unit="万元") for place in range(NUMBERS)),
)


def records(count: int) -> Iterator[dict[str, object]]:
    """Yield invented records by column key, the same ones every time."""
    dice = random.Random(1)  # noqa: S311 - invented figures
    for number in range(1, count + 1):
        figures = {f"n{place}": Decimal(dice.randrange(10**7)).scaleb(-2) for place in range(NUMBERS)}
        yield {
            "name": f"虚构企业{number:06d}有限公司",
            "code": f"9144070{number:011d}",
            "town": f"虚构{number % 40}街道",
            "person": f"王{number % 997}",
            **figures,
        }


def table_file(count: int) -> bytes:
    """Return the records as an .xlsx with shared strings and binary floats, as Excel saves it."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("年报")
    sheet.write_row(0, 0, [column.title for column in COLUMNS])
    for line, record in enumerate(records(count), start=1):
        for place, column in enumerate(COLUMNS):
            value = record[column.key]
            if isinstance(value, str):
                sheet.write_string(line, place, value)
            elif isinstance(value, Decimal):
                sheet.write_number(line, place, float(value))
    book.close()
    return target.getvalue()
