"""From TOML to the closed vocabulary of measures and tests (pure)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from app.core.text import tr
from app.firms import industries
from app.rulebooks import answers, bases, criteria, spans
from app.rulebooks.tables import Table

_BOUNDS = {"at_least": ">=", "at_most": "<=", "above": ">", "below": "<"}
_MEASURES = (
    "figure",
    "total",
    "ratio",
    "days_since",
    "years_since",
    "per_operating_year",
    "growth",
    "score",
    "over_years",
    "growth_rate",
    "multiple",
    "change",
    "count_at_level",
)


def read_bounds(table: Table) -> tuple[criteria.Bound, ...]:
    """Return every comparison written in the table (at_least, at_most, above, below)."""
    bounds = []
    for name, operator in _BOUNDS.items():
        if name in table:
            value = table.number(name)
            bounds.append(criteria.Bound(operator, value, Fraction(value)))
    return tuple(bounds)


def read_compare(table: Table, *, single: bool = True) -> criteria.Compare:
    """Return a measure with its bounds; ``single`` wants exactly one bound. Raises RulebookError."""
    measure = read_measure(table)
    bounds = read_bounds(table)
    if not bounds or (single and len(bounds) != 1):
        raise table.error(tr("须写明界限：at_least（不低于）、at_most（不超过）、above（大于）或 below（小于）之一。"))
    table.done()
    return criteria.Compare(measure, bounds)


def read_condition(table: Table) -> criteria.Test:
    """Return the condition under which a clause applies: any test, or one measure within up to two bounds."""
    if any(name in table for name in _MEASURES):
        return read_compare(table, single=False)
    return read_test(table)


def read_measure(table: Table) -> criteria.Measure:
    """Return the one measure named in the table. Raises RulebookError."""
    name = table.only_key(_MEASURES, tr("计量"))
    if name == "figure":
        return criteria.Figure(table.key("figure", "number"))
    if name == "total":
        return criteria.Total(table.keys("total", "number"))
    if name == "score":
        return criteria.Score(table.text("score"))
    if name == "days_since":
        return criteria.DaysSince(table.key("days_since", "date"))
    if name == "years_since":
        until = table.choice("until", ("application", "last_year_end"), "application")
        return criteria.YearsSince(table.key("years_since", "date"), until)
    inner = table.table(name)
    measure = _INNER[name](inner)
    inner.done()
    return measure


def _ratio(table: Table) -> criteria.Measure:
    return criteria.Ratio(
        table.keys("of", "number"),
        table.keys("to", "number"),
        table.keys("to_less", "number", optional=True),
        table.whole("years", 1),
        table.yes("share", False),
    )


def _per_year(table: Table) -> criteria.Measure:
    return criteria.PerYear(table.key("fact", "number"), table.whole("years"))


def _growth(table: Table) -> criteria.Measure:
    return criteria.Growth(
        of=table.keys("of", "number"),
        less=table.keys("less", "number", optional=True),
        direct=table.key("direct", "number") if "direct" in table else "",
        label=table.text("label"),
        first_zero=table.choice("first_zero", ("last_two_years",)),
        second_zero=table.choice("second_zero", ("no_points",)),
        one_year=table.choice("one_year", ("no_points",)),
        negative_base=table.choice("negative_base", ("review",)),
    )


def _over_years(table: Table) -> criteria.Measure:
    return spans.OverYears(
        of=table.keys("of", "number"),
        to=table.keys("to", "number", optional=True),
        years=table.whole("years"),
        how=table.choice("how", (spans.SUM, spans.MEAN, spans.LEAST, spans.MOST)),
        this_year=table.choice("until", ("last_year", "this_year"), "last_year") == "this_year",
    )


def _growth_rate(table: Table) -> criteria.Measure:
    return spans.GrowthRate(
        of=table.keys("of", "number"),
        years=table.whole("years"),
        how=table.choice("how", (spans.MEAN, spans.COMPOUND)),
    )


def _count_at_level(table: Table) -> criteria.Measure:
    keys = table.keys("of", "enum")
    level = table.text("level")
    for key in keys:
        if level not in [option.value for option in table.indicator(key).options]:
            raise table.error(tr("指标 %(key)s 没有“%(value)s”这一选项。", key=key, value=level))
    return answers.CountAtLevel(keys, level)


_INNER: dict[str, Callable[[Table], criteria.Measure]] = {
    "ratio": _ratio,
    "per_operating_year": _per_year,
    "growth": _growth,
    "over_years": _over_years,
    "growth_rate": _growth_rate,
    "multiple": lambda table: bases.Multiple(table.key("of", "number"), table.whole("base_year")),
    "change": lambda table: bases.Change(table.key("of", "number"), table.whole("base_year")),
    "count_at_level": _count_at_level,
}


def read_item_measure(table: Table) -> criteria.Measure:
    """Return the measure of a score item: any other one, or how many tests are met. Raises RulebookError."""
    if "count_met" in table:
        return criteria.CountMet(tuple(read_test(inner) for inner in table.tables("count_met")))
    measure = read_measure(table)
    if isinstance(measure, spans.GrowthRate) and measure.how == spans.COMPOUND:
        raise table.error(tr("评分项的分档按平均增长率计，how 请写 mean。"))
    return measure


def read_test(table: Table) -> criteria.Test:
    """Return the test written in the table. Raises RulebookError naming the place."""
    names = tuple(_TESTS)
    present = [name for name in (*names, *_MEASURES) if name in table]
    if len(present) != 1:
        raise table.error(tr("须恰好写明一种判定方式，可写：%(allowed)s。", allowed="、".join((*names, *_MEASURES))))
    if present[0] in _MEASURES:
        return read_compare(table)
    test = _TESTS[present[0]](table)
    table.done()
    return test


def _holds(table: Table) -> criteria.Test:
    return criteria.Holds(table.key("holds", "bool"), table.yes("is"))


def _one_of(table: Table) -> criteria.Test:
    key = table.key("one_of", "text", "enum", "code")
    allowed = table.texts("allowed")
    options = {option.value for option in table.indicator(key).options}
    for value in allowed:
        if options and value not in options:
            raise table.error(tr("指标 %(key)s 没有“%(value)s”这一选项。", key=key, value=value))
    return criteria.OneOf(key, allowed)


def _level(table: Table) -> criteria.Test:
    key = table.key("level_of", "enum")
    options = tuple(option.value for option in table.indicator(key).options)
    return criteria.LevelAtLeast(key, table.choice("level", options))


def _in_field(table: Table) -> criteria.Test:
    return criteria.InField(table.key("in_field", "code"), table.texts("fields"))


def _in_industry(table: Table) -> criteria.Test:
    key, said = table.key("in_industry", "code"), table.texts("sections")
    return criteria.InIndustry(key, _codes(table, said), "、".join(said))


def _codes(table: Table, said: tuple[str, ...]) -> tuple[str, ...]:
    codes: list[str] = []
    for name in said:
        found = [one for part in industries.WORDS.get(name, (name,)) if (one := industries.find(part)) is not None]
        if not found:
            raise table.error(tr("行业分类（GB/T 4754）中没有“%(value)s”，请填门类或大类的名称或代码。", value=name))
        codes += [one.code for one in found]
    return tuple(codes)


def _by_industry(table: Table) -> criteria.Test:
    rows = []
    for inner in table.tables("row"):
        said = inner.text("said")
        codes = _codes(inner, inner.texts("sections"))
        rows.append(criteria.IndustryRow(codes, said, read_test(inner.table("test"))))
        inner.done()
    return criteria.ByIndustry(table.key("by_industry", "code"), tuple(rows), table.text("otherwise"))


def _told(table: Table) -> criteria.Test:
    inner = table.table("told")
    measure = read_measure(inner)
    if isinstance(measure, criteria.Score):
        raise inner.error(tr("told 不能写得分：得分已列在评分表里。请写指标的计量，或写明界限。"))
    inner.done()
    return criteria.Told(measure, table.text("why"))


def _none_dated(table: Table) -> criteria.Test:
    keys = table.keys("none_dated", "dates")
    windows = ("days_before_application", "years_before_application", "calendar_years", "since")
    window = table.only_key(windows, tr("期间"))
    if window == "years_before_application":
        return criteria.NoneDated(keys, years=table.whole(window))
    if window == "since":
        return criteria.NoneDated(keys, since=table.key("since", "date"))
    if window == "calendar_years":
        return criteria.NoneDated(keys, calendar_years=table.whole(window))
    return criteria.NoneDated(keys, days=table.whole(window))


def _valid_on(table: Table) -> criteria.Test:
    return criteria.ValidOn(table.key("not_expired", "date"))


def _valid_for(table: Table) -> criteria.Test:
    return criteria.ValidFor(table.key("issued_within", "date"), table.whole("years"))


def _any_record(table: Table) -> criteria.Test:
    key = table.key("any_record", "records")
    levels = _levels(table, key)
    rank = table.whole("rank_at_most") if "rank_at_most" in table else 0
    return criteria.AnyRecord(key, levels, rank, table.whole("years"))


def _levels(table: Table, key: str) -> tuple[str, ...]:
    levels = table.texts("levels")
    known = {level.value for level in table.indicator(key).levels}
    for level in levels:
        if level not in known:
            raise table.error(tr("指标 %(key)s 没有“%(value)s”这一级别。", key=key, value=level))
    return levels


def _record_named(table: Table) -> criteria.Test:
    key = table.key("record_named", "records")
    return criteria.RecordNamed(key, table.texts("named"), _levels(table, key))


def _record_valid(table: Table) -> criteria.Test:
    return criteria.RecordValid(table.key("record_valid", "records"), table.texts("named"))


def _any_listed(table: Table) -> criteria.Test:
    return criteria.AnyListed(table.key("any_listed", "list"))


def _ranked(table: Table) -> criteria.Test:
    return criteria.Ranked(table.key("ranked", "number"), table.whole("at_most"), table.whole("years"))


def _by_day(table: Table) -> criteria.Test:
    return criteria.ByDay(table.key("done_by", "date"), table.whole("month"), table.whole("day"))


def _within_months(table: Table) -> criteria.Test:
    return criteria.WithinMonths(table.key("after", "date"), table.key("reported", "date"), table.whole("months"))


def _operating(table: Table) -> criteria.Test:
    return criteria.OperatingYears(table.whole("operating_below"))


def _all_of(table: Table) -> criteria.Test:
    return criteria.AllOf(tuple(read_test(inner) for inner in table.tables("all_of")))


def _any_of(table: Table) -> criteria.Test:
    return criteria.AnyOf(tuple(read_test(inner) for inner in table.tables("any_of")))


def _none_of(table: Table) -> criteria.Test:
    tests = tuple(read_test(inner) for inner in table.tables("none_of"))
    return criteria.NoneOf(tests, table.choice("hit", ("unmet", "needs_review"), "unmet"))


def _by_kind(table: Table) -> criteria.Test:
    by_kind = table.table("by_kind")
    test = criteria.ByKind(read_test(by_kind.table("new")), read_test(by_kind.table("review")))
    by_kind.done()
    return test


def _lists(table: Table) -> criteria.Test:
    key = table.key("lists", "list")
    options = tuple(option.value for option in table.indicator(key).options)
    return answers.Lists(key, table.choice("value", options))


def _no_record(table: Table) -> criteria.Test:
    return answers.NoRecord(table.key("no_record", "records"), table.texts("mentions"))


def _on_path(table: Table) -> criteria.Test:
    inner = table.table("on_path")
    share = inner.number("share") if "share" in inner else Decimal(1)
    test = bases.OnPath(
        inner.key("of", "number"), inner.whole("base_year"), inner.whole("years"), inner.number("multiple"),
        inner.choice("shape", (bases.LINEAR, bases.GEOMETRIC)), share,
    )  # fmt: skip
    if test.multiple <= 1 or not 0 < share <= 1:
        raise inner.error(tr("multiple 须大于 1，share 须大于 0 且不超过 1。"))
    inner.done()
    return test


def _when(table: Table) -> criteria.Test:
    said = table.texts("said")
    if len(said) != len(("then", "otherwise")):
        raise table.error(tr("said 须是两句话：条件成立时、条件不成立时各一句。"))
    condition, then, otherwise = (read_test(table.table(name)) for name in ("when", "then", "otherwise"))
    return criteria.When(condition, then, otherwise, (said[0], said[1]))


def _by_expert(table: Table) -> criteria.Test:
    return criteria.ByExpert(table.text("by_expert"), table.keys("looks_at", optional=True))


def _in_principle(table: Table) -> criteria.Test:
    return criteria.InPrinciple(read_test(table.table("in_principle")), table.text("expert"))


def _undefined(table: Table) -> criteria.Test:
    return criteria.Undefined(table.text("undefined"))


_TESTS: dict[str, Callable[[Table], criteria.Test]] = {
    "holds": _holds,
    "one_of": _one_of,
    "level_of": _level,
    "in_field": _in_field,
    "in_industry": _in_industry,
    "none_dated": _none_dated,
    "not_expired": _valid_on,
    "issued_within": _valid_for,
    "any_record": _any_record,
    "record_valid": _record_valid,
    "record_named": _record_named,
    "any_listed": _any_listed,
    "ranked": _ranked,
    "done_by": _by_day,
    "after": _within_months,
    "operating_below": _operating,
    "all_of": _all_of,
    "any_of": _any_of,
    "none_of": _none_of,
    "by_kind": _by_kind,
    "lists": _lists,
    "no_record": _no_record,
    "by_industry": _by_industry,
    "told": _told,
    "on_path": _on_path,
    "when": _when,
    "by_expert": _by_expert,
    "in_principle": _in_principle,
    "undefined": _undefined,
}
