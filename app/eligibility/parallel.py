"""Share pure work between two processes: judging a thousand firms is arithmetic that one core alone does too slowly.

The second process is forked, so it holds the sheets and the rulebook already; it computes, writes its rows into a pipe
and ends. It touches neither the database nor any file. Where nothing can be forked, one process does it all.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import TypeVar

In = TypeVar("In")
Out = TypeVar("Out")

WORTH_A_PROCESS = 60


def in_two(work: Callable[[Sequence[In]], list[Out]], items: Sequence[In]) -> list[Out]:
    """Return ``work(items)``, the second half computed by another process; ``work`` must be pure."""
    if len(items) < WORTH_A_PROCESS or _cores() < 2 or "fork" not in multiprocessing.get_all_start_methods():
        return work(items)
    middle = len(items) // 2
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_send, args=(theirs, work, items[middle:]), daemon=True)
    child.start()
    theirs.close()
    try:
        first = work(items[:middle])
        return first + _received(ours, work, items[middle:])
    finally:
        ours.close()
        child.join()


def _send(pipe: Connection, work: Callable[[Sequence[In]], list[Out]], items: Sequence[In]) -> None:
    pipe.send(work(items))
    pipe.close()


def _received(pipe: Connection, work: Callable[[Sequence[In]], list[Out]], items: Sequence[In]) -> list[Out]:
    """A process that died (out of memory, killed) is made good here, so that nothing is missing."""
    try:
        found: list[Out] = pipe.recv()
    except EOFError:
        return work(items)
    return found


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
