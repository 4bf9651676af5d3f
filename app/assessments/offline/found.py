"""What a workbook that came back says otherwise than it was given out (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.assessments.models import Part
from app.assessments.offline.workbook import SAYS_YES, field_at
from app.sheets.filled import FilledCell, FilledSheet


@dataclass(frozen=True, slots=True)
class Found:
    """A cell that is not as it was given out: the field's name, the cell's place, its text or the code of its error."""

    name: str
    place: str
    text: str
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Found:
        return cls(kept["name"], kept["place"], kept["text"], kept["error"])


@dataclass(frozen=True, slots=True)
class Returned:
    """All that came back. ``strays`` are places of what was written where nothing is asked, ``missing`` counts the
    fields that are no longer in the file."""

    found: tuple[Found, ...]
    strays: tuple[str, ...]
    missing: int


def returned(given: Mapping[str, str], sheets: Iterable[FilledSheet]) -> Returned:
    """Compare the sheets with ``given``, the texts of the fields as they were given out, by name."""
    found: list[Found] = []
    strays: list[str] = []
    seen: set[str] = set()
    for sheet in sheets:
        strays += [cell.place for cell in sheet.strays]
        for row in sheet.rows:
            for part, cell in row.cells.items():
                field = field_at(row.key, part)
                if field is None or field.name not in given:
                    strays += [cell.place] if cell.text.strip() or cell.error else []
                    continue
                seen.add(field.name)
                one = _found(field.name, field.part, cell)
                if one.error or one.text != given[field.name]:
                    found.append(one)
    return Returned(tuple(found), tuple(strays), len(given.keys() - seen))


def _found(name: str, part: Part, cell: FilledCell) -> Found:
    text = cell.text
    if part is Part.CONFIRM and text.strip().lower() in SAYS_YES:
        text = "yes"
    return Found(name, cell.place, text, cell.error)
