"""Taxonomies that come with the program: towns, clusters, chain roles, and what is said of chains (pure)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: our own code, its name, and what the table says beside it, in the order of its columns."""

    code: str
    name: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """A taxonomy in the version that holds, with its dates and source; without entries it is not defined."""

    name: str
    title: str
    source: str
    note: str
    edition: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    columns: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()


@lru_cache(maxsize=1)
def taxonomies() -> Mapping[str, Taxonomy]:
    """Return the taxonomies by name, in the order of the file."""
    text = resources.files("app.taxonomies").joinpath("tables/built_in.toml").read_text(encoding="utf-8")
    found = {}
    for name, plain in tomllib.loads(text).items():
        entries = tuple(Entry(one["code"], one["name"], tuple(one["also"])) for one in plain.pop("entries", ()))
        columns = tuple(plain.pop("columns", ()))
        found[name] = Taxonomy(name=name, columns=columns, entries=entries, **plain)
    return MappingProxyType(found)
