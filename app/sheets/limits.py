"""How large a table may be, and how much a reader may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one file; what passes them is refused before or while it is read, and nothing is kept of it."""

    octets: int = 64 * 1024**2
    unpacked: int = 512 * 1024**2
    members: int = 2_000
    ratio: int = 300
    rows: int = 200_000
    columns: int = 1_024
    cells: int = 6_000_000
    memory: int = 2 * 1024**3
    cpu_seconds: int = 60
    seconds: float = 90
    handed_over: int = 1024**3
