"""Colours of the charts, and which ink can be read on which ground."""

from __future__ import annotations

from fractions import Fraction

SERIES = ("#1660c4", "#0b7a63", "#b45a0c", "#7a4fc0", "#a8325e", "#4a5b6d")
DASHES = ("", "6 3", "2 3", "8 3 2 3", "10 4", "4 2 1 2")
INK = "#1f2d3d"
MUTED = "#566577"
GRID = "#e3e8ee"
AXIS = "#8a98a8"
TRACK = "#e6ebf1"
GOOD = "#0b7a5f"
BAD = "#b42318"
OPEN = "#b45a0c"
WHITE = "#ffffff"
DARK = "#000000"
PALE, DEEP = "#eef4fb", "#0b4a9e"


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` as WCAG defines it, 0 (black) to 1 (white)."""

    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink_on(ground: str) -> str:
    """Return the ink, dark or white, that is easier to read on ``ground``; at least 4.5 to 1 everywhere."""
    return max((DARK, WHITE), key=lambda ink: contrast(ink, ground))


def shade(share: Fraction) -> str:
    """Return the colour of a share from 0 (pale) to 1 (deep); the same on every machine."""
    part = min(Fraction(1), max(Fraction(0), share))
    mixed = (round(low + (high - low) * part) for low, high in zip(_channels(PALE), _channels(DEEP), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)
