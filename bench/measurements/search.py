"""Search and lists at 600,000 firms: first pages against a scan that finds nothing, and pages at any depth.

On SQLite, or on the PostgreSQL of ``scripts/postgres scripts/bench search``.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM
from app.access.towns import Town
from app.core.db import Database
from app.core.paging import SortKey, encode_cursor
from app.firms import listing, search_text
from app.firms.filtering import FirmFilter
from app.firms.models import Firm
from app.firms.taxonomy import ClusterCode, FirmStatus
from app.schema import migrate
from bench import many
from bench.figure import Figure, Limit

Clock = Callable[[], float]
FIRMS = many.WHOLE
ROUNDS = 3
PARTS = (0.1, 0.5, 0.9, 0.999)  # how far down the plain list the measured pages begin


def initials(word: str) -> str:
    """Return the first letters of a word in pinyin."""
    return "".join(syllable[0] for syllable in search_text.sort_key(word).split())


WORDS = many.WORDS.values()  # found once, 10, 300, 3,000, 30,000 and 300,000 times; the others as it comes, or never
SEARCHES = {
    "two_signs": ("狮虎", "华盛", "精密", *(word[:2] for word in WORDS)),
    "four_signs": ("狮虎龙凤", "华盛精密", "光电科技", *WORDS),
    "initials": ("qxzvq", "hsjmzz", "jmjy", *map(initials, WORDS)),
    "pinyin": ("shihu", "huashengjingmi", "guangdiankeji", *map(search_text.sound, WORDS)),
}
SORTS = ("name", "-name", "town", "-town", "code", "-code", "updated", "-updated")
FILTERS = {
    "plain": FirmFilter(),
    "town": FirmFilter(town=Town.HETANG),
    "cluster": FirmFilter(cluster=ClusterCode.HEALTH_FOOD),
    "roster": FirmFilter(roster_year=2025),
    "revoked": FirmFilter(status=FirmStatus.REVOKED),
    "searched": FirmFilter(text="精密"),
}


def measure() -> Iterator[Figure]:
    """Yield the ratios; the firms are put into a database of their own first (most of the time of this measurement)."""
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("YUQI_TEST_DATABASE_URL", "")
        database = Database(url or f"sqlite:///{Path(folder) / 'search.db'}")
        migrate(database)
        many.fill(database, FIRMS)
        with database.session() as session:
            yield from measured(session)
        database.dispose()


def measured(session: Session) -> Iterator[Figure]:
    """Yield the ratios for a database that stands already."""
    clock = _clock(session)
    scan = _median(clock, lambda: session.scalar(_NO_HIT))
    kind = session.get_bind().dialect.name
    for name, texts in SEARCHES.items():
        slowest = max(_first(clock, session, FirmFilter(text=one)) for one in texts)
        told = "a LIKE scan of the names without a hit"
        yield Figure(f"search_{name}_{kind}", slowest / scan, "ratio", Limit("at_most", 0.05), told)
    cursors = {sort: [_cursor(session, sort, part) for part in PARTS] for sort in SORTS}
    for name, wanted in FILTERS.items():
        ratio = max(_depth(clock, session, wanted, sort, cursors[sort]) for sort in SORTS)
        told = "the first page of the same list"
        yield Figure(f"list_depth_{name}_{kind}", ratio, "ratio", Limit("at_most", 2.0), told)


_NO_HIT = select(func.count()).select_from(Firm).where(Firm.search_text.like("%狮虎龙凤%"))


def _page(session: Session, wanted: FirmFilter, sort: str = "-updated", after: str = "") -> listing.Listing:
    return listing.listing(session, SYSTEM, wanted, sort, after=after)


def _first(clock: Clock, session: Session, wanted: FirmFilter, sort: str = "-updated") -> float:
    return _median(clock, lambda: _page(session, wanted, sort))


def _depth(clock: Clock, session: Session, wanted: FirmFilter, sort: str, cursors: Sequence[str]) -> float:
    """The slowest of several pages on the way to the last, as a ratio to the first page."""
    first = _first(clock, session, wanted, sort)
    return max(_median(clock, partial(_page, session, wanted, sort, after)) for after in cursors) / first


def _cursor(session: Session, sort: str, part: float) -> str:
    """The cursor of a firm that stands so far down the list."""
    name = sort.removeprefix("-")
    column = listing.SORTS[name][0]
    falls = sort.startswith("-")
    ordered = column.desc().nulls_last() if falls else column.asc().nulls_last()
    keys = (SortKey(column, name, falls), SortKey(Firm.__table__.c.id, "id", falls))
    number = Firm.__table__.c.id.desc() if falls else Firm.__table__.c.id
    row = session.execute(select(column, keys[1].column).order_by(ordered, number).offset(int(FIRMS * part))).first()
    if row is None:
        raise RuntimeError("fewer firms than measured")
    value = row[0].isoformat() if hasattr(row[0], "isoformat") else row[0]
    return encode_cursor([value, row[1]])


def _clock(session: Session) -> Clock:
    """Return a clock of the work done: what else runs on the machine must not count.

    SQLite works in this process. A PostgreSQL of this machine works in one of its own, and Linux tells how long.
    """
    if session.get_bind().dialect.name == "sqlite":
        return time.process_time
    told = Path(f"/proc/{session.scalar(text('SELECT pg_backend_pid()'))}/schedstat")
    if not told.exists():
        return time.perf_counter
    return lambda: time.process_time() + int(told.read_text().split()[0]) / 1e9


def _median(clock: Clock, work: Callable[[], Any]) -> float:
    work()
    taken = []
    for _ in range(ROUNDS):
        begun = clock()
        work()
        taken.append(clock() - begun)
    return statistics.median(taken)
