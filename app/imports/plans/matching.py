"""From a row to a firm: credit code, security code, exact name, former names; what is only alike is offered (pure).

Nothing is guessed: two firms that could both be meant, a name and a code that point to different firms, and a name that
is only alike (without legal form, of the same sound, with one wrong sign) are left to a person, with the candidates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, Protocol

from app.core.choices import Choice
from app.core.text import N_, Message, tr
from app.firms import names
from app.firms.keys import Sought
from app.firms.names import KeyKind
from app.imports.cells.entry import Entry, Named
from app.imports.layouts.spelling import name_key
from app.imports.problem import Kind, Level, Problem

MOST_OFFERED = 5
SHORTEST_NEAR = 4
"""Signs of a core from which one wrong sign is taken for a slip; shorter names differ in one sign all the time."""


class How(Choice):
    """How a candidate was found, the surest first."""

    CODE = "code", N_("代码相同")
    NAME = "name", N_("名称相同")
    FORMER = "former", N_("曾用名相同")
    SHORT = "short", N_("简称相同")
    CORE = "core", N_("去掉地名和组织形式后相同")
    SOUND = "sound", N_("读音相同")
    NEAR = "near", N_("一字之差")
    PARENT = "parent", N_("所属法人")
    DIGITS = "digits", N_("代码前几位相同")


class Offer(NamedTuple):
    """A firm of the register that a row may mean, and how it was found."""

    firm_id: int
    how: How


class Candidate(Protocol):
    """A firm of the register, as ``firms.keys.likely`` gives it."""

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
    @property
    def short_name(self) -> str: ...
    @property
    def merged_codes(self) -> Sequence[str]: ...


class Match(NamedTuple):
    """``firm_id`` is None for a firm that is not in the register; ``problems`` say what a person should know.

    ``offers`` are the firms among which a person may choose. ``new_name`` is set when a code reveals that the firm is
    called otherwise now than in the register: a rename for a person to take up.
    """

    firm_id: int | None = None
    problems: tuple[Problem, ...] = ()
    offers: tuple[Offer, ...] = ()
    new_name: str = ""

    @property
    def is_open(self) -> bool:
        """Whether a person must decide which firm is meant."""
        return any(problem.level is Level.ERROR for problem in self.problems)

    @property
    def candidates(self) -> tuple[int, ...]:
        """The firms offered, the likeliest first."""
        return tuple(one.firm_id for one in self.offers)


class Index:
    """Firms of the register, looked up by code and by name; ``hidden`` ones are out of the person's reach.

    ``alike`` also looks names up that are only alike; a first look at a batch does without.
    """

    def __init__(self, candidates: Iterable[Candidate], hidden: Collection[int] = (), *, alike: bool = True) -> None:
        self.firms: dict[int, Candidate] = {}
        self.by_code: dict[str, int] = {}
        self.by_security: dict[str, int] = {}
        self.by_name: dict[str, list[int]] = defaultdict(list)
        self.by_former: dict[str, list[int]] = defaultdict(list)
        self.by_likeness: dict[tuple[KeyKind, str], list[int]] = defaultdict(list)
        self.hidden = frozenset(hidden)
        self.alike = alike
        for firm in candidates:
            self._take(firm)

    def _take(self, firm: Candidate) -> None:
        self.firms[firm.id] = firm
        if firm.credit_code:
            self.by_code[firm.credit_code] = firm.id
        self.by_code.update(dict.fromkeys(firm.merged_codes, firm.id))
        if firm.security_code:
            self.by_security[firm.security_code] = firm.id
        self.by_name[name_key(firm.name)].append(firm.id)
        for former in {name_key(name) for name in firm.former_names}:
            self.by_former[former].append(firm.id)
        if self.alike:
            for kind, key in names.keys(firm.name, firm.short_name, firm.former_names):
                if kind not in {KeyKind.EXACT, KeyKind.FORMER}:
                    self.by_likeness[kind, key].append(firm.id)

    def named(self, name: str) -> list[int]:
        """Return the firms of that present name."""
        return self.by_name.get(name_key(name), []) if name else []

    def formerly(self, name: str) -> list[int]:
        """Return the firms that had that name before."""
        return self.by_former.get(name_key(name), []) if name else []

    def called(self, firm_id: int) -> Message | str:
        """Return how a firm may be named to the person: not at all when it is out of reach."""
        return tr("您管理范围之外的一家企业") if firm_id in self.hidden else self.firms[firm_id].name


def sought(entries: Iterable[Entry]) -> Sought:
    """Return what rows say of firms, for one look into the register."""
    said = [entry.named for entry in entries]
    return Sought(
        {one.credit_code for one in said if one.credit_code},
        {one.security_code for one in said if one.security_code},
        {name for one in said for name in (one.name or one.short_name, *one.former_names) if name},
    )


def by_code_only(entries: Iterable[Entry]) -> Sought:
    """Return the codes that rows say of firms, for a first look into the register."""
    return sought(entries)._replace(names=())


def match_by_code(entry: Entry, index: Index) -> Match | None:
    """Return which firm a row means by its code where the name is the firm's too; None where more must be known."""
    named = entry.named
    found = {index.by_code.get(named.credit_code), index.by_security.get(named.security_code)} - {None}
    firm = index.firms[found.pop() or 0] if len(found) == 1 else None
    if firm is None or _clash(named, index, firm) is not None or name_key(firm.name) != name_key(named.name):
        return None
    return Match(firm.id)


