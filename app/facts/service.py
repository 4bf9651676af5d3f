"""What is said becomes what is held: state, withdraw, accept, reject, choose.

A claim is never changed after it was stated but for its state; a fact is never changed but for being superseded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import record, record_many
from app.core import clock, collector
from app.core.bulk import Written, roomy
from app.core.errors import Conflict, Invalid, NotFound, Refused
from app.core.text import tr
from app.facts import bulk, keeping, locker, queries, review, stating, trust
from app.facts.keeping import are_same
from app.facts.locker import Upload
from app.facts.models import Claim, ClaimState, Document, Evidence, Fact, SourceKind
from app.facts.values import Value
from app.files.models import StoredFile
from app.files.store import FileStore

MOST_FILES = 10


class Statement(NamedTuple):
    """Somebody says: this firm, this indicator, this year, this value.

    ``value`` is typed already (Decimal in the catalogue's unit, bool, date, str, tuple); ``raw`` is the text as typed
    or read. ``source_label`` is what a person reads (「2025年度企业情况表.xlsx Sheet1!F12」), ``reference`` is for
    machines: ``{"batch": 3, "file": 7, "sheet": "Sheet1", "row": 12, "cell": "F12", "url": …}``. ``source`` is a code
    of app/facts/trust.py; without one the workbook's profile or the kind says it. ``written`` is the reference as
    JSON text, for who states so many that writing each would tell in the time.
    """

    firm_id: int
    key: str
    year: int | None
    value: Value
    raw: str
    source_kind: SourceKind
    source_label: str
    reference: Mapping[str, Any] = MappingProxyType({})
    note: str = ""
    batch_id: int | None = None
    source: str = ""
    written: Written | None = None


@dataclass(frozen=True)
class AcceptReport:
    """What became of a bulk acceptance, by ids of claims; ``refused`` says why for each."""

    accepted: tuple[int, ...]
    confirmed: tuple[int, ...]
    refused: tuple[bulk.Refusal, ...]


def state(session: Session, statement: Statement, *, by: Actor) -> Claim:
    """Record what somebody says. Raises Invalid (``key``, ``year`` or ``value``) with place and remedy."""
    claim = Claim(**_row(statement, by, clock.now()))
    session.add(claim)
    session.flush()
    said = review.written(claim.key, (claim.number, claim.value))
    record(
        session,
        by,
        Action.CLAIM_STATE,
        review.subject(claim),
        changes={review.name(claim): [None, said]},
        note=claim.note,
    )
    return claim


def state_many(session: Session, statements: Sequence[Statement], *, by: Actor) -> list[int]:
    """Record many statements at once; return the ids of the claims in the order given. All or none.

    Raises Invalid for the first statement that cannot be kept.
    """
    if by.is_firm:
        return [state(session, statement, by=by).id for statement in statements]
    sources = [_source_code(statement) for statement in statements]
    return stating.state_all(
        session, statements, sources, by=by, action=Action.CLAIM_STATE, note=_batch_note(statements)
    )


def _row(statement: Statement, by: Actor, now: datetime) -> dict[str, Any]:
    if by.is_firm and (by.firm_id != statement.firm_id or statement.source_kind is not SourceKind.FIRM):
        raise NotFound
    indicator = keeping.stated(statement.key, statement.year)
    if by.is_firm and not keeping.firm_may_state(indicator):
        raise NotFound
    year = keeping.checked_year(indicator, statement.year, latest=clock.today().year)
    number, value = keeping.kept(keeping.checked(indicator, statement.value))
    return {
        "firm_id": statement.firm_id,
        "key": statement.key,
        "year": year,
        "number": number,
        "value": value,
        "raw": statement.raw,
        "source_kind": statement.source_kind,
        "source": _source_code(statement),
        "source_label": statement.source_label[:300],
        "reference": dict(statement.reference) if statement.written is None else json.loads(statement.written),
        "batch_id": statement.batch_id,
        "state": ClaimState.PENDING,
        "note": statement.note,
        "stated_by": by.id,
        "stated_by_name": by.name,
        "stated_at": now,
        "reviewed_by_name": "",
        "review_note": "",
    }


def _source_code(statement: Statement) -> str:
    if statement.source in trust.SOURCES and statement.source_kind is not SourceKind.FIRM:
        return statement.source
    return trust.code_of(statement.source_kind.value, statement.reference)


def withdraw(session: Session, claim: Claim, *, by: Actor) -> None:
    """Take back a pending claim; only who stated it may, or somebody of the firm that did.

    Raises Refused, or Conflict when it is decided already.
    """
    mine = review.locked(session, claim)
    of_the_firm = by.is_firm and mine.source_kind is SourceKind.FIRM and by.firm_id == mine.firm_id
    if not of_the_firm and mine.stated_by != by.id:
        raise Refused(
            tr("这条数据由%(name)s填报，只有填报人本人可以撤回；需要退回的请审核人办理。", name=mine.stated_by_name)
        )
    review.note_decision(mine, ClaimState.WITHDRAWN, by, "")
    record(session, by, Action.CLAIM_WITHDRAW, review.subject(mine), changes=review.move(ClaimState.WITHDRAWN))


def withdraw_batch(session: Session, batch_id: int, *, by: Actor) -> int:
    """Take back what still waits of an import batch; return how many claims.

    Accepted and rejected claims stay as they are: decided things never change. ``queries.accepted_of_batch`` names
    the accepted ones, for the page that offers the undo.
    """
    now = clock.now()
    pending = session.scalars(
        select(Claim)
        .where(Claim.batch_id == batch_id, Claim.state == ClaimState.PENDING)
        .order_by(Claim.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    changes: dict[int, dict[str, list[str | None]]] = {}
    for claim in pending:
        said = review.written(claim.key, (claim.number, claim.value))
        changes.setdefault(claim.firm_id, {})[review.name(claim)] = [said, None]
    for part in review.portions([claim.id for claim in pending]):
        session.execute(
            update(Claim)
            .where(Claim.id.in_(part))
            .values(state=ClaimState.WITHDRAWN, reviewed_by=by.id, reviewed_by_name=by.name, reviewed_at=now)
        )
    note = f"撤销导入批次 {batch_id}"
    record_many(session, by, Action.CLAIM_WITHDRAW, review.per_firm(changes), note=note)
    return len(pending)


def attach(session: Session, store: FileStore, claim: Claim, upload: Upload, *, by: Actor) -> Evidence:
    """Keep a file in the firm's locker and let it support a pending claim.

    Raises Invalid (``file``) when it is not one of the kinds taken or too large, Conflict when the claim is decided.
    """
    mine = review.locked(session, claim)
    return _support(session, mine, locker.keep(session, store, mine.firm_id, upload, by=by), by)


def attach_document(session: Session, claim: Claim, document: Document, *, by: Actor) -> Evidence:
    """Let a file that lies in the firm's locker support a pending claim. Raises Invalid (``document``), Conflict."""
    mine = review.locked(session, claim)
    locker.must_support(document, mine.firm_id, by)
    return _support(session, mine, document, by)


def _support(session: Session, claim: Claim, document: Document, by: Actor) -> Evidence:
    there = session.scalars(select(Evidence).where(Evidence.claim_id == claim.id)).all()
    if any(found.document_id == document.id for found in there):
        raise Invalid("file", tr("这条数据已附有这份材料，不需要再附一次。"))
    if len(there) >= MOST_FILES:
        raise Invalid("file", tr("每条数据最多附 %(n)s 个文件，请合并后再上传。", n=MOST_FILES))
    file = session.get_one(StoredFile, document.file_id)
    evidence = Evidence(
        claim_id=claim.id, file_id=file.id, document_id=document.id, title=document.title, attached_by_name=by.name
    )
    session.add(evidence)
    session.flush()
    changes = {"佐证材料": [None, f"{document.title}（SHA-256 {file.sha256[:12]}…）"]}
    record(session, by, Action.CLAIM_STATE, review.subject(claim), changes=changes)
    return evidence


def reject(session: Session, claim: Claim, *, by: Actor, note: str) -> None:
    """Send a pending claim back with a reason. Raises Invalid (``note``), Refused, Conflict."""
    if not note.strip():
        raise Invalid("note", tr("请写明退回原因，填报人会看到。"))
    review.refuse_firms(by)
    mine = review.locked(session, claim)
    review.note_decision(mine, ClaimState.REJECTED, by, note.strip())
    record(
        session,
        by,
        Action.CLAIM_REJECT,
        review.subject(mine),
        changes=review.move(ClaimState.REJECTED),
        note=note.strip(),
    )


def accept(session: Session, claim: Claim, *, by: Actor, reason: str = "", seen: int | None = None) -> Fact:
    """Make a pending claim the fact of its place and return that fact.

    A claim that differs from the current fact, or from another pending claim of the same place, is a choice between
    sources: it needs a ``reason``, and the other pending claims are sent back with it. A claim equal to the current
    fact confirms it; the fact stays. ``seen`` is the id of the current fact the reviewer looked at (0: none); when
    another one stands there by now the reviewer must look again.
    Raises Refused (own claim), Invalid (``reason``), Conflict (decided or changed by somebody else).
    """
    review.refuse_firms(by)
    waiting = review.waiting_at(session, claim)
    mine = next((found for found in waiting if found.id == claim.id), None)
    if mine is None:
        raise review.decided(session, claim.id)
    review.refuse_own(mine, by)
    current = queries.current_fact(session, mine.firm_id, mine.key, mine.year)
    if seen is not None and seen != (current.id if current else 0):
        raise Conflict(tr("%(name)s的核定值刚刚有变化，请重新核对后再办理。", name=review.name(mine)))
    columns = (mine.number, mine.value)
    rivals = [other for other in waiting if not are_same((other.number, other.value), columns)]
    repeats = current is not None and are_same(current.columns, columns)
    if (rivals or (current is not None and not repeats)) and not reason.strip():
        raise Invalid(
            "reason", review.needs_reason(current.source if current and not repeats else rivals[0].source_label)
        )
    review.note_decision(mine, ClaimState.ACCEPTED, by, reason.strip())
    _confirm_equals(session, [other for other in waiting if other not in rivals], mine, by)
    _set_aside(session, rivals, mine, by, reason.strip())
    old = review.written(mine.key, current.columns) if current else None
    changes = {review.name(mine): [old, review.written(mine.key, columns)], **review.move(ClaimState.ACCEPTED)}
    action = Action.FACT_CHOOSE if rivals else Action.CLAIM_ACCEPT
    record(session, by, action, review.subject(mine), changes=changes, note=reason.strip())
    if current is not None and repeats:
        return session.get_one(Fact, current.id)
    return _hold(session, mine, by, reason.strip(), current.id if current else None)


def accept_many(
    session: Session, claim_ids: Sequence[int], *, by: Actor, reason: str = "", rule_run_id: int | None = None
) -> AcceptReport:
    """Accept many claims in one transaction with few statements; what cannot be accepted is named, not forced.

    Left waiting with the sentence that says why: own claims, claims decided meanwhile or out of reach, claims whose
    sources differ among each other (a person chooses those one by one), and without a ``reason`` claims that differ
    from the current fact. ``rule_run_id`` names the rule run that does it: a rule
    replaces no fact, not even one that a person accepted while the rule was looking.
    Raises Conflict, changing nothing, when another reviewer accepts the same place meanwhile.
    """
    review.refuse_firms(by)
    with collector.paused(), roomy(session, len(claim_ids)):
        wanted = bulk.waiting(session, claim_ids, by)
        rivals, facts = bulk.surroundings(session, wanted)
        plan = bulk.plan(wanted, rivals, facts, by=by, reason=reason.strip(), replaces=rule_run_id is None)
        gone = set(claim_ids) - {claim.id for claim in wanted}
        plan.refused.extend(bulk.Refusal(claim_id, bulk.GONE) for claim_id in sorted(gone))
        bulk.carry_out(session, plan, by=by, reason=reason.strip(), rule_run_id=rule_run_id)
    return AcceptReport(
        accepted=tuple(plan.held),
        confirmed=tuple(claim.id for claim in plan.confirm),
        refused=tuple(plan.refused),
    )


def choose(session: Session, claim: Claim, *, by: Actor, reason: str, seen: int | None = None) -> Fact:
    """Choose one of several sources that differ; the others stay readable, sent back with the reason.

    Raises what ``accept`` raises, and Invalid (``reason``) without a reason.
    """
    if not reason.strip():
        raise Invalid("reason", tr("请写明选定这一来源的理由，理由会与数据一并留存。"))
    return accept(session, claim, by=by, reason=reason, seen=seen)


def keep_current(session: Session, claim: Claim, *, by: Actor, reason: str) -> int:
    """Keep the current fact: send back every pending claim of the place that differs; return how many.

    Raises Invalid (``reason``), Conflict when there is no current fact.
    """
    if not reason.strip():
        raise Invalid("reason", tr("请写明维持现核定值的理由，填报人会看到。"))
    review.refuse_firms(by)
    waiting = review.waiting_at(session, claim)
    current = queries.current_fact(session, claim.firm_id, claim.key, claim.year)
    if current is None:
        raise Conflict(tr("%(name)s还没有核定值，不能维持；请选定一个来源或退回。", name=review.name(claim)))
    others = [found for found in waiting if not are_same((found.number, found.value), current.columns)]
    note = (
        f"维持核定值 {review.written(current.key, current.columns)}（{current.source_label}）。理由：{reason.strip()}"
    )
    for other in others:
        review.note_decision(other, ClaimState.REJECTED, by, note)
        record(
            session, by, Action.FACT_CHOOSE, review.subject(other), changes=review.move(ClaimState.REJECTED), note=note
        )
    session.flush()
    return len(others)


def _confirm_equals(session: Session, equals: Sequence[Claim], chosen: Claim, by: Actor) -> None:
    """Accept what other sources say alike; what the reviewer said himself waits for somebody else."""
    for other in equals:
        if other.id == chosen.id or review.is_own(other, by):
            continue
        review.note_decision(other, ClaimState.ACCEPTED, by, f"与同时核定的数据一致（{chosen.source_label}）")
        record(session, by, Action.CLAIM_ACCEPT, review.subject(other), changes=review.move(ClaimState.ACCEPTED),
               note=other.review_note)  # fmt: skip


def _set_aside(session: Session, rivals: Sequence[Claim], chosen: Claim, by: Actor, reason: str) -> None:
    said = review.written(chosen.key, (chosen.number, chosen.value))
    note = f"未采信：已选定 {said}（{chosen.source_label}）。理由：{reason}"
    for rival in rivals:
        review.note_decision(rival, ClaimState.REJECTED, by, note)
        record(
            session, by, Action.CLAIM_REJECT, review.subject(rival), changes=review.move(ClaimState.REJECTED), note=note
        )
    session.flush()


def _hold(session: Session, claim: Claim, by: Actor, reason: str, old: int | None) -> Fact:
    """Put the claim's value in the place of the old fact; Conflict when somebody was faster."""
    now = claim.reviewed_at or clock.now()
    if old is not None:
        review.supersede(session, [old], now)
    fact = Fact(
        firm_id=claim.firm_id, key=claim.key, year=claim.year, number=claim.number, value=claim.value,
        claim_id=claim.id, accepted_by=by.id, accepted_by_name=by.name, accepted_at=now, reason=reason,
    )  # fmt: skip
    session.add(fact)
    try:
        session.flush()
    except IntegrityError as error:
        raise review.overtaken() from error
    if old is not None:
        session.execute(update(Fact).where(Fact.id == old).values(superseded_by=fact.id))
    return fact


def _batch_note(statements: Sequence[Statement]) -> str:
    batches = {statement.batch_id for statement in statements} - {None}
    return f"导入批次 {batches.pop()}" if len(batches) == 1 else ""
