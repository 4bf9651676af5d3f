"""Computed indicators: exact fractions from other figures; what is unknown stays unknown (pure).

A computed value is shown as computed and is never kept as a fact: it follows its figures by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.core.rounding import rounded
from app.core.text import Message, tr
from app.facts.definitions import Composed, Formula, Operand, Operation

PLACES = 8
_SIGNS = {Operation.SUM: " + ", Operation.DIFFERENCE: " − ", Operation.RATIO: " ÷ "}
Known = Callable[[str, int], Decimal | Fraction | None]


@dataclass(frozen=True, slots=True)
class Computed:
    """What a formula gives for one year: the exact value, or the figures that are missing, or why there is none."""

    year: int
    value: Fraction | None
    missing: tuple[tuple[str, int], ...] = ()
    why: Message | None = None

    @property
    def number(self) -> Decimal | None:
        """The value in eight decimals, half away from zero, as screens and tables write it."""
        if self.value is None:
            return None
        shown = rounded(self.value, PLACES)
        return shown.quantize(Decimal(1)) if shown == shown.to_integral_value() else shown.normalize()


def compute(catalogue: Composed, key: str, year: int, known: Known) -> Computed:
    """Return what the indicator of ``key`` is in ``year``; parts that are computed themselves are computed first.

    ``known`` gives the held figure of a key and year, or None. Saved formulas have no cycles (``cycle`` is asked
    before one is saved).
    """
    formula = catalogue.formula(key, year)
    if formula is None:
        value = known(key, year)
        return Computed(year, None, ((key, year),)) if value is None else Computed(year, Fraction(value))
    parts = [compute(catalogue, one.key, year - one.years_back, known) for one in operands(formula)]
    missing = tuple(dict.fromkeys(place for part in parts for place in part.missing))
    values = [part.value for part in parts if part.value is not None]
    if len(values) < len(parts):
        why = next((part.why for part in parts if part.why is not None), None)
        return Computed(year, None, missing, why)
    return _result(formula.operation, values, year)


def operands(formula: Formula) -> tuple[Operand, ...]:
    """Return the parts in the order of the arithmetic; growth looks at one indicator in two years."""
    if formula.operation is Operation.GROWTH:
        one = formula.operands[0]
        return one, Operand(one.key, one.years_back + 1)
    return formula.operands


def _result(operation: Operation, values: list[Fraction], year: int) -> Computed:
    first, rest = values[0], values[1:]
    if operation is Operation.SUM:
        return Computed(year, sum(values, Fraction(0)))
    if operation is Operation.DIFFERENCE:
        return Computed(year, first - sum(rest, Fraction(0)))
    divisor = rest[0]
    if operation is Operation.RATIO:
        if divisor == 0:
            return Computed(year, None, why=tr("除数为 0，无法计算"))
        return Computed(year, first / divisor)
    if divisor <= 0:
        return Computed(year, None, why=tr("上年数不大于 0，增长率没有意义"))
    return Computed(year, (first - divisor) / divisor)


def cycle(formulas: Mapping[str, Iterable[Formula]], start: str) -> tuple[str, ...]:
    """Return the keys of a circle that leads from ``start`` back to it, in order; empty when there is none.

    ``formulas`` are all formulas that any year of an indicator uses; a circle over years is one too.
    """
    seen: set[str] = set()

    def walk(key: str, path: tuple[str, ...]) -> tuple[str, ...]:
        for part in dict.fromkeys(one.key for formula in formulas.get(key, ()) for one in formula.operands):
            if part == start:
                return (*path, part)
            if part not in seen:
                seen.add(part)
                found = walk(part, (*path, part))
                if found:
                    return found
        return ()

    return walk(start, (start,))


def written(formula: Formula, there: Composed) -> str:
    """Return the formula in words: 研发费用 ÷ 销售收入（上年）."""

    def named(part: Operand) -> str:
        label = there.get(part.key).short if part.key in there else part.key
        return f"{label}（上年）" if part.years_back else label

    if formula.operation is Operation.GROWTH:
        return f"（{named(formula.operands[0])} − 上年数）÷ 上年数"
    return _SIGNS[formula.operation].join(named(part) for part in formula.operands)
