"""The container of old Office files (MS-CFB): one stream by its name, with every chain checked for loops and ends."""

from __future__ import annotations

import struct

from app.sheets.ooxml.refused import RefusedError

_END = 0xFFFFFFFA
_ENTRY = 128
_SMALL = 4_096
MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")


class Compound:
    """Reads streams out of ``content``; raises ``RefusedError`` when the container is not whole."""

    def __init__(self, content: bytes) -> None:
        if len(content) < 512 or not content.startswith(MAGIC):
            raise RefusedError("damaged")
        self._content = content
        shifts = struct.unpack_from("<HH", content, 30)
        if shifts[0] not in (9, 12) or shifts[1] != 6:
            raise RefusedError("damaged")
        self._size = 1 << shifts[0]
        self._fat = self._table(self._fat_sectors())
        directory, mini = struct.unpack_from("<I", content, 48)[0], struct.unpack_from("<I", content, 60)[0]
        self.names: dict[str, bytes] = {}
        self._entries = self._directory(self._chain(directory))
        self._mini_fat = struct.unpack(f"<{len(found) // 4}I", found) if (found := self._chain(mini)) else ()
        root = next(iter(self._entries.values()), None)
        self._mini = self._chain(root[0]) if root else b""

    def stream(self, *names: str) -> bytes | None:
        """Return the first of the streams that is there."""
        for name in names:
            if name.lower() in self._entries:
                start, size = self._entries[name.lower()]
                found = self._chain(start) if size >= _SMALL else self._small(start)
                if len(found) < size:
                    raise RefusedError("damaged")
                return found[:size]
        return None

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        if at >= len(self._content):
            raise RefusedError("damaged")
        return self._content[at : at + self._size]

    def _fat_sectors(self) -> list[int]:
        numbers = list(struct.unpack_from("<109I", self._content, 76))
        more, count = struct.unpack_from("<II", self._content, 68)
        for _ in range(min(count, len(self._content) // self._size)):
            if more >= _END:
                break
            words = struct.unpack(f"<{self._size // 4}I", self._sector(more))
            numbers.extend(words[:-1])
            more = words[-1]
        return [number for number in numbers if number < _END]

    def _table(self, sectors: list[int]) -> tuple[int, ...]:
        words: list[int] = []
        for number in sectors:
            sector = self._sector(number)
            words.extend(struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4]))
        return tuple(words)

    def _chain(self, number: int) -> bytes:
        parts, seen = [], 0
        while number < _END:
            if number >= len(self._fat) or seen > len(self._fat):
                raise RefusedError("damaged")
            parts.append(self._sector(number))
            number, seen = self._fat[number], seen + 1
        return b"".join(parts)

    def _small(self, number: int) -> bytes:
        parts, seen = [], 0
        while number < _END:
            if number >= len(self._mini_fat) or seen > len(self._mini_fat):
                raise RefusedError("damaged")
            parts.append(self._mini[number * 64 : number * 64 + 64])
            number, seen = self._mini_fat[number], seen + 1
        return b"".join(parts)

    def _directory(self, content: bytes) -> dict[str, tuple[int, int]]:
        entries: dict[str, tuple[int, int]] = {}
        for at in range(0, len(content) - _ENTRY + 1, _ENTRY):
            length = struct.unpack_from("<H", content, at + 64)[0]
            if 2 <= length <= 64 and content[at + 66] in (1, 2, 5):
                name = content[at : at + length - 2].decode("utf-16-le", "replace").lower()
                start, size = struct.unpack_from("<II", content, at + 116)
                entries.setdefault(name, (start, size))
                self.names.setdefault(name, content[at + 80 : at + 96])
        return entries
