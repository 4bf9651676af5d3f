"""One look at a row of plain numbers says what reading it cell by cell says, and nothing where it cannot be sure."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from app.imports.cells.entry import Entry
from app.imports.cells.kept import values_of, values_text, written
from app.imports.cells.quick import PlainRows
from app.imports.cells.rows import RowReader
from app.imports.layouts.header import find_layout
from app.imports.layouts.layout import Layout
from app.imports.layouts.profile import profile
from app.imports.plans.doubles import marks
from app.sheets.cells import Row, Shape
from tests.factories.firms import credit_code

HEADER = (
    "企业名称", "统一社会信用代码", "营业收入（万元）", "研发费用（元）", "资产负债率", "净利润（万元）", "职工总数",
    "科技人员数", "负债总额（万元）", "资产总额（万元）", "2023年营业收入（万元）", "2024年净利润（千元）",
    "注册日期", "是否规上企业",
)  # fmt: skip
PLAIN = st.sampled_from(["0", "1", "7", "12", "300", "4200.5", "99.25", "0.34", "123456789", "0.34000000000000002"])
AWKWARD = st.sampled_from(
    ["", "-0", "-3", "007", "1.50", "1e3", "12%", "0.5%", "1200000000", "0.123456789", "3,000", "约300", "#REF!", " 5"]
)
NUMBER = st.one_of(PLAIN, PLAIN, PLAIN, AWKWARD, st.decimals(0, 10**6, places=3).map(str))
NAME = st.sampled_from(["虚构甲有限公司", "虚构 乙", "合计", "", "企业名称"])
CODE = st.sampled_from([credit_code(1), credit_code(2)[:17], "", "无", "91440703MA4UABC123"])
CELLS = st.tuples(
    NAME, CODE, *[NUMBER] * 10, st.sampled_from(["2015-03-31", "", "2015-3"]), st.sampled_from(["是", "", "对"])
)


def _layout() -> Layout:
    columns = tuple(range(1, len(HEADER) + 1))
    head = [Row.packed(1, "表", Shape(columns, "s" * len(columns)), list(HEADER), len(columns))]
    found = find_layout(head, profile("annual-firms"), "表")
    assert found is not None
    assert len(found.places) == len(HEADER), set(HEADER) - {place.header for place in found.places}
    return found


def _row(cells: tuple[str, ...], kinds: str) -> Row:
    filled = [(place, kind, text) for place, (kind, text) in enumerate(zip(kinds, cells, strict=True), 1) if text]
    shape = Shape(tuple(place for place, _kind, _text in filled), "".join(kind for _place, kind, _text in filled))
    return Row.packed(2, "表", shape, [text for _place, _kind, text in filled], len(cells))


@settings(max_examples=150, deadline=None)
@given(cells=CELLS, kinds=st.sampled_from(["ss" + "n" * 10 + "ss", "s" * 14, "ssnnpnnnnnnnss"]))
def test_a_look_says_what_reading_cell_by_cell_says(cells: tuple[str, ...], kinds: str) -> None:
    reader = RowReader(_layout(), 2025, "表")
    slow = RowReader(_layout(), 2025, "表")
    for column in slow.figures:
        column.pattern = ""
    row = _row(cells, kinds)
    seen = PlainRows(reader).look(row)
    texts = row.texts()
    expected = slow.read(2, texts)
    assert reader.read(2, texts) == expected
    if seen is not None:
        assert seen.content == expected
        assert json.loads(seen.written) == seen.cells == texts
    if isinstance(expected, Entry):
        found = seen.content if seen is not None else reader.read(2, texts)
        assert isinstance(found, Entry)
        assert json.loads(values_text(found)) == json.loads(written(values_of(found)))
        assert marks(found, None) == marks(expected._replace(figures=tuple(expected.figures)), None)


def test_rows_as_excel_writes_them_are_seen_at_a_look() -> None:
    plain = (
        "虚构甲有限公司", credit_code(1), "4200.5", "123400", "0.34000000000000002", "-3", "300", "12", "5", "8",
        "4000", "1200", "2015-03-31", "是",
    )  # fmt: skip
    rows = PlainRows(RowReader(_layout(), 2025, "表"))
    assert rows.look(_row(plain, "ssnnnnnnnnnnss")) is not None
    assert rows.look(_row(("虚构甲有限公司", "", *plain[2:]), "ssnnnnnnnnnnss")) is not None
    assert rows.look(_row((*plain[:2], "4,200.5", *plain[3:]), "sssnnnnnnnnnss")) is None
