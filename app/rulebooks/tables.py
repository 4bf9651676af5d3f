"""Read TOML tables strictly: every refusal names the file, the clause and the remedy (pure)."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from app.core.errors import DomainError, Invalid
from app.core.text import Message, tr
from app.facts.catalogue import Indicator, load_catalogue


class RulebookError(DomainError):
    """An edition's files are not in order; the message names file, clause and remedy."""


class Table:
    """One TOML table with the place where it stands. Take every entry, then call ``done``."""

    def __init__(self, data: object, place: str) -> None:
        """Take the table. Raises RulebookError when it is none."""
        self.place = place
        if not isinstance(data, Mapping):
            raise self.error(tr("这里须是一个表（{…} 或 […]）。"))
        self._data = dict(data)
        self._taken: set[str] = set()

    def error(self, message: Message) -> RulebookError:
        """Return a refusal that names this place."""
        return RulebookError(tr("%(place)s：%(why)s", place=self.place, why=message))

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def only_key(self, allowed: tuple[str, ...], what: Message) -> str:
        """Return the one entry of ``allowed`` that is present. Raises RulebookError for none or several."""
        present = [name for name in allowed if name in self._data]
        if len(present) != 1:
            raise self.error(tr("须恰好写明一种%(what)s，可写：%(allowed)s。", what=what, allowed="、".join(allowed)))
        return present[0]

    def raw(self, name: str) -> object:
        """Return the entry or None, and remember that it was read."""
        self._taken.add(name)
        return self._data.get(name)

    def need(self, name: str) -> object:
        """Return the entry. Raises RulebookError when it is missing."""
        found = self.raw(name)
        if found is None:
            raise self.error(tr("缺少“%(name)s”，请补充。", name=name))
        return found

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there and not be empty."""
        found = self.raw(name)
        if found is None and default is not None:
            return default
        if not isinstance(found, str) or (default is None and not found.strip()):
            raise self.error(tr("“%(name)s”须是文字（加引号）且不得为空。", name=name))
        return found

    def choice(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """Return a text out of a closed set."""
        found = self.text(name, default)
        if found not in allowed:
            near = difflib.get_close_matches(found, allowed, n=1)
            if near:
                raise self.error(
                    tr("“%(name)s”不能是“%(found)s”，是否应为“%(near)s”？", name=name, found=found, near=near[0])
                )
            raise self.error(
                tr(
                    "“%(name)s”不能是“%(found)s”，可写：%(allowed)s。",
                    name=name,
                    found=found,
                    allowed="、".join(allowed),
                )
            )
        return found

    def number(self, name: str) -> Decimal:
        """Return an exact number."""
        found = self.need(name)
        if isinstance(found, bool) or not isinstance(found, int | Decimal):
            raise self.error(tr("“%(name)s”须是数字（不加引号）。", name=name))
        return Decimal(found)

    def whole(self, name: str, default: int | None = None) -> int:
        """Return a whole number, at least 1."""
        found = self.raw(name) if default is not None else self.need(name)
        if found is None and default is not None:
            return default
        if isinstance(found, bool) or not isinstance(found, int) or found < 1:
            raise self.error(tr("“%(name)s”须是正整数。", name=name))
        return found

    def yes(self, name: str, default: bool | None = None) -> bool:
        """Return true or false."""
        found = self.raw(name)
        if found is None and default is not None:
            return default
        if not isinstance(found, bool):
            raise self.error(tr("“%(name)s”须是 true 或 false。", name=name))
        return found

    def day(self, name: str, *, optional: bool = False) -> date | None:
        """Return a date; an optional one may be missing or empty."""
        found = self.raw(name)
        if optional and found in (None, ""):
            return None
        if type(found) is not date:
            raise self.error(tr("“%(name)s”须是日期，如 2016-01-01（不加引号）。", name=name))
        return found

    def texts(self, name: str, *, optional: bool = False) -> tuple[str, ...]:
        """Return a list of texts."""
        found = self.raw(name)
        if found is None and optional:
            return ()
        if not isinstance(found, list) or not found or not all(isinstance(item, str) for item in found):
            raise self.error(tr('“%(name)s”须是文字列表，如 ["…"]。', name=name))
        return tuple(found)

    def table(self, name: str) -> Table:
        """Return an inner table."""
        return Table(self.need(name), f"{self.place}，{name}")

    def tables(self, name: str, *, optional: bool = False) -> list[Table]:
        """Return a list of inner tables."""
        found = self.raw(name)
        if found is None and optional:
            return []
        if not isinstance(found, list) or not found:
            raise self.error(tr("“%(name)s”须是至少一项的表列表。", name=name))
        return [Table(item, f"{self.place}，{name} 第 {number} 项") for number, item in enumerate(found, start=1)]

    def key(self, name: str, *kinds: str) -> str:
        """Return the key of an indicator of one of these kinds."""
        return self._checked(self.text(name), kinds)

    def keys(self, name: str, *kinds: str, optional: bool = False) -> tuple[str, ...]:
        """Return keys of indicators of one of these kinds."""
        return tuple(self._checked(key, kinds) for key in self.texts(name, optional=optional))

    def _checked(self, key: str, kinds: tuple[str, ...]) -> str:
        indicator = self.indicator(key)
        if kinds and indicator.kind not in kinds:
            raise self.error(
                tr(
                    "指标 %(key)s 的类型是 %(kind)s，这里只能用 %(kinds)s。",
                    key=key,
                    kind=indicator.kind,
                    kinds="、".join(kinds),
                )
            )
        return key

    def indicator(self, key: str) -> Indicator:
        """Return the indicator of that key."""
        try:
            return load_catalogue().get(key)
        except Invalid as error:
            raise self.error(error.message) from None

    def done(self) -> None:
        """Refuse entries nobody has read: they are typing mistakes."""
        for name in self._data:
            if name not in self._taken:
                near = difflib.get_close_matches(name, self._taken, n=1)
                if near:
                    raise self.error(tr("不认识“%(name)s”，是否应为“%(near)s”？", name=name, near=near[0]))
                raise self.error(
                    tr("不认识“%(name)s”，可写：%(known)s。", name=name, known="、".join(sorted(self._taken)))
                )
