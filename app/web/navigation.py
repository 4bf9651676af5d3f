"""The menu: entries come from the rooms, are filtered by what the person may do, and mark where one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask, g, request, url_for
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.access.policy import decide
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
    entries: Sequence[ShownEntry]


def shown_menu(entries: Sequence[MenuEntry]) -> list[Section]:
    """Return the sections of the menu for the person signed in, once a request."""
    if "menu" in g:
        cached: list[Section] = g.menu
        return cached
    person = current_actor()
    mine = [entry for entry in entries if person is not None and _belongs(entry, person)]
    here = _nearest([url_for(entry.endpoint) for entry in mine])
    sections: dict[str, list[ShownEntry]] = {}
    for entry in mine:
        url = url_for(entry.endpoint)
        count = entry.count(read(), person) if entry.count and person is not None else None
        shown = ShownEntry(entry.label, url, entry.icon, count, url == here)
        sections.setdefault(entry.section, []).append(shown)
    g.menu = [Section(label, shown) for label, shown in sections.items()]
    menu: list[Section] = g.menu
    return menu


def _belongs(entry: MenuEntry, person: Actor) -> bool:
    surface = "portal." if person.is_firm else "office."
    return entry.endpoint.startswith(surface) and decide(person, entry.action).allowed


def _nearest(urls: Sequence[str]) -> str:
    """Return the entry under which the present page stands: the longest address that begins its own."""
    path = request.path.rstrip("/") + "/"
    return max((url for url in urls if path.startswith(url.rstrip("/") + "/")), key=len, default="")


def install(app: Flask, entries: Sequence[MenuEntry]) -> None:
    """Offer ``navigation()`` to templates."""
    app.jinja_env.globals["navigation"] = lambda: shown_menu(entries)
