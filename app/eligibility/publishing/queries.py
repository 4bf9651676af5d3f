"""Reading publications: those of a firm with how each stands, and what of a list may still be published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.core.choices import Choice
from app.core.errors import NotFound
from app.core.text import N_, tr
from app.eligibility import overtaken
from app.eligibility import queries as verdicts
from app.eligibility.models import Verdict, VerdictState
from app.eligibility.publishing.models import Publication, PublicationWithdrawal
from app.eligibility.queries import LARGEST_ID, VerdictLine
from app.firms import queries as firms
from app.firms.models import Firm
from app.rulebooks import queries as rulebooks
from app.rulebooks.leads import branch_of
from app.rulebooks.models import Edition


class Standing(Choice):
    """How a publication stands."""

    CURRENT = "current", N_("已公布")
    SUPERSEDED = "superseded", N_("已由新的公布接替")
    WITHDRAWN = "withdrawn", N_("已撤回")


@dataclass(frozen=True, slots=True)
class Published:
    """A publication with its verdict and edition; ``is_newest`` of its policy and kind of application."""

    firm_id: int
    publication: Publication
    line: VerdictLine
    edition: Edition
    withdrawal: PublicationWithdrawal | None
    is_newest: bool

    @property
    def standing(self) -> Standing:
        if self.withdrawal is not None:
            return Standing.WITHDRAWN
        return Standing.CURRENT if self.is_newest else Standing.SUPERSEDED

    @property
    def is_current(self) -> bool:
        """Whether this is what the bureau says now."""
        return self.standing is Standing.CURRENT


def of_firm(session: Session, firm_id: int) -> list[Published]:
    """Return all publications of a firm, the newest first; the caller has checked that the person may see it.

    All: one that stands must not vanish behind newer ones of other policies. Persons make them, a score a year.
    """
    rows = session.execute(
        select(Publication, Edition, PublicationWithdrawal)
        .join(Verdict, Verdict.id == Publication.verdict_id)
        .join(Edition, Edition.id == Verdict.edition_id)
        .outerjoin(PublicationWithdrawal, PublicationWithdrawal.publication_id == Publication.id)
        .where(Verdict.firm_id == firm_id)
        .order_by(Publication.id.desc())
    ).all()
    ids = {publication.verdict_id for publication, _edition, _withdrawal in rows}
    lines = {line.id: line for line in verdicts.lines(session, Verdict.id.in_(ids), limit=len(ids))} if ids else {}
    seen: set[tuple[tuple[str, str], str]] = set()
    found = []
    for publication, edition, withdrawal in rows:
        line = lines[publication.verdict_id]
        policy = (branch(edition), line.kind)
        found.append(Published(firm_id, publication, line, edition, withdrawal, policy not in seen))
        seen.add(policy)
    return found


def publication(session: Session, publication_id: int, *, for_: Actor) -> Published:
    """Return one publication. Raises NotFound when its firm is out of reach."""
    firm_id = None
    if 0 < publication_id <= LARGEST_ID:
        firm_id = session.scalar(
            select(Verdict.firm_id)
            .join(Publication, Publication.verdict_id == Verdict.id)
            .join(Firm, Firm.id == Verdict.firm_id)
            .where(Publication.id == publication_id, firms.visible_to(for_))
        )
    found = of_firm(session, firm_id) if firm_id is not None else []
    for one in found:
        if one.publication.id == publication_id:
            return one
    raise NotFound(tr("没有找到这次公布，可能不在您的管理范围内。"))


def branch(edition: Edition) -> tuple[str, str]:
    """Return the policy within which one publication succeeds another: editions of it are versions of one thing."""
    return branch_of(edition.programme, rulebooks.rulebook_of(edition).region)


# --- a whole list ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """A verdict of a list that is not published and that no later published one has overtaken."""

    verdict_id: int
    firm_id: int
    firm: str
    state: VerdictState
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Open:
    """What of a list may be published, and how many of its firms have this verdict or a later one published."""

    candidates: Sequence[Candidate]
    published: int
    later: int

    @property
    def counts(self) -> Mapping[VerdictState, int]:
        return Counter(one.state for one in self.candidates)

    @property
    def stale(self) -> int:
        return sum(one.is_stale for one in self.candidates)


def open_of(session: Session, list_id: int, edition: Edition, as_of: date, kind: str, *, for_: Actor) -> Open:
    """Return what of a complete list may be published within reach; ``as_of`` and ``kind`` are the list's."""
    listed = (Verdict.list_id == list_id, firms.visible_to(for_))
    rows = session.execute(
        select(Verdict.id, Verdict.firm_id, Firm.name, Verdict.state)
        .join(Firm, Firm.id == Verdict.firm_id)
        .where(*listed)
        .order_by(Verdict.id)
    ).all()
    standing = _standing(session, edition, kind, Verdict.firm_id.in_(select(Verdict.firm_id).where(listed[0])))
    left = [row for row in rows if standing.get(row.firm_id, 0) < row.id]
    now = overtaken.current(rulebooks.editions(session), edition, as_of, kind)
    is_replaced = now is not None and now.id != edition.id
    stale = overtaken.in_list(session, list_id, firms.visible_to(for_))
    published = sum(standing.get(row.firm_id) == row.id for row in rows)
    return Open(
        [Candidate(*row, is_replaced or row.id in stale) for row in left],
        published,
        later=len(rows) - len(left) - published,
    )


def standing_of(session: Session, firm_id: int, edition: Edition, kind: str) -> int:
    """Return the verdict of a firm that stands published under a policy, 0 where there is none."""
    return _standing(session, edition, kind, Verdict.firm_id == firm_id).get(firm_id, 0)


def _standing(session: Session, edition: Edition, kind: str, which: ColumnElement[bool]) -> dict[int, int]:
    """Return ``{firm: verdict}`` of the newest publications of a policy that were not taken back."""
    programme = session.scalars(select(Edition).where(Edition.programme == edition.programme)).all()
    versions = [one.id for one in programme if branch(one) == branch(edition)]
    newest = (
        select(func.max(Publication.id))
        .join(Verdict, Verdict.id == Publication.verdict_id)
        .where(Verdict.edition_id.in_(versions), Verdict.kind == kind, which)
        .group_by(Verdict.firm_id)
    )
    rows = session.execute(
        select(Verdict.firm_id, Verdict.id)
        .join(Publication, Publication.verdict_id == Verdict.id)
        .outerjoin(PublicationWithdrawal, PublicationWithdrawal.publication_id == Publication.id)
        .where(Publication.id.in_(newest), PublicationWithdrawal.id.is_(None))
    )
    return {firm_id: verdict_id for firm_id, verdict_id in rows}
