"""Profiles: what the columns of a known workbook are called and what they mean. One TOML file each (pure)."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from app.core.errors import Invalid
from app.core.text import tr
from app.facts.catalogue import Indicator, load_catalogue
from app.imports.layouts import units
from app.imports.layouts.spelling import plain_header

FIELDS = frozenset(
    {
        "name",
        "short_name",
        "credit_code",
        "security_code",
        "former_name",
        "town",
        "cluster",
        "address",
        "industry",
        "registered_on",
        "certificate",
        "year",
        "retrieved",
    }
)
MONEY = "万元"
NAMING = frozenset({"name", "credit_code", "security_code"})
"""Fields of which one at least must be there for a row to name a firm."""


@dataclass(frozen=True, slots=True)
class ProfileColumn:
    """One column: what it is called in messages and in the template, and what it fills.

    ``unit`` is the unit when the header states none; ``fixed`` maps spellings that carry their unit in the name.
    ``own`` is the indicator where it is one of the office's own, which the built-in catalogue does not hold.
    """

    header: str
    field: str = ""
    key: str = ""
    unit: str = ""
    headers: tuple[str, ...] = ()
    fixed: Mapping[str, str] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    hint: str = ""
    template: bool = True
    own: Indicator | None = None

    @property
    def indicator(self) -> Indicator | None:
        """The catalogue's entry of the figure, if the column holds one."""
        return self.own or (load_catalogue().get(self.key) if self.key else None)


@dataclass(frozen=True, slots=True)
class Spelling:
    """What one way of writing a header means; ``unit`` is set when the spelling itself says it."""

    column: ProfileColumn
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """One known layout. ``spellings``, ``ignored`` and ``vague`` are looked up by ``plain_header``.

    ``source_code`` names the source in the table of trust; ``unit`` is the unit of money where a file says none;
    ``words`` in titles and names, or two headers of the ``fingerprint``, tell this source from others. A ``roster``
    puts its firms on the above-scale roster of the year. ``vague`` are spellings that leave open which figure is
    meant; the reason is a question on the batch.
    """

    id: str
    title: str
    note: str
    source: str
    source_code: str
    unit: str
    words: tuple[str, ...]
    fingerprint: tuple[str, ...]
    roster: bool
    columns: tuple[ProfileColumn, ...]
    spellings: Mapping[str, Spelling]
    ignored: Mapping[str, str]
    vague: Mapping[str, str]

    def template_columns(self) -> Sequence[ProfileColumn]:
        """Return the columns of the blank template."""
        return [column for column in self.columns if column.template]


def profile(profile_id: str) -> Profile:
    """Return a profile. Raises ``Invalid`` naming those that exist."""
    found = profiles().get(profile_id)
    if found is None:
        known = "、".join(f"{one.id}（{one.title}）" for one in profiles().values())
        raise Invalid("profile", tr("没有“%(id)s”这种表格样式，可用的有：%(known)s。", id=profile_id, known=known))
    return found


@lru_cache(maxsize=1)
def profiles() -> Mapping[str, Profile]:
    """Read all profiles once. Raises ValueError naming file, column and remedy when one is not in order."""
    found: dict[str, Profile] = {}
    folder = resources.files("app.imports").joinpath("profiles")
    texts = {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(folder.iterdir(), key=lambda one: one.name)
        if file.name.endswith(".toml")
    }
    for name, text in sorted(texts.items(), key=lambda item: "\nextends" in item[1]):  # what is extended comes first
        read = read_profile(text, name, found)
        found[read.id] = read
    return MappingProxyType(found)


