"""Reading dossiers: a person sees those of the firms in reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, defer, joinedload

from app.access.actor import Actor
from app.core.errors import NotFound
from app.core.paging import Page, SortKey, read_page
from app.core.text import tr
from app.dossiers.models import Dossier, DossierState
from app.eligibility.models import Verdict
from app.firms import queries as firms
from app.firms.models import Firm
from app.firms.taxonomy import Town
from app.jobs.models import Job
from app.nominations.models import Decision, ListState, Nomination, NominationList

LARGEST_ID = 2**31 - 1


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on ``Dossier`` that keeps those of the firms a person reaches."""
    return Dossier.firm_id.in_(select(Firm.id).where(firms.visible_to(actor)))


@dataclass(frozen=True)
class DossierLine:
    """A dossier in a list, with whose it is and from which list."""

    dossier: Dossier
    firm_id: int
    firm: str
    town: str
    list_id: int
    list_title: str


@dataclass(frozen=True)
class NominatedFirm:
    """A nominated firm with its live dossier, or none yet."""

    nomination: Nomination
    firm: Firm
    dossier: Dossier | None


@dataclass(frozen=True)
class Verification:
    """What anybody may know of a dossier: what its cover says, whether it counts, and the hash of its file."""

    number: str
    firm: str
    edition: str
    issued_at: datetime
    state: DossierState
    sha256: str
    is_demo: bool
    void_reason: str


def dossier(session: Session, dossier_id: int, *, for_: Actor) -> Dossier:
    """Return one dossier with its file; raise ``NotFound`` when it is out of reach."""
    found = None
    if 0 < dossier_id <= LARGEST_ID:
        found = session.scalars(
            select(Dossier)
            .where(Dossier.id == dossier_id, visible_to(for_))
            .options(joinedload(Dossier.file))
            .execution_options(populate_existing=True)
        ).first()
    if found is None:
        raise NotFound(tr("没有找到编号为 %(id)s 的申报材料，可能不在您的管理范围内。", id=dossier_id))
    return found


def line(session: Session, found: Dossier) -> DossierLine:
    """Return a dossier with its firm and list."""
    row = session.execute(_lines().where(Dossier.id == found.id)).one()
    return _line(row)


def job_of(session: Session, found: Dossier) -> Job | None:
    """Return the job that was last queued for a dossier alone (a batch leaves none)."""
    return session.get(Job, found.job_id) if found.job_id is not None else None


def live(session: Session, nomination_id: int) -> Dossier | None:
    """Return the dossier of a nomination that is not void."""
    return session.scalars(
        select(Dossier)
        .where(Dossier.nomination_id == nomination_id, Dossier.state != DossierState.VOID)
        .options(joinedload(Dossier.file))
    ).first()


def nominated(session: Session, list_id: int, *, for_: Actor) -> Sequence[NominatedFirm]:
    """Return the nominated firms of a list that a person reaches, by rank, each with its live dossier."""
    rows = session.execute(
        select(Nomination, Firm, Dossier)
        .join(Firm, Firm.id == Nomination.firm_id)
        .outerjoin(Dossier, and_(Dossier.nomination_id == Nomination.id, Dossier.state != DossierState.VOID))
        .options(defer(Dossier.context))
        .where(Nomination.list_id == list_id, Nomination.decision == Decision.NOMINATE, firms.visible_to(for_))
        .order_by(Nomination.rank, Nomination.id)
        .execution_options(populate_existing=True)
    )
    return [NominatedFirm(row[0], row[1], row[2]) for row in rows]


def counts(session: Session, *, for_: Actor, list_id: int | None = None) -> Mapping[str, int]:
    """Return ``{state: dossiers}`` in reach."""
    statement = select(Dossier.state, func.count()).where(visible_to(for_)).group_by(Dossier.state)
    if list_id is not None:
        within = select(Nomination.id).where(Nomination.list_id == list_id)
        statement = statement.where(Dossier.nomination_id.in_(within))
    return {state.value: number for state, number in session.execute(statement)}


def listed(
    session: Session,
    *,
    for_: Actor,
    total: int,
    state: DossierState | None = None,
    list_id: int | None = None,
    after: str = "",
    before: str = "",
) -> Page[DossierLine]:
    """Return a page of the dossiers in reach, the newest first."""
    statement = _lines().where(firms.visible_to(for_))
    if state is not None:
        statement = statement.where(Dossier.state == state)
    if list_id is not None:
        statement = statement.where(Nomination.list_id == list_id)
    page = read_page(
        session,
        statement,
        [SortKey(Dossier.id, "id", descending=True, parse=int)],
        key_of=lambda row: (row[0].id,),
        total=total,
        after=after,
        before=before,
    )
    return Page([_line(row) for row in page.items], page.total, page.after, page.before)


def lists(session: Session, *, for_: Actor) -> Sequence[tuple[int, str]]:
    """Return ``(id, title)`` of the frozen lists that nominate a firm in reach, the newest first."""
    within = select(Nomination.list_id).join(Firm, Firm.id == Nomination.firm_id).where(firms.visible_to(for_))
    rows = session.execute(
        select(NominationList.id, NominationList.title)
        .where(NominationList.state == ListState.FROZEN, NominationList.id.in_(within))
        .order_by(NominationList.id.desc())
    )
    return [(row.id, row.title) for row in rows]


def by_code(session: Session, code: str) -> Dossier | None:
    """Return the dossier with a verification code, whoever asks."""
    return session.scalars(select(Dossier).where(Dossier.verification_code == code)).first()


def verification(found: Dossier) -> Verification:
    """Return what the verification page says of a dossier: the words of its own cover."""
    context = found.context
    return Verification(
        number=found.number,
        firm=context["firm"]["name"],
        edition=context["judgement"]["edition"],
        issued_at=datetime.fromisoformat(context["issued_at"]),
        state=found.state,
        sha256=found.sha256,
        is_demo=context["firm"]["is_demo"],
        void_reason=found.void_reason,
    )


def _lines() -> Select[Dossier, int, str, Town | None, int, str]:
    return (
        select(Dossier, Firm.id, Firm.name, Firm.town, NominationList.id, NominationList.title)
        .join(Nomination, Nomination.id == Dossier.nomination_id)
        .join(Firm, Firm.id == Dossier.firm_id)
        .join(NominationList, NominationList.id == Nomination.list_id)
        .options(defer(Dossier.context))
    )


def _line(row: Sequence[Any]) -> DossierLine:
    found, firm_id, firm, town, list_id, title = row
    return DossierLine(found, firm_id, firm, town.label if town else "", list_id, title)


def fact_ids(session: Session, dossier: Dossier) -> Sequence[int]:
    """Return the facts on the sheet of the verdict that a dossier was made from."""
    sheet = session.scalar(
        select(Verdict.sheet)
        .join(Nomination, Nomination.verdict_id == Verdict.id)
        .where(Nomination.id == dossier.nomination_id)
    )
    return [entry[3] for entry in sheet or [] if entry[3] is not None]
