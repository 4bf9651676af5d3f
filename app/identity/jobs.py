"""Looking through the register for likely duplicates, in the background and every night."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.firms import duplicates
from app.jobs.worker import JobContext

SCAN = "identity.scan"


def scan(context: JobContext) -> Mapping[str, Any]:
    """Keep the pairs of firms that may be one; return how many stand and how many are new."""
    with context.database.transaction() as session:
        return duplicates.scan(session)
