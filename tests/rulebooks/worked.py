"""The worked cases beside the editions of the program."""

from __future__ import annotations

from app.rulebooks.cases import Case, read_cases, texts_of
from app.rulebooks.loader import EDITIONS


def cases_of(edition: str) -> list[Case]:
    """Return every case of an edition, sweeps spelled out row by row."""
    texts = texts_of(EDITIONS / edition)
    return [case for file, text in texts.items() for case in read_cases(text, edition, f"{edition}/{file}")]
