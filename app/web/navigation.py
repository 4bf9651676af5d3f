"""The menu: entries come from the rooms, are filtered by what the person may do, and mark where one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, g, request, url_for
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.access.policy import decide
from app.access.roles import Role
from app.core.revision import Kept
from app.web.session import read
from app.web.surfaces import current_actor

Count = Callable[[Session, Actor], int]


@dataclass(frozen=True)
class MenuEntry:
    """One entry: ``label`` is a msgid, ``icon`` a Tabler icon name, ``count`` what waits behind it."""

    endpoint: str
    label: str
    icon: str
    action: Action
    section: str = ""
    count: Count | None = None


@dataclass(frozen=True)
class ShownEntry:
    """An entry ready for the template."""

    label: str
    url: str
    icon: str
    count: int | None
    current: bool


@dataclass(frozen=True)
class Section:
    """A group of entries under a heading (empty for the first)."""

    label: str
    entries: tuple[ShownEntry, ...]


class Menu:
    """The entries of all rooms; ``shown()`` gives the menu of the person signed in."""

    def __init__(self, entries: Sequence[MenuEntry]) -> None:
        self.entries = entries
        self._entries: dict[Role, tuple[list[MenuEntry], list[str]]] = {}
        self._counts: Kept[tuple[int | None, ...]] = Kept(most=256)

    def shown(self) -> tuple[Section, ...]:
        """Return the sections of the menu, once a request."""
        if "menu" not in g:
            g.menu = self._sections(current_actor())
        menu: tuple[Section, ...] = g.menu
        return menu

    def _sections(self, person: Actor | None) -> tuple[Section, ...]:
        if person is None:
            return ()
        mine, urls = self._of_role(person)
        here = _nearest(urls)
        sections: dict[str, list[ShownEntry]] = {}
        for entry, url, count in zip(mine, urls, self._counted(mine, person), strict=True):
            shown = ShownEntry(entry.label, url, entry.icon, count, url == here)
            sections.setdefault(entry.section, []).append(shown)
        return tuple(Section(label, tuple(shown)) for label, shown in sections.items())

    def _of_role(self, person: Actor) -> tuple[list[MenuEntry], list[str]]:
        """Return the entries of everybody with the person's role, and where they lead."""
        if person.role not in self._entries:
            mine = [entry for entry in self.entries if _belongs(entry, person)]
            self._entries[person.role] = mine, [url_for(entry.endpoint) for entry in mine]
        return self._entries[person.role]

    def _counted(self, mine: Sequence[MenuEntry], person: Actor) -> tuple[int | None, ...]:
        """Count what waits behind each entry."""

        def count() -> tuple[int | None, ...]:
            return tuple(entry.count(read(), person) if entry.count else None for entry in mine)

        return self._counts.get(read(), person, count)


def _belongs(entry: MenuEntry, person: Actor) -> bool:
    surface = "portal." if person.is_firm else "office."
    return entry.endpoint.startswith(surface) and decide(person, entry.action).allowed


def _nearest(urls: Sequence[str]) -> str:
    """Return the entry under which the present page stands: the longest address that begins its own."""
    path = request.path.rstrip("/") + "/"
    return max((url for url in urls if path.startswith(url.rstrip("/") + "/")), key=len, default="")


def install(app: Flask, entries: Sequence[MenuEntry]) -> None:
    """Offer ``navigation()`` to templates."""
    app.jinja_env.globals["navigation"] = Menu(entries).shown
