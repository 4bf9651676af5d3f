"""What helps to answer a question: for which time it is declared, its calibre, how it is written (pure)."""

from __future__ import annotations

from app.assessments.questions import Question
from app.core.text import Message, tr
from app.facts.writing import help_of


def hints(question: Question, *, is_written: bool = True) -> list[Message | str]:
    """Return what stands under a question; nothing is said twice.

    ``is_written``: the answer is typed, so how it is written is said too.
    """
    period = [tr("申明的期间：%(period)s", period=question.period)] if question.period else []
    return [*period, *help_of(question.indicator, is_written=is_written)]