def match(entry: Entry, index: Index) -> Match:
    """Return which firm a row means."""
    named = entry.named
    by_code = index.by_code.get(named.credit_code)
    by_security = index.by_security.get(named.security_code)
    if by_code is not None and by_security is not None and by_code != by_security:
        return _open(
            index,
            entry,
            tr("信用代码与证券代码分属两家企业，请核对后只保留正确的一个"),
            (by_code, by_security),
            How.CODE,
        )
    strong = by_code if by_code is not None else by_security
    if strong is not None:
        return _by_number(entry, index, strong)
    if found := index.named(named.name):
        return _by_name(entry, index, found, How.NAME)
    if found := index.formerly(named.name):
        return _by_name(entry, index, found, How.FORMER)
    if found := sorted({one for name in named.former_names for one in index.named(name)}):
        return _renamed(entry, index, found)
    return _only_alike(entry, index)


def _by_number(entry: Entry, index: Index, firm_id: int) -> Match:
    firm = index.firms[firm_id]
    if (why := _clash(entry.named, index, firm)) is not None:
        return _open(index, entry, why, (firm_id,), How.CODE)
    others = [one for one in index.named(entry.named.name) if one != firm_id]
    if others and name_key(firm.name) != name_key(entry.named.name):
        told = tr("代码是“%(firm)s”的，名称却是另一家已建档企业的，请核对代码", firm=index.called(firm_id))
        return _open(index, entry, told, (firm_id, *others), How.CODE)
    known = {name_key(firm.name), *(name_key(name) for name in firm.former_names), ""}
    if name_key(entry.named.name) in known:
        return Match(firm_id)
    if names.parts(entry.named.name).parent and not names.parts(firm.name).parent:
        told = tr("名称是分支机构，代码却是法人“%(firm)s”的，请核对这一行是谁的数据", firm=index.called(firm_id))
        return _open(index, entry, told, (firm_id,), How.PARENT)
    renamed = tr(
        "企业库中的名称是“%(firm)s”，表中不同；按代码认定为同一家，档案名称不改。如已更名请到企业页面办理",
        firm=index.called(firm_id),
    )
    return Match(firm_id, (_problem(entry, Level.WARNING, Kind.RENAMED, renamed),), new_name=entry.named.name)


def _by_name(entry: Entry, index: Index, found: Sequence[int], how: How) -> Match:
    if len(found) > 1:
        told = tr("企业库中有 %(n)s 家企业用过这个名称，请补填统一社会信用代码", n=len(found))
        return _open(index, entry, told, found, how)
    firm = index.firms[found[0]]
    if (why := _clash(entry.named, index, firm)) is not None:
        return _open(index, entry, why, found, how)
    if how is How.NAME:
        return Match(firm.id)
    note = tr("是“%(firm)s”的曾用名，按同一家企业导入", firm=index.called(firm.id))
    return Match(firm.id, (_problem(entry, Level.WARNING, Kind.RENAMED, note),))


def _renamed(entry: Entry, index: Index, found: Sequence[int]) -> Match:
    """The row itself says that it was called as a firm of the register is called still."""
    by_former = _by_name(entry, index, found, How.FORMER)
    if by_former.is_open:
        return by_former
    note = tr("表中写明曾用名是“%(firm)s”，按同一家企业导入，档案名称不改", firm=index.called(found[0]))
    return Match(by_former.firm_id, (_problem(entry, Level.WARNING, Kind.RENAMED, note),), new_name=entry.named.name)


