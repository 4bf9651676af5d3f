"""Reading taxonomies: versions, how many firms use each entry, and what a reclassification would touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from app.access.actor import Actor
from app.core.errors import NotFound
from app.core.text import tr
from app.firms import industries
from app.firms import queries as firms
from app.firms.industries import Industry
from app.firms.models import Firm, FirmCluster
from app.taxonomies.models import Chain, ChainEdition, FirmChain, Remap, RemapLine

MOST_TEXTS = 60


@dataclass(frozen=True, slots=True)
class FreeText:
    """A way of writing an industry that has no code yet, how many firms write it so, and the nearest entries."""

    text: str
    firms: int
    near: Sequence[Industry]


def used(session: Session, name: str, *, for_: Actor) -> Mapping[str, int]:
    """Return how many firms within reach use each entry of a built-in taxonomy, by its code."""
    column: Any = {"towns": Firm.town, "chain_roles": Firm.chain_role, "industries": Firm.industry_code}.get(name)
    if name == "clusters":
        rows = session.execute(
            select(FirmCluster.cluster, func.count())
            .join(Firm, Firm.id == FirmCluster.firm_id)
            .where(firms.visible_to(for_))
            .group_by(FirmCluster.cluster)
        )
    else:
        rows = session.execute(
            select(column, func.count()).where(column.is_not(None), firms.visible_to(for_)).group_by(column)
        )
    return {str(getattr(code, "value", code)): count for code, count in rows}


def used_with_parts(counts: Mapping[str, int]) -> Mapping[str, int]:
    """Return counts of industries in which every entry includes what lies below it."""
    found: dict[str, int] = {}
    for code, count in counts.items():
        entry = industries.industry(code)
        while entry is not None:
            found[entry.code] = found.get(entry.code, 0) + count
            entry = industries.industry(entry.parent)
    return found


def editions(session: Session) -> Sequence[ChainEdition]:
    """Return the versions of the chains with their entries, newest first."""
    return session.scalars(
        select(ChainEdition).options(selectinload(ChainEdition.chains)).order_by(ChainEdition.effective_from.desc())
    ).all()


def edition(session: Session, edition_id: int) -> ChainEdition:
    """Return one version with its chains. Raises NotFound."""
    found = None
    if 0 < edition_id <= firms.LARGEST_ID:
        found = session.scalars(
            select(ChainEdition).where(ChainEdition.id == edition_id).options(selectinload(ChainEdition.chains))
        ).one_or_none()
    if found is None:
        raise NotFound(tr("没有找到这个产业链版本。"))
    return found


def before(session: Session, day: date) -> ChainEdition | None:
    """Return the version that held before a day, None for the first."""
    return session.scalars(
        select(ChainEdition)
        .where(ChainEdition.effective_from < day)
        .options(selectinload(ChainEdition.chains))
        .order_by(ChainEdition.effective_from.desc())
        .limit(1)
    ).one_or_none()


def chain_counts(session: Session, *, for_: Actor) -> Mapping[int, int]:
    """Return how many firms within reach belong to each chain, of any version."""
    rows = session.execute(
        select(FirmChain.chain_id, func.count())
        .join(Firm, Firm.id == FirmChain.firm_id)
        .where(firms.visible_to(for_))
        .group_by(FirmChain.chain_id)
    )
    return {chain_id: count for chain_id, count in rows}


def chains_of(session: Session, firm_id: int) -> Sequence[FirmChain]:
    """Return the chains of a firm with their versions, the primary one first."""
    return session.scalars(
        select(FirmChain)
        .join(Chain, Chain.id == FirmChain.chain_id)
        .where(FirmChain.firm_id == firm_id)
        .options(selectinload(FirmChain.chain).selectinload(Chain.edition))
        .order_by(FirmChain.is_primary.desc(), Chain.edition_id.desc(), Chain.rank)
    ).all()


def panel(session: Session, firm: Firm) -> dict[str, Any]:
    """Return the chains for the firm's page."""
    return {"chains": chains_of(session, firm.id)}


def free_texts(session: Session) -> tuple[Sequence[FreeText], int]:
    """Return the commonest ways of writing an industry without a code, and how many firms write any such."""
    waiting = (Firm.industry_code.is_(None), Firm.industry != "")
    total = session.scalar(select(func.count()).select_from(Firm).where(*waiting)) or 0
    rows = session.execute(
        select(Firm.industry, func.count())
        .where(*waiting)
        .group_by(Firm.industry)
        .order_by(func.count().desc(), Firm.industry)
        .limit(MOST_TEXTS)
    )
    return [FreeText(text, count, _near(text)) for text, count in rows], total


def _near(text: str) -> Sequence[Industry]:
    exact = industries.find(text)
    others = [one for one in industries.suggestions(text) if one != exact]
    return [exact, *others] if exact is not None else others


def texts_counted(session: Session, texts: Sequence[str]) -> Mapping[str, int]:
    """Return how many firms without a code write each of the texts."""
    rows = session.execute(
        select(Firm.industry, func.count())
        .where(Firm.industry.in_(texts), Firm.industry_code.is_(None))
        .group_by(Firm.industry)
    )
    return {text: count for text, count in rows}


def remaps(session: Session) -> Sequence[Remap]:
    """Return the reclassifications, newest first."""
    return session.scalars(select(Remap).order_by(Remap.id.desc()).limit(50)).all()


def remap(session: Session, remap_id: int) -> Remap:
    """Return one reclassification. Raises NotFound."""
    found = session.get(Remap, remap_id) if 0 < remap_id <= firms.LARGEST_ID else None
    if found is None:
        raise NotFound(tr("没有找到这次分类调整。"))
    return found


def lines(session: Session, remap_id: int, *, for_: Actor, limit: int = 200) -> Sequence[tuple[int, str]]:
    """Return the firms within reach that a reclassification changed: number and name."""
    rows = session.execute(
        select(Firm.id, Firm.name)
        .join(RemapLine, RemapLine.firm_id == Firm.id)
        .where(RemapLine.remap_id == remap_id, firms.visible_to(for_))
        .order_by(RemapLine.id)
        .limit(limit)
    )
    return [(number, name) for number, name in rows]
