"""A report about an invented firm, as a room above would hand it over."""

from dataclasses import dataclass
from decimal import Decimal

from app.figures.line import LineChart, Series, line_chart
from app.figures.table import FigureTable, table_of


@dataclass(frozen=True)
class Section:
    id: str
    title: str
    level: int = 1


@dataclass(frozen=True)
class Column:
    head: str
    width: int
    kind: str = "text"


@dataclass(frozen=True)
class Report:
    organ: str
    firm: str
    address: str
    amount: Decimal
    sections: tuple[Section, ...]
    pairs: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    chart: str
    table: FigureTable


def report(rows=40):
    chart = LineChart(
        "营业收入",
        "万元",
        ("2022", "2023", "2024", "2025"),
        (Series("营业收入", (Decimal("1820.5"), None, Decimal("2300"), Decimal("2645.25"))),),
    )
    return Report(
        organ="虚构区科学技术局",
        firm="虚构鑫淼垚智能装备有限公司",
        address="https://example.invalid/verify/YQ-2026-0001",
        amount=Decimal("200000.50"),
        sections=(Section("s1", "一、企业概况"), Section("s2", "二、逐条判定"), Section("s3", "三、审批意见")),
        pairs=(("企业名称", "虚构鑫淼垚智能装备有限公司"), ("成立日期", "2015年3月2日"), ("所在镇街", "虚构街道")),
        columns=(Column("条款", 20), Column("要求", 50), Column("数值", 30, "number")),
        rows=tuple(
            (f"第十一条（{n}）", "研究开发费用总额占同期销售收入总额的比例不低于百分之四", "4.996%")
            for n in range(rows)
        ),
        chart=line_chart(chart),
        table=table_of(chart),
    )
