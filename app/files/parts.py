"""Files on their way: pieces written one after another, kept apart from the files that are whole."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path


class Parts:
    """A folder with one growing file for each number."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, number: int, offset: int, content: bytes) -> None:
        """Write a piece at its place; what a broken attempt left behind there is written over."""
        self.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path(number), os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.seek(offset)
            file.write(content)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())

    def read(self, number: int) -> bytes:
        """Return what was written so far; nothing where there is no such file."""
        path = self._path(number)
        return path.read_bytes() if path.is_file() else b""

    def remove(self, number: int) -> None:
        """Remove the file."""
        self._path(number).unlink(missing_ok=True)

    def left_alone(self, since: timedelta) -> Iterator[int]:
        """Yield the numbers of files that nobody has written to for so long."""
        for path in self.root.glob("*.part") if self.root.is_dir() else ():
            with suppress(FileNotFoundError):  # finished or taken off since the folder was read
                if time.time() - path.stat().st_mtime >= since.total_seconds():
                    yield int(path.stem)

    def _path(self, number: int) -> Path:
        return self.root / f"{number}.part"
