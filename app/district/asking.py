"""What an address asks the pages of the district for, the same for a page and for its export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.district.calls import Wanted, Which
from app.district.plan import RANKS
from app.district.queries import GainFilter
from app.firms.taxonomy import Town
from app.rulebooks.schema import APPLICATION_KINDS
from app.web.incoming import whole

Asked = Mapping[str, str]
WITHIN = "5"
WIDEST = 50
"""Per cent of the threshold."""
SIDES = ("met", "unmet", "exact")


@dataclass(frozen=True, slots=True)
class MarginFilter:
    """What a person asks the spot checks for: an edition, one bar (empty: the table of all), a margin in per cent."""

    edition_id: int = 0
    bar: str = ""
    within: str = WITHIN
    side: str = ""
    town: str = ""

    @property
    def share(self) -> Fraction:
        """The margin as a share of the threshold."""
        return Fraction(self.within) / 100


def kind_of(asked: Asked) -> str:
    """Return the kind of application asked for."""
    kind = asked.get("kind", "")
    return kind if kind in APPLICATION_KINDS else APPLICATION_KINDS[0]


def calls_wanted(asked: Asked) -> Wanted:
    """Return what is asked of the call list."""
    which = asked.get("which", "")
    known = {one.value for one in Which}
    return Wanted(Which(which) if which in known else Which.ONE, whole(asked.get("edition")) or 0, _town(asked))


def gains_wanted(asked: Asked) -> GainFilter:
    """Return what is asked of the gains."""
    rank = whole(asked.get("rank"))
    within = asked.get("within") == "1"
    return GainFilter(rank if rank in RANKS else None, whole(asked.get("edition")) or 0, _town(asked), within)


def margins_wanted(asked: Asked) -> MarginFilter:
    """Return what is asked of the spot checks; a margin that is no number up to 50 is the usual one."""
    side = asked.get("side", "")
    return MarginFilter(
        whole(asked.get("edition")) or 0, asked.get("bar", "")[:60], _within(asked.get("within", "")),
        side if side in SIDES else "", _town(asked),
    )  # fmt: skip


def _within(text: str) -> str:
    head, dot, rest = text.strip().partition(".")
    plain = head.isascii() and head.isdigit() and len(head) <= 2 and (not dot or (rest.isdigit() and len(rest) <= 4))
    return text.strip() if plain and rest.isascii() and Fraction(text.strip()) <= WIDEST else WITHIN


def _town(asked: Asked) -> str:
    town = asked.get("town", "")
    return town if town in {one.value for one in Town} else ""


def plain(asked: Asked, *names: str) -> dict[str, str]:
    """Return the words of an address under these names that are not empty."""
    return {name: asked[name][:60] for name in names if asked.get(name)}
