"""Every workbook that offices send is read as it is, or refused with a sentence; nothing else ever happens."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sheets.cells import Visibility
from app.sheets.read import read_workbook
from app.sheets.refusals import NotATable
from tests.support.workbooks.case import Case
from tests.support.workbooks.every import all_workbooks
from tests.support.workbooks.ooxml import packed, unpacked


def test_there_are_enough_of_them() -> None:
    assert len(all_workbooks()) >= 120


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("case", all_workbooks(), ids=lambda case: case.name)
def test_a_workbook_is_read_or_refused(case: Case) -> None:
    if case.refused:
        with pytest.raises(NotATable) as caught:
            read_workbook(case.content, case.filename)
        assert case.unsaid(str(caught.value.message)) == []
        return
    book = read_workbook(case.content, case.filename)
    assert dict(_differences(case, book)) == {}
    assert tuple(sheet.name for sheet in book.sheets if sheet.visibility is not Visibility.VISIBLE) == case.hidden
    assert book.sheets[0].hidden_rows == case.hidden_rows
    filled = {sheet.name: sum(not row.is_blank for row in sheet.filled) for sheet in book.sheets}
    assert case.filled.items() <= filled.items()


def _differences(case: Case, book) -> Iterator[tuple[str, object]]:
    for place, text in case.cells.items():
        name, address = place.split("!")
        cell = book.sheet(name).cell(address)
        if (cell.raw, cell.problem or "") != (text, case.problems.get(place, "")):
            yield place, (cell.raw, cell.problem)


GOOD = [
    case
    for case in all_workbooks()
    if case.name
    in ("xlsx-plain", "shared-strings", "xls-contents", "xlsb-contents", "ods-contents", "csv-gb18030-comma")
]  # noqa: E501


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
@settings(max_examples=40)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(case: Case, data: st.DataObject) -> None:
    content = bytearray(case.content)
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))
    _reads_or_refuses(bytes(content[:cut]))


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("name", ["xlsx-plain", "shared-strings", "xlsb-contents", "ods-contents"])
@settings(max_examples=60)
@given(data=st.data())
def test_damaged_insides_are_read_or_refused_and_nothing_else(name: str, data: st.DataObject) -> None:
    """The zip around is whole, so that the damage reaches the reader of the format."""
    found = unpacked(next(case.content for case in GOOD if case.name == name))
    path = data.draw(st.sampled_from([path for path in found if len(found[path]) > 40]))
    content = bytearray(found[path])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.sampled_from(b"\x00<>/\"'&;aA1\xff "))
    _reads_or_refuses(packed({**found, path: bytes(content)}))


def _reads_or_refuses(content: bytes) -> None:
    try:
        book = read_workbook(content, "年报.xlsx")
    except NotATable:
        return
    for sheet in book.sheets:
        assert all(isinstance(cell.raw, str) for row in sheet.filled for cell in row.cells)
