"""A clause's test in words, so that a reader need not read code (pure). Policy text is Chinese and not translated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.core.rounding import grouped
from app.facts.catalogue import load_catalogue
from app.rulebooks import answers, bases, criteria, spans
from app.rulebooks.criteria import Bound, Compare, Measure, Test
from app.rulebooks.schema import Band, Clause, Item, Rulebook
from app.rulebooks.scopes import Scope

_KINDS = {"new": "新申请", "review": "复核"}
_SAID = {">=": "不低于", "<=": "不超过", ">": "超过", "<": "低于"}


@dataclass(frozen=True, slots=True)
class ShownClause:
    """A clause with its test, the condition under which it applies and what is not examined, in words (empty: none)."""

    clause: Clause
    test: str
    applies: str
    exempt: str


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item of the score table with what chooses its band; bands are pairs of label and points."""

    item: Item
    measure: str
    bands: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything of an edition that a page prints in words; ``gaps`` are pairs of id and text nobody has found.

    ``doubtful`` counts clauses, score items and definitions that were only recalled.
    """

    clauses: tuple[ShownClause, ...]
    groups: tuple[tuple[Any, tuple[ShownItem, ...]], ...]
    gaps: tuple[tuple[str, str], ...]
    doubtful: int


def shown(rulebook: Rulebook) -> Shown:
    """Return the edition in words."""
    clauses = tuple(_clause(clause, rulebook) for clause in rulebook.clauses)
    groups = rulebook.score.groups if rulebook.score else ()
    standing = _standing(rulebook)
    return Shown(
        clauses=clauses,
        groups=tuple((group, tuple(_item(item, rulebook) for item in group.items)) for group in groups),
        gaps=tuple((one, text) for one, text, status in standing if status == "not_found"),
        doubtful=sum(status == "recalled" for _id, _text, status in standing),
    )


def _clause(clause: Clause, rulebook: Rulebook) -> ShownClause:
    exempting = [rulebook.clause(route) for route in clause.exempt_by]
    exempt = "；".join(f"{one.id} {one.text}" for one in exempting)
    return ShownClause(clause, _test_of(clause, rulebook), _applies(clause), exempt)


def _standing(rulebook: Rulebook) -> list[tuple[str, str, str]]:
    """Return id, text and standing of everything in an edition that cites a source."""
    found = [(one.id, one.text, one.status) for one in rulebook.clauses]
    if rulebook.score is not None:
        found += [(item.id, f"{item.name}（{grouped(item.max)} 分）", item.status) for item in rulebook.score.items()]
    return found + [(term.id, term.term, term.status) for term in rulebook.definitions]


def in_words(test: Test, rulebook: Rulebook | None = None) -> str:
    """Return a test in one phrase: 近 3 个会计年度研发费用合计 ÷ 销售收入合计，不低于 5%."""
    if isinstance(test, Compare):
        unit = _unit(test.measure)
        bounds = "、".join(f"{_SAID[bound.operator]} {_bar(bound, unit)}" for bound in test.bounds)
        return f"{_measure(test.measure, rulebook)}，{bounds}"
    joined = _JOINED.get(type(test))
    return joined(test, lambda inner: in_words(inner, rulebook)) if joined is not None else _PHRASES[type(test)](test)


Say = Callable[[Test], str]


def _each(head: str) -> Callable[[Any, Say], str]:
    return lambda test, say: head + "；".join(say(inner) for inner in test.tests)


def _by_industry(test: criteria.ByIndustry, say: Say) -> str:
    rows = "；".join(f"{row.said}：{say(row.test)}" for row in test.rows)
    return f"{rows}；其他行业：{test.otherwise}（未定义，由人工认定）"


_JOINED: dict[type, Callable[[Any, Say], str]] = {
    criteria.AllOf: _each("同时符合："),
    criteria.AnyOf: _each("符合任一项："),
    criteria.NoneOf: _each("不得有下列情形："),
    criteria.ByKind: lambda test, say: f"新申请：{say(test.new)}；复核：{say(test.review)}",
    criteria.When: lambda test, say: f"{test.said[0]}：{say(test.then)}；{test.said[1]}：{say(test.otherwise)}",
    criteria.ByIndustry: _by_industry,
    criteria.InPrinciple: lambda test, say: f"原则上{say(test.test)}（达不到的由人工认定）",
}


def _test_of(clause: Clause, rulebook: Rulebook) -> str:
    return in_words(clause.test, rulebook) if clause.test is not None else ""


def _applies(clause: Clause) -> str:
    parts = [in_words(clause.applies_when)] if clause.applies_when is not None else []
    parts += [f"仅{_KINDS[kind]}" for kind in clause.only_for]
    parts += [f"仅{_scope(clause.only_when)}"] if clause.only_when is not None else []
    parts += [f"不考察：{_scope(clause.skip_when)}"] if clause.skip_when is not None else []
    doubt = clause.review_when
    parts += [f"{_scope(doubt.scope)}转人工判定：{doubt.why}"] if doubt is not None else []
    return "；".join(parts)


def _scope(scope: Scope) -> str:
    """Return kinds and days of application: 2024 年 1 月 1 日起的复核."""
    first = f"{scope.first.isoformat()} 起" if scope.first is not None else ""
    last = f"{scope.last.isoformat()} 止" if scope.last is not None else ""
    return (
        "、".join(part for part in (first, last) if part)
        + ("的" if first or last else "")
        + ("、".join(_KINDS[kind] for kind in scope.kinds) or "申请")
    )


def _label(key: str) -> str:
    return load_catalogue().get(key).short


_UNITS: dict[type, str] = {
    criteria.Ratio: "比例",
    criteria.Growth: "比例",
    spans.GrowthRate: "比例",
    criteria.CountMet: "项",
    criteria.DaysSince: "天",
    criteria.YearsSince: "年",
    criteria.Score: "分",
    bases.Multiple: "倍",
    answers.CountAtLevel: "个",
}


def _unit(measure: Measure) -> str:
    named = _UNITS.get(type(measure))
    if named is not None:
        return named
    if isinstance(measure, spans.OverYears):
        return "比例" if measure.to else load_catalogue().get(measure.of[0]).unit
    key = measure.keys[0] if isinstance(measure, criteria.Total) else ""
    if isinstance(measure, criteria.Figure | criteria.PerYear | bases.Change):
        key = measure.key
    return load_catalogue().get(key).unit


def _bar(bound: Bound, unit: str) -> str:
    value = grouped(bound.exact * 100) + "%" if unit == "比例" else f"{grouped(bound.exact)} {unit}".strip()
    return f"{value}（{'含' if bound.operator in ('>=', '<=') else '不含'}）"


def _measure(measure: Measure, rulebook: Rulebook | None) -> str:
    if isinstance(measure, criteria.Score):
        groups = rulebook.score.groups if rulebook is not None and rulebook.score else ()
        names = {group.id: f"“{group.name}”得分" for group in groups}
        return names.get(measure.part, "综合得分")
    return _MEASURES[type(measure)](measure)


def _ratio(measure: criteria.Ratio) -> str:
    of, to = "＋".join(_label(key) for key in measure.of), "＋".join(_label(key) for key in measure.to)
    if measure.to_less:
        to = f"（{to}－{'－'.join(_label(key) for key in measure.to_less)}）"
    if measure.years > 1:
        return f"近 {measure.years} 个会计年度{of}合计 ÷ {to}合计"
    return f"最近一个会计年度{of} ÷ {to}"


_HOW = {spans.SUM: "合计", spans.MEAN: "的年平均", spans.LEAST: "中最低的一年", spans.MOST: "中最高的一年"}


def _over_years(measure: spans.OverYears) -> str:
    of = "＋".join(_label(key) for key in measure.of)
    if measure.to:
        of = f"逐年{of} ÷ {'＋'.join(_label(key) for key in measure.to)}"
    if measure.years == 1:
        return f"{'本年度' if measure.this_year else '最近一个会计年度'}{of}"
    span = f"本年度及之前共 {measure.years} 年" if measure.this_year else f"近 {measure.years} 个会计年度"
    return f"{span}{of}{_HOW[measure.how]}"


def _growth_rate(measure: spans.GrowthRate) -> str:
    of = "＋".join(_label(key) for key in measure.of)
    if measure.years == 1:
        return f"最近一个会计年度{of}比上年增长"
    return f"近 {measure.years} 年{of}的{'复合' if measure.how == spans.COMPOUND else '平均'}增长率"


def _growth(measure: criteria.Growth) -> str:
    base = "＋".join(_label(key) for key in measure.of)
    less = "".join(f"－{_label(key)}" for key in measure.less)
    return f"{measure.label}：近三年{base}{less}逐年增长率的平均值"


_MEASURES: dict[type, Callable[[Any], str]] = {
    criteria.Figure: lambda m: _label(m.key),
    criteria.Total: lambda m: "、".join(_label(key) for key in m.keys) + ("合计" if len(m.keys) > 1 else ""),
    criteria.Ratio: _ratio,
    criteria.DaysSince: lambda m: f"{_label(m.key)}至申报日的天数",
    bases.Multiple: lambda m: f"上年{_label(m.key)} ÷ {m.base_year} 年{_label(m.key)}",
    bases.Change: lambda m: f"上年{_label(m.key)}比 {m.base_year} 年增加的数额",
    answers.CountAtLevel: lambda m: f"{len(m.keys)} 项（{'、'.join(_label(k) for k in m.keys)}）中达到{m.level}的个数",
    criteria.YearsSince: lambda m: f"{_label(m.key)}至{'上年末' if m.until == 'last_year_end' else '申报日'}的整年数",
    criteria.PerYear: lambda m: f"近 {m.years} 年{_label(m.key)}的年平均数",
    criteria.Growth: _growth,
    criteria.CountMet: lambda m: "下列情形中符合的项数：" + "；".join(in_words(test) for test in m.tests),
    spans.OverYears: _over_years,
    spans.GrowthRate: _growth_rate,
}


def _none_dated(test: criteria.NoneDated) -> str:
    before = f"{test.years} 年" if test.years else f"{test.days} 天"
    span = f"近 {test.calendar_years} 个日历年" if test.calendar_years else f"申请前 {before}内"
    return f"{span}没有{'、'.join(_label(key) for key in test.keys)}"


def _on_path(test: bases.OnPath) -> str:
    shape = "逐年等额" if test.shape == bases.LINEAR else "逐年等比"
    share = "" if test.share == 1 else f"的 {grouped(test.share * 100)}%"
    goal = f"{test.base_year} 年起 {test.years} 年达到 {grouped(test.multiple)} 倍"
    return f"{_label(test.key)}达到当年目标{share}（{goal}，{shape}增长）"


def _by_expert(test: criteria.ByExpert) -> str:
    names = "、".join(_label(key) for key in test.looks_at)
    return f"由专家或人工认定（依据：{names}）" if names else "由专家或人工认定"


_PHRASES: dict[type, Callable[[Any], str]] = {
    criteria.Holds: lambda t: f"“{_label(t.key)}”为“{'是' if t.expected else '否'}”",
    criteria.OneOf: lambda t: f"{_label(t.key)}属于：{'、'.join(t.allowed)}",
    criteria.LevelAtLeast: lambda t: f"{_label(t.key)}达到“{t.level}”及以上",
    criteria.InField: lambda t: f"{_label(t.key)}属于：{'、'.join(t.fields)}",
    bases.OnPath: _on_path,
    answers.Lists: lambda t: f"{_label(t.key)}包括“{t.value}”",
    answers.NoRecord: lambda t: f"{_label(t.key)}中没有“{t.mentions[-1]}”记录",
    criteria.InIndustry: lambda t: f"{_label(t.key)}属于：{t.said}",
    criteria.Told: lambda t: f"{_measure(t.measure, None)}（只列出，不作判定）",
    criteria.ByExpert: _by_expert,
    criteria.Undefined: lambda t: f"{t.why}（未定义，由人工认定）",
    criteria.NoneDated: _none_dated,
    criteria.ValidOn: lambda t: f"{_label(t.key)}不早于判定日",
    criteria.ValidFor: lambda t: f"{_label(t.key)}距判定日不足 {t.years} 年",
    criteria.AnyRecord: lambda t: (
        f"近 {t.years} 年{_label(t.key)}中有{'、'.join(t.levels)}"
        f"{f'且排名前 {t.rank_at_most} ' if t.rank_at_most else ''}的一项"
    ),
    criteria.RecordValid: lambda t: f"{_label(t.key)}中有{'、'.join(t.named)}等在判定日仍有效的一项",
    criteria.AnyListed: lambda t: f"有{_label(t.key)}",
    criteria.RecordNamed: lambda t: f"{_label(t.key)}中有{'、'.join(t.levels)}的{'、'.join(t.named)}",
    criteria.Ranked: lambda t: f"近 {t.years} 年{_label(t.key)}在前 {t.at_most} 名之内",
    criteria.ByDay: lambda t: f"{_label(t.key)}不晚于当年 {t.month} 月 {t.day} 日",
    criteria.WithinMonths: lambda t: f"{_label(t.end)}不晚于{_label(t.start)}后 {t.months} 个月",
    criteria.OperatingYears: lambda t: f"实际经营不足 {t.years} 个会计年度",
}


def _item(item: Item, rulebook: Rulebook) -> ShownItem:
    bands = tuple((_band_label(item, band, rulebook), _points(band.low, band.high)) for band in item.bands)
    return ShownItem(item, _measure(item.measure, None) if item.measure is not None else "", bands)


def _band_label(item: Item, band: Band, rulebook: Rulebook) -> str:
    if band.test is not None:
        return f"{band.label}（{in_words(band.test, rulebook)}）"
    if band.bound is not None and item.measure is not None:
        return f"{band.label}（{_SAID[band.bound.operator]} {_bar(band.bound, _unit(item.measure))}）"
    return str(band.label)


def _points(low: Any, high: Any) -> str:
    return grouped(low) if low == high else f"{grouped(low)}—{grouped(high)}"
