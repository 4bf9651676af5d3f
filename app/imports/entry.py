"""What one row says, as plain values that can be kept and read back (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from app.facts.sheet import decimal_text, plain_value
from app.facts.values import Value
from app.firms.taxonomy import ClusterCode, Town
from app.imports.problem import FATAL, Level, Problem


@dataclass(frozen=True, slots=True)
class Named:
    """Who the row is about, cleaned; empty where the row does not say."""

    name: str = ""
    short_name: str = ""
    credit_code: str = ""
    security_code: str = ""
    former_names: tuple[str, ...] = ()
    town: Town | None = None
    clusters: tuple[ClusterCode, ...] = ()
    address: str = ""
    industry: str = ""
    registered_on: date | None = None
    certificate: str = ""

    @property
    def shown(self) -> str:
        """The name by which a person finds the row."""
        return self.name or self.short_name or self.credit_code or self.security_code

    @property
    def says_nothing(self) -> bool:
        """Whether nothing in the row names a firm."""
        return not self.shown


_figure = tuple.__new__  # what Figure(...) does, without a call of Python: a large table has a million of them
_NAMES = tuple(one.name for one in fields(Named))


class Figure(NamedTuple):
    """One figure of the row: ``value`` in the catalogue's unit, ``raw`` as read, ``cell`` its address."""

    key: str
    year: int | None
    value: Value
    raw: str
    cell: str
    header: str

    @property
    def columns(self) -> tuple[Decimal | None, Any]:
        """``(number, value)`` as a claim keeps it; exactly one is set."""
        return (self.value, None) if isinstance(self.value, Decimal) else (None, plain_value(self.value))


@dataclass(frozen=True, slots=True)
class Entry:
    """One data row. ``missing`` are the keys whose cell is empty; ``retrieved`` is when the source was read.

    ``year`` is the fiscal year of the row: its own where the table has rows of several years, else the import's.
    """

    sheet: str
    row: int
    named: Named
    figures: tuple[Figure, ...] = ()
    missing: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    retrieved: str = ""
    year: int | None = None

    @property
    def is_refused(self) -> bool:
        """Whether the row cannot be imported whatever a person decides."""
        return any(problem.level is Level.ERROR and problem.kind in FATAL for problem in self.problems)

    @property
    def is_held(self) -> bool:
        """Whether a cell is wrong, so that a person must look first."""
        return any(problem.level is Level.ERROR for problem in self.problems)

    @property
    def said(self) -> tuple[object, ...]:
        """What the row says apart from where it stands: equal for identical rows."""
        return (self.named, tuple((f.key, f.year, f.columns) for f in self.figures), self.missing)

    def as_json(self) -> dict[str, Any]:
        """Return the form in which a row keeps it; sheet, row and problems have columns of their own."""
        return {
            "named": {name: plain_value(value) for name in _NAMES if (value := getattr(self.named, name))},
            "figures": [
                [key, year, decimal_text(value), raw, cell, header, "number"]
                if type(value) is Decimal
                else [key, year, plain_value(value), raw, cell, header, _kind(value)]
                for key, year, value, raw, cell, header in self.figures
            ],
            "missing": list(self.missing),
            "retrieved": self.retrieved,
            "read_problems": len(self.problems),
            "year": self.year,
        }


def entry_from_json(kept: dict[str, Any], *, sheet: str, row: int, problems: list[Any]) -> Entry:
    """Read back what ``as_json`` wrote."""
    named = dict(kept["named"])
    return Entry(
        sheet=sheet,
        row=row,
        named=Named(
            **{
                **named,
                "former_names": tuple(named.get("former_names", ())),
                "town": Town(named["town"]) if "town" in named else None,
                "clusters": tuple(ClusterCode(code) for code in named.get("clusters", ())),
                "registered_on": date.fromisoformat(named["registered_on"]) if "registered_on" in named else None,
            }
        ),
        figures=tuple(
            [
                _figure(
                    Figure,
                    (key, year, Decimal(value) if kind == "number" else _restored(value, kind), raw, cell, header),
                )
                for key, year, value, raw, cell, header, kind in kept["figures"]
            ]
        ),
        missing=tuple(kept["missing"]),
        problems=tuple(Problem.from_json(one) for one in problems[: kept["read_problems"]]),
        retrieved=kept["retrieved"],
        year=kept.get("year"),
    )


def _kind(value: Value) -> str:
    if isinstance(value, Decimal):
        return "number"
    return "date" if isinstance(value, date) else "plain"


def _restored(value: Any, kind: str) -> Value:
    if kind == "date":
        return date.fromisoformat(value)
    plain: Value = value
    return plain
