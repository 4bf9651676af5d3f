"""Let another process go through pure work ahead of this one: it makes the next items while this one stores the last.

It is forked, so it holds already what the work needs; it touches no database. Items cross over in a nameless file and
their lengths through a pipe, so that neither process waits for the other. Where nothing can be forked, and where the
other process dies (out of memory, killed), this one does the work itself: nothing is missing.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from multiprocessing.connection import Connection
from typing import IO, TypeVar

T = TypeVar("T")

_DONE = 0


def ahead(make: Callable[[], Iterator[T]]) -> Iterator[T]:
    """Yield the items of ``make()``, which gives the same ones each time it is called."""
    if not is_possible():
        yield from make()
        return
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    with tempfile.TemporaryFile() as handed:
        child = context.Process(target=_go, args=(make, handed, ours, theirs), daemon=True)
        child.start()
        theirs.close()
        given = 0
        try:
            for place, size in _lengths(ours):
                if size == _DONE:
                    return
                item: T = pickle.loads(os.pread(handed.fileno(), size, place))  # noqa: S301 - our own child wrote it
                given += 1
                yield item
        finally:
            ours.close()
            child.kill()
            child.join()
    yield from islice(make(), given, None)


def is_possible() -> bool:
    """Tell whether a second process would help."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores > 1 and "fork" in multiprocessing.get_all_start_methods()


def _go(make: Callable[[], Iterator[T]], handed: IO[bytes], ours: Connection, theirs: Connection) -> None:
    ours.close()  # else the pipe would not break when the other process ends
    try:
        for item in make():
            packed = pickle.dumps(item, pickle.HIGHEST_PROTOCOL)
            handed.write(packed)
            handed.flush()
            theirs.send(len(packed))
        theirs.send(_DONE)
    except BrokenPipeError:
        return  # nobody waits for the rest


def _lengths(ours: Connection) -> Iterator[tuple[int, int]]:
    """Yield place and length of every item as it is handed over; ends early when the other process died."""
    place = 0
    while True:
        try:
            size = ours.recv()
        except EOFError:
            return
        yield place, size
        place += size
