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
    sections: dict[str, list[ShownEntry]] = {}
    for entry in entries:
        if person is None or not _belongs(entry, person):
            continue
        count = entry.count(read(), person) if entry.count else None
        sections.setdefault(entry.section, []).append(
            ShownEntry(entry.label, url_for(entry.endpoint), entry.icon, count, _is_current(entry.endpoint))
        )
    g.menu = [Section(label, shown) for label, shown in sections.items()]
    menu: list[Section] = g.menu
    return menu


def _belongs(entry: MenuEntry, person: Actor) -> bool:
    surface = "portal." if person.is_firm else "office."
    return entry.endpoint.startswith(surface) and decide(person, entry.action).allowed


def _is_current(endpoint: str) -> bool:
    here = (request.endpoint or "").rpartition(".")[0]
    room = endpoint.rpartition(".")[0]
    return here == room or here.startswith(room + ".")


def install(app: Flask, entries: Sequence[MenuEntry]) -> None:
    """Offer ``navigation()`` to templates."""
    app.jinja_env.globals["navigation"] = lambda: shown_menu(entries)
