"""From a plan to the drafts of tasks: what a person ticked, with the day beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.core.errors import Invalid
from app.core.text import tr
from app.eligibility.gap.calculation import name_of
from app.eligibility.gap.queries import Reached
from app.eligibility.reach.questions import Question
from app.engagement.service import TaskDraft

ASKING = "ask"
WAITING = "wait"
DAYS_TO_ASK = 7


@dataclass(frozen=True)
class Offer:
    """A step of a plan as it may become a task; ``name`` tells it from the others."""

    name: str
    title: str
    note: str
    clauses: tuple[str, ...]
    key: str
    year: int | None
    due_on: date


def offers(reached: Reached, today: date) -> list[Offer]:
    """Return what of a plan can become a task: its steps, and asking for what is missing."""
    found = [
        Offer(
            name=WAITING if step.change is None else name_of(step.change.key, step.change.year),
            title=step.text,
            note=step.terms.lever.note if step.terms is not None else "",
            clauses=step.clauses,
            key=step.change.key if step.change is not None else "",
            year=step.change.year if step.change is not None else None,
            due_on=max(step.due, today),
        )
        for step in reached.plan.steps
    ]
    asked = reached.gap.questions
    if asked:
        clauses = tuple(dict.fromkeys(clause for one in asked for clause in one.clauses))
        found.append(Offer(ASKING, _asking(asked), "", clauses, "", None, today + timedelta(days=DAYS_TO_ASK)))
    return found


def _asking(asked: Sequence[Question]) -> str:
    title = f"向企业补齐 {len(asked)} 项资料：" + "；".join(
        one.text.removeprefix("请问贵公司").strip() for one in asked
    )
    return title if len(title) <= 300 else title[:299] + "…"


def drafts(
    reached: Reached, sent: Mapping[str, str], ticked: Sequence[str], owner: int, detail: str, today: date
) -> list[TaskDraft]:
    """Return the drafts of what was ticked. Raises Invalid for a day that is none, or a step that is gone."""
    known = {one.name: one for one in offers(reached, today)}
    if any(name not in known for name in ticked):
        raise Invalid("step", tr("企业数据有更新，做法已经变了，请按新的做法重新选择。"))
    found = []
    for name in ticked:
        offer = known[name]
        try:
            due_on = date.fromisoformat(sent.get(f"due-{name}", "").strip())
        except ValueError:
            raise Invalid("step", tr("“%(title)s”的期限有误，请填写日期，如 2026-06-30。", title=offer.title)) from None
        found.append(
            TaskDraft(
                offer.title,
                owner,
                due_on,
                detail or offer.note,
                reached.edition.id,
                offer.clauses[0] if offer.clauses else "",
                offer.key,
                offer.year,
            )  # fmt: skip
        )
    return found
