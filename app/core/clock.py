"""The only caller of now and today."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the current moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the business day: the date on a wall calendar in the district."""
    return now().astimezone(BUSINESS_ZONE).date()


def local(moment: datetime) -> datetime:
    """Return an aware moment in the district's time zone, for display."""
    return moment.astimezone(BUSINESS_ZONE)
