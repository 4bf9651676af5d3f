"""A dossier's context as JSON and back (``documents.sealing``)."""

from __future__ import annotations

from typing import Any

from app.documents.sealing import sealed as sealed
from app.documents.sealing import unsealed
from app.dossiers.context import DossierContext


def opened(data: Any) -> DossierContext:
    """Read a context back from what was stored. Raises TypeError or KeyError for what is none."""
    return unsealed(DossierContext, data)
