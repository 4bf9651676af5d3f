"""Two editions side by side: which clauses, score items and definitions are new, gone or worded otherwise (pure)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.rulebooks import words
from app.rulebooks.schema import Rulebook

State = Literal["same", "changed", "added", "removed"]
Part = tuple[str, bool]
"""A run of text and whether it differs from the other side."""
_WORD = re.compile(r"[0-9.]+%?|[A-Za-z_-]+|\s+|.")


@dataclass(frozen=True, slots=True)
class Side:
    """What one edition says of a clause, line by line, each line in runs."""

    lines: tuple[tuple[str, tuple[Part, ...]], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One clause, item or definition under its id, on both sides (None where an edition lacks it)."""

    kind: str
    id: str
    state: State
    old: Side | None
    new: Side | None


def compared(old: Rulebook, new: Rulebook) -> list[Row]:
    """Return all rows in the order of the new edition, each gone one where it stood in the old."""
    before, after = _told(old), _told(new)
    rows = []
    for kind, name in _order(list(before), list(after)):
        rows.append(_row(kind, name, before.get((kind, name)), after.get((kind, name))))
    return rows


def counts(rows: Sequence[Row]) -> dict[State, int]:
    """Return how many rows are in each state."""
    found: dict[State, int] = {"same": 0, "changed": 0, "added": 0, "removed": 0}
    for row in rows:
        found[row.state] += 1
    return found


Told = dict[tuple[str, str], dict[str, str]]


def _told(rulebook: Rulebook) -> Told:
    shown = words.shown(rulebook)
    told: Told = {("head", ""): _head(rulebook)}
    for one in shown.clauses:
        clause = one.clause
        told["clause", clause.id] = {
            "article": clause.article, "text": clause.text, "test": one.test, "applies": one.applies,
            "exempt": one.exempt, "boundary": clause.boundary, "note": clause.note,
        }  # fmt: skip
    for _group, items in shown.groups:
        for item in items:
            bands = "；".join(f"{label}：{points}" for label, points in item.bands)
            told["item", item.item.id] = {"text": item.item.name, "test": item.measure, "bands": bands}
    for term in rulebook.definitions:
        told["definition", term.id] = {"text": f"{term.term}：{term.text}"}
    for paper in rulebook.materials:
        told["material", paper.code] = {"text": paper.name}
    return told


def _head(rulebook: Rulebook) -> dict[str, str]:
    begun = rulebook.effective_from.isoformat() if rulebook.effective_from else "未定义"
    ended = rulebook.effective_to.isoformat() if rulebook.effective_to else "未定义"
    policies = "；".join(f"{one.name}（{one.number}）" for one in rulebook.policies)
    return {
        "title": rulebook.title, "policies": policies, "begin": begun, "end": ended,
        "decision": rulebook.decision, "validity": rulebook.validity, "region": rulebook.region,
    }  # fmt: skip


def _order(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    ordered: list[tuple[str, str]] = []
    for _tag, first, last, start, end in matcher.get_opcodes():
        ordered += [one for one in old[first:last] if one not in new]
        ordered += [one for one in new[start:end] if one not in ordered]
    return list(dict.fromkeys(ordered))


def _row(kind: str, name: str, old: Mapping[str, str] | None, new: Mapping[str, str] | None) -> Row:
    if old is None or new is None:
        state: State = "added" if old is None else "removed"
        return Row(kind, name, state, _plain(old), _plain(new))
    if old == new:
        return Row(kind, name, "same", _plain(old), _plain(new))
    left, right = [], []
    for what in dict.fromkeys((*old, *new)):
        one, other = old.get(what, ""), new.get(what, "")
        if one or other:
            marked = _marked(one, other)
            left.append((what, marked[0]))
            right.append((what, marked[1]))
    return Row(kind, name, "changed", Side(tuple(left)), Side(tuple(right)))


def _plain(told: Mapping[str, str] | None) -> Side | None:
    if told is None:
        return None
    return Side(tuple((what, ((text, False),)) for what, text in told.items() if text))


def _marked(old: str, new: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Return both texts in runs, those that differ marked; numbers are never cut in two."""
    one, other = _WORD.findall(old), _WORD.findall(new)
    left: list[Part] = []
    right: list[Part] = []
    for tag, first, last, start, end in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        differs = tag != "equal"
        if last > first:
            left.append(("".join(one[first:last]), differs))
        if end > start:
            right.append(("".join(other[start:end]), differs))
    return tuple(left), tuple(right)
