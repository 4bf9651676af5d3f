"""From a judgement to the row that keeps it: state, how far from eligible, and the texts with their hashes (pure)."""

from __future__ import annotations

import json
from typing import Any

from app.core.digest import sha256_hex
from app.eligibility.engine.finding import Judgement
from app.eligibility.engine.outcome import Outcome
from app.eligibility.models import Shortfall, VerdictState
from app.facts.sheet import FactSheet

REASON_LENGTH = 400


def row_of(judgement: Judgement, sheet: FactSheet) -> dict[str, Any]:
    """Return the columns of a verdict that follow from the judgement and the sheet it rests on."""
    shortfall, clause = shortfall_of(judgement)
    text = json.dumps(judgement.to_json(), ensure_ascii=False, separators=(",", ":"))
    score = judgement.score
    return {
        "as_of": judgement.as_of,
        "kind": judgement.kind,
        "state": VerdictState(judgement.decision.value),
        "shortfall": shortfall,
        "short_clause": clause,
        "obstacles": obstacles_text(judgement),
        "score_low": None if score is None else score.low,
        "score_high": None if score is None else score.high,
        "reason": judgement.reason[:REASON_LENGTH],
        "judgement": text,
        "digest": sha256_hex(text),
        "sheet": sheet.canonical_json(),
        "sheet_digest": sheet.digest,
    }


def shortfall_of(judgement: Judgement) -> tuple[Shortfall, str]:
    """Return how far the firm is from eligible and, where it is one demand short, the clause.

    A demand that only experts can settle is not the firm's shortfall: it is counted only when nothing else is short.
    A score counts as one demand, however many of its items are open.
    """
    short = [one for one in judgement.obstacles if one.outcome in (Outcome.UNMET, Outcome.UNKNOWN)]
    if len(short) > 1:
        return Shortfall.MORE, ""
    if short:
        kind = Shortfall.ONE_DATA if short[0].outcome is Outcome.UNKNOWN else Shortfall.ONE_SUBSTANCE
        return kind, short[0].clauses[0]
    if judgement.obstacles:
        return Shortfall.ONE_EXPERT, judgement.obstacles[0].clauses[0]
    return Shortfall.NONE, ""


def obstacles_text(judgement: Judgement) -> str:
    """Return the clauses in the way as "|A|B|", so that a list can be filtered by one of them."""
    clauses = dict.fromkeys(clause for obstacle in judgement.obstacles for clause in obstacle.clauses)
    return f"|{'|'.join(clauses)}|" if clauses else ""
