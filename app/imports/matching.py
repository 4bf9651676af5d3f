"""From a row to a firm: credit code, then security code, then exact name, then former names (pure).

Nothing is guessed: two firms that could both be meant, or a name and a code that point to different firms, are left
to a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.text import Message, tr
from app.imports.entry import Entry, Named
from app.imports.problem import Kind, Level, Problem
from app.imports.spelling import name_key


class Candidate(Protocol):
    """A firm of the register, as ``firms.queries.identities`` gives it."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def credit_code(self) -> str | None: ...
    @property
    def security_code(self) -> str | None: ...
    @property
    def former_names(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Match:
    """``firm_id`` is None for a firm that is not in the register; ``problems`` say what a person should know."""

    firm_id: int | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a person must decide which firm is meant."""
        return any(problem.level is Level.ERROR for problem in self.problems)


class Index:
    """The register, looked up by code and by name."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self.firms: dict[int, Candidate] = {}
        self.by_code: dict[str, int] = {}
        self.by_security: dict[str, int] = {}
        self.by_name: dict[str, list[int]] = defaultdict(list)
        self.by_former: dict[str, list[int]] = defaultdict(list)
        for firm in candidates:
            self.firms[firm.id] = firm
            if firm.credit_code:
                self.by_code[firm.credit_code] = firm.id
            if firm.security_code:
                self.by_security[firm.security_code] = firm.id
            self.by_name[name_key(firm.name)].append(firm.id)
            for former in {name_key(name) for name in firm.former_names}:
                self.by_former[former].append(firm.id)

    def named(self, name: str) -> list[int]:
        """Return the firms of that present name."""
        return self.by_name.get(name_key(name), []) if name else []

    def formerly(self, name: str) -> list[int]:
        """Return the firms that had that name before."""
        return self.by_former.get(name_key(name), []) if name else []


def match(entry: Entry, index: Index) -> Match:
    """Return which firm a row means."""
    named = entry.named
    by_code = index.by_code.get(named.credit_code)
    by_security = index.by_security.get(named.security_code)
    if by_code is not None and by_security is not None and by_code != by_security:
        return _open(entry, tr("信用代码与证券代码分属两家企业，请核对后只保留正确的一个"))
    strong = by_code if by_code is not None else by_security
    if strong is not None:
        return _by_number(entry, index, strong)
    for found, is_former in ((index.named(named.name), False), (index.formerly(named.name), True)):
        if found:
            return _by_name(entry, index, found, is_former=is_former)
    return Match()


def _by_number(entry: Entry, index: Index, firm_id: int) -> Match:
    firm = index.firms[firm_id]
    if (why := _clash(entry.named, firm)) is not None:
        return _open(entry, why)
    others = [one for one in index.named(entry.named.name) if one != firm_id]
    if others and name_key(firm.name) != name_key(entry.named.name):
        return _open(entry, tr("代码是“%(firm)s”的，名称却是另一家已建档企业的，请核对代码", firm=firm.name))
    known = {name_key(firm.name), *(name_key(name) for name in firm.former_names), ""}
    if name_key(entry.named.name) in known:
        return Match(firm_id)
    renamed = tr(
        "企业库中的名称是“%(firm)s”，表中不同；按代码认定为同一家，档案名称不改。如已更名请到企业页面办理",
        firm=firm.name,
    )
    return Match(firm_id, (_problem(entry, Level.WARNING, Kind.RENAMED, renamed),))


def _by_name(entry: Entry, index: Index, found: Sequence[int], *, is_former: bool) -> Match:
    if len(found) > 1:
        return _open(entry, tr("企业库中有 %(n)s 家企业用过这个名称，请补填统一社会信用代码", n=len(found)))
    firm = index.firms[found[0]]
    if (why := _clash(entry.named, firm)) is not None:
        return _open(entry, why)
    if not is_former:
        return Match(firm.id)
    note = tr("是“%(firm)s”的曾用名，按同一家企业导入", firm=firm.name)
    return Match(firm.id, (_problem(entry, Level.WARNING, Kind.RENAMED, note),))


def _clash(named: Named, firm: Candidate) -> Message | None:
    """Return why a row cannot be this firm although something points to it."""
    if named.credit_code and firm.credit_code and named.credit_code != firm.credit_code:
        return tr("与企业库中的“%(firm)s”信用代码不同，请核对是否同一家企业", firm=firm.name)
    if named.security_code and firm.security_code and named.security_code != firm.security_code:
        return tr("与企业库中的“%(firm)s”证券代码不同，请核对是否同一家企业", firm=firm.name)
    return None


def _open(entry: Entry, why: Message) -> Match:
    return Match(None, (_problem(entry, Level.ERROR, Kind.AMBIGUOUS, why),))


def _problem(entry: Entry, level: Level, kind: Kind, why: Message) -> Problem:
    return Problem(level, kind, row_message(entry, why))


def row_message(entry: Entry, why: Message) -> Message:
    """Return a sentence about a whole row: 第 12 行“广东甘化…”：…"""
    return tr("第 %(row)s 行“%(name)s”：%(why)s", row=entry.row, name=entry.named.shown, why=why)
