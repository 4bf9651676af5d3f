"""How dates are written in pages."""

from __future__ import annotations

from datetime import UTC, date, datetime

from app.web.filters import show_date


def test_a_moment_shown_as_a_date_is_the_day_of_the_district() -> None:
    assert show_date(date(2026, 5, 8)) == "2026-05-08"
    assert show_date(datetime(2026, 11, 23, 23, 37, 24, 744676, tzinfo=UTC)) == "2026-11-24"
    assert show_date(None) == "—"
