"""Tests that are not comparisons of numbers: yes/no, options, fields, and how tests combine (pure)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.eligibility.engine import answers, bases, choices, dates, registers
from app.eligibility.engine.check import Check, unknown
from app.eligibility.engine.compare import compared, told
from app.eligibility.engine.fields import field_of
from app.eligibility.engine.finding import plain
from app.eligibility.engine.outcome import Outcome, all_of, any_of
from app.eligibility.engine.setting import Setting
from app.rulebooks import criteria
from app.rulebooks.answers import Lists, NoRecord
from app.rulebooks.bases import OnPath
from app.rulebooks.criteria import Test


def checked(setting: Setting, test: Test) -> Check:
    """Return the check of any test."""
    return _EVALUATORS[type(test)](setting, test)


def _said(outcome: bool) -> Outcome:
    return Outcome.MET if outcome else Outcome.UNMET


def _holds(setting: Setting, test: criteria.Holds) -> Check:
    fact = setting.find(test.key)
    label = setting.catalogue.get(test.key).short
    if fact is None:
        check = unknown((setting.place(test.key),))
    else:
        fits = fact.value is test.expected
        stated = "是" if fact.value else "否"
        asked = "是" if test.expected else "否"
        tail = "符合要求" if fits else f"不符合要求（须为“{asked}”）"
        check = Check(_said(fits), f"“{label}”为“{stated}”，{tail}", (fact,))
        check.actual, check.actual_text = bool(fact.value), stated
    check.operator, check.required = "==", test.expected
    check.required_text = "是" if test.expected else "否"
    return check


def _one_of(setting: Setting, test: criteria.OneOf) -> Check:
    fact = setting.find(test.key)
    label = setting.catalogue.get(test.key).short
    if fact is None:
        check = unknown((setting.place(test.key),))
    else:
        fits = fact.value in test.allowed
        check = Check(_said(fits), f"{label}为“{fact.value}”，{'符合要求' if fits else '不符合要求'}", (fact,))
        check.actual, check.actual_text = plain(fact.value), str(fact.value)
        if setting.catalogue.get(test.key).is_beyond_options(fact.value):
            check.outcome = Outcome.NEEDS_REVIEW
            check.sentence = f"{label}为“{fact.value}”，不在所列选项之内，须人工核定"
    check.operator = "in"
    check.required, check.required_text = list(test.allowed), "、".join(test.allowed)
    return check


def _level(setting: Setting, test: criteria.LevelAtLeast) -> Check:
    fact = setting.find(test.key)
    indicator = setting.catalogue.get(test.key)
    if fact is None:
        check = unknown((setting.place(test.key),))
    else:
        order = [option.value for option in indicator.options]
        fits = order.index(str(fact.value)) >= order.index(test.level)
        tail = f"{'符合' if fits else '不符合'}{test.level}以上的要求"
        check = Check(_said(fits), f"{indicator.short}为“{fact.value}”，{tail}", (fact,))
        check.actual, check.actual_text = plain(fact.value), str(fact.value)
    check.operator, check.required, check.required_text = ">=", test.level, f"{test.level}以上（含{test.level}）"
    return check


def _in_field(setting: Setting, test: criteria.InField) -> Check:
    fact = setting.find(test.key)
    if fact is None:
        check = unknown((setting.place(test.key),))
    else:
        code = str(fact.value)
        found = field_of(code, test.fields)
        if found.field and found.depth > 1:
            check = Check(Outcome.MET, f"主要产品（服务）技术领域为“{code}”，属于“{found.field}”领域", (fact,))
        elif found.field:
            check = Check(
                Outcome.NEEDS_REVIEW, f"“{code}”只到“{found.field}”领域，未落到最末一级目录，须人工核定", (fact,)
            )
        elif found.is_outside:
            check = Check(Outcome.UNMET, f"“{code}”不在规定的八大领域之内", (fact,))
        else:
            check = Check(Outcome.NEEDS_REVIEW, f"代码“{code}”看不出所属领域，须人工核定", (fact,))
        check.actual, check.actual_text = code, code
    check.operator = "in"
    check.required, check.required_text = list(test.fields), "《国家重点支持的高新技术领域》：" + "、".join(test.fields)
    return check


# --- combinations ------------------------------------------------------------------------------------------------


def _merged(checks: list[Check], outcome: Outcome, lead: Check, tellers: list[Check]) -> Check:
    """Take value and demand from the part that settles the outcome; figures from all parts."""
    return Check(
        outcome=outcome,
        sentence="；".join(check.sentence for check in tellers),
        used=tuple(dict.fromkeys(fact for check in checks for fact in check.used)),
        missing=tuple(dict.fromkeys(place for check in tellers for place in check.missing)),
        actual=lead.actual,
        actual_exact=lead.actual_exact,
        actual_text=lead.actual_text,
        operator=lead.operator,
        required=lead.required,
        required_text=lead.required_text,
        gap=lead.gap,
        gap_unit=lead.gap_unit,
        gap_text=lead.gap_text,
        flags=tuple(dict.fromkeys(flag for check in checks for flag in check.flags)),
    )


def _all_of(setting: Setting, test: criteria.AllOf) -> Check:
    checks = [checked(setting, inner) for inner in test.tests]
    outcome = all_of(check.outcome for check in checks)
    tellers = [check for check in checks if check.outcome is outcome]
    return _merged(checks, outcome, tellers[0], tellers)


def _any_of(setting: Setting, test: criteria.AnyOf) -> Check:
    checks = [checked(setting, inner) for inner in test.tests]
    outcome = any_of(check.outcome for check in checks)
    tellers = [check for check in checks if check.outcome is outcome]
    return _merged(checks, outcome, tellers[0], tellers)


def _none_of(setting: Setting, test: criteria.NoneOf) -> Check:
    """A circumstance that is present gives ``hit``; none present is met; else unknown."""
    checks = [checked(setting, inner) for inner in test.tests]
    present = any_of(check.outcome for check in checks)
    tellers = [check for check in checks if check.outcome is present]
    if present is Outcome.MET:
        merged = _merged(checks, Outcome(test.hit), tellers[0], tellers)
        merged.sentence = "存在下列情形：" + merged.sentence
    elif present is Outcome.UNMET:
        merged = _merged(checks, Outcome.MET, tellers[0], tellers)
        merged.sentence = "未发现所列情形"
    else:
        merged = _merged(checks, present, tellers[0], tellers)
    merged.actual, merged.required, merged.required_text = present is Outcome.MET, False, "不存在所列情形"
    merged.operator, merged.actual_text = "==", "存在" if present is Outcome.MET else "不存在"
    if present not in (Outcome.MET, Outcome.UNMET):
        merged.actual, merged.actual_text = None, ""
    merged.actual_exact, merged.gap, merged.gap_unit, merged.gap_text = "", None, "", ""
    return merged


_EVALUATORS: dict[type, Callable[[Setting, Any], Check]] = {
    criteria.Compare: compared,
    criteria.Holds: _holds,
    criteria.OneOf: _one_of,
    criteria.LevelAtLeast: _level,
    criteria.InField: _in_field,
    criteria.InIndustry: choices.in_industry,
    criteria.NoneDated: dates.none_dated,
    criteria.ValidOn: dates.valid_on,
    criteria.ValidFor: dates.valid_for,
    criteria.AnyRecord: dates.any_record,
    criteria.RecordValid: registers.record_valid,
    criteria.RecordNamed: registers.record_named,
    criteria.AnyListed: registers.any_listed,
    criteria.Ranked: registers.ranked,
    criteria.ByDay: dates.by_day,
    criteria.WithinMonths: dates.within_months,
    criteria.OperatingYears: dates.operating,
    criteria.AllOf: _all_of,
    criteria.AnyOf: _any_of,
    criteria.NoneOf: _none_of,
    criteria.ByKind: lambda setting, test: checked(setting, test.review if setting.kind == "review" else test.new),
    criteria.ByIndustry: lambda setting, test: choices.by_industry(setting, test, checked),
    OnPath: bases.on_path,
    criteria.Told: told,
    criteria.When: lambda setting, test: choices.when(setting, test, checked),
    Lists: answers.lists,
    NoRecord: answers.no_record,
    criteria.ByExpert: choices.by_expert,
    criteria.InPrinciple: lambda setting, test: choices.in_principle(setting, test, checked),
    criteria.Undefined: choices.undefined,
}
