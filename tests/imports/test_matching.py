"""Which firm a row means: by code, by name, by former name, and never by a guess."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from app.imports.cells.entry import Entry, Named
from app.imports.plans.matching import Index, match

CODE, OTHER = "91440703MA4UKXKY8K", "91440703MA51D8F11J"


@dataclass(frozen=True)
class Known:
    id: int
    name: str
    credit_code: str | None = None
    security_code: str | None = None
    former_names: tuple[str, ...] = ()
    short_name: str = ""
    merged_codes: tuple[str, ...] = ()


REGISTER = Index(
    [
        Known(1, "虚构甲（江门）有限公司", CODE, None, ("虚构老甲厂",)),
        Known(2, "虚构乙股份有限公司", None, "002600"),
        Known(3, "虚构同名有限公司"),
        Known(4, "虚构同名有限公司", OTHER),
        Known(5, "虚构丙有限公司", None, None, ("虚构共用旧名",)),
        Known(6, "虚构丁有限公司", None, None, ("虚构共用旧名",)),
    ]
)


def _row(number: int = 2, **named: str) -> Entry:
    return Entry("一", number, Named(**named))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("named", "firm"),
    [
        ({"credit_code": CODE}, 1),
        ({"credit_code": CODE, "name": "虚构改名后有限公司"}, 1),
        ({"security_code": "002600"}, 2),
        ({"name": "虚构甲(江门)有限公司"}, 1),
        ({"name": "虚构 乙 股份有限公司"}, 2),
        ({"name": "虚构老甲厂"}, 1),
        ({"name": "虚构乙股份有限公司", "credit_code": OTHER[:-1] + "X"}, 2),
        ({"name": "虚构没有的有限公司"}, None),
    ],
)
def test_matched(named: dict[str, str], firm: int | None) -> None:
    found = match(_row(**named), REGISTER)
    assert (found.firm_id, found.is_open) == (firm, False)


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ({"name": "虚构同名有限公司"}, "企业库中有 2 家企业用过这个名称"),
        ({"name": "虚构共用旧名"}, "企业库中有 2 家企业用过这个名称"),
        ({"credit_code": CODE, "security_code": "002600"}, "信用代码与证券代码分属两家企业"),
        ({"name": "虚构甲（江门）有限公司", "credit_code": "91440703MA0000000X"}, "信用代码不同"),
        ({"name": "虚构乙股份有限公司", "security_code": "000001"}, "证券代码不同"),
        ({"credit_code": CODE, "name": "虚构乙股份有限公司"}, "名称却是另一家已建档企业的"),
        ({"name": "虚构甲有限公司"}, "名称相近的：“虚构甲（江门）有限公司”（去掉地名和组织形式后相同）"),
    ],
)
def test_left_to_a_person(named: dict[str, str], why: str) -> None:
    found = match(_row(**named), REGISTER)
    assert found.is_open
    assert found.firm_id is None
    assert why in str(found.problems[0].message)


def test_a_changed_name_and_a_former_name_are_told() -> None:
    changed = match(_row(credit_code=CODE, name="虚构改名后有限公司"), REGISTER)
    former = match(_row(name="虚构老甲厂"), REGISTER)
    assert "按代码认定为同一家，档案名称不改" in str(changed.problems[0].message)
    assert "是“虚构甲（江门）有限公司”的曾用名" in str(former.problems[0].message)
