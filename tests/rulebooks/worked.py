"""Read the worked cases beside an edition: a base firm, cases that change it, and sweeps of one figure over a limit."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.facts.sheet import FactSheet
from app.rulebooks.loader import EDITIONS

UNKNOWN = "?"
CASE_KEYS = {
    "name", "as_of", "kind", "set", "unset", "empty", "expect", "verdict", "score", "items", "groups", "missing",
    "level", "next_level",
    "gap", "actual", "says", "obstacles", "refused",
}  # fmt: skip
SWEEP_KEYS = {"name", "as_of", "kind", "set", "unset", "clause", "item", "keys", "rows"}


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
        return FactSheet.from_plain(self.facts)


def cases_of(edition: str) -> list[Case]:
    """Return every case of an edition, sweeps spelled out row by row."""
    found: list[Case] = []
    for path in sorted((EDITIONS / edition).glob("cases*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        for entry in data.get("case", []):
            assert set(entry) <= CASE_KEYS, f"{path.name}：{entry['name']}：{set(entry) - CASE_KEYS}"
            found.append(_case(edition, data, entry))
        for entry in data.get("sweep", []):
            assert set(entry) <= SWEEP_KEYS, f"{path.name}：{entry['name']}：{set(entry) - SWEEP_KEYS}"
            found.extend(_sweep(edition, data, entry))
    return found


def _case(edition: str, data: dict[str, Any], entry: dict[str, Any]) -> Case:
    facts = {} if entry.get("empty") else _changed(data["base"], entry.get("set", {}), entry.get("unset", []))
    expected = {key: entry[key] for key in CASE_KEYS - {"name", "as_of", "kind", "set", "unset"} if key in entry}
    as_of = entry.get("as_of", data["as_of"])
    return Case(entry["name"], edition, as_of, entry.get("kind", "new"), facts, expected)


def _sweep(edition: str, data: dict[str, Any], entry: dict[str, Any]) -> Iterator[Case]:
    as_of = entry.get("as_of", data["as_of"])
    for row in entry["rows"]:
        assert len(row) == len(entry["keys"]) + 1, f"{entry['name']}：{row}"
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
