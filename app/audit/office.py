"""The log in the office: for the auditor, who reads everything and changes nothing."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.audit import queries
from app.audit.queries import LARGEST_ID, LogFilter
from app.core import clock
from app.core.text import tr
from app.web.render import page
from app.web.session import read
from app.web.surfaces import requires

door = Blueprint("audit", __name__, url_prefix="/audit")
LONGEST = 80


@door.app_template_filter()
def exact_moment(value: datetime) -> str:
    """2026-05-08 14:32:07 in the district's time: the log tells moments to the second."""
    return clock.local(value).strftime("%Y-%m-%d %H:%M:%S")


@door.get("/")
@requires(Action.AUDIT_READ)
def index() -> ResponseReturnValue:
    asked = request.args
    since, until = _day(asked.get("since")), _day(asked.get("until"))
    problems = [
        tr("日期“%(text)s”无效，请按 2026-05-08 的格式填写。", text=asked[name][:LONGEST])
        for name, day in (("since", since), ("until", until))
        if asked.get(name) and day is None
    ]
    if since and until and since > until:
        problems.append(tr("开始日期晚于结束日期，请对调后再查。"))
    wanted = LogFilter(
        who=_text(asked.get("who")),
        subject=_text(asked.get("q")),
        action=next((one for one in Action if one.value == asked.get("action")), None),
        firm_id=_number(asked.get("firm")),
        since=since,
        until=until,
    )
    found = queries.log(read(), wanted, after=asked.get("after", ""), before=asked.get("before", ""))
    options = [(one.value, one.label) for one in queries.LOGGED]
    return page(page=found, actions=options, wanted=wanted, problems=problems, firm_url=firm_url)


def firm_url(firm_id: int) -> str:
    """Return the address of a firm's page; the log knows firms by their number only."""
    home = "office.dashboards.firm"
    return url_for(home if home in current_app.view_functions else "office.firms.show", firm_id=firm_id)


def _day(text: str | None) -> date | None:
    """Return the day; one at either end of the calendar is none: it has no moment in UTC."""
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is not None and 1900 <= found.year < 9999 else None


def _text(text: str | None) -> str:
    return (text or "").replace("\x00", "").strip()[:LONGEST]


def _number(text: str | None) -> int | None:
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return number if 0 < number <= LARGEST_ID else None
