"""What both binary formats share: packed numbers and the codes of formula errors."""

from __future__ import annotations

import struct

ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A", 43: "#N/A"}


def error(code: int) -> str:
    """Return the error as Excel writes it."""
    return ERRORS.get(code, "#N/A")


def packed_number(four: bytes) -> float:
    """Return an RK number: thirty bits of a float or of a whole number, perhaps in hundredths."""
    word = int.from_bytes(four, "little")
    if word & 2:
        value = float(int.from_bytes(four, "little", signed=True) >> 2)
    else:
        value = float(struct.unpack("<d", b"\x00\x00\x00\x00" + (word & 0xFFFFFFFC).to_bytes(4, "little"))[0])
    return value / 100 if word & 1 else value


def as_text(value: float) -> str:
    """Write a number so that it is read back the same."""
    return repr(int(value)) if value == value // 1 and abs(value) < 1e15 else repr(value)
