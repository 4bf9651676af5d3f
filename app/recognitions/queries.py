"""Reading the register of recognitions, one firm's ladder, and what stands in the way of the next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from app.access.actor import Actor
from app.core import clock
from app.core.errors import NotFound
from app.core.paging import Page, SortKey, read_page
from app.core.text import tr
from app.eligibility import queries as eligibility
from app.eligibility.queries import VerdictLine
from app.firms import queries as firms
from app.firms.models import Firm
from app.recognitions.models import Recognition, RecognitionKind
from app.recognitions.standing import NEAR, PROGRAMMES, Ladder, Standing, ladder, standing
from app.rulebooks.models import Edition


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A recognition in the register, with its firm and what it is worth today."""

    recognition: Recognition
    firm_id: int
    firm: str
    state: Standing


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """What a person asks the register for."""

    kind: RecognitionKind | None = None
    state: Standing | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class LadderShown:
    """A firm's ladder, and the newest verdict about the next rung if there is one."""

    ladder: Ladder
    verdict: VerdictLine | None


def of_firm(session: Session, firm_id: int) -> Sequence[Recognition]:
    """Return all recognitions of a firm, newest first; the caller has checked that the person may see it."""
    return session.scalars(
        select(Recognition)
        .where(Recognition.firm_id == firm_id)
        .order_by(Recognition.granted_on.desc(), Recognition.id.desc())
    ).all()


def ladder_of(session: Session, firm_id: int) -> LadderShown:
    """Return the ladder of a firm today with what blocks the next step, in two statements."""
    found = ladder(of_firm(session, firm_id), clock.today())
    programmes = PROGRAMMES[found.next.kind] if found.next is not None else ()
    if not programmes:
        return LadderShown(found, None)
    codes = set(session.scalars(select(Edition.code).where(Edition.programme.in_(programmes))))
    verdicts = [one for one in eligibility.latest_verdicts(session, firm_id) if one.edition_code in codes]
    newest = max(verdicts, key=lambda one: one.judged_at) if verdicts else None
    return LadderShown(found, newest)


def recognition(session: Session, recognition_id: int, *, for_: Actor) -> tuple[Recognition, Firm]:
    """Return one recognition with its file and its firm. Raises NotFound when it is out of reach."""
    row = None
    if 0 < recognition_id <= firms.LARGEST_ID:
        row = session.execute(
            select(Recognition, Firm)
            .join(Firm, Firm.id == Recognition.firm_id)
            .where(Recognition.id == recognition_id, firms.visible_to(for_))
            .options(joinedload(Recognition.file))
            .execution_options(populate_existing=True)
        ).one_or_none()
    if row is None:
        raise NotFound(tr("没有找到这项资质，可能不在您的管理范围内。"))
    return row[0], row[1]


def register(
    session: Session, wanted: RegisterFilter, *, for_: Actor, after: str = "", before: str = ""
) -> Page[RegisterRow]:
    """Return one page of the register, those that end first at the top; without end last."""
    today = clock.today()
    conditions = [firms.visible_to(for_), *_conditions(wanted, today)]
    joined = select(Recognition, Firm.name).join(Firm, Firm.id == Recognition.firm_id).where(*conditions)
    total = session.scalar(select(func.count()).select_from(joined.subquery())) or 0
    found = read_page(
        session,
        joined,
        [SortKey(Recognition.valid_until, "until", parse=_day), SortKey(Recognition.id, "id")],
        key_of=lambda row: (row[0].valid_until.isoformat() if row[0].valid_until else None, row[0].id),
        total=total,
        after=after,
        before=before,
    )
    rows = [RegisterRow(row[0], row[0].firm_id, row[1], standing(row[0], today)) for row in found.items]
    return Page(rows, found.total, found.after, found.before)


def _day(value: Any) -> date:
    return date.fromisoformat(value)


def _conditions(wanted: RegisterFilter, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kind is not None:
        found.append(Recognition.kind == wanted.kind)
    if wanted.text:
        found.append(firms.matching(wanted.text))
    if wanted.state is not None:
        found += _in_state(wanted.state, today)
    return found


def _in_state(state: Standing, today: date) -> list[ColumnElement[bool]]:
    """Return the conditions of a state, the same as ``standing`` says of a row."""
    is_void, begin = Recognition.void_reason != "", func.coalesce(Recognition.valid_from, Recognition.granted_on)
    if state is Standing.VOID:
        return [is_void]
    revoked = Recognition.revoked_on.is_not(None) & (Recognition.revoked_on <= today)
    if state is Standing.REVOKED:
        return [~is_void, revoked]
    sound = [~is_void, Recognition.revoked_on.is_(None) | (Recognition.revoked_on > today)]
    if state is Standing.FUTURE:
        return [*sound, begin > today]
    until = Recognition.valid_until
    if state is Standing.ENDED:
        return [*sound, begin <= today, until < today]
    if state is Standing.ENDING:
        return [*sound, begin <= today, until >= today, until <= today + NEAR]
    return [*sound, begin <= today, until.is_(None) | (until > today + NEAR)]


def name_then(session: Session, firm: Firm, one: Recognition) -> str:
    """Return the name the firm had on the day it was recognised: the one the certificate bears."""
    return firms.name_on(firm.name, firms.former_names(session, firm.id), one.granted_on)
