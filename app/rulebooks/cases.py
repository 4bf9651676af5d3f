"""The worked cases of an edition: a base firm, cases that change it, and sweeps of one figure over a limit (pure).

Cases stand in ``cases*.toml`` beside the edition and may grow after it is sealed. A revision carries its own.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.core.text import Message, tr
from app.facts.sheet import FactSheet
from app.rulebooks.tables import RulebookError

UNKNOWN = "?"
CASE_KEYS = frozenset({
    "name", "as_of", "kind", "set", "unset", "empty", "expect", "verdict", "score", "items", "groups", "missing",
    "level", "next_level", "gap", "actual", "says", "obstacles", "refused",
})  # fmt: skip
SWEEP_KEYS = frozenset({"name", "as_of", "kind", "set", "unset", "clause", "item", "keys", "rows"})
_FACTS = frozenset({"name", "as_of", "kind", "set", "unset", "empty"})


@dataclass(frozen=True)
class Case:
    """One firm and what the edition must say of it."""

    name: str
    edition: str
    as_of: date
    kind: str
    facts: dict[str, Any]
    expected: dict[str, Any] = field(default_factory=dict)

    def sheet(self) -> FactSheet:
        """Return the firm's figures. Raises Invalid for a figure that the catalogue does not know."""
        return FactSheet.from_plain(self.facts)


def texts_of(folder: Path) -> dict[str, str]:
    """Return the texts of all files of cases beside an edition, by name; empty when there is none."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("cases*.toml"))}


def read_cases(text: str, edition: str, file: str = "cases.toml") -> list[Case]:
    """Return every case of a text, sweeps spelled out row by row. Raises RulebookError naming file, case and remedy."""
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise RulebookError(tr("%(file)s：不是有效的 TOML（%(why)s）。", file=file, why=error)) from None
    found: list[Case] = []
    try:
        for entry in data.get("case", []):
            _must_know(entry, CASE_KEYS, file)
            found.append(_case(edition, data, entry))
        for entry in data.get("sweep", []):
            _must_know(entry, SWEEP_KEYS, file)
            found.extend(_sweep(edition, data, entry, file))
    except KeyError as error:
        raise _wrong(file, tr("缺少“%(name)s”，请补充。", name=error.args[0])) from None
    return found


def _wrong(file: str, why: Message) -> RulebookError:
    return RulebookError(tr("%(place)s：%(why)s", place=file, why=why))


def _must_know(entry: Mapping[str, Any], known: frozenset[str], file: str) -> None:
    if strange := sorted(set(entry) - known):
        place = f"{file} {entry.get('name', '')}"
        raise _wrong(
            place, tr("算例没有“%(name)s”这一项，可写：%(known)s。", name=strange[0], known="、".join(sorted(known)))
        )


def _case(edition: str, data: dict[str, Any], entry: dict[str, Any]) -> Case:
    facts = {} if entry.get("empty") else _changed(data["base"], entry.get("set", {}), entry.get("unset", []))
    expected = {key: entry[key] for key in CASE_KEYS - _FACTS if key in entry}
    as_of = entry.get("as_of", data["as_of"])
    return Case(entry["name"], edition, as_of, entry.get("kind", "new"), facts, expected)


def _sweep(edition: str, data: dict[str, Any], entry: dict[str, Any], file: str) -> Iterator[Case]:
    as_of = entry.get("as_of", data["as_of"])
    for row in entry["rows"]:
        if len(row) != len(entry["keys"]) + 1:
            place = f"{file} {entry['name']}"
            raise _wrong(place, tr("每行须有 %(n)s 个数值和一个结果，不是：%(row)s", n=len(entry["keys"]), row=row))
        *values, result = row
        changes = entry.get("set", {}) | dict(zip(entry["keys"], values, strict=True))
        facts = _changed(data["base"], changes, entry.get("unset", []))
        target = {"expect": {entry["clause"]: result}} if "clause" in entry else {"items": {entry["item"]: result}}
        told = "、".join(str(value) for value in values)
        yield Case(f"{entry['name']}：{told}", edition, as_of, entry.get("kind", "new"), facts, target)


def _changed(base: dict[str, Any], changes: dict[str, Any], unset: list[str]) -> dict[str, Any]:
    facts = copy.deepcopy(base)
    for key in unset:
        facts.pop(key)
    for path, value in changes.items():
        key, _dot, year = path.partition(".")
        holder, name = (facts.setdefault(key, {}), year) if year else (facts, key)
        if value == UNKNOWN:
            holder.pop(name, None)
        else:
            holder[name] = value
    return facts
