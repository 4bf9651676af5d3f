"""Let things happen on days of the past."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from app.core import clock


def on(monkeypatch: pytest.MonkeyPatch, day: date, hour: int = 10) -> datetime:
    """Let everything from here on happen at this hour of the district; return the moment."""
    moment = datetime.combine(day, time(), tzinfo=clock.BUSINESS_ZONE) + timedelta(hours=hour)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment
