"""What is frozen: the whole list as plain JSON, the same for the same decisions, and its hash."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.core.digest import canonical_json, content_hash
from app.eligibility.models import EligibilityList
from app.nominations import queries
from app.nominations.models import NominationList
from app.nominations.queries import Absent, Place
from app.rulebooks.models import Edition


def compose(session: Session, found: NominationList) -> dict[str, Any]:
    """Return the content of a list as it stands: edition, decisions with reasons and ranks, and who is not on it.

    Verdicts and the edition are named by their hashes, so the content holds them fast as well.
    """
    drawn = session.get_one(EligibilityList, found.eligibility_list_id)
    edition = session.get_one(Edition, drawn.edition_id)
    content = {
        "list": found.id,
        "title": found.title,
        "quota": found.quota,
        "edition": {"code": edition.code, "title": edition.title, "digest": edition.digest},
        "eligibility_list": {"id": drawn.id, "as_of": drawn.as_of, "kind": drawn.kind, "counts": drawn.counts},
        "drawn_up": {"by": found.created_by_name, "at": found.created_at},
        "submitted": {"by": found.submitted_by_name, "at": found.submitted_at},
        "nominations": [_place(one) for one in queries.places(session, found.id, for_=SYSTEM)],
        "not_nominated": [_absence(one) for one in queries.all_absent(session, found, for_=SYSTEM)],
    }
    plain: dict[str, Any] = json.loads(canonical_json(content))
    return plain


def digest(content: dict[str, Any]) -> str:
    """Return the SHA-256 of the content's canonical JSON."""
    return content_hash(content)


def is_intact(session: Session, found: NominationList) -> bool:
    """Tell whether a frozen list still has the hash it was frozen with, and its rows still say what was frozen.

    Names and codes of firms may change later and are left out of the comparison of the rows.
    """
    if found.content is None or digest(found.content) != found.digest:
        return False
    now = compose(session, found)
    return bool(_decided(now) == _decided(found.content) and now["edition"] == found.content["edition"])


def _decided(content: dict[str, Any]) -> list[dict[str, Any]]:
    identity = {"name", "credit_code"}
    rows = [{key: value for key, value in row.items() if key not in identity} for row in content["nominations"]]
    return sorted(rows, key=lambda row: int(row["firm"]))


def _place(one: Place) -> dict[str, Any]:
    return {
        "firm": one.firm_id,
        "name": one.name,
        "credit_code": one.credit_code,
        "verdict": {"id": one.verdict_id, "digest": one.verdict_digest, "state": one.state},
        "decision": one.decision,
        "reason": one.reason,
        "rank": one.rank,
        "amount": one.amount,
        "amount_source": one.amount_source,
        "added": {"by": one.added_by_name, "reason": one.added_reason},
        "decided": {"by": one.decided_by_name, "at": one.decided_at},
    }


def _absence(one: Absent) -> dict[str, Any]:
    return {
        "firm": one.firm_id,
        "name": one.name,
        "credit_code": one.credit_code,
        "verdict": {"id": one.verdict_id, "digest": one.verdict_digest, "state": one.state},
        "line": one.line,
    }
