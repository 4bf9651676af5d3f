"""Later imports that lean on one: what they repeated of it they did not say again, so that it would go unsaid."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.text import Message, tr
from app.facts.keeping import Columns, Place, name_of
from app.facts.models import Claim, ClaimState
from app.firms.models import Firm
from app.imports import filling, queries, saved
from app.imports.cells.entry import Entry
from app.imports.cells.kept import Entries
from app.imports.models import BatchState, ImportBatch, ImportRow
from app.imports.plans.plan import FIELD_LABELS, FILLED, ROSTER
from app.imports.rehearsal import GOOD

CHUNK = 500
NAMED = 10


def told(session: Session, batch: ImportBatch) -> Iterator[Message]:
    """Return, by later import, what of it only this one still says; with what to do about it."""
    for other in _later(session, batch):
        found = list(_repeated(session, batch, other))
        if found:
            yield tr(
                "批次 %(other)s 有 %(n)s 项与本批次相同、没有重复申报，撤销后无人填报：%(named)s%(more)s；"
                "请先撤销批次 %(other)s",
                other=other.id, n=len(found), named="、".join(found[:NAMED]),
                more=tr("等") if len(found) > NAMED else "",
            )  # fmt: skip


def _later(session: Session, batch: ImportBatch) -> Sequence[ImportBatch]:
    """Return the imports applied since that have a row of a firm that this one only brought figures or fields of."""
    mine = select(ImportRow.firm_id).where(ImportRow.batch_id == batch.id, ~ImportRow.created_firm)
    theirs = select(ImportRow.batch_id).where(ImportRow.firm_id.in_(mine), ImportRow.outcome.in_(GOOD))
    return session.scalars(
        select(ImportBatch)
        .where(
            ImportBatch.id != batch.id,
            ImportBatch.state == BatchState.APPLIED,
            ImportBatch.applied_at >= batch.applied_at,
            ImportBatch.id.in_(theirs),
        )
        .order_by(ImportBatch.id)
    ).all()


def _repeated(session: Session, batch: ImportBatch, other: ImportBatch) -> Iterator[str]:
    """Name the figures and fields that the other import has and leaves to this one."""
    entries = Entries(other)
    roster = bool(other.profile) and saved.named(session, other.profile).roster
    for rows in queries.data_chunks(session, other.id, CHUNK, outcomes=GOOD):
        ids = sorted({row.firm_id for row in rows if row.firm_id is not None})
        said, elsewhere = _claims(session, batch.id, other.id, ids)
        fills = filling.of_firms(session, batch, ids)
        if not said and not fills:
            continue
        names = _names(session, ids)
        for row in rows:
            if row.firm_id is None:
                continue
            entry = entries.of(row)
            for what in (*_figures(row.firm_id, entry, said, elsewhere), *_fields(row.firm_id, entry, fills, roster)):
                yield f"{names[row.firm_id]}“{what}”"


Said = Collection[tuple[Place, Columns]]


def _figures(firm_id: int, entry: Entry, said: Said, elsewhere: Said) -> Iterator[str]:
    if not said:
        return
    for figure in entry.figures:
        one = ((firm_id, figure.key, figure.year), figure.columns)
        if one in said and one not in elsewhere:
            yield name_of(figure.key, figure.year)


def _fields(firm_id: int, entry: Entry, fills: Mapping[int, Mapping[str, str]], roster: bool) -> Iterator[str]:
    mine = fills.get(firm_id, {})
    for name in FILLED:
        if name in mine and str(getattr(entry.named, name) or "") == mine[name]:
            yield str(tr(FIELD_LABELS[name]))
    if roster and mine.get(ROSTER) == str(entry.year or ""):
        yield str(tr(FIELD_LABELS[ROSTER]))


def _claims(session: Session, batch_id: int, other_id: int, ids: Sequence[int]) -> tuple[Said, Said]:
    """Return what the import still says of these firms, and what stands without it: said by others and standing, or
    by the other import itself whatever became of it."""
    rows = session.execute(
        select(Claim.firm_id, Claim.key, Claim.year, Claim.number, Claim.value, Claim.batch_id, Claim.state)
        .where(Claim.firm_id.in_(ids))
        .order_by(Claim.id)
    )
    said, elsewhere = [], []
    for firm_id, key, year, number, value, of, state in rows:
        one = ((firm_id, key, year), (number, value))
        if of == batch_id and state is ClaimState.PENDING:
            said.append(one)
        elif of == other_id or (of != batch_id and state is not ClaimState.WITHDRAWN):
            elsewhere.append(one)
    return said, elsewhere


def _names(session: Session, ids: Sequence[int]) -> Mapping[int, str]:
    return dict(session.execute(select(Firm.id, Firm.name).where(Firm.id.in_(ids))).all())
