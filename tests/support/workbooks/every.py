"""All workbooks in one list."""

from __future__ import annotations

from functools import cache

from tests.support.workbooks import binary, contents, opened, structure, text, wrapped
from tests.support.workbooks.case import Case


@cache
def all_workbooks() -> tuple[Case, ...]:
    """Return every case; names are unique."""
    found = [case for module in (structure, contents, binary, opened, text, wrapped) for case in module.cases()]
    assert len({case.name for case in found}) == len(found)
    return tuple(found)
