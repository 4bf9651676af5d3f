"""Reading a batch again in the way a person said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import record
from app.core.errors import Conflict, Invalid
from app.core.text import Message, tr
from app.imports import carried
from app.imports.layouts.header import with_money
from app.imports.layouts.layout import Layout
from app.imports.layouts.units import MONEY_UNITS
from app.imports.models import BatchState, ImportBatch, ImportRow
from app.imports.service import check_year, subject

OPEN = frozenset({BatchState.STAGED, BatchState.REFUSED})


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said a file is: profile, fiscal year, and how its sheets are laid out."""

    profile_id: str
    year: int
    layouts: Mapping[str, Layout]


def must_be_open(batch: ImportBatch) -> None:
    """Raise ``Conflict`` when a batch can no longer be read otherwise."""
    if batch.state not in OPEN:
        raise Conflict(
            tr(
                "批次 %(id)s 的状态是“%(state)s”，只有尚未提交的批次可以重新读取。",
                id=batch.id,
                state=Message(batch.state.label),
            )
        )


def read_as(session: Session, batch: ImportBatch, said: Said, *, by: Actor) -> None:
    """Drop what was read of a batch and have it read again as a person said; the file stays as it is.

    What persons wrote into its rows, decided and explained is put back after the reading (``carried``).

    Raises ``Invalid`` (``year``) for a year that is not over, ``Conflict`` when the batch is no longer open.
    """
    must_be_open(batch)
    check_year(said.year)
    aside = carried.set_aside(session, batch)
    session.execute(delete(ImportRow).where(ImportRow.batch_id == batch.id))
    old = {"profile": batch.profile, "year": batch.year}
    batch.profile, batch.year = said.profile_id, said.year
    batch.layouts = {name: layout.as_json() for name, layout in said.layouts.items()}
    made = {carried.ASIDE: aside, "policy": batch.report.get("policy", {})}
    batch.counts, batch.report, batch.refusal = {}, {name: one for name, one in made.items() if one}, None
    batch.state = BatchState.QUEUED
    session.flush()
    changes: dict[str, list[Any]] = {
        "profile": [old["profile"], batch.profile],
        "year": [old["year"], batch.year],
        "sheets": [None, "、".join(said.layouts)],
    }
    record(session, by, Action.IMPORT_STAGE, subject(batch), changes=changes)


def set_unit(session: Session, batch: ImportBatch, unit: str, *, by: Actor) -> None:
    """Have all money of a batch for which its headers name no unit read in one; raises as ``read_as`` does."""
    if unit not in MONEY_UNITS:
        raise Invalid("unit", tr("请选择金额单位：%(units)s。", units="、".join(MONEY_UNITS)))
    layouts = {name: with_money(Layout.from_json(kept), unit) for name, kept in batch.layouts.items()}
    read_as(session, batch, Said(batch.profile, batch.year, layouts), by=by)


def before(session: Session, batch: ImportBatch) -> dict[str, Layout]:
    """Return the layouts of the last batch of the same profile that was applied; empty when there is none.

    A batch that nobody applied was a try: what it looked like is no measure for the next one.
    """
    wanted = (
        select(ImportBatch.layouts)
        .where(
            ImportBatch.profile == batch.profile,
            ImportBatch.id < batch.id,
            ImportBatch.file_id != batch.file_id,
            ImportBatch.state == BatchState.APPLIED,
        )
        .order_by(ImportBatch.id.desc())
        .limit(1)
    )
    kept = session.scalars(wanted).first() or {}
    return {name: Layout.from_json(layout) for name, layout in kept.items()}
