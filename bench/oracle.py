"""The judge a third time, as SQL: one INSERT … SELECT an edition over a wide table of figures (SQLite).

Written from the words of the vocabulary, not from either executor, so that a mistake both share is seen. It is also the
peer that the columnar executor is measured against. What it cannot say raises ``Beyond``.

Outcomes are numbers: 0 not applicable, 1 met, 2 needs review, 3 unknown, 4 unmet.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.facts.catalogue import load_catalogue
from app.facts.sheet import EXPERT
from app.rulebooks import criteria as c
from app.rulebooks.answers import CountAtLevel, Lists, NoRecord
from app.rulebooks.bases import Change, Multiple, OnPath
from app.rulebooks.criteria import Bound
from app.rulebooks.schema import Band, Clause, Group, Item, Rulebook
from app.rulebooks.spans import COMPOUND, GrowthRate, OverYears
from bench import oracle_lists as registers
from bench.oracle_spans import MISSING, NOTHING, NUMBER, REVIEW, Beyond, Reading, path_kept, side_of

SCALE = 10**8
POINT = 10_000
FIRST_YEAR = 1900
# what the texts of the crowd say, read by hand: (field, goes below the first level) and (section, code)
FIELDS = {
    "8.2.3": ("先进制造与自动化", 1), "新材料": ("新材料", 0), "新材料/金属材料": ("新材料", 1), "9.1": ("outside", 1),
    "一-（二）-3": ("电子信息", 1), "080203": ("先进制造与自动化", 1),
    "先进制造与自动化/工艺/焊接": ("先进制造与自动化", 1),
}  # fmt: skip
INDUSTRIES = {
    "C3871": ("C", "3871"), "制造业": ("C", "C"), "65": ("I", "65"), "软件和信息技术服务业": ("I", "65"),
    "I": ("I", "I"), "F5199": ("F", "5199"), "批发业": ("F", "51"), "4710": ("E", "4710"), "5920": ("G", "5920"),
    "7010": ("K", "7010"), "L": ("L", "L"), "A": ("A", "A"), "82": ("O", "82"),
}  # fmt: skip


@dataclass
class Statement:
    """Builds the statement; each layer is a table of its own, so that nothing is computed twice."""

    book: Rulebook
    as_of: date
    kind: str
    exact: bool = True
    layers: list[dict[str, str]] = field(default_factory=lambda: [{} for _ in range(9)])
    readings: dict[Any, Reading] = field(default_factory=dict)

    # --- columns ----------------------------------------------------------------------------------------------------

    @property
    def last(self) -> int:
        return self.as_of.year - 1

    def at(self, key: str, year: int = 0) -> str:
        return f'"{key}@{year}"'

    def find(self, key: str) -> str:
        if load_catalogue().get(key).by_year:
            return self.at(key, self.last)
        return f"coalesce({self.at(key)}, {self.at(key, self.as_of.year)}, {self.at(key, self.last)})"

    def kept(self, layer: int, sql: str, hint: str) -> str:
        """Keep an expression in a layer under a name."""
        for name, held in self.layers[layer].items():
            if held == sql:
                return name
        name = f"{hint}{layer}_{len(self.layers[layer])}"
        self.layers[layer][name] = sql
        return name

    @property
    def applied_on(self) -> str:
        told = self.at("application_date")
        return self.kept(0, f"CASE WHEN {told} LIKE '____-__-__' THEN {told} ELSE '{self.as_of}' END", "applied")

    @property
    def operated(self) -> str:
        """Years of operating up to the last one, null where the start is not known."""
        first, registered = self.at("first_operating_year"), self.at("registration_date")
        begun = f"CAST(substr({registered}, 1, 4) AS INTEGER)"
        start = f"max(coalesce({first}, 0), coalesce({begun}, 0))"
        sold = self.at("sales_revenue", self.last - 2)
        return self.kept(
            0,
            f"CASE WHEN {first} IS NOT NULL OR {registered} IS NOT NULL THEN max(0, {self.last} - {start} + 1) "
            f"WHEN {sold} > 0 THEN 3 END",
            "operated",
        )

    # --- measures ---------------------------------------------------------------------------------------------------

    def reading(self, measure: Any) -> Reading:
        if measure not in self.readings:
            made = {
                c.Figure: self._figure, c.Total: self._total, c.Ratio: self._ratio, c.DaysSince: self._days,
                c.YearsSince: self._years, c.PerYear: self._per_year, c.Growth: self._growth,
                OverYears: self._over_years, Multiple: self._multiple, Change: self._change,
                GrowthRate: self._growth_rate, CountAtLevel: self._at_level,
            }.get(type(measure))  # fmt: skip
            if made is None:
                raise Beyond(type(measure).__name__)
            self.readings[measure] = made(measure)
        return self.readings[measure]

    def _plain(self, value: str, state: str, scale: int = SCALE) -> Reading:
        number, told = self.kept(1, value, "n"), self.kept(1, state, "s")
        return Reading(told, lambda bound: _against(number, str(scale), bound))

    def _figure(self, measure: c.Figure) -> Reading:
        value = self.find(measure.key)
        return self._plain(value, f"CASE WHEN {value} IS NULL THEN {MISSING} ELSE {NUMBER} END")

    def _total(self, measure: c.Total) -> Reading:
        parts = [self.find(key) for key in measure.keys]
        missing = " OR ".join(f"{part} IS NULL" for part in parts)
        value = " + ".join(f"coalesce({part}, 0)" for part in parts)
        found = self._plain(value, f"CASE WHEN {missing} THEN {MISSING} ELSE {NUMBER} END")
        found.floor = found.keeps
        return found

    def _sum(self, keys: Sequence[str], years: int, span: str) -> tuple[str, str]:
        """Return the sum over the years of each firm's span, and where a figure of it is missing."""
        values, missing = ["0"], ["0"]
        for key in keys:
            by_year = load_catalogue().get(key).by_year
            for back in range(years):
                value = self.at(key, self.last - back) if by_year else self.find(key)
                values.append(f"CASE WHEN {span} > {back} THEN coalesce({value}, 0) ELSE 0 END")
                missing.append(f"({span} > {back} AND {value} IS NULL)")
        return " + ".join(values), " OR ".join(missing)

    def span(self, years: int) -> str:
        return f"min({years}, coalesce({self.operated}, {years}))" if years > 1 else "1"

    def _ratio(self, measure: c.Ratio) -> Reading:
        span = self.kept(1, self.span(measure.years), "span")
        parts = [self._sum(keys, measure.years, self.span(measure.years))
                 for keys in (measure.of, measure.to, measure.to_less)]  # fmt: skip
        top, bottom = self.kept(1, parts[0][0], "top"), self.kept(1, f"({parts[1][0]}) - ({parts[2][0]})", "bottom")
        missing = self.kept(1, " OR ".join(f"({part[1]})" for part in parts), "miss")
        doubtful = f"{bottom} <= 0" + (f" OR {top} > {bottom}" if measure.share else "")
        young = f"WHEN {span} = 0 THEN {REVIEW} " if measure.years > 1 else ""
        state = self.kept(2, f"CASE {young}WHEN {missing} THEN {MISSING} WHEN {doubtful} THEN {REVIEW} ELSE 0 END", "s")
        return Reading(state, lambda bound: _against(top, bottom, bound))

    def _days(self, measure: c.DaysSince) -> Reading:
        day = self.at(measure.key)
        value = f"CAST(julianday({self.applied_on}) - julianday({day}) AS INTEGER)"
        return self._plain(value, f"CASE WHEN {day} IS NULL THEN {MISSING} ELSE {NUMBER} END", 1)

    def _years(self, measure: c.YearsSince) -> Reading:
        day = self.at(measure.key)
        until = f"'{self.last}-12-31'" if measure.until == "last_year_end" else self.applied_on
        years = f"(CAST(substr({until}, 1, 4) AS INTEGER) - CAST(substr({day}, 1, 4) AS INTEGER))"
        counted = f"{years} - (date({day}, printf('%+d years', {years})) > {until})"
        value = f"CASE WHEN {day} = '[]' THEN -1 ELSE {counted} END"
        return self._plain(value, f"CASE WHEN {day} IS NULL THEN {MISSING} ELSE {NUMBER} END", 1)

    def _per_year(self, measure: c.PerYear) -> Reading:
        count, operated = self.find(measure.key), self.operated
        years = f"min({operated}, {measure.years})"
        state = self.kept(
            1,
            f"CASE WHEN {count} IS NULL THEN {MISSING} WHEN {operated} IS NULL THEN "
            f"CASE WHEN {count} = 0 THEN {NUMBER} ELSE {MISSING} END WHEN {years} = 0 THEN {REVIEW} ELSE {NUMBER} END",
            "s",
        )
        value = self.kept(1, count, "n")
        divided = self.kept(1, f"CASE WHEN {operated} IS NULL OR {years} = 0 THEN 1 ELSE {years} END", "years")
        guessed = self.kept(1, f"({count} IS NOT NULL AND {operated} IS NULL AND {count} <> 0)", "guess")
        return Reading(
            state,
            lambda bound: _against(value, f"({divided} * {SCALE})", bound),
            guesses=lambda bound: [_against(value, str(one * SCALE), bound) for one in range(1, measure.years + 1)],
            guessed=guessed,
        )

    def _growth(self, measure: c.Growth) -> Reading:
        yearly = [self.kept(1, self._yearly(measure, self.last - back), "y") for back in (2, 1, 0)]
        first, second, third = yearly
        span = self.kept(1, self.span(3), "span")
        up = self._grown(first, second, third, span, Bound(">", Decimal(0), 0))  # type: ignore[arg-type]
        state = self.kept(
            2,
            f"CASE {span} WHEN 0 THEN {REVIEW} WHEN 1 THEN {NOTHING} ELSE CASE "
            f"WHEN {third} IS NULL OR {second} IS NULL OR ({span} = 3 AND {first} IS NULL) THEN {MISSING} "
            f"WHEN {second} < 0 OR ({span} = 3 AND {first} < 0) THEN {REVIEW} "
            f"WHEN {second} = 0 THEN CASE {span} WHEN 3 THEN {NOTHING} ELSE {REVIEW} END "
            f"WHEN {third} < 0 AND {up} THEN {REVIEW} ELSE {NUMBER} END END",
            "s",
        )
        return Reading(state, lambda bound: self._grown(first, second, third, span, bound))

    def _yearly(self, measure: c.Growth, year: int) -> str:
        value = " + ".join(self.at(key, year) for key in measure.of)
        value += "".join(f" - {self.at(key, year)}" for key in measure.less)
        return f"coalesce({value}, {self.at(measure.direct, year)})" if measure.direct else f"({value})"

    def _grown(self, first: str, second: str, third: str, span: str, bound: Bound) -> str:
        over, under = _fraction(bound)
        sign = (
            f"grown({first}, {second}, {third}, {over}, {under})"
            if self.exact
            else f"sign(({second} * 1.0 / {first} + {third} * 1.0 / {second}) / 2 - 1 - {over} * 1.0 / {under})"
        )
        short = f"sign({under} * ({third} - {second}) - {over} * {second})"
        return f"(CASE WHEN {span} = 3 AND {first} > 0 THEN {sign} ELSE {short} END {bound.operator} 0)"

    def _over_years(self, measure: OverYears) -> Reading:
        last = self.as_of.year if measure.this_year else self.last
        years = [self._one_year(measure, year) for year in range(last - measure.years + 1, last + 1)]
        missing = " OR ".join(one[1] for one in years)
        review = " OR ".join([one[2] for one in years] + ([one[3] for one in years] if measure.how != "sum" else []))
        state = self.kept(2, f"CASE WHEN {missing} THEN {MISSING} WHEN {review} THEN {REVIEW} ELSE {NUMBER} END", "s")
        if measure.how in ("min", "max"):
            is_least = measure.how == "min"
            told = "(" + " OR ".join(one[0] for one in years) + ")"

            def keeps(bound: Bound) -> str:
                if (bound.operator in (">=", ">")) == is_least:
                    return "(" + " AND ".join(f"(NOT {one[0]} OR {one[4](bound)})" for one in years) + ")"
                return "(" + " OR ".join(f"({one[0]} AND {one[4](bound)})" for one in years) + ")"

            return Reading(state, keeps, told=told, **{"ceiling" if is_least else "floor": keeps})
        if measure.to:
            raise Beyond("sums of ratios")
        total = " + ".join(f"CASE WHEN {one[0]} THEN {one[5]} ELSE 0 END" for one in years)
        value = self.kept(2, total, "total")
        share = measure.years if measure.how == "mean" else 1
        found = Reading(state, lambda bound: _against(value, str(SCALE * share), bound))
        found.floor = found.keeps
        if any(load_catalogue().get(key).signed for key in measure.of):  # what is missing may be less than nothing
            found.floor = lambda bound: f"({state} <> {MISSING} AND {found.keeps(bound)})"
        return found

    def _one_year(self, measure: OverYears, year: int) -> tuple[Any, ...]:
        """Return where a year is known, missing, for a person, before the firm was there; its comparison and sum."""
        of, to = ([self.at(key, year) for key in keys] for keys in (measure.of, measure.to))
        lacking = self.kept(1, " OR ".join(f"{part} IS NULL" for part in [*of, *to]), "lack")
        first, registered = self.at("first_operating_year"), self.at("registration_date")
        begun = f"max(coalesce({first}, 0), coalesce(CAST(substr({registered}, 1, 4) AS INTEGER), 0))"
        before = self.kept(2, f"({lacking} AND {year} < {begun})", "before")
        top = self.kept(1, " + ".join(of), "top")
        missing = f"({lacking} AND NOT {begun} > {year})"
        if not to:
            return (f"(NOT {lacking})", missing, "0", f"({lacking} AND {begun} > {year})",
                    lambda bound: _against(top, str(SCALE), bound), top)  # fmt: skip
        bottom = self.kept(1, " + ".join(to), "bottom")
        return (f"(NOT {lacking} AND {bottom} > 0)", missing, f"(NOT {lacking} AND {bottom} <= 0)",
                f"({lacking} AND {begun} > {year})", lambda bound: _against(top, bottom, bound), before)  # fmt: skip

    def _growth_rate(self, measure: GrowthRate) -> Reading:
        years = range(self.last - measure.years, self.last + 1)
        asked = (years[0], years[-1]) if measure.how == COMPOUND else tuple(years)
        amounts = [self.kept(1, " + ".join(self.at(key, year) for key in measure.of), "y") for year in asked]
        begun = self.kept(1, self._begun, "begun")
        early = [f"({one} IS NULL AND {year} < {begun})" for one, year in zip(amounts, asked, strict=True)]
        missing = [f"({one} IS NULL AND {year} >= {begun})" for one, year in zip(amounts, asked, strict=True)]
        no_base = [f"{one} <= 0" for one in amounts[:-1]]
        state = self.kept(
            2,
            f"CASE WHEN {' OR '.join(missing)} THEN {MISSING} WHEN {' OR '.join([*early, *no_base])} THEN {REVIEW} "
            f"ELSE {NUMBER} END",
            "s",
        )
        return Reading(
            state, lambda bound: f"({side_of(measure, amounts, bound, exact=self.exact)} {bound.operator} 0)"
        )

    @property
    def _begun(self) -> str:
        """The first year that the firm is told to have been there, 0 where that is not told."""
        first, registered = self.at("first_operating_year"), self.at("registration_date")
        return f"max(coalesce({first}, 0), coalesce(CAST(substr({registered}, 1, 4) AS INTEGER), 0))"

    def _at_level(self, measure: CountAtLevel) -> Reading:
        parts = [self.find(key) for key in measure.keys]
        reached = []
        for key, part in zip(measure.keys, parts, strict=True):
            order = [option.value for option in load_catalogue().get(key).options]
            reached.append(f"coalesce({part} IN ({_texts(order[order.index(measure.level) :])}), 0)")
        lacking = [f"({part} IS NULL)" for part in parts]
        least, most = (self.kept(1, " + ".join(terms), "n") for terms in (reached, [*reached, *lacking]))
        state = self.kept(1, f"CASE WHEN {' OR '.join(lacking)} THEN {MISSING} ELSE {NUMBER} END", "s")
        found = Reading(state, lambda bound: _against(least, "1", bound))
        found.floor, found.ceiling = found.keeps, lambda bound: _against(most, "1", bound)
        return found

    def _multiple(self, measure: Multiple) -> Reading:
        now, base = self.at(measure.key, self.last), self.at(measure.key, measure.base_year)
        missing = f"{now} IS NULL OR {base} IS NULL OR {base} <= 0"
        top, bottom = self.kept(1, now, "top"), self.kept(1, base, "bottom")
        state = self.kept(1, f"CASE WHEN {missing} THEN {MISSING} ELSE {NUMBER} END", "s")
        return Reading(state, lambda bound: _against(top, bottom, bound))

    def _change(self, measure: Change) -> Reading:
        now, base = self.at(measure.key, self.last), self.at(measure.key, measure.base_year)
        state = f"CASE WHEN {now} IS NULL OR {base} IS NULL THEN {MISSING} ELSE {NUMBER} END"
        return self._plain(f"{now} - {base}", state)

    # --- tests ------------------------------------------------------------------------------------------------------

    def test(self, test: Any) -> str:
        made = {
            c.Compare: self._compare, c.Holds: self._holds, c.OneOf: self._one_of, c.LevelAtLeast: self._level,
            c.InField: self._in_field, c.InIndustry: self._in_industry, c.NoneDated: self._none_dated,
            c.ValidOn: self._valid_on, c.ValidFor: self._valid_for, c.AnyRecord: self._any_record,
            c.ByDay: self._by_day, c.WithinMonths: self._within, c.OperatingYears: self._operating,
            c.AllOf: lambda one: all_of([self.test(inner) for inner in one.tests]),
            c.AnyOf: lambda one: any_of([self.test(inner) for inner in one.tests]),
            c.NoneOf: self._none_of, c.When: self._when, c.ByExpert: self._by_expert,
            c.ByKind: lambda one: self.test(one.review if self.kind == "review" else one.new),
            c.AnyListed: lambda one: registers.any_listed(self.find(one.key)),
            Lists: lambda one: registers.lists(self.find(one.key), one.value),
            c.RecordNamed: lambda one: registers.record_named(self.find(one.key), one),
            c.RecordValid: lambda one: registers.record_valid(self.find(one.key), one, self.as_of),
            c.Ranked: self._ranked, c.ByIndustry: self._by_industry, OnPath: self._on_path, c.Told: lambda _one: "0",
            NoRecord: self._no_record, c.InPrinciple: self._in_principle, c.Undefined: lambda _one: "2",
        }.get(type(test))  # fmt: skip
        if made is None:
            raise Beyond(type(test).__name__)
        return made(test)  # type: ignore[operator, no-any-return]

    def _compare(self, test: c.Compare) -> str:
        bound = test.bounds[0]
        if isinstance(test.measure, c.Score):
            return self._on_score(test.measure, bound)
        found = self.reading(test.measure)
        floor = ""
        upwards = bound.operator in (">=", ">")
        passing, failing = (found.floor, found.ceiling) if upwards else (found.ceiling, found.floor)
        still = f"{found.state} IN ({MISSING}, {REVIEW}) AND {found.told}"
        if passing is not None:
            floor += f"WHEN {still} AND {passing(bound)} THEN 1 "
        if failing is not None:
            floor += f"WHEN {still} AND NOT {failing(bound)} THEN 4 "
        return (
            f"CASE {floor}WHEN {found.state} = {MISSING} THEN 3 WHEN {found.state} <> {NUMBER} THEN 2 "
            f"WHEN {found.keeps(bound)} THEN 1 ELSE 4 END"
        )

    def condition(self, test: Any) -> str:
        if not isinstance(test, c.Compare):
            return self.test(test)
        found = self.reading(test.measure)
        fits = " AND ".join(found.keeps(bound) for bound in test.bounds)
        return (
            f"CASE WHEN {found.state} = {MISSING} THEN 3 WHEN {found.state} <> {NUMBER} THEN 2 "
            f"WHEN {fits} THEN 1 ELSE 4 END"
        )

    def _on_score(self, measure: c.Score, bound: Bound) -> str:
        part = "score" if measure.part == "total" else _named("group", measure.part)
        low, high = (_against(f"{part}_{end}", str(POINT), bound) for end in ("low", "high"))
        return f"CASE WHEN {low} AND {high} THEN 1 WHEN {low} OR {high} THEN 2 + {part}_lacks ELSE 4 END"

    def _holds(self, test: c.Holds) -> str:
        value = self.find(test.key)
        return f"CASE WHEN {value} IS NULL THEN 3 WHEN {value} = {int(test.expected)} THEN 1 ELSE 4 END"

    def _one_of(self, test: c.OneOf) -> str:
        value = self.find(test.key)
        return f"CASE WHEN {value} IS NULL THEN 3 WHEN {value} IN ({_texts(test.allowed)}) THEN 1 ELSE 4 END"

    def _level(self, test: c.LevelAtLeast) -> str:
        order = [option.value for option in load_catalogue().get(test.key).options]
        high = order[order.index(test.level) :]
        return self._one_of(c.OneOf(test.key, tuple(high)))

    def _in_field(self, test: c.InField) -> str:
        value = self.find(test.key)
        cases = []
        for text, (name, deep) in FIELDS.items():
            inside = name in test.fields
            cases.append(f"WHEN '{text}' THEN {(1 if deep else 2) if inside else 4 if name == 'outside' else 2}")
        if set(test.fields) != {"电子信息", "生物与新医药", "航空航天", "新材料", "高技术服务", "新能源与节能",
                                "资源与环境", "先进制造与自动化"}:  # fmt: skip
            raise Beyond("fields other than the eight")
        return f"CASE WHEN {value} IS NULL THEN 3 ELSE CASE {value} {' '.join(cases)} ELSE 2 END END"

    def _in_industry(self, test: c.InIndustry) -> str:
        value = self.find(test.key)
        cases = [f"WHEN '{text}' THEN {_lies(test, *place)}" for text, place in INDUSTRIES.items()]
        return f"CASE WHEN {value} IS NULL THEN 3 ELSE CASE {value} {' '.join(cases)} ELSE 2 END END"

    def _by_industry(self, test: c.ByIndustry) -> str:
        """The first row in which the industry lies for certain; any other is for a person."""
        value, rows = self.find(test.key), []
        for row in test.rows:
            table = c.InIndustry(test.key, row.codes, row.said)
            inside = [text for text, place in INDUSTRIES.items() if text == row.said or _lies(table, *place) == 1]
            if inside:
                rows.append(f"WHEN {value} IN ({_texts(inside)}) THEN {self.test(row.test)}")
        return f"CASE WHEN {value} IS NULL THEN 3 {' '.join(rows)} ELSE 2 END"

    def _ranked(self, test: c.Ranked) -> str:
        years = (0, *range(FIRST_YEAR, self.as_of.year + 1))
        return registers.ranked({year: self.at(test.key, year) for year in years}, test, self.as_of, SCALE)

    def _on_path(self, test: OnPath) -> str:
        year = min(self.last, test.base_year + test.years)
        if year <= test.base_year:
            return "0"
        base, now = self.at(test.key, test.base_year), self.at(test.key, year)
        kept = path_kept(test, base, now, year - test.base_year, exact=self.exact)
        return f"CASE WHEN {base} IS NULL OR {base} <= 0 OR {now} IS NULL THEN 3 WHEN {kept} THEN 1 ELSE 4 END"

    def _none_dated(self, test: c.NoneDated) -> str:
        since = self.find(test.since) if test.since else ""
        if test.calendar_years:
            first, last = f"'{self.as_of.year - test.calendar_years + 1}-01-01'", f"'{self.as_of.year}-12-31'"
        elif test.since:
            first, last = since, f"'{self.as_of}'"
        else:
            back = f"'-{test.years} years'" if test.years else f"'-{test.days} days'"
            first, last = f"date({self.applied_on}, {back})", self.applied_on
        hits = [f"EXISTS (SELECT 1 FROM json_each({self.at(key)}) WHERE value BETWEEN {first} AND {last})"
                for key in test.keys]  # fmt: skip
        missing = [f"{self.at(key)} IS NULL" for key in test.keys]
        told = f"CASE WHEN {' OR '.join(hits)} THEN 4 WHEN {' OR '.join(missing)} THEN 3 ELSE 1 END"
        return f"CASE WHEN {since} IS NULL THEN 3 WHEN {since} = '[]' THEN 0 ELSE {told} END" if since else told

    def _valid_on(self, test: c.ValidOn) -> str:
        day = self.find(test.key)
        return f"CASE WHEN {day} IS NULL THEN 3 WHEN {day} = '[]' OR {day} < '{self.as_of}' THEN 4 ELSE 1 END"

    def _valid_for(self, test: c.ValidFor) -> str:
        day = self.find(test.key)
        ends = f"date({day}, '+{test.years} years')"
        return f"CASE WHEN {day} IS NULL THEN 3 WHEN {day} = '[]' THEN 0 WHEN '{self.as_of}' < {ends} THEN 1 ELSE 4 END"

    def _any_record(self, test: c.AnyRecord) -> str:
        day, year = "json_extract(value, '$.date')", "substr(json_extract(value, '$.date'), 1, 4)"
        first = f"date('{self.as_of}', '-{test.years} years')"
        level, rank = "json_extract(value, '$.level')", "CAST(json_extract(value, '$.rank') AS INTEGER)"
        whole = f"({year} || '-01-01' >= {first} AND {year} || '-12-31' <= '{self.as_of}')"
        apart = f"({year} || '-12-31' < {first} OR {year} || '-01-01' > '{self.as_of}')"
        told = (
            f"CASE WHEN {day} IS NULL THEN 3 WHEN length({day}) = 4 THEN "
            f"CASE WHEN {apart} THEN 4 WHEN {whole} THEN 1 ELSE 3 END "
            f"WHEN {day} BETWEEN {first} AND '{self.as_of}' THEN 1 ELSE 4 END"
        )
        one = all_of([
            f"CASE WHEN {level} IS NULL THEN 3 WHEN {level} IN ({_texts(test.levels)}) THEN 1 ELSE 4 END",
            f"CASE WHEN {rank} IS NULL THEN 3 WHEN {rank} <= {test.rank_at_most} THEN 1 ELSE 4 END"
            if test.rank_at_most else "1", told,
        ])  # fmt: skip
        value = self.find(test.key)
        each = f"(SELECT {one} AS outcome FROM json_each({value}))"
        best = f"(SELECT CASE WHEN sum(outcome = 1) THEN 1 WHEN sum(outcome = 3) THEN 3 ELSE 4 END FROM {each})"
        return f"CASE WHEN {value} IS NULL THEN 3 ELSE {best} END"

    def _no_record(self, test: NoRecord) -> str:
        value = self.find(test.key)
        hits = " OR ".join(f"instr({value}, '{word}')" for word in test.mentions)
        # the registers of the crowd hold levels, which are words, in every entry but those without a level
        empty = f"EXISTS (SELECT 1 FROM json_each({value}) WHERE json_extract(value, '$.level') IS NULL)"
        return f"CASE WHEN {value} IS NULL THEN 3 WHEN {hits} THEN 4 WHEN {empty} THEN 3 ELSE 1 END"

    def _by_day(self, test: c.ByDay) -> str:
        deadline, day = date(self.as_of.year, test.month, test.day), self.at(test.key, self.as_of.year)
        still = 0 if self.as_of <= deadline else 3
        return f"CASE WHEN {day} IS NULL THEN {still} WHEN {day} <= '{deadline}' THEN 1 ELSE 4 END"

    def _within(self, test: c.WithinMonths) -> str:
        start, end = self.find(test.start), self.find(test.end)
        month = f"date({start}, 'start of month', '+{test.months + 1} months', '-1 day')"
        deadline = f"min(date({start}, '+{test.months} months'), {month})"
        return (
            f"CASE WHEN {start} = '[]' THEN 0 WHEN {start} IS NULL OR {end} IS NULL THEN 3 "
            f"WHEN {end} = '[]' OR {end} > {deadline} THEN 4 ELSE 1 END"
        )

    def _operating(self, test: c.OperatingYears) -> str:
        return f"CASE WHEN {self.operated} IS NULL THEN 3 WHEN {self.operated} >= {test.years} THEN 0 ELSE 1 END"

    def _none_of(self, test: c.NoneOf) -> str:
        present = any_of([self.test(inner) for inner in test.tests])
        return f"CASE {present} WHEN 1 THEN {2 if test.hit == 'needs_review' else 4} WHEN 4 THEN 1 ELSE {present} END"

    def _when(self, test: c.When) -> str:
        asked, then, otherwise = (self.test(one) for one in (test.condition, test.then, test.otherwise))
        return (
            f"CASE {asked} WHEN 1 THEN {then} WHEN 4 THEN {otherwise} WHEN 0 THEN {otherwise} ELSE CASE "
            f"WHEN {then} = {otherwise} AND {then} IN (1, 4) THEN {then} "
            f"WHEN {asked} = 2 AND {then} <> 3 AND {otherwise} <> 3 THEN 2 ELSE 3 END END"
        )

    def _by_expert(self, test: c.ByExpert) -> str:
        given = self.at(EXPERT + test.item)
        missing = " OR ".join(["0", *(f"{self.find(key)} IS NULL" for key in test.looks_at)])
        said = f"CASE {given} WHEN {SCALE} THEN 1 ELSE 4 END"
        return f"CASE WHEN {given} IS NOT NULL THEN {said} WHEN {missing} THEN 3 ELSE 2 END"

    def _in_principle(self, test: c.InPrinciple) -> str:
        inner, given = self.test(test.test), self.at(EXPERT + test.item)
        return (
            f"CASE WHEN {inner} <> 4 THEN {inner} WHEN {given} IS NULL THEN 2 WHEN {given} = {SCALE} THEN 1 ELSE 4 END"
        )

    # --- score ------------------------------------------------------------------------------------------------------

    def score(self) -> None:
        table = self.book.score
        if table is None:
            return
        for group in table.groups:
            self._group(group, table.whole)
        names = [_named("group", group.id) for group in table.groups]
        for end in ("low", "high"):
            self.layers[7][f"score_{end}"] = " + ".join(self._group_end(group, end) for group in table.groups)
        self.layers[7]["score_lacks"] = " OR ".join(self.layers[7][f"{name}_lacks"] for name in names)
        self.layers[7]["impossible"] = " OR ".join(_named("item", item.id) + "_wrong" for item in table.items())

    def _group_end(self, group: Group, end: str) -> str:
        return f"({self.layers[7][_named('group', group.id) + f'_{end}']})"

    def _group(self, group: Group, whole: bool) -> None:
        for item in group.items:
            self._item(item, whole)
        name = _named("group", group.id)
        ends = {end: [_named("item", item.id) + f"_{end}" for item in group.items] for end in ("low", "high")}
        for end, parts in ends.items():
            best = parts[0] if len(parts) == 1 else f"max({', '.join(parts)})"
            added = f"min({' + '.join(parts)}, {int(group.max * POINT)})"
            self.layers[7][f"{name}_{end}"] = best if group.choice == "best" else added
        low, high = self._group_end(group, "low"), self._group_end(group, "high")
        lacking = [
            f"({one}_lacks AND {one}_low <> {one}_high"
            + (f" AND {one}_high > {low})" if group.choice == "best" else ")")
            for one in (_named("item", item.id) for item in group.items)
        ]
        apart = "1" if group.choice == "best" else f"{low} <> {high}"
        self.layers[7][f"{name}_lacks"] = f"(({' OR '.join(lacking)}) AND {apart})"

    def _item(self, item: Item, whole: bool) -> None:
        possible, nothing, lacks = self._bands(item)
        possible = [one if one == "1" else self.kept(5, one, "band") for one in possible]
        nothing, lacks = (one if one in "01" else self.kept(5, one, "band") for one in (nothing, lacks))
        given = self.at(EXPERT + item.id)
        name = _named("item", item.id)
        points = f"({given} / {SCALE // POINT})"
        low = _least([(one, int(band.low * POINT)) for one, band in zip(possible, item.bands, strict=True)], "min")
        high = _least([(one, int(band.high * POINT)) for one, band in zip(possible, item.bands, strict=True)], "max")
        for end, value in (("low", low), ("high", high)):
            self.layers[6][f"{name}_{end}"] = (
                f"CASE WHEN {given} IS NOT NULL THEN {points} WHEN {nothing} THEN 0 ELSE {value} END"
            )
        self.layers[6][f"{name}_lacks"] = f"({given} IS NULL AND {lacks})"
        fits = " OR ".join(
            f"({one} AND {points} BETWEEN {int(band.low * POINT)} AND {int(band.high * POINT)})"
            for one, band in zip(possible, item.bands, strict=True)
        )
        broken = f" OR {given} % {SCALE} <> 0" if whole else ""
        right = f"CASE WHEN {nothing} THEN {points} = 0 ELSE {fits} END"
        self.layers[6][f"{name}_wrong"] = f"({given} IS NOT NULL AND (NOT ({right}){broken}))"

    def _bands(self, item: Item) -> tuple[list[str], str, str]:
        """Return for each band whether it is possible, where there is nothing, and where a figure is missing."""
        if isinstance(item.measure, c.CountMet):
            return self._counted(item, item.measure)
        if item.measure is not None:
            found = self.reading(item.measure)
            banded = _first([None if band.bound is None else found.keeps(band.bound) for band in item.bands])
            open_still = f"({found.state} IN ({MISSING}, {REVIEW}))"
            if found.guesses is not None:
                ways = list(zip(*([*found.guesses(band.bound)] if band.bound else ["1"] * 3 for band in item.bands),
                                strict=True))  # fmt: skip
                each = [_first([None if one == "1" else one for one in way]) for way in ways]
                either = [" OR ".join(f"({one})" for one in column) for column in zip(*each, strict=True)]
                banded = [f"CASE WHEN {found.guessed} THEN {guess} ELSE {one} END"
                          for guess, one in zip(either, banded, strict=True)]  # fmt: skip
                open_still = f"({open_still} AND NOT {found.guessed})"
            return (
                [f"({open_still} OR ({one}))" for one in banded],
                f"({found.state} = {NOTHING})",
                f"({found.state} = {MISSING})",
            )
        possible, searching, missing = [], "1", []
        for band in item.bands:
            if not band.is_step:
                possible.append(f"({searching})")
                break
            step = self.kept(3, self._step(band), "step") if item.by_conditions else "1"
            possible.append(f"({searching} AND {step} IN (1, 2, 3))" if item.by_conditions else "1")
            missing.append(f"({searching} AND {step} = 3)")
            searching = f"({searching} AND {step} <> 1)"
        if not item.by_conditions:
            return ["1"] * len(item.bands), "0", "0"
        several = " + ".join(possible)
        return possible, "0", f"(({' OR '.join(missing)}) AND {several} > 1)"

    def _step(self, band: Band) -> str:
        if band.condition is None:
            return self.test(band.test)
        value = self.find(band.condition.key)
        holds = _against(value, str(SCALE), band.condition.bound)
        return f"CASE WHEN {value} IS NULL THEN 3 WHEN {holds} THEN 1 ELSE 4 END"

    def _counted(self, item: Item, measure: c.CountMet) -> tuple[list[str], str, str]:
        """Bands by how many tests are met: those that are open may or may not be."""
        tests = [self.kept(3, self.test(one), "step") for one in measure.tests]
        met = self.kept(4, " + ".join(f"({one} = 1)" for one in tests), "met")
        most = self.kept(4, " + ".join(f"({one} IN (1, 2, 3))" for one in tests), "most")
        missing = " OR ".join(f"{one} = 3" for one in tests)
        chosen: dict[int, list[int]] = {place: [] for place in range(len(item.bands))}
        for number in range(len(tests) + 1):
            chosen[next(place for place, band in enumerate(item.bands)
                        if band.bound is None or band.bound.admits(Fraction(number)))].append(number)  # fmt: skip
        possible = [" OR ".join([f"{number} BETWEEN {met} AND {most}" for number in numbers]) or "0"
                    for numbers in chosen.values()]  # fmt: skip
        return [f"({one})" for one in possible], "0", f"({missing})"

    # --- clauses, demands, the statement ----------------------------------------------------------------------------

    def clause(self, clause: Clause) -> str:
        outside = clause.only_when is not None and not clause.only_when.covers(self.kind, self.as_of)
        if outside or (clause.skip_when is not None and clause.skip_when.covers(self.kind, self.as_of)):
            return "0"
        told = self._examined(clause)
        if clause.exempt_by:
            told = self._exempted(told, [self.clause(self.book.clause(route)) for route in clause.exempt_by])
        doubt = clause.review_when
        if doubt is not None and doubt.scope.covers(self.kind, self.as_of):
            return f"CASE {told} WHEN {1 if doubt.outcome == 'met' else 4} THEN 2 ELSE {told} END"
        return told

    def _exempted(self, told: str, routes: Sequence[str]) -> str:
        granted = " OR ".join(f"{route} = 1" for route in routes)
        among = ", ".join(f"CASE WHEN {route} IN (2, 3) THEN {route} ELSE 0 END" for route in routes)
        open_still = f"CASE WHEN 3 IN ({told}, {among}) THEN 3 WHEN 2 IN ({told}, {among}) THEN 2 ELSE {told} END"
        return f"CASE WHEN {granted} THEN 0 WHEN {told} = 1 THEN 1 ELSE {open_still} END"

    def _examined(self, clause: Clause) -> str:
        if clause.test is None or (clause.only_for and self.kind not in clause.only_for):
            return "0"
        told = self.kept(8, self.test(clause.test), "t")
        if clause.applies_when is None:
            return told
        asked = self.kept(8, self.condition(clause.applies_when), "t")
        return (
            f"CASE WHEN {asked} IN (0, 4) THEN 0 WHEN {asked} = 1 OR {told} = 1 THEN {told} "
            f"WHEN {asked} = 2 AND {told} <> 3 THEN 2 ELSE 3 END"
        )

    def decision(self) -> str:
        groups: dict[str, list[str]] = {}
        for place, clause in enumerate(self.book.clauses):
            if clause.decides:
                groups.setdefault(clause.requirement, []).append(f"c{place}")
        rules = {rule.id: rule for rule in self.book.requirements}
        whole: dict[str, list[str]] = {name: parts for name, parts in groups.items()}
        for rule in reversed(self.book.requirements):
            if rule.part_of and rule.id in whole:
                joined = any_of if rule.combine == "any" else all_of
                whole.setdefault(rule.part_of, []).insert(0, joined(whole.pop(rule.id)))
        demands = [(any_of if name in rules and rules[name].combine == "any" else all_of)(parts)
                   for name, parts in whole.items()]  # fmt: skip
        return f"CASE {all_of(demands)} WHEN 4 THEN 4 WHEN 3 THEN 3 WHEN 2 THEN 2 ELSE 1 END"

    def insert(self, into: str) -> str:
        """Return the statement: one row a firm with decision, outcomes as digits and the score."""
        self.score()
        outcomes = {f"c{place}": self.clause(clause) for place, clause in enumerate(self.book.clauses)}
        digits = " || ".join(f"c{place}" for place in range(len(self.book.clauses)))
        low, high = ("score_low", "score_high") if self.book.score else ("0", "0")
        wrong = "impossible" if self.book.score else "0"
        told = f"place, CASE WHEN {wrong} THEN 5 ELSE {self.decision()} END, {digits}, {low}, {high}"
        tables = _stacked([*self.layers, outcomes], told)
        names = [f"l{number} AS MATERIALIZED ({sql})" for number, sql in enumerate(tables)]
        return f"WITH {', '.join(names)} INSERT INTO {into} SELECT {told} FROM l{len(names) - 1}"


