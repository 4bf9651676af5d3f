"""Rows of one file that mean the same firm: found by marks, settled without guessing (pure).

A mark is what rows of one firm share: credit code, security code, name, the firm of the register. Rows that share
all their figures under different names share a weak mark: it may be one firm before and after a change of name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b

from app.core.text import Message, tr
from app.imports.cells.entry import Entry
from app.imports.cells.plain import NOTHING, RowFigures, digits_of
from app.imports.layouts.spelling import name_key
from app.imports.models import RowOutcome
from app.imports.plans.matching import row_message
from app.imports.plans.planned import Planned
from app.imports.problem import Kind, Level, Problem

WEAK = "v:"
FEWEST_FIGURES, FEW_FIGURES = 3, 4
TELLING_DIGITS = 3
SOUND = frozenset({RowOutcome.NEW, RowOutcome.UPDATED, RowOutcome.UNCHANGED})


def marks(entry: Entry, firm_id: int | None) -> tuple[str, ...]:
    """Return the marks of a row; none for a row that is refused anyway."""
    if entry.is_refused:
        return ()
    named = entry.named
    found = [WEAK + mark for mark in _figures_marks(entry)]
    if named.credit_code:
        found.append("c:" + named.credit_code)
    if named.security_code:
        found.append("s:" + named.security_code)
    if name := name_key(named.name or named.short_name):
        found.append("n:" + name)
    if firm_id is not None:
        found.append(f"f:{firm_id}")
    return tuple(found)


def strong_marks(entry: Entry) -> list[str]:
    """Return the marks by which rows mean one firm for certain, whatever their figures."""
    return [mark for mark in marks(entry, None) if not mark.startswith(WEAK)]


def _figures_marks(entry: Entry) -> list[str]:
    """Return a mark of all figures; of few figures also without each one, since one of them may not be readable."""
    if isinstance(entry.figures, RowFigures):
        keys, numbers = entry.figures.numbers()
    else:
        pairs = sorted((f.key, digits) for f in entry.figures if (digits := digits_of(f.value)) not in NOTHING)
        keys, numbers = tuple(key for key, _number in pairs), [number for _key, number in pairs]
    found = [_mark(keys, numbers)] if _are_telling(numbers) else []
    if FEWEST_FIGURES < len(numbers) <= FEW_FIGURES:
        for place in range(len(numbers)):
            rest = numbers[:place] + numbers[place + 1 :]
            if _are_telling(rest):
                found.append(_mark(keys[:place] + keys[place + 1 :], rest))
    return found


def _mark(keys: tuple[str, ...], numbers: Sequence[str]) -> str:
    return blake2b("|".join([_short(keys), *numbers]).encode(), digest_size=12).hexdigest()


@lru_cache(maxsize=2_000)
def _short(keys: tuple[str, ...]) -> str:
    return blake2b("|".join(keys).encode(), digest_size=12).hexdigest()


def _are_telling(numbers: Sequence[str]) -> bool:
    """A few small or round numbers say nothing."""
    if len(numbers) < FEWEST_FIGURES:
        return False
    telling: set[str] = set()
    for number in numbers:
        if len(number.strip("-0.").replace(".", "")) >= TELLING_DIGITS:
            telling.add(number)
            if len(telling) >= FEWEST_FIGURES - 1:
                return True
    return False


def groups(marked: Mapping[int, Iterable[str]]) -> list[list[int]]:
    """Return groups of rows that are linked by marks, weak ones too; each sorted, single rows left out."""
    parent: dict[int, int] = {}

    def root(one: int) -> int:
        while parent.setdefault(one, one) != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    first: dict[str, int] = {}
    for row, words in marked.items():
        for word in words:
            parent[root(row)] = root(first.setdefault(word, row))
    together: dict[int, list[int]] = defaultdict(list)
    for row in parent:
        together[root(row)].append(row)
    return [sorted(rows) for rows in together.values() if len(rows) > 1]


def settle(planned: Mapping[int, Planned]) -> dict[int, Planned]:
    """Return the rows of one linked group, each with its place in it; ``planned`` is in the order of the file."""
    result = dict(planned)
    open_rows = {row: one for row, one in planned.items() if _speaks_of_a_firm(one)}
    strong = {row: [mark for mark in marks(one.entry, one.firm_id) if not mark.startswith(WEAK)]
              for row, one in open_rows.items()}  # fmt: skip
    grouped = groups(strong)
    for group in grouped:
        rows = {row: result[row] for row in group}
        of_years: dict[int | None, dict[int, Planned]] = defaultdict(dict)
        for row, one in rows.items():
            of_years[one.entry.year][row] = one
        for same_year in of_years.values():
            if len(same_year) > 1:
                result.update(_same_firm(same_year))
        if len(of_years) > 1:
            result.update(_created_once({row: result[row] for row in group}))
    _same_figures(result, {row: number for number, group in enumerate(grouped) for row in group})
    return result


def _speaks_of_a_firm(one: Planned) -> bool:
    """A row that cannot found a firm for want of a name still speaks of the firm of its code."""
    if one.outcome in {RowOutcome.SET_ASIDE, RowOutcome.DUPLICATE} or one.entry.is_refused:
        return False
    return all(problem.kind is not Kind.REACH for problem in one.problems)


def _created_once(rows: Mapping[int, Planned]) -> dict[int, Planned]:
    """A new firm with rows of several years is created by the first of them; the others add to it."""
    new = [row for row, one in rows.items() if one.outcome is RowOutcome.NEW]
    return {row: rows[row]._replace(outcome=RowOutcome.UPDATED) for row in new[1:]}


def _same_firm(rows: Mapping[int, Planned]) -> dict[int, Planned]:
    kept = max(rows, key=lambda row: (len(rows[row].entry.figures), -list(rows).index(row)))
    others = [row for row in rows if row != kept]
    if all(_adds_nothing(rows[row].entry, rows[kept].entry) for row in others) and not _is_held(rows, others):
        return {row: _left_out(rows[row], rows[kept].entry) for row in others}
    contradict = any(_contradict(rows[a].entry, rows[b].entry) for a in rows for b in rows if a < b)
    return {row: _waits(rows[row], [rows[other].entry for other in rows if other != row], contradict) for row in rows}


def _is_held(rows: Mapping[int, Planned], others: Sequence[int]) -> bool:
    """A cell that could not be read may hide a difference: then a person looks at all rows."""
    return any(rows[row].entry.is_held for row in others)


def _contradict(left: Entry, right: Entry) -> bool:
    for mine, theirs in ((left.named.credit_code, right.named.credit_code),
                         (left.named.security_code, right.named.security_code)):  # fmt: skip
        if mine and theirs and mine != theirs:
            return True
    mine_said, theirs_said = _said(left), _said(right)
    common = mine_said.keys() & theirs_said.keys()
    if any(mine_said[place] != theirs_said[place] for place in common):
        return True
    one_name = name_key(left.named.shown) == name_key(right.named.shown) or not (left.named.name and right.named.name)
    return not one_name and not common


def _said(entry: Entry) -> dict[tuple[str, int | None], object]:
    return {(figure.key, figure.year): figure.columns for figure in entry.figures}


def _adds_nothing(entry: Entry, kept: Entry) -> bool:
    return not _contradict(entry, kept) and _said(entry).keys() <= _said(kept).keys()


def _left_out(one: Planned, kept: Entry) -> Planned:
    is_equal = one.entry.said == kept.said
    why = (
        tr("与第 %(first)s 行完全相同，只导入一次", first=kept.row)
        if is_equal
        else tr("与第 %(first)s 行是同一家企业，数据都已在那一行里，只导入那一行", first=kept.row)
    )
    return _with(one, RowOutcome.DUPLICATE, Problem(Level.INFO, Kind.DUPLICATE, row_message(one.entry, why)))


def _waits(one: Planned, others: Sequence[Entry], contradict: bool) -> Planned:
    rows = "、".join(str(other.row) for other in others)
    why = (
        tr("与第 %(others)s 行是同一家企业但内容不同，都未导入；请核对后只保留正确的一行", others=rows)
        if contradict
        else tr("与第 %(others)s 行是同一家企业，各有对方没有的数据，都未导入；请合并到一行，其余略过", others=rows)
    )
    return _with(one, RowOutcome.REVIEW, _error(one.entry, Kind.DUPLICATE, why))


def _same_figures(result: dict[int, Planned], group_of: Mapping[int, int]) -> None:
    first: dict[str, int] = {}
    for row, one in list(result.items()):
        if not one.entry.named.name or one.decision is not None:
            continue
        earlier = min(first.setdefault(mark, row) for mark in [*_figures_marks(one.entry), f"row {row}"])
        if one.outcome not in SOUND or earlier == row or group_of.get(earlier, -1) == group_of.get(row, -2):
            continue
        why = tr(
            "与第 %(first)s 行“%(name)s”的数值完全相同而名称不同，可能是更名前后的同一家企业；请指明是哪家企业或略过",
            first=result[earlier].entry.row,
            name=result[earlier].entry.named.shown,
        )
        result[row] = _with(one, RowOutcome.REVIEW, _error(one.entry, Kind.AMBIGUOUS, why))


def _with(one: Planned, outcome: RowOutcome, problem: Problem) -> Planned:
    return one._replace(outcome=outcome, stated=(), asks=(), fills={}, problems=(*one.problems, problem))


def _error(entry: Entry, kind: Kind, why: Message) -> Problem:
    return Problem(Level.ERROR, kind, row_message(entry, why))
