"""When a clause counts: for which kinds of application and in which time, what exempts from it, what leaves it open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.core.text import tr
from app.rulebooks.tables import Table

APPLICATION_KINDS = ("new", "review")


@dataclass(frozen=True, slots=True)
class Scope:
    """Kinds of application (empty: all) and days, both ends included (None: open)."""

    kinds: tuple[str, ...]
    first: date | None
    last: date | None

    def covers(self, kind: str, day: date) -> bool:
        """Tell whether an application of that kind on that day lies within."""
        if self.kinds and kind not in self.kinds:
            return False
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Doubt:
    """In this scope the outcome is left to a person: another notice, read second-hand, has changed the rule."""

    outcome: str
    scope: Scope
    why: str


@dataclass(frozen=True, slots=True)
class Transition:
    """Applications which an edition governs although another one is in force, or its own time is over."""

    scope: Scope
    basis: str
    text: str


def read_kinds(table: Table, name: str = "kinds", *, optional: bool = False) -> tuple[str, ...]:
    """Return kinds of application. Raises RulebookError for any other word."""
    kinds = table.texts(name, optional=optional)
    for kind in kinds:
        if kind not in APPLICATION_KINDS:
            raise table.error(tr("kinds 只能写 new（新申请）、review（复核），不能写“%(kind)s”。", kind=kind))
    return kinds


def read_scope(table: Table) -> Scope:
    """Return kinds and days of the table. Raises RulebookError when it limits nothing, or ends before it begins."""
    scope = Scope(read_kinds(table, optional=True), table.day("from", optional=True), table.day("to", optional=True))
    if not scope.kinds and scope.first is None and scope.last is None:
        raise table.error(tr("请写明 kinds、from 或 to 中的至少一项。"))
    if scope.first is not None and scope.last is not None and scope.first > scope.last:
        raise table.error(tr("from 晚于 to，请更正。"))
    return scope


def scope_at(table: Table, name: str) -> Scope | None:
    """Return the scope under that name, or None."""
    if name not in table:
        return None
    inner = table.table(name)
    scope = read_scope(inner)
    inner.done()
    return scope


def doubt_at(table: Table, name: str) -> Doubt | None:
    """Return the doubt under that name, or None."""
    if name not in table:
        return None
    inner = table.table(name)
    doubt = Doubt(inner.choice("outcome", ("met", "unmet")), read_scope(inner), inner.text("why"))
    inner.done()
    return doubt


def read_transition(table: Table) -> Transition:
    """Return a transition rule with its document."""
    transition = Transition(read_scope(table), table.text("basis"), table.text("text"))
    table.done()
    return transition