def _stacked(layers: Sequence[dict[str, str]], told: str) -> list[str]:
    """Return a table for each layer that carries on only what is looked at above it."""
    wanted = _words(told)
    found: list[str] = []
    for number in range(len(layers) - 1, -1, -1):
        own = {name: sql for name, sql in layers[number].items() if name in wanted}
        below = {name for layer in layers[:number] for name in layer}
        carried = sorted(word for word in wanted - own.keys() if word in below or word.startswith('"'))
        columns = ["place", *carried, *(f"{sql} AS {name}" for name, sql in own.items())]
        found.append(f"SELECT {', '.join(columns)} FROM {f'l{number - 1}' if number else 'wide'}")
        wanted = {*carried, *(word for sql in own.values() for word in _words(sql))}
    return found[::-1]


def _words(sql: str) -> set[str]:
    return set(re.findall(r'"[^"]+"|[A-Za-z_][A-Za-z_0-9]*', sql))


def _named(what: str, name: str) -> str:
    return f"{what}_{re.sub('[^A-Za-z0-9]', '_', name)}"


def all_of(parts: Sequence[str]) -> str:
    """Unmet if any is; else unknown; else needs review; else met; else nothing applied."""
    return _worst(parts, (4, 3, 2, 1))


def any_of(parts: Sequence[str]) -> str:
    """Met if any is; else unknown; else needs review; else unmet; else nothing applied."""
    return _worst(parts, (1, 3, 2, 4))


