"""The ladder as a picture: six rungs with their spans of validity over the years (pure)."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup

from app.core.text import Message, tr
from app.figures.spans import Span, SpanChart, SpanRow, span_chart
from app.figures.svg import Say
from app.recognitions.models import Recognition
from app.recognitions.standing import HELD, Ladder, Rung, Standing, begins, standing

YEARS_BACK, YEARS_AHEAD = 4, 3


def ladder_strip(found: Ladder, day: date, *, say: Say, key: str) -> Markup:
    """Draw the ladder. The picture holds no links: the rungs above it do."""
    rows = tuple(
        SpanRow(
            say(Message(rung.kind.label)),
            tuple(_span(one, day, say) for one in reversed(rung.spans)),
            say(tr("没有登记")),
        )
        for rung in found.rungs
    )
    chart = SpanChart(say(tr("资质阶梯")), rows, day, day.year - YEARS_BACK, day.year + YEARS_AHEAD, key=key)
    return span_chart(chart, say=say)


def _span(one: Recognition, day: date, say: Say) -> Span:
    state = standing(one, day)
    until = one.valid_until
    if one.revoked_on is not None and (until is None or one.revoked_on < until):
        until = one.revoked_on
    told = say(
        tr("%(begin)s 至 %(end)s", begin=begins(one).isoformat(), end=until.isoformat() if until else tr("长期"))
    )
    return Span(
        begins(one), until, told, is_over=state not in HELD and state is not Standing.FUTURE,
        is_near=state is Standing.ENDING,
    )  # fmt: skip


def told(rung: Rung) -> Message:
    """Return what a rung says in one line: 有效至 2027-12-19，还有 388 天."""
    latest = rung.latest
    if latest is None or rung.state is None:
        return tr("没有登记")
    if rung.state in HELD:
        if latest.valid_until is None:
            return tr("长期有效")
        return tr("有效至 %(day)s，还有 %(n)s 天", day=latest.valid_until.isoformat(), n=rung.days_left)
    if rung.state is Standing.REVOKED and latest.revoked_on is not None:
        return tr("%(day)s 被撤销", day=latest.revoked_on.isoformat())
    if rung.state is Standing.ENDED and latest.valid_until is not None:
        return tr("%(day)s 已到期", day=latest.valid_until.isoformat())
    return tr("%(day)s 起有效", day=begins(latest).isoformat())
