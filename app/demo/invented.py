"""Invented firms for the demonstration: names begin with 虚构, credit codes have the subject part XAMPL.

Every figure here is made up, so that each verdict, shortfall and conflict can be seen once. Real firms never get a
figure from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.access.towns import Town
from app.firms.taxonomy import ChainRole, ClusterCode

LAST_YEAR = 2025
SOURCE = "演示数据（虚构）"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def credit_code(number: int) -> str:
    """Return a code of the right form with a right check digit that belongs to nobody."""
    body = f"91440703XAMPL{number:04d}"
    total = sum(ALPHABET.index(sign) * weight for sign, weight in zip(body, WEIGHTS, strict=True))
    return body + ALPHABET[-total % 31]


@dataclass(frozen=True)
class InventedFirm:
    """One firm: identity, and figures in the plain form of the command line's FACTS file."""

    number: int
    name: str
    short_name: str
    town: Town
    clusters: tuple[ClusterCode, ...]
    role: ChainRole | None
    pattern: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    on_roster: bool = True

    @property
    def credit_code(self) -> str:
        return credit_code(self.number)


TOWNS = (Town.TANGXIA, Town.HETANG, Town.DURUAN, Town.HUANSHI, Town.CHAOLIAN, Town.BAISHA)
CLUSTERS = tuple(ClusterCode)
PRODUCTS = {
    ClusterCode.SMART_APPLIANCES: ("智能家电", "小家电", "照明电器", "厨卫电器"),
    ClusterCode.HIGH_END_EQUIPMENT: ("智能装备", "激光设备", "数控机床", "工业机器人"),
    ClusterCode.NEW_GENERATION_IT: ("电子材料", "光电科技", "半导体", "信息技术"),
    ClusterCode.MOTORCYCLES: ("摩托车配件", "机车部件", "电动车控制器", "车用压铸"),
    ClusterCode.HEALTH_FOOD: ("健康食品", "调味食品", "饮料", "预制食品"),
}
# the second sign of some names is rare on purpose: the printed dossier must show it
WORDS = (
    "启明", "锐科", "鑫犇", "恒拓", "喆盛", "华垚", "金岭", "蓬莱", "天沙", "白石",
    "群星", "里村", "丰乐", "篁庄", "滨江", "天河", "东风", "良化", "双龙", "港口",
    "迎宾", "丹灶", "篁边", "龙榜", "江沙", "天乡", "沙富", "仁厚", "乐溪", "石头",
    "横江", "三堡", "虎岭", "桐井", "周郡", "弓田", "旧宅", "河山", "豸冈", "卢边",
)  # fmt: skip
PATTERNS = (
    "strong", "expert", "rd_short", "data_missing", "staff_short", "boundary", "weak", "young",
    "incident", "large",
)  # fmt: skip


def invented_firms() -> list[InventedFirm]:
    """Return the forty firms, always the same."""
    return [_firm(number) for number in range(1, len(WORDS) + 1)]


