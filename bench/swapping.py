"""A changed function in the place of the old one, in a running process."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from bench.mutants import Mutant, mutated

ENGINE = Path(__file__).parent.parent / "app" / "eligibility" / "engine"
PACKAGE = "app.eligibility.engine"


def swap(mutant: Mutant) -> None:
    """Make the change: in the function around it, or in the tables and classes of its module."""
    path = ENGINE / f"{mutant.module}.py"
    module = importlib.import_module(f"{PACKAGE}.{mutant.module}")
    code = compile(mutated(path.read_text(encoding="utf-8"), mutant.number), str(path), "exec")
    if not _put(module, code, mutant.owner):
        _reload(module, code)
    _forget(module)


def swap_for_itself(name: str) -> None:
    """Put every function and table of a module in the place of itself: nobody should notice."""
    path = ENGINE / f"{name}.py"
    module = importlib.import_module(f"{PACKAGE}.{name}")
    code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
    for one in list(_codes(code)):
        _put(module, code, one.co_qualname)
    _reload(module, code)
    _forget(module)


def is_function(mutant: Mutant) -> bool:
    """Tell whether the change lies in a function; else it is in a table, a constant or the fields of a class."""
    return _function(vars(importlib.import_module(f"{PACKAGE}.{mutant.module}")), mutant.owner) is not None


def _put(module: ModuleType, code: CodeType, owner: str) -> bool:
    function = _function(vars(module), owner)
    changed = next((one for one in _codes(code) if one.co_qualname == owner), None)
    if function is None or changed is None:
        return False
    function.__code__ = changed
    return True


def _forget(module: ModuleType) -> None:
    for name, value in list(vars(module).items()):
        if isinstance(value, functools._lru_cache_wrapper):
            vars(module)[name].cache_clear()


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _function(names: dict[str, Any], owner: str) -> Any:
    """Return the plain function of that name, whatever it is wrapped in; None where it is none."""
    found: Any = names.get(owner.split(".", maxsplit=1)[0])
    for part in owner.split(".")[1:]:
        found = vars(found).get(part) if inspect.isclass(found) else None
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, classmethod | staticmethod):
        found = found.__func__
    found = inspect.unwrap(found) if callable(found) else None
    return found if inspect.isfunction(found) else None


def _reload(module: ModuleType, code: CodeType) -> None:
    """Tables, constants and the fields of classes: put the changed ones where the old ones are used."""
    old = dict(vars(module))
    fresh = dict(old)
    exec(code, fresh)  # noqa: S102 - our own source
    for name, value in fresh.items():
        before = old.get(name)
        if name.startswith("__") or inspect.isfunction(value) or inspect.ismodule(value):
            continue
        if isinstance(value, dict) and isinstance(before, dict):
            before.clear()
            before.update(value)
        elif inspect.isclass(value):
            if value.__module__ == module.__name__ and "__init__" in vars(value) and before is not None:
                before.__init__ = value.__init__
        else:
            _put_everywhere(name, before, value)


def _put_everywhere(name: str, before: object, value: object) -> None:
    for other in [one for key, one in sys.modules.items() if key.startswith(("app.", "tests."))]:
        if name in vars(other) and vars(other)[name] is before:
            setattr(other, name, value)
