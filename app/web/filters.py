"""How numbers, dates and states are written in pages; the document's own filters are the same functions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Flask

from app.access.actions import Action
from app.access.policy import decide
from app.core import clock
from app.documents import format as format_
from app.web.surfaces import current_actor

UNKNOWN = "—"
# demo accounts are named so; they exist only beside demo data
DEMO_LOGIN = "demo-"


def show_date(value: date | None) -> str:
    """2026-05-08, of a moment its day in the district; an unknown date is a dash."""
    if isinstance(value, datetime):
        value = clock.local(value).date()
    return value.isoformat() if value else UNKNOWN


def show_moment(value: datetime | None) -> str:
    """2026-05-08 14:32 in the district's time."""
    return clock.local(value).strftime("%Y-%m-%d %H:%M") if value else UNKNOWN


def can(action: str) -> bool:
    """True when the person signed in may carry out ``action`` (value or member)."""
    return decide(current_actor(), Action(action)).allowed


def install(app: Flask) -> None:
    """Register filters and globals for templates."""
    app.jinja_env.filters.update(
        date=show_date,
        datetime=show_moment,
        wan=lambda value: format_.number(value, 2),
        number=format_.number,
        percent=format_.percent,
        size=format_.file_size,
    )
    app.jinja_env.globals.update(can=can, today=clock.today)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def context() -> dict[str, Any]:
        person = current_actor()
        return {"actor": person, "is_demo": person is not None and person.login.startswith(DEMO_LOGIN)}
