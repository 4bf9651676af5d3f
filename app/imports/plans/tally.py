"""The sums of a batch: kept as rows come and change, so that they always add up (pure)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from app.imports.cells.kept import count_stated
from app.imports.models import RowOutcome
from app.imports.problem import Level

_VALUES = {outcome: str(outcome.value) for outcome in RowOutcome}
SUMS = ("stated", "asks", "fills")


def tag(kind: str, alike: str) -> str:
    """Return the short name under which alike problems of a kind are counted and found."""
    return f"{kind}/{blake2b(alike.encode(), digest_size=5).hexdigest()}"


def between_commas(words: Sequence[str]) -> str:
    """Return words as a column keeps them to be searched."""
    return f",{','.join(words)}," if words else ""


def words_of(text: str) -> list[str]:
    """Read back what ``between_commas`` wrote."""
    return [word for word in text.split(",") if word]


@dataclass
class Tally:
    """Counters of outcomes by sheet, of missing figures, of problems by kind and by likeness."""

    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    missing: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    alike: dict[str, list[Any]] = field(default_factory=dict)
    sums: Counter[str] = field(default_factory=Counter)

    def add(self, row: Mapping[str, Any], sign: int = 1) -> None:
        """Count a row as its columns say; ``sign`` -1 takes it out again."""
        self.outcomes[row["sheet"]][_VALUES[row["outcome"]]] += sign
        for key in words_of(row["missing"]):
            self.missing[key] += sign
        for problem in row["problems"]:
            self.kinds[problem["kind"]] += sign
            self.errors[problem["kind"]] += sign * (problem["level"] == Level.ERROR)
            if "alike" in problem and "repair" in problem:
                name = tag(problem["kind"], problem["alike"])
                entry = self.alike.setdefault(name, [problem["kind"], problem["alike"], 0])
                entry[2] += sign
        self.sums["stated"] += sign * count_stated(row["stated"])
        self.sums["asks"] += sign * len(words_of(row["asks"]))
        self.sums["fills"] += sign * len(row["fills"])

    def counts(self) -> dict[str, int]:
        """Return the rows of each outcome over all sheets."""
        return {one.value: sum(found[one.value] for found in self.outcomes.values()) for one in RowOutcome}

    def into(self, report: Mapping[str, Any]) -> dict[str, Any]:
        """Return the report of a batch with these sums."""
        sheets = [{**sheet, "counts": dict(+self.outcomes[sheet["name"]])} for sheet in report.get("sheets", ())]
        return {
            **report,
            "sheets": sheets,
            "missing": dict(+self.missing),
            "kinds": dict(+self.kinds),
            "errors": dict(+self.errors),
            "alike": {name: entry for name, entry in self.alike.items() if entry[2] > 0},
            **{name: self.sums[name] for name in SUMS},
        }


def tally_of(report: Mapping[str, Any]) -> Tally:
    """Read the sums of a batch back, to go on counting."""
    found = Tally()
    for sheet in report.get("sheets", ()):
        found.outcomes[sheet["name"]] = Counter(sheet.get("counts", {}))
    found.missing, found.kinds = Counter(report.get("missing", {})), Counter(report.get("kinds", {}))
    found.errors = Counter(report.get("errors", {}))
    found.alike = {name: list(entry) for name, entry in report.get("alike", {}).items()}
    found.sums = Counter({name: int(report.get(name, 0)) for name in SUMS})
    return found
