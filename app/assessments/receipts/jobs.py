"""Printing a receipt as work for later: it outlives a restart, and running it twice prints once."""

from __future__ import annotations

from typing import Any

from app.assessments.receipts import service
from app.jobs.worker import JobContext


def render(context: JobContext, receipt_id: int) -> dict[str, Any]:
    """Print one receipt; return its number, pages and hash."""
    return service.render(
        context.database,
        context.tools["store"],
        receipt_id,
        report=lambda step, note: context.report(step, service.STEPS, note),
    )
