"""The least number of steps after which something is so: a bracket, good guesses, and halving (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

FARTHEST = 10**9


def least(is_so: Callable[[int], bool], most: int = FARTHEST, guesses: Iterable[int] = ()) -> int | None:
    """Return the least n from 1 to ``most`` for which ``is_so(n)``, or None when not even ``most`` is enough.

    What has come about is taken to stay so for larger n, at least up to the first n that is tried; guesses make it
    quick, not right: whatever they are, n is so and n - 1 is not.
    """
    low, high = 0, None
    for guess in guesses:
        if not low < guess <= (most if high is None else high - 1):
            continue
        if is_so(guess):
            high = guess
        else:
            low = guess
    if high is None:
        low, high = _gallop(is_so, low, most)
    while high is not None and high - low > 1:
        middle = (low + high) // 2
        if is_so(middle):
            high = middle
        else:
            low = middle
    return high


def _gallop(is_so: Callable[[int], bool], low: int, most: int) -> tuple[int, int | None]:
    step = 1
    while low < most:
        tried = min(low + step, most)
        if is_so(tried):
            return low, tried
        low, step = tried, step * 2
    return low, None
