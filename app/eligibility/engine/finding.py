"""What the judge hands back: a Judgement with one Finding per clause, and its form in JSON (pure).

JSON numbers are for reading; where a value has no finite decimal ``actual_exact`` keeps it as a fraction ("7/150").
A stored judgement is read back with ``Judgement.from_json`` and shown as it was, whatever the engine does later.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from app.eligibility.engine.ladder import LevelResult
from app.eligibility.engine.outcome import Decision, Outcome
from app.facts.catalogue import load_catalogue
from app.facts.sheet import EXPERT, FactValue, place_text
from app.facts.values import Record

Plain = int | float | str | bool | None | list[Any] | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A figure that is missing: catalogue key, and the fiscal year where it is told by year."""

    key: str
    year: int | None = None

    def __str__(self) -> str:
        return place_text(self.key, self.year)

    @property
    def label(self) -> str:
        """The figure as it is named to a person: 2023 年销售收入, “居民企业”情况."""
        name = _asked(self.key)
        return name if self.year is None else f"{self.year} 年{name}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read ``key[year]`` or ``key``."""
        key, _bracket, year = text.partition("[")
        return cls(key, int(year[:-1]) if year else None)


@dataclass(frozen=True, slots=True)
class Used:
    """A figure that was used: key, year, value (number, text, yes/no, list), fact row and source text."""

    key: str
    year: int | None
    value: Plain
    fact_id: int | None
    source: str

    @property
    def label(self) -> str:
        """The figure as it is named to a person."""
        return _short(self.key) if self.year is None else f"{self.year} 年{_short(self.key)}"

    @property
    def unit(self) -> str:
        """The unit of the value (empty when it has none)."""
        return load_catalogue().get(self.key).unit if self.key in load_catalogue() else ""


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One row of the score: the points it can still get (low to high), the band, and why.

    ``open`` says what keeps the points apart: expert, data, review, or nothing (empty).
    """

    id: str
    name: str
    group: str
    low: Decimal
    high: Decimal
    max: Decimal
    band: str
    reason: str
    open: str
    used: tuple[Used, ...]
    missing: tuple[Place, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupScore:
    """One heading of the score with its rows."""

    id: str
    name: str
    low: Decimal
    high: Decimal
    max: Decimal
    choice: str
    items: tuple[ItemScore, ...]
    missing: tuple[Place, ...]

    @property
    def is_open(self) -> bool:
        """Whether the points are not settled."""
        return self.low != self.high


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """The whole score as an interval."""

    low: Decimal
    high: Decimal
    total: Decimal
    groups: tuple[GroupScore, ...]
    missing: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """How one clause came out, and why.

    ``actual`` and ``required`` are plain values in ``unit``; ``gap`` is how much is short (in ``gap_unit``); the
    ``…_text`` forms are for people. ``explanation`` is one sentence that can be read out on the phone.
    """

    clause: str
    article: str
    kind: str
    decides: bool
    requirement: str
    outcome: Outcome
    actual: Plain
    actual_exact: str
    actual_text: str
    operator: str
    required: Plain
    required_text: str
    unit: str
    gap: Decimal | None
    gap_unit: str
    gap_text: str
    used: tuple[Used, ...]
    missing: tuple[Place, ...]
    explanation: str
    flags: tuple[str, ...]

    @property
    def fact_ids(self) -> tuple[int, ...]:
        """The rows of the facts that were used."""
        return tuple(used.fact_id for used in self.used if used.fact_id is not None)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One demand that stands between the firm and "eligible": its clauses, how it came out, and the sentence."""

    requirement: str
    label: str
    clauses: tuple[str, ...]
    outcome: Outcome
    explanation: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The whole answer for one firm, edition and day. ``reason`` is one sentence; ``obstacles`` what stands in the way.

    Exactly one obstacle means: one demand short (unknown = data missing, unmet = substance missing).
    """

    edition: str
    title: str
    rulebook_digest: str
    sheet_digest: str
    as_of: date
    kind: str
    decision: Decision
    reason: str
    score: ScoreResult | None
    findings: tuple[Finding, ...]
    obstacles: tuple[Obstacle, ...]
    level: LevelResult | None = None

    def finding(self, clause: str) -> Finding:
        """Return the finding of a clause. Raises KeyError."""
        for found in self.findings:
            if found.clause == clause:
                return found
        raise KeyError(clause)

    @property
    def missing(self) -> tuple[Place, ...]:
        """The figures whose lack stands between the firm and a decision, each once."""
        asked = {clause for obstacle in self.obstacles for clause in obstacle.clauses}
        places = (place for found in self.findings if found.clause in asked for place in found.missing)
        return tuple(dict.fromkeys(places))

    def to_json(self) -> dict[str, Any]:
        """Return plain data for storing and for the command line."""
        obstacles = [
            {
                "requirement": obstacle.requirement,
                "label": obstacle.label,
                "clauses": list(obstacle.clauses),
                "outcome": obstacle.outcome.value,
                "explanation": obstacle.explanation,
            }
            for obstacle in self.obstacles
        ]
        return {
            "edition": self.edition,
            "title": self.title,
            "rulebook_digest": self.rulebook_digest,
            "sheet_digest": self.sheet_digest,
            "as_of": self.as_of.isoformat(),
            "kind": self.kind,
            "verdict": self.decision.value,
            "reason": self.reason,
            "score": None if self.score is None else _score_json(self.score),
            "level": None if self.level is None else self.level.to_json(),
            "findings": [_finding_json(found) for found in self.findings],
            "obstacles": obstacles,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Judgement:
        """Read back what ``to_json`` wrote."""
        return cls(
            edition=data["edition"],
            title=data["title"],
            rulebook_digest=data["rulebook_digest"],
            sheet_digest=data["sheet_digest"],
            as_of=date.fromisoformat(data["as_of"]),
            kind=data["kind"],
            decision=Decision(data["verdict"]),
            reason=data["reason"],
            score=None if data["score"] is None else _score_from(data["score"]),
            findings=tuple(_finding_from(found) for found in data["findings"]),
            obstacles=tuple(
                Obstacle(o["requirement"], o["label"], tuple(o["clauses"]), Outcome(o["outcome"]), o["explanation"])
                for o in data["obstacles"]
            ),
            level=LevelResult(**data["level"]) if data.get("level") else None,
        )


def plain_number(number: Decimal | Fraction | int) -> int | float:
    """Return a JSON number: whole where it is whole, else the nearest one (for reading; nothing is decided by it)."""
    top, bottom = number.as_integer_ratio()
    return top if bottom == 1 else top / bottom


def plain(value: object) -> Plain:
    """Return any value of the fact sheet as JSON can hold it."""
    if isinstance(value, (bool, str)):  # noqa: UP038 - a union would be made anew for each of very many figures
        return value
    if isinstance(value, (int, Decimal, Fraction)):  # noqa: UP038
        return plain_number(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Record):
        return {name: plain(item) for name, item in value.fields}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return None if value is None else str(value)


def used(fact: FactValue) -> Used:
    """Return the trace of a figure."""
    return Used(fact.key, fact.year, plain(fact.value), fact.fact_id, fact.source)


@lru_cache(maxsize=1024)
def _short(key: str) -> str:
    if key.startswith(EXPERT):
        return f"评分项 {key[len(EXPERT) :]} 的专家评分"
    return load_catalogue().get(key).short if key in load_catalogue() else key


def _asked(key: str) -> str:
    """A yes/no figure is asked for by its subject, or the sentence would read as if the subject were missing."""
    is_yes_or_no = key in load_catalogue() and load_catalogue().get(key).kind == "bool"
    return f"“{_short(key)}”情况" if is_yes_or_no else _short(key)


_PLAIN_FIELDS = tuple(
    field.name for field in fields(Finding) if field.name not in ("outcome", "gap", "used", "missing", "flags")
)


def _finding_json(found: Finding) -> dict[str, Any]:
    data: dict[str, Any] = {name: getattr(found, name) for name in _PLAIN_FIELDS}
    data["outcome"] = found.outcome.value
    data["gap"] = None if found.gap is None else plain_number(found.gap)
    data["used"] = [_used_json(fact) for fact in found.used]
    data["missing"] = [str(place) for place in found.missing]
    data["flags"] = list(found.flags)
    return data


def _finding_from(data: dict[str, Any]) -> Finding:
    gap = data["gap"]
    return Finding(
        **{name: data[name] for name in _PLAIN_FIELDS},
        outcome=Outcome(data["outcome"]),
        gap=None if gap is None else Decimal(str(gap)),
        used=tuple(Used(**fact) for fact in data["used"]),
        missing=tuple(Place.parse(place) for place in data["missing"]),
        flags=tuple(data["flags"]),
    )


def _used_json(fact: Used) -> dict[str, Any]:
    return {
        "key": fact.key,
        "year": fact.year,
        "value": fact.value,
        "fact_id": fact.fact_id,
        "source": fact.source,
    }


def _score_json(score: ScoreResult) -> dict[str, Any]:
    return {
        "low": plain_number(score.low),
        "high": plain_number(score.high),
        "total": plain_number(score.total),
        "missing": [str(place) for place in score.missing],
        "groups": [
            {
                "id": group.id,
                "name": group.name,
                "low": plain_number(group.low),
                "high": plain_number(group.high),
                "max": plain_number(group.max),
                "choice": group.choice,
                "missing": [str(place) for place in group.missing],
                "items": [_item_json(item) for item in group.items],
            }
            for group in score.groups
        ],
    }


_ITEM_TEXTS = ("id", "name", "group", "band", "reason", "open")
_ITEM_POINTS = ("low", "high", "max")


def _item_json(item: ItemScore) -> dict[str, Any]:
    data: dict[str, Any] = {name: getattr(item, name) for name in _ITEM_TEXTS}
    data |= {name: plain_number(getattr(item, name)) for name in _ITEM_POINTS}
    data["used"] = [_used_json(fact) for fact in item.used]
    data["missing"] = [str(place) for place in item.missing]
    data["flags"] = list(item.flags)
    return data


def _score_from(data: dict[str, Any]) -> ScoreResult:
    return ScoreResult(
        low=Decimal(str(data["low"])),
        high=Decimal(str(data["high"])),
        total=Decimal(str(data["total"])),
        groups=tuple(_group_from(group) for group in data["groups"]),
        missing=tuple(Place.parse(place) for place in data["missing"]),
    )


def _group_from(data: dict[str, Any]) -> GroupScore:
    return GroupScore(
        id=data["id"],
        name=data["name"],
        low=Decimal(str(data["low"])),
        high=Decimal(str(data["high"])),
        max=Decimal(str(data["max"])),
        choice=data["choice"],
        items=tuple(_item_from(item) for item in data["items"]),
        missing=tuple(Place.parse(place) for place in data["missing"]),
    )


def _item_from(data: dict[str, Any]) -> ItemScore:
    parts: dict[str, Any] = {name: data[name] for name in _ITEM_TEXTS}
    parts |= {name: Decimal(str(data[name])) for name in _ITEM_POINTS}
    return ItemScore(
        **parts,
        used=tuple(Used(**fact) for fact in data["used"]),
        missing=tuple(Place.parse(place) for place in data["missing"]),
        flags=tuple(data["flags"]),
    )