def read_profile(text: str, name: str, bases: Mapping[str, Profile] = MappingProxyType({})) -> Profile:
    """Read one profile; it may extend one of ``bases``. Raises ValueError naming the file, the column, the remedy."""
    try:
        plain = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}：不是有效的 TOML（{error}），请检查这一行的引号和括号") from None
    columns = tuple(_column(entry, name) for entry in plain.get("column", ()))
    spellings = _spellings(columns, name)
    ignored = _reasons(plain, "ignored")
    vague = _reasons(plain, "vague")
    if astray := sorted(set(vague) - set(spellings)):
        raise ValueError(f"{name}：含糊的表头写法“{astray[0]}”不属于任何一列，请先写进那一列的 headers")
    if both := sorted(set(ignored) & set(spellings)):
        raise ValueError(f"{name}：表头写法“{both[0]}”既要导入又被列为不导入，请只保留一处")
    read = Profile(
        id=plain["id"],
        title=plain["title"],
        note=plain.get("note", ""),
        source=plain.get("source", ""),
        source_code=plain.get("source_code", plain["id"]),
        unit=plain.get("unit", MONEY),
        words=tuple(plain.get("words", ())),
        fingerprint=tuple(plain_header(header) for header in plain.get("fingerprint", ())),
        roster=plain.get("roster", False),
        columns=columns,
        spellings=MappingProxyType(spellings),
        ignored=MappingProxyType(ignored),
        vague=MappingProxyType(vague),
    )
    if "extends" not in plain:
        return read
    if plain["extends"] not in bases:
        raise ValueError(f"{name}：extends 的样式“{plain['extends']}”不存在，请写已有样式的 id")
    return extended(read, bases[plain["extends"]])


def extended(own: Profile, base: Profile) -> Profile:
    """Return a profile with the columns of another behind its own; what its own say goes first."""
    taken = {column.header for column in own.columns} | {column.key for column in own.columns if column.key}
    rest = {
        column.header: dataclasses.replace(
            column, template=False, unit=own.unit if column.unit == MONEY else column.unit
        )
        for column in base.columns
        if column.header not in taken and column.key not in taken
    }
    spellings = {
        written: Spelling(rest[spelling.column.header], spelling.unit)
        for written, spelling in base.spellings.items()
        if spelling.column.header in rest and written not in own.ignored
    }
    ignored = {written: why for written, why in base.ignored.items() if written not in own.spellings}
    vague = {written: why for written, why in base.vague.items() if written not in own.spellings}
    return dataclasses.replace(
        own,
        columns=(*own.columns, *rest.values()),
        spellings=MappingProxyType({**spellings, **own.spellings}),
        ignored=MappingProxyType({**ignored, **own.ignored}),
        vague=MappingProxyType({**vague, **own.vague}),
    )


def _spellings(columns: Sequence[ProfileColumn], name: str) -> dict[str, Spelling]:
    spellings: dict[str, Spelling] = {}
    for column in columns:
        for written, unit in _spellings_of(column, name):
            if spellings.setdefault(written, Spelling(column, unit)).column is not column:
                raise ValueError(f"{name}：表头写法“{written}”同时属于两列，请只保留一处")
    return spellings


def _reasons(plain: Mapping[str, Any], part: str) -> dict[str, str]:
    return {plain_header(header): entry["reason"] for entry in plain.get(part, ()) for header in entry["headers"]}


def _column(entry: dict[str, Any], name: str) -> ProfileColumn:
    values = {**entry, "headers": tuple(entry.get("headers", ())), "fixed": MappingProxyType(entry.get("fixed", {}))}
    try:
        column = ProfileColumn(**values)
    except TypeError as error:
        raise ValueError(f"{name}：列“{entry.get('header', '?')}”的栏目有误（{error}）") from None
    if not column.field and not column.key:
        raise ValueError(f"{name}：列“{column.header}”既没有 field 也没有 key，请写明它填入哪里")
    if column.field and column.field not in FIELDS:
        known = "、".join(sorted(FIELDS))
        raise ValueError(f"{name}：列“{column.header}”的 field“{column.field}”不存在，可用：{known}")
    if column.key and column.key not in load_catalogue():
        raise ValueError(f"{name}：列“{column.header}”：{load_catalogue().unknown(column.key)}")
    return column


def _spellings_of(column: ProfileColumn, name: str) -> list[tuple[str, str]]:
    indicator = column.indicator
    for unit in (column.unit, *column.fixed.values()):
        if unit and (indicator is None or units.factor(unit, indicator.unit) is None):
            raise ValueError(f"{name}：列“{column.header}”的单位“{unit}”不能换算成指标的单位")
    plain = [(plain_header(text), "") for text in (column.header, *column.headers)]
    return plain + [(plain_header(text), unit) for text, unit in column.fixed.items()]
