"""What an address or a form asks for and says: edition, day and kind, figures tried, answers on the telephone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request

from app.core import clock
from app.core.errors import Invalid, NotFound
from app.core.text import Message, tr
from app.eligibility.forms import KINDS
from app.eligibility.gap import calculation
from app.facts import keeping
from app.facts.values import Value
from app.facts.writing import typed
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition
from app.web.incoming import number
from app.web.session import read

FIRST_YEAR, LAST_YEAR = 1990, 2100


@dataclass(frozen=True)
class About:
    """What is looked at: an edition as of a day for a kind of application; with ``carry`` the figures of years that are
    not over are taken for what they were a year before."""

    edition: Edition
    as_of: date
    kind: str
    carry: bool = False

    @property
    def query(self) -> dict[str, str | int]:
        """What of it an address must carry."""
        carry: dict[str, str | int] = {"carry": 1} if self.carry else {}
        return {"edition": self.edition.id, "day": self.as_of.isoformat(), "kind": self.kind, **carry}

    @property
    def next_year(self) -> About:
        """The same application a year later, with the figures of the year that is not over taken over."""
        day = date(self.as_of.year + 1, self.as_of.month, min(self.as_of.day, 28))
        return About(self.edition, day, self.kind, carry=True)


def asked() -> About:
    """Return what the address asks for: ``?edition=3&day=2026-06-01&kind=new``. Without it the first edition that is
    in force, today. Raises NotFound where there is no edition at all."""
    day = _day(request.args.get("day", ""))
    kind = request.args.get("kind", "")
    wanted = number("edition")
    if wanted is not None:
        edition = rulebooks.edition(read(), wanted)
    else:
        known = rulebooks.editions(read())
        if not known:
            raise NotFound(tr("规则库是空的，请先运行 rulebooks sync 载入已封存的规则。"))
        edition = next((one for one in known if rulebooks.rulebook_of(one).in_force(day)), known[0])
    kinds = rulebooks.rulebook_of(edition).kinds
    return About(edition, day, kind if kind in kinds else kinds[0], request.args.get("carry") == "1")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return clock.today()
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else clock.today()


def tried() -> Mapping[str, str]:
    """Return the figures that are tried: sent in a form, so that they stand in no log, or a few in a link."""
    return request.form if request.method == "POST" else request.args


def choices() -> dict[str, Any]:
    """Return what a person can choose from."""
    return {"editions": [(one.id, one.title) for one in rulebooks.editions(read())], "kinds": KINDS}


def answered() -> tuple[dict[tuple[str, int | None], tuple[str, Value]], list[tuple[Message, str]]]:
    """Return what was typed as answers on the telephone, and what is wrong with it beside the box."""
    given: dict[tuple[str, int | None], tuple[str, Value]] = {}
    problems: list[tuple[Message, str]] = []
    for name, raw in request.form.items():
        key, year = calculation.place_of(name)
        if not key or not raw.strip():
            continue
        try:
            indicator = keeping.stated(key, year)
            given[key, year] = (raw.strip(), keeping.checked(indicator, typed(indicator, raw.strip())))
        except Invalid as error:
            problems.append((error.message, f"#{name}"))
    return given, problems
