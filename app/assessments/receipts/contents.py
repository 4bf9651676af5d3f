"""From a submission to everything its receipt says: what was submitted, not what stands in the form today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.assessments import queries, returned
from app.assessments.models import Submission, SubmissionState
from app.assessments.places import Place
from app.assessments.questions import declarations
from app.assessments.receipts import authors, papers
from app.assessments.receipts.context import (
    AnswerPart,
    FormPart,
    ReceiptContext,
    ReturnedPart,
    RoundPart,
    SectionPart,
    SignedPart,
)
from app.assessments.receipts.models import Occasion
from app.assessments.sections import SECTIONS
from app.documents.format import moment_text
from app.facts import display, keeping
from app.firms.models import Firm
from app.rulebooks import queries as rulebooks
from app.rulebooks.models import Edition
from app.rulebooks.schema import Rulebook

ORGAN = "江门市蓬江区科学技术局"
KINDS = {"new": "新申请", "review": "复核"}
CONFIRMED, BLANK, GONE, SAME = "确认现有核定值", "（未填）", "表中不再需要这一项", "数据未变"
Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Imprint:
    """What sets one receipt apart from another of the same round."""

    number: str
    code: str
    address: str
    issued_at: datetime


def context_of(
    session: Session, form: queries.Form, made: Submission, occasion: Occasion, imprint: Imprint
) -> ReceiptContext:
    """Return everything a receipt says. The same rows and imprint give the same context."""
    edition = rulebooks.edition(session, made.edition_id)
    rulebook = rulebooks.rulebook_of(edition)
    rounds = queries.submissions(session, form.row.id)
    before = next((one for one in rounds if one.number == made.number - 1), None)
    after = next((one for one in rounds if one.number == made.number + 1), None)
    attached = papers.papers_of(made.content)
    outcomes = authors.outcomes(session, form.row, made) if made.state is SubmissionState.ACCEPTED else {}
    return ReceiptContext(
        number=imprint.number, code=imprint.code, address=imprint.address, issued_at=imprint.issued_at, organ=ORGAN,
        title=f"自评{occasion.label}", occasion=occasion.value,
        form=_form(session, form, edition, rulebook), round=_round(made),
        authors=authors.authors(session, form.row.id, made),
        sections=_sections(made, before, rulebook, outcomes), papers=attached,
        returned=_returned(session, made, after, rulebook),
        mended=_mended(session, before, made, rulebook),
        rounds=tuple(_line(one) for one in rounds),
    )  # fmt: skip


def _form(session: Session, form: queries.Form, edition: Edition, rulebook: Rulebook) -> FormPart:
    firm = session.get_one(Firm, form.row.firm_id)
    return FormPart(
        firm=firm.name, credit_code=firm.credit_code or "未登记", town=firm.town.label if firm.town else "未登记",
        is_demo=firm.is_demo, title=f"{edition.title}自评（{form.row.year} 年度）", edition=edition.title,
        code=edition.code,
        policies=tuple(f"《{one.name}》" + (f"（{one.number}）" if one.number else "") for one in rulebook.policies),
        is_checked=edition.is_checked, kind=KINDS.get(form.row.kind, form.row.kind), year=form.row.year,
        intake=form.intake.name if form.intake is not None else "未登记申报批次",
    )  # fmt: skip


def _round(made: Submission) -> SignedPart:
    return SignedPart(
        number=made.number, signed_by=made.signed_by_name, submitted_at=made.submitted_at, statement=made.statement,
        digest=made.digest, state=made.state.label, decided_by=made.decided_by_name, decided_at=made.decided_at,
        due=made.due_on.isoformat() if made.due_on else "", note=made.note,
    )  # fmt: skip


def _line(one: Submission) -> RoundPart:
    decided = f"{one.decided_by_name}，{moment_text(one.decided_at)}" if one.decided_at is not None else ""
    return RoundPart(
        one.number, f"{one.signed_by_name}，{moment_text(one.submitted_at)}", one.state.label, decided, one.note
    )


def _sections(
    made: Submission, before: Submission | None, rulebook: Rulebook, outcomes: Mapping[Place, str]
) -> tuple[SectionPart, ...]:
    declared = declarations(rulebook)
    numbers = papers.numbers(made.content)
    changes = {one.place: one for one in returned.changed(before.content, made.content)} if before else {}
    found: dict[str, list[AnswerPart]] = {}
    for one in made.content:
        place = Place(one["key"], one["year"])
        was = changes.get(place)
        old = said(was.before) if was is not None and was.is_figure and was.before else ""
        cited = tuple(numbers[paper["id"]] for paper in one.get("documents", ()))
        answer = _answer(one, old, cited, outcomes.get(place, ""), is_declaration=one["key"] in declared)
        found.setdefault(one["section"], []).append(answer)
    order = [section for section in SECTIONS if section.code in found]
    return tuple(SectionPart(section.name, tuple(found[section.code])) for section in order)


def _answer(one: Told, before: str, cited: tuple[int, ...], outcome: str, *, is_declaration: bool) -> AnswerPart:
    indicator = keeping.indicator_of(one["key"], one["year"])
    unit, text = display.unit_of(indicator), str(one["text"])
    shown = str(one.get("shown", ""))
    figure = shown.removesuffix(f" {unit}") if unit else shown
    return AnswerPart(
        name=keeping.name_of(one["key"], one["year"]), calibre=indicator.calibre, unit=unit,
        said=figure or text or (CONFIRMED if one["confirmed"] else BLANK),
        typed=text if figure and _plain(text) != _plain(figure) else "", held=one["held"],
        is_declaration=is_declaration, reason=one["reason"], is_stale=one.get("stale", False),
        reply=one["reply"], staff=one.get("staff", ""), before=before, papers=cited, outcome=outcome,
    )  # fmt: skip


def said(one: Told) -> str:
    """Return what a place of a submission says, with its unit."""
    return str(one.get("shown") or one["text"] or (f"{CONFIRMED}：{one['held']}" if one["confirmed"] else BLANK))


def _plain(text: str) -> str:
    return text.replace(",", "").strip()


def _returned(
    session: Session, made: Submission, after: Submission | None, rulebook: Rulebook
) -> tuple[ReturnedPart, ...]:
    """Return what was returned of a round, answered by the next one where there is one."""
    if after is None:
        content = {Place(one["key"], one["year"]): one for one in made.content}
        rows = [
            returned.Answered(item, content.get(Place(item.key, item.year), {}), {})
            for item in returned.items(session, made.id)
        ]
        return tuple(_thing(one, rulebook, is_answered=False) for one in rows)
    return _things(returned.answered(session, made, after), rulebook)


def _mended(
    session: Session, before: Submission | None, made: Submission, rulebook: Rulebook
) -> tuple[ReturnedPart, ...]:
    return _things(returned.answered(session, before, made), rulebook) if before is not None else ()


def _things(rows: Sequence[returned.Answered], rulebook: Rulebook) -> tuple[ReturnedPart, ...]:
    return tuple(_thing(one, rulebook, is_answered=True) for one in rows)


def _thing(one: returned.Answered, rulebook: Rulebook, *, is_answered: bool) -> ReturnedPart:
    item, change = one.item, one.change
    answer = ""
    if is_answered:
        answer = GONE if not one.after else said(one.after) if change.is_figure else SAME
    return ReturnedPart(
        name=keeping.name_of(item.key, item.year), reason=item.reason, clause=_clause(rulebook, item.clause),
        example=item.example, before=said(one.before) if one.before else BLANK, answer=answer,
        reply=str(one.after.get("reply", "")) if one.after else "",
        papers="佐证材料有变化" if is_answered and one.after and change.has_other_papers else "",
    )  # fmt: skip


def _clause(rulebook: Rulebook, wanted: str) -> str:
    found: Iterable[str] = (f"{one.article}：{one.text}" for one in rulebook.clauses if one.id == wanted)
    return next(iter(found), "")
