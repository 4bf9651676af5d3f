"""Changes to the engine that change nothing anybody could notice, each with the reason."""

from __future__ import annotations

# (module, the line as it stands, the change) → why
EQUIVALENT: dict[tuple[str, str, str], str] = {}
