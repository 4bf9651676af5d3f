"""Everything that a finding tells beside its outcome, kind of test by kind of test.

``told.json`` is worked by hand. ``edges.json`` was drawn up by the judge and checked row by row: just below, at and
above each limit, with figures missing, contradictory, or from before the firm was there; what a row of it leaves out is
empty.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.eligibility.engine.finding import Finding
from app.eligibility.engine.ladder import climbed
from app.eligibility.engine.outcome import Outcome, all_of, any_of
from app.rulebooks.loader import load_edition
from tests.eligibility.engine.written import finding

ROWS: list[dict[str, Any]] = [
    row for file in ("told.json", "edges.json")
    for row in json.loads((Path(__file__).parent / file).read_text(encoding="utf-8"))
]  # fmt: skip
NOTHING: dict[str, Any] = {
    **dict.fromkeys(("operator", "required_text", "actual_exact", "actual_text", "gap_unit", "gap_text"), ""),
    **dict.fromkeys(("required", "actual", "gap")), "missing": [], "used": [],
}  # fmt: skip
MET, UNMET, REVIEW, NONE = Outcome.MET, Outcome.UNMET, Outcome.NEEDS_REVIEW, Outcome.NOT_APPLICABLE


def told(found: Finding) -> dict[str, Any]:
    return {
        **{name: getattr(found, name) for name in ("operator", "required", "required_text", "actual", "actual_exact",
                                                   "actual_text", "gap_unit", "gap_text", "explanation")},
        "outcome": found.outcome.value,
        "gap": None if found.gap is None else str(found.gap),
        "missing": [str(place) for place in found.missing],
        "used": [fact.key + (f"[{fact.year}]" if fact.year else "") for fact in found.used],
    }  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["test"][:60])
def test_a_finding_tells_demand_value_gap_and_what_it_rests_on(row: dict[str, Any]) -> None:
    found = told(finding(row["test"], row["facts"]))
    assert found == NOTHING | {name: value for name, value in row.items() if name not in ("test", "facts")}


def test_where_nothing_applies_nothing_is_met_and_nothing_failed() -> None:
    assert any_of([]) is any_of([NONE, NONE]) is NONE
    assert all_of([]) is all_of([NONE]) is NONE


@pytest.mark.parametrize(
    ("outcomes", "low", "high", "above"),
    [
        ((MET, REVIEW, UNMET, UNMET), "1", "2", "2"),
        ((MET, NONE, NONE, NONE), "1", "1", "2"),
        ((MET, MET, MET, MET), "4", "4", ""),
        ((UNMET, UNMET, UNMET, UNMET), "", "", "1"),
    ],
)
def test_a_ladder_is_climbed_as_far_as_is_certain_and_as_far_as_may_be(
    outcomes: tuple[Outcome, ...], low: str, high: str, above: str
) -> None:
    ladder = load_edition("sme-digital-2022").ladder
    assert ladder is not None
    found = climbed(ladder, dict(zip([one.clause for one in ladder.levels], outcomes, strict=True)))
    assert found is not None
    assert (found.low, found.high, found.next) == (low, high, above)
    nothing = climbed(ladder, dict.fromkeys([one.clause for one in ladder.levels], NONE))
    assert nothing is None
