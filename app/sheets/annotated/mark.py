"""What is said of one cell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from app.core.text import tr
from app.sheets.cells import column_number

LIST = "问题清单"
ERROR_FILL, WARNING_FILL = "FFFAD4D0", "FFFFF0C2"
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A problem at ``address`` (C12) of ``sheet``: what stands there, what is wrong, what should stand there.

    An error is red, a warning yellow. All texts are plain; whatever they hold, nothing of them is run.
    """

    sheet: str
    address: str
    text: str
    problem: str
    suggestion: str = ""
    is_error: bool = True

    @property
    def place(self) -> tuple[int, int]:
        """Row and column, counted from 1. Raises ``ValueError``."""
        found = _ADDRESS.match(self.address)
        if found is None:
            raise ValueError(f"{self.address!r} is no cell address")
        return int(found[2]), column_number(found[1])

    @property
    def comment(self) -> str:
        """What stands in the comment of the cell."""
        if not self.suggestion:
            return self.problem[:_LONGEST]
        advice = tr("建议改为：%(text)s", text=self.suggestion)
        return f"{self.problem}\n{advice}"[:_LONGEST]


def headings() -> tuple[str, ...]:
    """Return the headings of the list of problems."""
    return tuple(str(text) for text in (tr("工作表"), tr("单元格"), tr("原来的内容"), tr("问题"), tr("建议改为")))


def xml(text: str) -> str:
    """Write a text into XML; characters that XML does not know are left out."""
    return escape(_FORBIDDEN.sub("", text), {'"': "&quot;"})


def joined(marks: list[Mark]) -> Mark:
    """Return one mark for all that is said of the same cell."""
    first = marks[0]
    comments = "\n".join(dict.fromkeys(mark.comment for mark in marks))
    return Mark(first.sheet, first.address, first.text, comments, "", any(mark.is_error for mark in marks))
