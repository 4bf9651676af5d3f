"""Reading the blocks: which moment they speak of, and the columns of one block."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.core.digest import sha256_hex
from app.core.errors import Invalid
from app.facts.catalogue import Indicator, load_catalogue
from app.facts.keeping import indicator_of
from app.facts.snapshot.models import FactBlock, FactSnapshot
from app.facts.snapshot.packing import Column, Packed, unpack

Spot = tuple[str, int]
"""Indicator and year; the year is 0 where the figure bears none."""

ONLY = 1
PARTS = (
    FactBlock.key, FactBlock.year, FactBlock.size, FactBlock.places, FactBlock.width, FactBlock.words, FactBlock.data,
)  # fmt: skip


def snapshot(session: Session) -> FactSnapshot | None:
    """Return what the blocks hold, None before they were ever made."""
    return session.get(FactSnapshot, ONLY)


def columns(session: Session, block: int, spots: Collection[Spot]) -> Mapping[Spot, Column]:
    """Return those of the columns of a block of which anything is known."""
    if not spots:
        return {}
    if session.get_bind().dialect.name == "postgresql":
        rows = _binary(session, block, spots)
    else:
        wanted = tuple_(FactBlock.key, FactBlock.year).in_(sorted(spots))
        rows = session.execute(select(*PARTS).where(FactBlock.block == block, wanted))
    return {(row[0], row[1]): unpack(Packed(*row[2:])) for row in rows if (row[0], row[1]) in spots}


def _binary(session: Session, block: int, spots: Collection[Spot]) -> Iterable[Any]:
    """Ask the driver itself: PostgreSQL then sends bytes as bytes, not as twice as many hexadecimal digits."""
    driver: Any = session.connection().connection.driver_connection
    statement = (
        f"SELECT {', '.join(part.key for part in PARTS)} FROM fact_block "  # noqa: S608 - our own columns
        "WHERE block = %s AND key = ANY(%s) AND year = ANY(%s)"
    )
    keys, years = sorted({key for key, _year in spots}), sorted({year for _key, year in spots})
    with driver.cursor(binary=True) as cursor:
        return cursor.execute(statement, (block, keys, years)).fetchall()  # type: ignore[no-any-return]


def known_indicator(key: str) -> Indicator | None:
    """Return the indicator of a key that a rulebook may ask for: of the built-in catalogue, or an expert score."""
    try:
        return indicator_of(key)
    except Invalid:
        return None


@lru_cache(maxsize=1)
def catalogue_digest() -> str:
    """Return the digest of all keys and kinds: columns made by another catalogue are made anew."""
    return sha256_hex(";".join(f"{one.key}:{one.kind}" for one in load_catalogue()))
