"""A rulebook of one clause, written for a test of the vocabulary."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import Finding
from app.facts.sheet import FactSheet
from app.rulebooks.loader import read_rulebook
from app.rulebooks.schema import Rulebook

HEAD = """
id = "sample"
programme = "sample"
title = "示例"
region = "全国"
kinds = ["new", "review"]
effective_from = 2020-01-01
validity = "一年"
decision = "全部符合"

[[policy]]
name = "示例办法"
number = "示例〔2020〕1号"
issued_by = ["示例局"]
"""
CLAUSE = """
[[clause]]
id = "S-1"
article = "第一条"
kind = "gate"
text = "示例条款"
status = "verified"
evidence = "secondary"
"""


def rulebook(test: str, *more: str) -> Rulebook:
    """Return the rulebook whose only clause has this test; ``more`` are further lines of the clause."""
    return read_rulebook("\n".join([HEAD, CLAUSE, *more, f"test = {test}"]).encode(), "sample/rulebook.toml")


def finding(test: str, facts: dict[str, Any], *more: str, as_of: date = date(2024, 6, 15)) -> Finding:
    """Return how the clause comes out for a firm."""
    return evaluate(rulebook(test, *more), FactSheet.from_plain(facts), as_of).finding("S-1")