def _firm(number: int) -> InventedFirm:
    index = number - 1
    cluster = CLUSTERS[index % 5]
    product = PRODUCTS[cluster][(index // 5) % 4]
    second = CLUSTERS[(index + 2) % 5]
    roles = (ChainRole.LEADER, ChainRole.BACKBONE, ChainRole.GROWING, ChainRole.SUPPLIER, None)
    pattern = PATTERNS[(index + index // 10) % len(PATTERNS)]
    return InventedFirm(
        number=number,
        name=f"虚构{WORDS[index]}{product}有限公司",
        short_name=f"虚构{WORDS[index]}",
        town=TOWNS[index % 6],
        clusters=(cluster, second) if number % 4 == 0 else (cluster,),
        role=roles[(index // 2) % 5],
        pattern=pattern,
        figures=_figures(number, pattern),
        on_roster=pattern != "young",
    )


def _figures(number: int, pattern: str) -> dict[str, Any]:
    sales = 2200 + 137 * number
    figures: dict[str, Any] = {
        **_identity(number),
        **_people(120 + 3 * number, 18 + number // 2),
        **_money(sales, growth=(118, 122)),
        **_rights(number),
        **_record(number),
    }
    change = _CHANGES.get(pattern)
    if change is not None:
        change(figures, sales)
    return figures


def _identity(number: int) -> dict[str, Any]:
    return {
        "registration_date": f"{2008 + number % 11}-0{1 + number % 9}-15",
        "registered_country": "中国",
        "is_resident_enterprise": True,
        "hitech_field_code": f"{1 + number % 8}.{1 + number % 3}.{1 + number % 4}",
        "product_in_prohibited_catalogue": False,
        "is_above_scale": {LAST_YEAR: True},
    }


def _people(everybody: int, technical: int) -> dict[str, Any]:
    return {
        "employees_total": {LAST_YEAR - 1: everybody - 6, LAST_YEAR: everybody},
        "employees_month_avg": {LAST_YEAR: everybody},
        "employees_quarter_avg": {LAST_YEAR: everybody},
        "tech_staff_month_avg": {LAST_YEAR: technical},
        "tech_staff_quarter_avg": {LAST_YEAR: technical},
    }


def _money(first: int, growth: tuple[int, int]) -> dict[str, Any]:
    second = first * growth[0] // 100
    third = second * growth[1] // 100
    years = dict(zip(range(LAST_YEAR - 2, LAST_YEAR + 1), (first, second, third), strict=True))
    research = {year: value * 6 // 100 for year, value in years.items()}
    return {
        "sales_revenue": years,
        "operating_revenue": years,
        "main_business_revenue": {year: value * 96 // 100 for year, value in years.items()},
        "rd_expense_hnte": research,
        "rd_expense_hnte_domestic": research,
        "rd_expense_super": {year: value * 95 // 100 for year, value in research.items()},
        "total_income": {LAST_YEAR: third + 60},
        "non_taxable_income": {LAST_YEAR: 0},
        "hitech_income": {LAST_YEAR: third * 72 // 100},
        "cost_and_expense": {LAST_YEAR: third * 91 // 100},
        "total_assets": {year: value * 120 // 100 for year, value in years.items()},
        "total_liabilities": {year: value * 45 // 100 for year, value in years.items()},
    }


def _rights(number: int) -> dict[str, Any]:
    return {
        "ip_class1_count": number % 3,
        "ip_class2_count": 4 + number % 5,
        "ip_class2_unused_count": 3 + number % 5,
        "ip_total": 4 + number % 5 + number % 3,
        "tech_transfer_count_3y": 11 + number % 8,
        "expert": {"IP1": 7, "IP2": 7, "IP4": 6, "RM1": 5, "RM2": 5, "RM3": 4, "RM4": 3},
    }


def _record(number: int) -> dict[str, Any]:
    return {
        "major_safety_incident_dates": [],
        "major_quality_incident_dates": [],
        "serious_env_violation_dates": [],
        "research_dishonesty_dates": [],
        "in_abnormal_list": False,
        "in_serious_dishonesty_list": False,
        "sci_award_records": [],
        "standard_lead_records": [],
        "rd_institution_level": "市级" if number % 2 else "企业",
        "hnte_cert_expiry": f"{2027 if number % 3 == 0 else 2024}-12-01",
    }


def _without_experts(figures: dict[str, Any], _sales: int) -> None:
    figures.pop("expert")


def _short_of_research(figures: dict[str, Any], _sales: int) -> None:
    for key in ("rd_expense_hnte", "rd_expense_hnte_domestic", "rd_expense_super"):
        figures[key] = {year: value * 3 // 5 for year, value in figures[key].items()}


def _missing_a_year(figures: dict[str, Any], _sales: int) -> None:
    for key in ("rd_expense_hnte", "rd_expense_hnte_domestic"):
        figures[key] = {year: value for year, value in figures[key].items() if year != LAST_YEAR - 1}


def _short_of_people(figures: dict[str, Any], _sales: int) -> None:
    for key in ("tech_staff_month_avg", "tech_staff_quarter_avg"):
        figures[key] = {LAST_YEAR: 9}


def _at_the_line(figures: dict[str, Any], _sales: int) -> None:
    # three-year sums of exactly 5 %, staff of exactly 10 %, high-tech income of exactly 60 %
    sales = {LAST_YEAR - 2: 4000, LAST_YEAR - 1: 4400, LAST_YEAR: 5000}
    figures.update(
        sales_revenue=sales,
        operating_revenue=sales,
        rd_expense_hnte={LAST_YEAR - 2: 200, LAST_YEAR - 1: 220, LAST_YEAR: 250},
        rd_expense_hnte_domestic={LAST_YEAR - 2: 120, LAST_YEAR - 1: 132, LAST_YEAR: 150},
        employees_month_avg={LAST_YEAR: 200},
        tech_staff_month_avg={LAST_YEAR: 20},
        total_income={LAST_YEAR: 5000},
        hitech_income={LAST_YEAR: 3000},
    )


def _weak(figures: dict[str, Any], sales: int) -> None:
    _short_of_research(figures, sales)
    _short_of_people(figures, sales)
    figures["hitech_income"] = {LAST_YEAR: sales * 30 // 100}
    figures["ip_class1_count"] = 0
    figures["ip_class2_count"] = 1


def _young(figures: dict[str, Any], _sales: int) -> None:
    figures["registration_date"] = f"{LAST_YEAR}-11-20"
    for key, years in list(figures.items()):
        if isinstance(years, dict) and LAST_YEAR in years:
            figures[key] = {LAST_YEAR: years[LAST_YEAR]}
    figures["is_above_scale"] = {LAST_YEAR: False}


def _incident(figures: dict[str, Any], _sales: int) -> None:
    figures["major_safety_incident_dates"] = ["2026-02-11"]


def _large(figures: dict[str, Any], _sales: int) -> None:
    figures.update(_money(18_000, growth=(115, 112)))
    figures.update(_people(620, 75))
    for key in ("rd_expense_hnte", "rd_expense_hnte_domestic"):
        figures[key] = {year: value * 60 // 100 for year, value in figures[key].items()}


_CHANGES = {
    "expert": _without_experts,
    "rd_short": _short_of_research,
    "data_missing": _missing_a_year,
    "staff_short": _short_of_people,
    "boundary": _at_the_line,
    "weak": _weak,
    "young": _young,
    "incident": _incident,
    "large": _large,
}
