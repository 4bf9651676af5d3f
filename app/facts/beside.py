"""All that was ever said of one figure, side by side: source, trust, value, differences, state and evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.core.text import tr
from app.facts import queries
from app.facts import shown as showing
from app.facts.catalogue import Indicator
from app.facts.display import Text, grouped
from app.facts.keeping import Columns, are_same
from app.facts.models import Claim, Document, Evidence
from app.facts.shown import ClaimShown, FactShown


@dataclass(frozen=True, slots=True)
class Said:
    """One claim beside the others; ``is_held`` says that the bureau holds it now."""

    claim: ClaimShown
    to_current: Text
    to_last_year: Text
    is_held: bool


def side_by_side(session: Session, firm_id: int, key: str, year: int | None) -> Sequence[Said]:
    """Return every claim of a firm, indicator and year: what is held or waits first, then by trust, newest first.

    Four statements whatever the number of claims.
    """
    claims = session.scalars(
        select(Claim)
        .where(queries.at_place(firm_id, key, year, Claim))
        .order_by(Claim.id.desc())
        .options(selectinload(Claim.evidence).joinedload(Evidence.document).joinedload(Document.file))
        .execution_options(populate_existing=True)
    ).all()
    current = queries.current_fact(session, firm_id, key, year)
    before = queries.current_fact(session, firm_id, key, year - 1) if year is not None else None
    said = [_said(claim, current, before) for claim in claims]
    return sorted(said, key=lambda one: (not (one.is_held or one.claim.is_pending), one.claim.origin.rank))


def _said(claim: Claim, current: FactShown | None, before: FactShown | None) -> Said:
    evidence = [queries.evidence_shown(item) for item in claim.evidence]
    shown = showing.claim_shown(claim, "", current=current, last_year=before, evidence=evidence)
    held = current is not None and current.claim_id == claim.id
    to_current: Text = "" if held else difference(shown.indicator, shown.columns, current)
    return Said(shown, to_current, difference(shown.indicator, shown.columns, before), held)


def difference(indicator: Indicator, said: Columns, other: FactShown | None) -> Text:
    """Return how a value differs from a fact: 一致, +35（+3.5%）, +0.4 个百分点, 不同; empty without a fact."""
    if other is None:
        return ""
    if are_same(said, other.columns):
        return tr("一致")
    now, then = said[0], other.columns[0]
    if now is None or then is None:
        return tr("不同")
    if indicator.is_ratio:
        return tr("%(n)s 个百分点", n=signed((now - then) * 100))
    if not then:
        return signed(now - then)
    return f"{signed(now - then)}（{(now - then) / abs(then) * 100:+.1f}%）"


def signed(number: Decimal) -> str:
    """Return the exact number with its sign and thousands separators."""
    return ("+" if number > 0 else "") + grouped(number)
