"""Nothing missing, nothing unexpected: names a template lacks are collected, the context holds plain values only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import wraps
from typing import Any

from jinja2 import Undefined
from jinja2.utils import missing

from app.core.errors import Invalid
from app.core.text import Message, tr

_missing: ContextVar[dict[str, None] | None] = ContextVar("names a document lacks", default=None)
_PLAIN = (str, int, Decimal, Fraction, date, timedelta, Message, type(None))


class DocumentFault(Invalid):
    """A document cannot be made from what was given; the message says what is wrong."""

    def __init__(self, message: Message | str) -> None:
        super().__init__("document", message)


class MissingNames(DocumentFault):
    """Values that the template prints and the context does not hold; ``names`` lists all of them."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(tr("文件无法生成，缺少：%(names)s。请补齐后重试。", names="、".join(names)))


class Collected(Undefined):
    """Stands for a missing value: goes on as if empty, and puts its name on the list when it is used."""

    __slots__ = ()

    def _name(self) -> str:
        owner, name = self._undefined_obj, str(self._undefined_name)
        if isinstance(owner, Collected):
            return f"{owner._name()}.{name}"
        known = owner is None or owner is missing
        return name if known else f"{type(owner).__name__}.{name}"

    def _note(self) -> None:
        names = _missing.get()
        if names is None:
            raise RuntimeError(f"{self._name()} was used outside of a document")
        names[self._name()] = None

    def _used(self, *_: Any, **__: Any) -> Any:
        self._note()
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Collected(obj=self, name=name)

    def __getitem__(self, key: object) -> Any:
        return Collected(obj=self, name=str(key))

    def __str__(self) -> str:
        self._note()
        return ""

    def __html__(self) -> str:
        return str(self)

    def __iter__(self) -> Iterator[Any]:
        self._note()
        return iter(())

    def __len__(self) -> int:
        self._note()
        return 0

    def __bool__(self) -> bool:
        self._note()
        return False

    def __eq__(self, other: object) -> bool:
        self._note()
        return False

    def __hash__(self) -> int:
        return id(type(self))

    def __contains__(self, item: object) -> bool:
        return bool(self)

    __call__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _used
    __truediv__ = __rtruediv__ = __floordiv__ = __mod__ = __neg__ = __pos__ = _used
    __lt__ = __le__ = __gt__ = __ge__ = _used


def collecting(render: Callable[[], str]) -> str:
    """Run ``render``; raise ``MissingNames`` with every name it lacked, not only the first."""
    names: dict[str, None] = {}
    token = _missing.set(names)
    try:
        text = render()
    finally:
        _missing.reset(token)
    if names:
        raise MissingNames(tuple(names))
    return text


def note_missing(name: str) -> None:
    """Put a name on the list of the document that is being rendered."""
    names = _missing.get()
    if names is not None:
        names[name] = None


def tolerant(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a filter take a missing value: it is noted and printed as nothing, so that the rest is looked at too."""

    @wraps(function)
    def guarded(value: Any = None, *args: Any, **more: Any) -> Any:
        gaps = [thing for thing in (value, *args, *more.values()) if isinstance(thing, Collected)]
        for gap in gaps:
            str(gap)
        return "" if gaps else function(value, *args, **more)

    return guarded


def check_context(value: object, where: str = "context") -> None:
    """Raise ``TypeError`` unless ``value`` is made of dataclasses, exact numbers, text, dates and collections.

    Database objects are refused because a document must show what was decided, not what a row says by the time it
    is printed; floats because they do not print as what they are.
    """
    if isinstance(value, Enum) or (isinstance(value, _PLAIN) and not hasattr(type(value), "__mapper__")):
        return
    if hasattr(type(value), "__mapper__") or hasattr(value, "_sa_instance_state"):
        raise TypeError(f"{where}: {type(value).__name__} is a database object; hand over a dataclass instead")
    if isinstance(value, float):
        raise TypeError(f"{where}: a float is not exact; use Decimal or Fraction")
    for name, part in _parts(value, where):
        check_context(part, name)


def _parts(value: object, where: str) -> Iterator[tuple[str, object]]:
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield f"{where}.{field.name}", getattr(value, field.name)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if not isinstance(key, str | int):
                raise TypeError(f"{where}: the key {key!r} is neither text nor a whole number")
            yield f"{where}[{key!r}]", part
    elif isinstance(value, list | tuple | frozenset):
        for index, part in enumerate(value):
            yield f"{where}[{index}]", part
    else:
        raise TypeError(f"{where}: {type(value).__name__} may not stand in a document's context")
