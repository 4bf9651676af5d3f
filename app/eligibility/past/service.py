"""A firm judged as of a day with what was known on another, under the rules of then, beside how it stands today.

Nothing is stored: whoever wants a verdict kept judges the firm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from app.core import clock
from app.core.errors import NotFound
from app.core.text import Message, tr
from app.eligibility.engine.finding import Judgement
from app.eligibility.past.steps import Situation, Step, walk
from app.facts import moments
from app.rulebooks import held
from app.rulebooks import queries as rulebooks
from app.rulebooks.held import Copy
from app.rulebooks.models import Edition
from app.rulebooks.queries import keys_of, rulebook_of
from app.rulebooks.schema import Rulebook


@dataclass(frozen=True, slots=True)
class Asked:
    """The day judged for, the day whose evening's knowledge counts (None: now), and by what.

    ``code`` names an edition; without it the edition that applies to the programme on the day is taken.
    """

    as_of: date
    known: date | None
    kind: str
    programme: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Then:
    """How the firm stood: the judgement, its edition with the reason, and how many figures were known."""

    edition: Edition
    why: Message | None
    late: bool
    situation: Situation
    judgement: Judgement

    @property
    def figures(self) -> int:
        """How many figures the edition could look at."""
        asked = keys_of(self.situation.rulebook)
        return sum(one.key in asked for one in self.situation.sheet.facts())


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict of then, of today, and the steps between; ``today`` is None where no edition applies today."""

    then: Then
    today: Then | None
    steps: Sequence[Step]


def answer(session: Session, firm_id: int, asked: Asked) -> Answer:
    """Judge a firm as asked and as of today; the caller has checked that the person may see it.

    Raises NotFound (no edition applies), Invalid (the edition does not apply to the day, an impossible figure).
    """
    past = moments.past(session, [firm_id])
    now, today = clock.now(), clock.today()
    moment = now if asked.known is None else moments.evening(asked.known)
    copies = held.copies(session, None if asked.known is None else moment)
    edition, why = _edition(session, copies, asked)
    then = _then(edition, why, copies[edition.code].late, past, firm_id, asked.as_of, asked.kind, moment)
    current = [one.edition for one in held.copies(session, None).values()]
    applies = held.applies(current, edition.programme, today, asked.kind)
    if applies is None:
        return Answer(then, None, [])
    present = _then(applies.edition, applies.why, False, past, firm_id, today, asked.kind, now)
    return Answer(then, present, walk(then.situation, present.situation, keys(then.situation, present.situation)))


def keys(*situations: Situation) -> dict[str, frozenset[str]]:
    """Return the figures that the editions of these situations may look at, by the edition's id."""
    return {one.rulebook.id: keys_of(one.rulebook) for one in situations}


def _edition(session: Session, copies: Mapping[str, Copy], asked: Asked) -> tuple[Edition, Message | None]:
    if asked.code:
        if asked.code not in copies:
            raise NotFound(tr("没有“%(id)s”这一版规则，请从列表中选择。", id=asked.code))
        edition = copies[asked.code].edition
        rulebooks.must_apply(session, edition, asked.as_of, asked.kind)
        return edition, None
    found = held.proposal([one.edition for one in copies.values()], asked.programme, asked.as_of, asked.kind)
    return found.edition, found.why


def _then(
    edition: Edition, why: Message | None, late: bool, past: moments.Past, firm_id: int, as_of: date, kind: str,
    moment: datetime,
) -> Then:  # fmt: skip
    rulebook: Rulebook = rulebook_of(edition)
    situation = Situation(rulebook, past.sheet(firm_id, as_of, moment), as_of, kind)
    return Then(edition, why, late, situation, situation.judged())