def _only_alike(entry: Entry, index: Index) -> Match:
    """A branch and a sole trader are no firm; of names that are alike only a person may say that they mean one."""
    if not index.alike:
        return Match()
    name = entry.named.name or entry.named.short_name
    said = names.parts(name)
    if said.is_branch:
        told = tr(
            "是“%(parent)s”的分支机构，不是法人，不能按法人的数据导入；请填法人的数据，或确认单独建档",
            parent=said.parent,
        )
        return _no_firm(index, entry, told, index.named(said.parent))
    offers = _alike(entry.named, said, index)
    if held := [one for one in offers if _agree(said, index, one.firm_id)]:
        told = tr(
            "企业库中没有同名企业，但有名称相近的：%(firms)s。请选定是哪一家，或确认是新企业",
            firms=_listed(index, held),
        )
        return Match(None, (_problem(entry, Level.ERROR, Kind.AMBIGUOUS, told),), _seen(index, held))
    if names.is_sole_trader(name, entry.named.credit_code):
        return _no_firm(index, entry, tr("是个体工商户，不是企业，不自动建档；确需建档的请确认是新企业"), ())
    if offers:
        told = tr("企业库中有字号相同、地名不同的%(firms)s，按另一家企业新增，请留意", firms=_listed(index, offers))
        return Match(None, (_problem(entry, Level.WARNING, Kind.AMBIGUOUS, told),), _seen(index, offers))
    return Match()


def _no_firm(index: Index, entry: Entry, why: Message, parents: Sequence[int]) -> Match:
    """Hold a branch or a sole trader; reading may have said so of the very cell already."""
    told = any(problem.kind is Kind.BRANCH for problem in entry.problems)
    problems = () if told else (_problem(entry, Level.ERROR, Kind.BRANCH, why),)
    return Match(None, problems, _seen(index, [Offer(firm_id, How.PARENT) for firm_id in parents]))


def _alike(named: Named, said: names.Parts, index: Index) -> list[Offer]:
    """Firms of a like name, the likeliest first; who has another code is another firm, however like the name."""
    looks: list[tuple[How, KeyKind, str]] = [(How.SHORT, KeyKind.SHORT, said.plain)]
    looks += [(How(kind.value), kind, key) for kind, key in names.likeness(named.name or named.short_name)]
    found: dict[int, How] = {}
    for how, kind, key in looks:
        if how is How.NEAR and len(said.core) < SHORTEST_NEAR:
            continue
        for firm_id in index.by_likeness.get((kind, key), ()):
            firm = index.firms[firm_id]
            if _clash(named, index, firm) is None and not _told_apart(how, said.core, firm):
                found.setdefault(firm_id, how)
    return [Offer(firm_id, how) for firm_id, how in found.items()]


def _told_apart(how: How, core: str, firm: Candidate) -> bool:
    """True when a number tells the names apart (一厂, 二厂), which no slip of the ear or hand does."""
    if how not in {How.SOUND, How.NEAR}:
        return False
    cores = [names.parts(name).core for name in (firm.name, *firm.former_names)]
    like = [one for one in cores if one and (names.sound(one) == names.sound(core) or names.one_sign_apart(one, core))]
    return all(names.numbers_differ(one, core) for one in like)


def _agree(said: names.Parts, index: Index, firm_id: int) -> bool:
    firm = index.firms[firm_id]
    return any(names.places_agree(said, names.parts(name)) for name in (firm.name, *firm.former_names))


def _listed(index: Index, offers: Sequence[Offer]) -> Message:
    """Return “甲”（读音相同）、“乙”（一字之差）, firms out of reach unnamed."""
    told = {
        f"i{place}": tr("“%(firm)s”（%(how)s）", firm=index.called(one.firm_id), how=Message(one.how.label))
        for place, one in enumerate(offers[:MOST_OFFERED])
    }
    return Message("、".join(f"%({place})s" for place in told), told)


def _seen(index: Index, offers: Sequence[Offer]) -> tuple[Offer, ...]:
    return tuple(one for one in offers if one.firm_id not in index.hidden)


def _clash(named: Named, index: Index, firm: Candidate) -> Message | None:
    """Return why a row cannot be this firm although something points to it."""
    if named.credit_code and firm.credit_code and named.credit_code not in {firm.credit_code, *firm.merged_codes}:
        return tr("与企业库中的“%(firm)s”信用代码不同，请核对是否同一家企业", firm=index.called(firm.id))
    if named.security_code and firm.security_code and named.security_code != firm.security_code:
        return tr("与企业库中的“%(firm)s”证券代码不同，请核对是否同一家企业", firm=index.called(firm.id))
    return None


def _open(index: Index, entry: Entry, why: Message, found: Sequence[int], how: How) -> Match:
    offers = [Offer(firm_id, how) for firm_id in found]
    return Match(None, (_problem(entry, Level.ERROR, Kind.AMBIGUOUS, why),), _seen(index, offers))


def _problem(entry: Entry, level: Level, kind: Kind, why: Message) -> Problem:
    return Problem(level, kind, row_message(entry, why))


def row_message(entry: Entry, why: Message) -> Message:
    """Return a sentence about a whole row: 第 12 行“广东甘化…”：…"""
    return tr("第 %(row)s 行“%(name)s”：%(why)s", row=entry.row, name=entry.named.shown, why=why)
