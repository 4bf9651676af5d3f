"""Which forms a firm may begin: programmes with an edition in force, times of intake, what is to be renewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assessments.models import OPEN_STATES, Assessment
from app.core import clock
from app.core.text import Message, tr
from app.eligibility.gap import queries as gap
from app.eligibility.gap.models import Intake
from app.recognitions import queries as recognitions
from app.recognitions.models import Recognition
from app.recognitions.standing import HELD, Standing, standing
from app.rulebooks import queries as rulebooks
from app.rulebooks.leads import REVIEW, kinds_of, lead_of
from app.rulebooks.models import Edition


@dataclass(frozen=True, slots=True)
class Offer:
    """A programme whose form may be begun. ``kind`` is the one that fits the firm: a review only of what it has.

    ``intake`` is the one that ends next, ``held`` what the firm has of it, ``form_id`` the form it is writing; None
    where there is none. ``today`` is the day of the offer.
    """

    edition: Edition
    kinds: Sequence[str]
    kind: str
    intake: Intake | None
    held: Recognition | None
    form_id: int | None
    today: date

    @property
    def is_ending(self) -> bool:
        """Whether what the firm has ends soon."""
        return self.held is not None and standing(self.held, self.today) is Standing.ENDING

    @property
    def day(self) -> date | None:
        """The next day by which something is to be done; None where nothing presses."""
        ends = self.held.valid_until if self.held is not None and self.is_ending else None
        days = [one for one in (self.intake.closes_on if self.intake else None, ends) if one is not None]
        return min(days, default=None)

    @property
    def why(self) -> list[Message]:
        """Why it stands where it stands: applications that are taken, a certificate that ends, or that it is held."""
        found = [_window(self.intake, self.today)] if self.intake is not None else []
        if self.held is not None and self.is_ending:
            how = tr("按初次申请重新办理") if REVIEW not in self.kinds else tr("办理复核")
            found.append(tr("现有资质将于 %(day)s 到期，到期前%(how)s", day=self.held.valid_until, how=how))
        elif self.held is not None and self.held.valid_until is not None:
            found.append(tr("已取得，有效期至 %(day)s", day=self.held.valid_until))
        elif self.held is not None:
            found.append(tr("已取得，长期有效"))
        return found

    @property
    def rank(self) -> tuple[bool, bool, date, str]:
        """What presses first, the nearest day at the top; what the firm has already at the end."""
        return self.day is None, self.held is not None, self.day or self.today, self.edition.title


def offers(session: Session, firm_id: int) -> list[Offer]:
    """Return what may be begun today, the nearest day first."""
    today = clock.today()
    held = [one for one in recognitions.of_firm(session, firm_id) if standing(one, today) in HELD]
    windows = gap.next_intakes(session, today)
    writing = _writing(session, firm_id, today)
    editions: dict[str, Edition] = {}
    for kind in ("new", REVIEW):
        for one in rulebooks.proposals(session, today, kind):
            editions.setdefault(one.edition.programme, one.edition)
    made = []
    for programme, edition in editions.items():
        rulebook = rulebooks.rulebook_of(edition)
        kinds, has = kinds_of(rulebook), _held(programme, rulebook.region, held)
        kind = REVIEW if has is not None and REVIEW in kinds else kinds[0]
        made.append(Offer(edition, kinds, kind, windows.get(programme), has, writing.get(programme), today))
    return sorted(made, key=lambda one: one.rank)


def _window(intake: Intake, today: date) -> Message:
    if intake.opens_on <= today:
        return tr("%(batch)s正在申报，%(day)s 截止", batch=intake.name, day=intake.closes_on)
    return tr("%(batch)s将于 %(start)s 开始申报，%(day)s 截止", batch=intake.name, start=intake.opens_on,
              day=intake.closes_on)  # fmt: skip


def _writing(session: Session, firm_id: int, today: date) -> Mapping[str, int]:
    """Return ``{programme: form}`` of the last fiscal year that the firm is writing."""
    rows = session.execute(
        select(Assessment.programme, Assessment.id)
        .where(
            Assessment.firm_id == firm_id, Assessment.year == today.year - 1, Assessment.state.in_(OPEN_STATES)
        )
        .order_by(Assessment.id)
    )  # fmt: skip
    return {programme: number for programme, number in rows}


def _held(programme: str, region: str, held: Sequence[Recognition]) -> Recognition | None:
    """Return what the firm has of what a programme leads to, the one that stands longest."""
    lead = lead_of(programme, region)
    if lead is None:
        return None
    same = [one for one in held if one.kind.value == lead.recognition and lead.level in ("", one.level.value)]
    return max(same, key=lambda one: one.valid_until or date.max, default=None)
