"""Every field of the portal, of the open doors and of what the office says back: every kind of text that breaks one.

Which fields there are is found by walking (``register.py``). Here each takes a text of every other kind, its neighbour
of the rest; ``python -m bench.hostile`` tries all texts in all fields, one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from tests.fields.register import ROOMS, Field, Found, unaccounted
from tests.fields.trial import Trial
from tests.support import hostile

pytestmark = pytest.mark.slow
KINDS: tuple[tuple[str | bytes, ...], ...] = (*hostile.kinds(), (*hostile.WITH_NUL, *hostile.BROKEN))


def test_every_field_is_accounted_for(trial: Trial) -> None:
    assert unaccounted(trial.found) == []
    rooms = {one.endpoint for one in trial.found.fields}
    assert all(any(endpoint.startswith(room) for endpoint in rooms) for room in ROOMS)
    assert len(trial.found.fields) > 250


def test_a_field_that_nobody_knows_of_is_told_by_name() -> None:
    stranger, newcomer = Field("portal.nowhere.create", "form", "note"), Field("portal.mandates.end", "form", "hint")
    told = unaccounted(Found({stranger, newcomer}, {newcomer: {"hint": "text"}}))
    assert "no door takes portal.nowhere.create: form note" in told
    assert "nothing accounts for portal.mandates.end: form hint" in told


def test_no_text_breaks_a_field_is_changed_by_it_or_lives_in_a_page(trial: Trial) -> None:
    wrong: list[str] = []
    turn = count()
    for endpoint in sorted({one.endpoint for one in trial.found.fields}):
        with trial.opened(endpoint) as opened:
            for one, name in trial.every(opened):
                trial.begin(opened, one, name)
                for text in some(next(turn), whole=trial.takes_text(one)):
                    wrong += trial.attempt(opened, one, name, text)
    assert wrong == []
    assert trial.tried > 500


def some(turn: int, *, whole: bool) -> Iterator[str | bytes]:
    """Yield a text of every other kind, or of one kind where a field takes no text; which ones goes round."""
    for number, kind in enumerate(KINDS):
        if number == turn % len(KINDS) or whole and (number + turn) % 2 == 0:
            yield kind[turn % len(kind)]
