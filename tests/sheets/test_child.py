"""The child is held to its limits, whatever it is given, and the one who started it goes on."""

import io
import os
import time

import pytest

from app.sheets import stream
from app.sheets.child import attempt
from app.sheets.limits import Limits
from app.sheets.ooxml.refused import RefusedError
from app.sheets.read import read_workbook
from app.sheets.refusals import NotATable
from app.sheets.stream import open_workbook
from tests.support.workbooks.case import TABLE
from tests.support.workbooks.ooxml import one_sheet, packed, parts, rows

MIB = 1024**2
LONG = one_sheet(rows([[f"虚构企业{number:05d}" * 20, number] for number in range(4_000)]))


def test_more_than_may_be_handed_over_is_refused() -> None:
    with pytest.raises(NotATable, match="范围过大"):
        read_workbook(LONG, limits=Limits(handed_over=20_000))


@pytest.mark.parametrize(
    ("work", "limits", "sentence"),
    [
        ("while True: pass", Limits(cpu_seconds=1), "1 秒内未能读完"),
        ("import time; time.sleep(30)", Limits(seconds=0.5), "0.5 秒内未能读完"),
        ("x = bytearray(10**10)", Limits(), "范围过大"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", Limits(), "范围过大"),
        ("import sys; sys.stdout.write('x' * 10**8)", Limits(handed_over=MIB), "范围过大"),
    ],
)
def test_a_child_that_misbehaves_is_ended_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, work: str, limits: Limits, sentence: str
) -> None:
    begin = "import sys; sys.path.insert(0, sys.argv[1]); from app.sheets import child; "
    monkeypatch.setattr(stream, "_START", f"{begin}child.run(lambda *_: exec({work!r}))")
    begun = time.monotonic()
    with pytest.raises(NotATable, match=sentence):
        open_workbook(packed(parts()), limits=limits)
    assert time.monotonic() - begun < 20


def test_what_a_child_says_is_told_with_its_place() -> None:
    def work(*_: object) -> None:
        raise RefusedError("damaged", "年报", 7, 2)

    told = {"refused": "damaged", "sheet": "年报", "row": 7, "column": 2}
    assert attempt(work, "", io.BytesIO(), io.BytesIO(), Limits()) == told


def test_files_are_let_go_and_rows_can_be_read_again_and_side_by_side() -> None:
    before = len(os.listdir("/dev/fd"))
    with open_workbook(packed(parts({"年报": parts()["xl/worksheets/sheet1.xml"].decode()}))) as book:
        head = book.heads[0]
        first, second = book.rows(head), book.rows(head)
        pairs = list(zip(first, second, strict=True))
    assert [one.texts() for one, _ in pairs] == [two.texts() for _, two in pairs]
    assert len(pairs) == len(TABLE)
    for case in (packed(parts())[:300], LONG[:5_000]):
        with pytest.raises(NotATable):
            open_workbook(case)
    assert len(os.listdir("/dev/fd")) == before
