"""Handing a form in: the head of the firm signs what stands there, and its answers become claims of the firm."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.assessments import attaching, checks, queries, returned
from app.assessments.filled import Filled, Line
from app.assessments.models import OPEN_STATES, Assessment, AssessmentState, Part, Submission
from app.assessments.places import Place
from app.assessments.subject import subject_of
from app.audit.service import record
from app.core import clock
from app.core.digest import canonical_json, sha256_hex
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import N_, tr
from app.facts import display, keeping
from app.facts import service as facts
from app.facts.models import Claim, ClaimState, SourceKind
from app.facts.service import Statement
from app.facts.sheet import plain_value

STATEMENT = N_(
    "本人作为企业负责人，已审阅本表全部内容，确认所填数据真实、准确、完整，与账证相符；如有不实，愿承担相应责任。"
)


def submit(
    session: Session, assessment_id: int, *, seen: int, agrees: bool, by: Actor, looked_at: str | None = None
) -> Submission:
    """Submit a form as it stands; ``seen`` is its revision that was looked at, ``agrees`` that the statement is made.

    ``looked_at`` is the digest of what a person was shown: a newer version of a document in the locker, or another
    figure that the bureau holds, moves no revision. Raises NotFound, Invalid (``agrees``), Conflict (not open, changed
    meanwhile, closed, something left to mend).
    """
    form = queries.form(session, assessment_id, for_=by)
    if not agrees:
        raise Invalid("agrees", tr("请阅读并勾选声明后再提交。"))
    _take(session, form.row, seen)  # what was read before it still tells whether the form had been returned
    if form.closed_on is not None:
        raise Conflict(tr("本批次已于 %(day)s 截止，不能再提交；请联系主管部门经办人。", day=form.closed_on))
    filled = queries.filled(session, form)
    left = len(checks.open_faults(filled)) + len(returned.unanswered(session, form, filled))
    if left:
        raise Conflict(tr("还有 %(n)s 处须改正、说明或答复，请返回自评逐项处理后再提交。", n=left))
    content = content_of(filled)
    if looked_at is not None and looked_at != digest_of(content):
        raise Conflict(tr("佐证材料或主管部门已有的数据刚有改动，请重新核对后再签署。"))
    made = Submission(
        assessment_id=assessment_id, number=_next_number(session, assessment_id), edition_id=form.row.edition_id,
        content=content, digest=digest_of(content), statement=STATEMENT, signed_by=by.id, signed_by_name=by.name,
        submitted_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    attaching.settle(session, form.row, filled.lines)
    _state_claims(session, form, made, filled.lines, by)
    changes: dict[str, Sequence[Any]] = {
        "state": [form.row.state, AssessmentState.SUBMITTED],
        "digest": [None, made.digest],
    }
    record(session, by, Action.OWN_SIGN, subject_of(form.row), changes=changes, note=STATEMENT)
    session.flush()
    return made


def digest_of(content: list[dict[str, Any]]) -> str:
    """Return the digest of everything that is submitted."""
    return sha256_hex(canonical_json(content))


def _next_number(session: Session, assessment_id: int) -> int:
    last = select(func.max(Submission.number)).where(Submission.assessment_id == assessment_id)
    return 1 + (session.scalar(last) or 0)


def _take(session: Session, form: Assessment, seen: int) -> None:
    """Close the form for writing, if it stands as it was looked at."""
    taken = session.execute(
        update(Assessment)
        .where(Assessment.id == form.id, Assessment.state.in_(OPEN_STATES), Assessment.revision == seen)
        .values(state=AssessmentState.SUBMITTED)
        .execution_options(synchronize_session=False)
    )
    if getattr(taken, "rowcount", 0) != 1:
        raise Conflict(tr("表中内容刚有改动，或已经提交；请重新核对后再签署。"))


def _shown(line: Line) -> str:
    """Return a number as it was read, with its unit (41,862,300 元 is 4,186.23 万元); empty for anything else."""
    return display.with_unit(line.question.indicator, line.value) if isinstance(line.value, Decimal) else ""


def content_of(filled: Filled) -> list[dict[str, Any]]:
    """Return the form as it is kept with a submission: every place with what was typed and what is held.

    ``stale`` says that the reason explains nothing any more, and that the firm left it there.
    """
    stale = {line.question.place for line in checks.stale_reasons(filled)}
    return [
        {
            "key": line.question.key,
            "year": line.question.year,
            "section": line.question.section.code,
            "text": line.text(Part.VALUE),
            "value": plain_value(line.value) if line.value is not None else None,
            "shown": _shown(line),
            "reason": line.text(Part.REASON),
            "stale": line.question.place in stale,
            "confirmed": line.is_confirmed,
            "reply": line.text(Part.REPLY),
            "staff": line.staff,
            "held": display.with_unit(line.question.indicator, line.held.value) if line.held else "",
            "documents": [
                {
                    "id": one.id, "title": one.title, "name": one.name, "size": one.size, "sha256": one.sha256,
                    "kind": one.kind, "valid_from": one.valid_from, "valid_until": one.valid_until,
                    "added": f"{one.added_by}，{one.added_on}",
                }
                for one in line.attached
            ],
        }
        for line in filled.lines
    ]  # fmt: skip


def claims_of(session: Session, firm_id: int, assessment_id: int) -> dict[Place, Claim]:
    """Return the pending claims that stand for answers of a form."""
    rows = session.scalars(
        select(Claim).where(
            Claim.firm_id == firm_id, Claim.source_kind == SourceKind.FIRM, Claim.state == ClaimState.PENDING
        )
    )
    return {Place(one.key, one.year): one for one in rows if one.reference.get("assessment") == assessment_id}


def _state_claims(session: Session, form: queries.Form, made: Submission, lines: Sequence[Line], by: Actor) -> None:
    """State what the firm says otherwise than the bureau holds; what was stated before and no longer holds goes."""
    if by.firm_id is None:
        raise NotFound
    waiting = claims_of(session, by.firm_id, form.row.id)
    supported = attaching.supports(session, waiting.values())
    for line in lines:
        before = waiting.pop(line.question.place, None)
        says = line.value is not None and not line.is_confirmed and keeping.firm_may_state(line.question.indicator)
        if before is not None:
            if says and _is_as_before(line, before, supported.get(before.id, ())):
                continue
            facts.withdraw(session, before, by=by)
        if says:
            attaching.support(session, facts.state(session, _statement(form, made, line), by=by), line, by=by)
    for gone in waiting.values():
        facts.withdraw(session, gone, by=by)


def _is_as_before(line: Line, before: Claim, documents: Collection[int]) -> bool:
    """Tell whether a claim that waits says what the line says, with the same evidence."""
    if line.value is None or not keeping.are_same((before.number, before.value), keeping.kept(line.value)):
        return False
    return {one.id for one in line.attached} == set(documents)


def _statement(form: queries.Form, made: Submission, line: Line) -> Statement:
    assert line.value is not None
    assert form.row.firm_id is not None
    question = line.question
    address = f"/office/assessments/{form.row.id}/submissions/{made.number}"
    return Statement(
        firm_id=form.row.firm_id, key=question.key, year=question.year, value=line.value,
        raw=line.text(Part.VALUE), source_kind=SourceKind.FIRM,
        source_label=f"{form.title} 第 {made.number} 次提交 · {made.signed_by_name}签署",
        reference={"assessment": form.row.id, "submission": made.number,
                   "url": f"{address}#place-{question.key}-{question.year or ''}"},
        note=line.text(Part.REASON),
    )  # fmt: skip
