"""The steps of a review that accepting one claim and accepting many share: who may, what is locked, what is noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, case, cast, select, update
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.audit.service import Subject
from app.core import clock
from app.core.bulk import Written
from app.core.errors import Conflict, Refused
from app.core.text import Message, tr
from app.facts import display, keeping, queries
from app.facts.keeping import Columns, indicator_of, name_of
from app.facts.models import Claim, ClaimState, Fact
from app.firms import holding
from app.firms.models import Firm

ROWS_AT_ONCE = 5_000


def refuse_firms(by: Actor) -> None:
    """Raise Refused for a firm: what a firm says is accepted by the bureau."""
    if by.is_firm:
        raise Refused(tr("企业账号不能核定数据，请等待主管部门审核。"))


def refuse_own(claim: Claim, by: Actor) -> None:
    """Raise Refused when the reviewer stated the claim: nobody accepts what he said himself."""
    if is_own(claim, by):
        raise Refused(tr("这条数据由您本人填报，不能由您本人核定，请另一位审核人办理。"))


def corrector() -> ColumnElement[int]:
    """Return who wrote over the cell that a claim was read from, as a column; null where nobody did."""
    found: ColumnElement[int] = Claim.reference["corrected_by_id"].as_integer()
    return found


def corrector_if_any() -> ColumnElement[int | None]:
    """Return the same for many claims: JSON is looked into only where the word stands in it."""
    said = cast(Claim.reference, Text)
    return case((said.contains("corrected_by_id"), corrector()), else_=None)


def is_own(claim: Claim, by: Actor) -> bool:
    """Tell whether the person said what the claim says: stated it, or wrote it into the cell of somebody's file."""
    return by.id is not None and by.id in (claim.stated_by, claim.reference.get("corrected_by_id"))


def needs_reason(source: str) -> Message:
    """Return the sentence that asks for the reason of a choice."""
    return tr("这条数据与另一来源（%(source)s）不一致，请写明采信这一来源的理由。", source=source)


def waiting_at(session: Session, claim: Claim) -> Sequence[Claim]:
    """Return the pending claims of the claim's place, locked in one order so that two reviewers cannot deadlock."""
    holding.shared(session, Firm.id == claim.firm_id)
    return session.scalars(
        select(Claim)
        .where(queries.at_place(claim.firm_id, claim.key, claim.year, Claim), Claim.state == ClaimState.PENDING)
        .order_by(Claim.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def locked(session: Session, claim: Claim) -> Claim:
    """Return the claim as it is now, locked. Raises Conflict when it is decided."""
    holding.shared(session, Firm.id == claim.firm_id)
    mine = session.scalars(
        select(Claim).where(Claim.id == claim.id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if mine is None or mine.state is not ClaimState.PENDING:
        raise decided(session, claim.id)
    return mine


def decided(session: Session, claim_id: int) -> Conflict:
    """Return the sentence for a claim that waits no longer: who did what when."""
    row = session.execute(
        select(Claim.state, Claim.reviewed_by_name, Claim.reviewed_at).where(Claim.id == claim_id)
    ).one_or_none()
    if row is None or row.reviewed_at is None:
        return Conflict(tr("这条数据已不在待审状态，请刷新页面后再看。"))
    return Conflict(
        tr(
            "这条数据%(state)s（%(who)s，%(when)s），不能再次办理。需要更正的，请重新填报后再审核。",
            state=Message(row.state.label),
            who=row.reviewed_by_name,
            when=clock.local(row.reviewed_at).strftime("%Y-%m-%d %H:%M"),
        )
    )


def note_decision(claim: Claim, outcome: ClaimState, by: Actor, note: str) -> None:
    """Note on the (locked, pending) claim who decided what, when and why."""
    claim.state = outcome
    claim.reviewed_by = by.id
    claim.reviewed_by_name = by.name
    claim.reviewed_at = clock.now()
    claim.review_note = note


def supersede(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Mark current facts as superseded. Raises Conflict when one of them is so already."""
    result = session.execute(
        update(Fact).where(Fact.id.in_(ids), Fact.superseded_at.is_(None)).values(superseded_at=now)
    )
    if result.rowcount != len(ids):  # type: ignore[attr-defined]
        raise overtaken()


def overtaken() -> Conflict:
    """Return the sentence for two reviewers at the same place at once."""
    return Conflict(tr("另一位审核人刚刚核定了同一指标，您的这次核定未生效，请刷新后重新核对。"))


def portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut a long list of ids to what one statement takes."""
    return (ids[start : start + ROWS_AT_ONCE] for start in range(0, len(ids), ROWS_AT_ONCE))


def name(claim: Claim) -> str:
    """Return what a person calls the figure: 销售收入 2025 年."""
    return name_of(claim.key, claim.year)


def written(key: str, columns: Columns) -> str:
    """Return the value with its unit, as the log keeps it."""
    indicator = indicator_of(key)
    return display.with_unit(indicator, keeping.restored(indicator, *columns))


def subject(claim: Claim) -> Subject:
    """Return the claim as the log names it."""
    return Subject("claim", claim.id, name(claim), claim.firm_id)


def move(outcome: ClaimState) -> dict[str, list[Any]]:
    """Return the change of state as the log keeps it."""
    return {"state": [ClaimState.PENDING.value, outcome.value]}


def per_firm(changes: Mapping[int, Mapping[str, Sequence[Any]]]) -> list[tuple[Subject, Mapping[str, Sequence[Any]]]]:
    """Return one event a firm for a change of many figures."""
    return [(_of_firm(firm_id, said), said) for firm_id, said in changes.items()]


def written_per_firm(changes: Mapping[int, Mapping[str, str]]) -> list[tuple[Subject, Written]]:
    """Return the same of changes that are JSON already: by firm, ``[old, new]`` by name."""
    return [
        (_of_firm(firm_id, said), Written(f"{{{', '.join(f'{name}: {pair}' for name, pair in said.items())}}}"))
        for firm_id, said in changes.items()
    ]


def _of_firm(firm_id: int, said: Mapping[str, Any]) -> Subject:
    return Subject("firm", firm_id, f"{len(said)} 项指标", firm_id)
