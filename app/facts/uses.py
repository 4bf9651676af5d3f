"""Where documents are used: by figures, and by what rooms above this one say of themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.text import Message, tr
from app.facts import keeping
from app.facts.models import Claim, Evidence, SourceKind


@dataclass(frozen=True, slots=True)
class Use:
    """A place that uses a document; ``endpoint`` and ``values`` lead a firm there, empty where it has no page."""

    document_id: int
    label: Message
    endpoint: str = ""
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


Finder = Callable[[Session, Sequence[int]], Sequence[Use]]


def used(session: Session, document_ids: Sequence[int], finders: Sequence[Finder]) -> Mapping[int, Sequence[Use]]:
    """Return ``{document: where it is used}``, figures first, the newest of them first."""
    found: dict[int, list[Use]] = {}
    for finder in (_by_claims, *finders):
        for use in finder(session, document_ids):
            found.setdefault(use.document_id, []).append(use)
    return found


def _by_claims(session: Session, document_ids: Sequence[int]) -> Sequence[Use]:
    rows = session.execute(
        select(Evidence.document_id, Claim.id, Claim.key, Claim.year, Claim.state, Claim.source_kind)
        .join(Claim, Claim.id == Evidence.claim_id)
        .where(Evidence.document_id.in_(document_ids))
        .order_by(Claim.id.desc())
    )
    found = []
    for document_id, claim_id, key, year, state, kind in rows:
        label = tr("数据“%(name)s”（%(state)s）", name=keeping.name_of(key, year), state=Message(state.label))
        is_own = kind is SourceKind.FIRM
        endpoint, values = ("portal.facts.claim", {"claim_id": claim_id}) if is_own else ("", {})
        found.append(Use(document_id, label, endpoint, values))
    return found
