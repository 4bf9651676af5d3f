from datetime import UTC, date, datetime
from decimal import Decimal as D
from fractions import Fraction

import pytest

from app.documents import format as written


@pytest.mark.parametrize(
    ("value", "options", "text"),
    [
        (D("1234.5"), {}, "1,234.50 万元"),
        (D("1234.5"), {"unit": "元"}, "12,345,000.00 元"),
        (D("12345678.9"), {"unit": "亿元", "given_in": "元", "places": 4}, "0.1235 亿元"),
        (D("-3.005"), {}, "-3.01 万元"),
        (0, {}, "0.00 万元"),
        (D("999.996"), {"against": 1000}, "999.996 万元"),
        (D("9999996"), {"given_in": "元", "against": 10_000_000}, "999.9996 万元"),
        (None, {}, "—"),
    ],
)
def test_money_is_written_with_its_unit(value, options, text):
    assert written.money(value, **options) == text


@pytest.mark.parametrize(
    ("value", "bar", "text"),
    [
        (D("0.05"), None, "5.00%"),
        (D("0.04996"), None, "5.00%"),
        (D("0.04996"), D("0.05"), "4.996%"),
        (D("0.0500004"), D("0.05"), "5.00004%"),
        (D("0.05"), D("0.05"), "5.00%"),
        (Fraction(1, 3), Fraction(1, 3), "33.333333333333%"),
        (Fraction(49999, 10**6), D("0.05"), "4.9999%"),
        (D("0.125"), None, "12.50%"),
        (D("-0.0002"), None, "-0.02%"),
        (None, D("0.05"), "—"),
    ],
)
def test_a_share_just_short_of_a_threshold_never_reads_as_reaching_it(value, bar, text):
    assert written.percent(value, against=bar) == text


def test_zero_and_unknown_are_told_apart():
    assert written.number(0) == "0"
    assert written.number(None) == "—"
    assert written.yes_no(False) == "否"
    assert written.yes_no(None) == "—"


def test_dates_are_chinese_and_in_the_districts_time():
    assert written.date_text(date(2026, 11, 23)) == "2026年11月23日"
    assert written.date_text(datetime(2026, 11, 22, 16, 30, tzinfo=UTC)) == "2026年11月23日"
    assert written.moment_text(datetime(2026, 1, 5, 1, 4, tzinfo=UTC)) == "2026年1月5日 09:04"
    assert written.date_text(None) == written.moment_text(None) == written.year_text(None) == "—"
    assert written.year_text(2025) == "2025年"


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (0, "0 字节"),
        (1023, "1023 字节"),
        (1024, "1.0 KB"),
        (1536, "1.5 KB"),
        (1024**2 - 1, "1.0 MB"),
        (20 * 1024**2, "20.0 MB"),
        (3 * 1024**4, "3.0 TB"),
        (5000 * 1024**4, "5,000.0 TB"),
        (None, "—"),
    ],
)
def test_file_sizes(octets, text):
    assert written.file_size(octets) == text