def _worst(parts: Sequence[str], order: Sequence[int]) -> str:
    if len(parts) == 1:
        return parts[0]
    among = ", ".join(parts)
    return f"(CASE {' '.join(f'WHEN {one} IN ({among}) THEN {one}' for one in order)} ELSE 0 END)"


def _against(top: str, bottom: str, bound: Bound) -> str:
    over, under = _fraction(bound)
    return f"({top} * {under} {bound.operator} {over} * {bottom})"


def _fraction(bound: Bound) -> tuple[int, int]:
    return (0, 1) if bound.exact == 0 else (bound.exact.numerator, bound.exact.denominator)


def _texts(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _lies(test: c.InIndustry, section: str, code: str) -> int:
    """Inside a wanted entry, above one (a person must say), or elsewhere."""
    if any(one == section or (one.isdigit() and code.startswith(one)) for one in test.codes):
        return 1
    if code == section and any(_section(one) == section for one in test.codes):
        return 2
    return 2 if code.isdigit() and any(one.isdigit() and one.startswith(code) for one in test.codes) else 4


def _section(code: str) -> str:
    """Return the section of a code, by the first and the last division of each in GB/T 4754-2017."""
    last = {"A": 5, "B": 12, "C": 43, "D": 46, "E": 50, "F": 52, "G": 60, "H": 62, "I": 65, "J": 69, "K": 70, "L": 72,
            "M": 75, "N": 79, "O": 82, "P": 83, "Q": 85, "R": 90, "S": 96, "T": 97}  # fmt: skip
    return code if not code.isdigit() else next(name for name, most in last.items() if int(code[:2]) <= most)


def _first(conditions: Sequence[str | None]) -> list[str]:
    """Return for each condition whether it is the first to hold; None holds always."""
    found, before = [], "1"
    for one in conditions:
        found.append(f"({before})" if one is None else f"({before} AND {one})")
        before = f"{before} AND NOT {one}" if one is not None else "0"
    return found


def _least(choices: Sequence[tuple[str, int]], how: str) -> str:
    """Return the least (or most) of the points whose condition holds."""
    far = 10**9 if how == "min" else -(10**9)
    parts = [f"CASE WHEN {one} THEN {points} ELSE {far} END" for one, points in choices]
    return parts[0] if len(parts) == 1 else f"{how}({', '.join(parts)})"
