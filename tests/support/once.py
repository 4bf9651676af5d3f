"""What all processes of a run share is made by the one that needs it first; the others wait and find it made."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def once(mark: Path) -> Iterator[bool]:
    """Give True to whoever is to make it, False when it is made. A maker who fails leaves it to the next."""
    with mark.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        is_first = not mark.exists()
        yield is_first
        if is_first:
            mark.touch()
