"""Changing what the office assumes, and keeping what a firm says on the telephone as claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.eligibility.gap import queries
from app.eligibility.gap.models import Intake, LeverSetting
from app.eligibility.reach.levers import Direction, Lever, Means, Who
from app.facts import keeping
from app.facts import service as facts
from app.facts.catalogue import load_catalogue
from app.facts.models import SourceKind
from app.facts.service import Statement
from app.facts.values import Value
from app.firms.models import Firm
from app.rulebooks import queries as rulebooks

LONGEST_DAYS = 3650
HIGHEST_EFFORT = 5
PHONE = "phone"


def set_lever(session: Session, wanted: Lever, *, by: Actor, seen: int) -> LeverSetting:
    """Keep the office's own assumption about a figure; ``seen`` is the version that was looked at (0: the default).

    Raises Invalid, or Conflict when somebody else has changed it meanwhile.
    """
    if wanted.key not in load_catalogue():
        raise Invalid("key", load_catalogue().unknown(wanted.key))
    _checked(wanted)
    found = queries.setting(session, wanted.key)
    if (found.version if found is not None else 0) != seen:
        raise Conflict(tr("这一项刚被别人改过，请看过新的设定后再改。"))
    before = queries.levers(session)[wanted.key]
    if found is None:
        found = LeverSetting(key=wanted.key, changed_by_name=by.name)
        session.add(found)
    for name in _FIELDS:
        setattr(found, name, getattr(wanted, name))
    found.changed_by, found.changed_by_name, found.changed_at = by.id, by.name, clock.now()
    session.flush()
    changes = {
        name: [_plain(getattr(before, name)), _plain(getattr(wanted, name))]
        for name in _FIELDS
        if getattr(before, name) != getattr(wanted, name)
    }
    label = load_catalogue().get(wanted.key).short
    record(session, by, Action.LEVER_SET, Subject("lever_setting", found.id, label), changes=changes)
    return found


_FIELDS = ("means", "who", "direction", "lead_days", "correct_days", "effort", "note")


def _plain(value: object) -> object:
    return value.label if isinstance(value, Means | Who | Direction) else value


def _checked(wanted: Lever) -> None:
    for name in ("lead_days", "correct_days"):
        days = getattr(wanted, name)
        if days is not None and not 0 <= days <= LONGEST_DAYS:
            raise Invalid(name, tr("天数须在 0 至 %(most)s 之间。", most=LONGEST_DAYS))
    if not 1 <= wanted.effort <= HIGHEST_EFFORT:
        raise Invalid("effort", tr("难度系数须在 1 至 %(most)s 之间。", most=HIGHEST_EFFORT))


# --- times of intake -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class IntakeDraft:
    """A time of intake as a notice gives it."""

    programme: str
    name: str
    opens_on: date
    closes_on: date
    source: str


def add_intake(session: Session, draft: IntakeDraft, *, by: Actor) -> Intake:
    """Enter a time of intake. Raises Invalid."""
    if draft.closes_on < draft.opens_on:
        raise Invalid("closes_on", tr("截止日不能早于开始日。"))
    if draft.programme not in {one.programme for one in rulebooks.editions(session)}:
        raise Invalid("programme", tr("请选择有规则的项目。"))
    made = Intake(
        programme=draft.programme, name=draft.name, opens_on=draft.opens_on, closes_on=draft.closes_on,
        source=draft.source, created_by=by.id, created_by_name=by.name,
    )  # fmt: skip
    session.add(made)
    session.flush()
    record(
        session,
        by,
        Action.INTAKE_SET,
        Subject("intake", made.id, made.name),
        changes={"opens_on": [None, made.opens_on], "closes_on": [None, made.closes_on]},
        note=made.source,
    )
    return made


def withdraw_intake(session: Session, found: Intake, why: str, *, by: Actor) -> None:
    """Withdraw a time of intake. Raises Invalid, or Conflict when it is withdrawn already."""
    if found.withdrawn_at is not None:
        raise Conflict(tr("这个申报批次已经撤下。"))
    if not why.strip():
        raise Invalid("why", tr("请写明撤下的原因。"))
    found.withdrawn_at, found.withdrawn_by_name, found.withdrawn_why = clock.now(), by.name, why.strip()[:300]
    record(session, by, Action.INTAKE_SET, Subject("intake", found.id, found.name), note=found.withdrawn_why)


# --- answers on the telephone ----------------------------------------------------------------------------------------


def keep_answers(
    session: Session, firm: Firm, answers: Mapping[tuple[str, int | None], tuple[str, Value]], who: str, *, by: Actor
) -> list[int]:
    """Keep what somebody of the firm said on the telephone as pending claims of lower trust; return their ids.

    ``answers`` are ``{(key, year): (as typed, value)}``. All or none. Raises Invalid on ``who`` or on a figure.
    """
    if not who.strip():
        raise Invalid("who", tr("请写明是谁答复的，例如“财务李姐 3856123”。"))
    if not answers:
        raise Invalid("", tr("没有填写任何答复，请至少填一项。"))
    label = f"电话核实：{who.strip()[:80]}（{clock.today().isoformat()}）"
    kept = []
    for (key, year), (raw, value) in answers.items():
        statement = Statement(
            firm.id, key, year, keeping.checked(keeping.stated(key, year), value), raw, SourceKind.CASEWORKER, label,
            source=PHONE,
        )  # fmt: skip
        kept.append(facts.state(session, statement, by=by).id)
    return kept
