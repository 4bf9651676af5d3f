"""Own indicators: define, define anew from a year on, retire, take up again. Nothing is overwritten or deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import tr
from app.facts.definitions import FIRST_YEAR, Composed, Formula
from app.facts.formula import written
from app.indicators import checks, queries
from app.indicators.draft import IndicatorDraft
from app.indicators.models import CustomIndicator, IndicatorDefinition


def subject(indicator: CustomIndicator, label: str) -> Subject:
    """Return an own indicator as the log names it."""
    return Subject("custom_indicator", indicator.id, label)


def create(session: Session, draft: IndicatorDraft, *, by: Actor) -> CustomIndicator:
    """Define an indicator; it can be stated at once. Raises Invalid naming the field and the remedy."""
    there = queries.composed(session)
    key = checks.key(draft.key, draft.label, there)
    checked = checks.definition(replace(draft, key=key), there)
    indicator = CustomIndicator(
        key=key, kind=draft.kind, period=draft.period, owner=draft.owner.strip(), created_by_name=by.name
    )
    session.add(indicator)
    session.flush()
    _define(session, indicator, checked, 1, why="", by=by)
    changes = {"key": (None, key), **{name: (None, value) for name, value in _told(checked, there).items() if value}}
    record(session, by, Action.CATALOGUE_CREATE, subject(indicator, checked.label), changes=changes)
    return indicator


def change(
    session: Session, indicator: CustomIndicator, draft: IndicatorDraft, *, why: str, version: int, by: Actor
) -> bool:
    """Define an indicator anew for the years from ``draft.effective_year`` on; return whether anything changed.

    Earlier years keep their definition. Raises Invalid, and Conflict when somebody else changed it meanwhile.
    """
    if indicator.version != version:
        raise Conflict(tr("在您填写期间，这个指标已被他人修改。请返回指标页面核对后再改。"))
    if indicator.retired_on is not None:
        raise Invalid("label", tr("指标已停用，请先恢复使用再修改定义。"))
    kept = indicator.definitions[-1]
    wanted = replace(draft, key=indicator.key, kind=indicator.kind, period=indicator.period)
    there = queries.composed(session)
    checked = checks.definition(wanted, there)
    old, new = _told(draft_of(indicator, kept), there), _told(checked, there)
    changes: dict[str, Any] = {name: (old[name], new[name]) for name in new if old[name] != new[name]}
    if not set(changes) - {"effective_year"}:
        return False
    if not why.strip():
        raise Invalid("why", tr("请写明为什么修改定义，例如“按 2026 年统计报表制度调整口径”。"))
    checks.may_take_effect(session, indicator.key, kept, checked)
    if indicator.owner != checked.owner:
        indicator.owner = checked.owner
    indicator.version = version + 1
    _define(session, indicator, checked, kept.number + 1, why=why.strip(), by=by)
    record(
        session, by, Action.CATALOGUE_CHANGE, subject(indicator, checked.label), changes=changes, note=why.strip()
    )  # fmt: skip
    return True


def retire(session: Session, indicator: CustomIndicator, *, on: date, reason: str, by: Actor) -> None:
    """Let an indicator take no new values from a day on; what stands stays readable. Raises Invalid."""
    label = indicator.definitions[-1].label
    if indicator.retired_on is not None:
        raise Invalid("on", tr("指标已于 %(day)s 停用。", day=indicator.retired_on))
    if not reason.strip():
        raise Invalid("reason", tr("请写明停用理由，例如“2026 年起不再统计”。"))
    if on > clock.today():
        raise Invalid("on", tr("停用日期不能晚于今天（%(day)s）。", day=clock.today()))
    computed = queries.computed_from(queries.own(session), indicator.key)
    if computed:
        names = "、".join(f"『{one.label}』" for one in computed)
        raise Invalid("reason", tr("%(names)s由这个指标计算，请先停用或改用其他算法。", names=names))
    indicator.retired_on, indicator.retired_reason = on, reason.strip()
    session.flush()
    queries.forget(session)
    record(
        session, by, Action.CATALOGUE_RETIRE, subject(indicator, label), changes={"retired_on": (None, on)},
        note=reason.strip(),
    )  # fmt: skip


def take_up(session: Session, indicator: CustomIndicator, *, by: Actor) -> None:
    """Let a retired indicator be stated again. Raises Invalid when it is in use."""
    if indicator.retired_on is None:
        raise Invalid("on", tr("指标正在使用，无需恢复。"))
    was = indicator.retired_on
    indicator.retired_on, indicator.retired_reason = None, ""
    session.flush()
    queries.forget(session)
    label = indicator.definitions[-1].label
    record(session, by, Action.CATALOGUE_RETIRE, subject(indicator, label), changes={"retired_on": (was, None)})


def draft_of(indicator: CustomIndicator, kept: IndicatorDefinition) -> IndicatorDraft:
    """Return a stored definition as a draft, for forms and comparison."""
    return IndicatorDraft(
        key=indicator.key,
        kind=indicator.kind,
        period=indicator.period,
        owner=indicator.owner,
        label=kept.label,
        short=kept.short,
        unit=kept.unit,
        choices=tuple(kept.choices),
        group=kept.group_name,
        hint=kept.hint,
        document=kept.document,
        article=kept.article,
        url=kept.url,
        formula=Formula.from_json(kept.formula),
        effective_year=kept.effective_year,
    )


def _define(
    session: Session, indicator: CustomIndicator, draft: IndicatorDraft, number: int, *, why: str, by: Actor
) -> None:
    session.add(
        IndicatorDefinition(
            indicator_id=indicator.id,
            number=number,
            effective_year=draft.effective_year,
            label=draft.label,
            short=draft.short,
            unit=draft.unit,
            choices=list(draft.choices),
            group_name=draft.group,
            hint=draft.hint,
            document=draft.document,
            article=draft.article,
            url=draft.url,
            formula=draft.formula.as_json() if draft.formula else None,
            why=why,
            made_by_name=by.name,
        )
    )
    session.flush()
    queries.forget(session)


def _told(draft: IndicatorDraft, there: Composed) -> dict[str, Any]:
    return {
        "label": draft.label,
        "short": draft.short,
        "unit": draft.unit,
        "choices": list(draft.choices),
        "group_name": draft.group,
        "hint": draft.hint,
        "document": draft.document,
        "article": draft.article,
        "url": draft.url,
        "formula": written(draft.formula, there) if draft.formula else None,
        "owner": draft.owner,
        "effective_year": draft.effective_year if draft.effective_year != FIRST_YEAR else None,
    }
