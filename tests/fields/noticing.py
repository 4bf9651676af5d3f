"""What the program reads of a request: every name that is asked of an address, a form, its files, its headers.

While ``noticed`` lasts, requests note which names are looked up, so that the register of fields is what the doors read
and not what somebody wrote down.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.wrappers import Request
from werkzeug.datastructures import EnvironHeaders, ImmutableMultiDict
from werkzeug.utils import cached_property

PROGRAM = str(Path(__file__).parents[2] / "app")
_CHECKS_ALL = str(Path(PROGRAM) / "web" / "incoming.py")  # looks at everything that comes, whatever its name
Read = tuple[str, str, str]
"""An endpoint, the part of the request (``query``, ``form``, ``file``, ``header``), and the name that was read."""
_read: set[Read] = set()


class _Noted(ImmutableMultiDict[str, Any]):
    """A part of a request that notes which names are asked for; ``*`` where all of it is gone through."""

    part, endpoint = "", ""

    def _note(self, name: object) -> None:
        if isinstance(name, str):
            _read.add((self.endpoint, self.part, name))

    def __getitem__(self, key: str) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def get(self, key: str, *arguments: Any, **named: Any) -> Any:
        self._note(key)
        return super().get(key, *arguments, **named)

    def getlist(self, key: str, *arguments: Any, **named: Any) -> Any:
        self._note(key)
        return super().getlist(key, *arguments, **named)

    def __contains__(self, key: object) -> bool:
        self._note(key)
        return super().__contains__(key)

    def items(self, *arguments: Any, **named: Any) -> Any:
        if _asks(PROGRAM):
            self._note("*")
        return super().items(*arguments, **named)

    def __iter__(self) -> Iterator[str]:
        if _asks(PROGRAM):
            self._note("*")
        return super().__iter__()


def _asks(folder: str) -> bool:
    """Tell whether it is the program itself that asks, and not a library for it."""
    asking = sys._getframe(2).f_code.co_filename
    return asking.startswith(folder) and asking != _CHECKS_ALL


class _NotedHeaders(EnvironHeaders):
    """Headers that note which the program asks for."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.environ)
        self.request = request

    def get(self, key: str, *arguments: Any, **named: Any) -> Any:  # type: ignore[override]
        if _asks(PROGRAM):
            _read.add((self.request.endpoint or "", "header", key))
        return super().get(key, *arguments, **named)


class NotedRequest(Request):
    """A request whose parts note what is read of them."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.headers = _NotedHeaders(self)

    def _noted(self, part: str, found: Any) -> Any:
        made = _Noted(found)
        made.part, made.endpoint = part, self.endpoint or ""
        return made

    @cached_property
    def args(self) -> Any:  # type: ignore[override]
        return self._noted("query", super().args)

    @cached_property
    def form(self) -> Any:  # type: ignore[override]
        return self._noted("form", super().form)

    @cached_property
    def files(self) -> Any:  # type: ignore[override]
        return self._noted("file", super().files)


@contextmanager
def noticed(app: Flask) -> Iterator[set[Read]]:
    """Let requests of the application note what is read of them; give what was read so far."""
    usual = app.request_class
    app.request_class = NotedRequest
    _read.clear()
    try:
        yield _read
    finally:
        app.request_class = usual
