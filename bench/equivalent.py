"""Changes to the engine that change nothing anybody could notice, each with the reason."""

from __future__ import annotations

# (module, the line as it stands, the change, the how-manieth of such changes) → why
EQUIVALENT: dict[tuple[str, str, str, int], str] = {}
