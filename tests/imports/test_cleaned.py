"""Rows that another process cleaned are those that this one would have made."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core import ahead
from app.imports import cleaned as module
from app.imports.cells.entry import Entry
from app.imports.cells.later import Later
from app.imports.cleaned import Cleaned, cleaned, cleaned_rows
from app.imports.layouts.profile import profile
from app.imports.plans.marks import NONE, Marks, number_of, packed
from app.imports.table import OpenTable, open_table
from tests.factories.firms import credit_code

TWO_TABLES = "\n".join(
    [
        "企业名称,统一社会信用代码,营业收入（万元）,资产负债率,上市日期",
        *(f"虚构{n}有限公司,{credit_code(n)},{n * 12.5},{n}%,2020-01-0{n}" for n in range(1, 9)),
        "虚构甲有限公司,91440703MA4UABC123,约300,,2020-13-01",
        ",,,,",
        "企业名称,镇街,负责人,电话,备注",
        "虚构乙有限公司,棠下,张三,1,无",
    ]
)


def opened(content: bytes, name: str) -> OpenTable:
    return open_table(content, name, profile=profile("annual-firms"), year=2025)


@pytest.mark.parametrize("name", ["dirty_sample.xlsx", "两张表.csv"])
def test_a_process_ahead_changes_nothing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    sample = Path(__file__).parent / "data" / name
    content = sample.read_bytes() if sample.exists() else TWO_TABLES.encode()
    with opened(content, name) as here:
        expected = [cleaned(row) for row in here.rows()]
    monkeypatch.setattr(module, "WORTH_A_PROCESS", 0)
    monkeypatch.setattr(module, "PORTION", 3)
    monkeypatch.setattr(ahead, "is_possible", lambda: True)
    with opened(content, name) as there:
        found = list(cleaned_rows(there))
    assert any(isinstance(row.content, Entry) and isinstance(row.content.figures, Later) for row in found)
    assert [told(row) for row in found] == [told(row) for row in expected]
    assert there.layouts == here.layouts
    assert there.ends


def told(row: Cleaned) -> tuple[object, ...]:
    content = row.content
    if not isinstance(content, Entry):
        return (*row[:2], content.problem.as_json(), *row[3:])
    problems = [problem.as_json() for problem in content.problems]
    assert len(content.figures) == len(list(content.figures))
    return (*row[:2], content._replace(figures=tuple(content.figures), problems=()), problems, *row[3:])


def test_marks_are_kept_together_and_the_latest_of_a_row_count() -> None:
    red, blue, green = number_of("n:red"), number_of("n:blue"), number_of("n:green")
    first = packed({1: (red,), 2: (red, blue), 3: (blue,), 4: (green,), 5: ()})
    marks = Marks.of([first])
    assert marks.groups() == [[1, 2, 3]]
    assert marks.groups({1, 2, 4}) == [[1, 2]]
    assert marks.linked([1]) == {1, 2, 3}
    assert marks.linked([5]) == {5}
    later = Marks.of([first, packed({2: (), 4: (blue,)})])
    assert later.groups() == [[3, 4]]
    assert later.linked([2]) == {2}
    assert Marks.of([]).groups() == []
    assert NONE not in later.marks.tolist()
