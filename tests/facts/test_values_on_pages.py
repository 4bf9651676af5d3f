"""How a figure is kept, written and typed: exact, with its unit, unknown never zero."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.facts import display, table
from app.facts.catalogue import load_catalogue, parse
from app.facts.forms import year_choices
from app.facts.keeping import are_same, checked_year, indicator_of, kept, name_of, restored
from app.facts.values import Record
from app.facts.writing import how_to_write, typed

CATALOGUE = load_catalogue()


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("sales_revenue", Decimal("62974.5"), "62,974.5 万元"),
        ("sales_revenue", Decimal(0), "0 万元"),
        ("sales_revenue", None, "—"),
        ("market_share_ratio", Decimal("0.0512"), "5.12%"),
        ("employees_month_avg", Decimal(412), "412 人"),
        ("is_resident_enterprise", False, "否"),
        ("registration_date", date(2010, 5, 1), "2010-05-01"),
        ("hnte_cert_date", (), "无"),
        ("mgmt_system_cert", ("ISO9001", "ISO14001"), "ISO9001、ISO14001"),
        ("sci_award_records", (Record((("level", "省部级"), ("rank", Decimal(2)))),), "省部级 2"),
        ("first_operating_year", 2012, "2012"),
    ],
)
def test_a_figure_is_written_for_a_person(key: str, value: object, shown: str) -> None:
    assert display.with_unit(indicator_of(key), value) == shown  # type: ignore[arg-type]


numbers = st.decimals(min_value=0, max_value=10**9, places=8, allow_nan=False, allow_infinity=False)


@given(numbers)
def test_a_number_kept_is_the_number_said(number: Decimal) -> None:
    indicator = indicator_of("sales_revenue")
    assert restored(indicator, *kept(number)) == number
    assert parse(indicator, display.as_input(indicator, number)) == number


@given(st.decimals(min_value=0, max_value=1, places=6, allow_nan=False, allow_infinity=False))
def test_a_ratio_typed_again_as_a_percentage_is_the_same(ratio: Decimal) -> None:
    indicator = indicator_of("market_share_ratio")
    assert parse(indicator, display.as_input(indicator, ratio)) == ratio


@given(st.lists(st.dates(date(1950, 1, 1), date(2050, 1, 1)), max_size=4))
def test_dates_typed_again_are_the_same(days: list[date]) -> None:
    indicator = indicator_of("major_safety_incident_dates")
    value = tuple(sorted(days))
    assert restored(indicator, *kept(value)) == value
    assert parse(indicator, typed(indicator, display.as_input(indicator, value))) == value


def test_a_register_typed_again_is_the_same() -> None:
    indicator = indicator_of("sci_award_records")
    value = parse(indicator, typed(indicator, "国家级；1；2024-05-01；科技进步奖\n省级;3;2023-01-02"))
    assert parse(indicator, typed(indicator, display.as_input(indicator, value))) == value
    assert restored(indicator, *kept(value)) == value
    with pytest.raises(Invalid, match="级别"):
        parse(indicator, typed(indicator, "宇宙级；1；2024-05-01"))
    with pytest.raises(Invalid, match="没有“第7栏”"):
        parse(indicator, typed(indicator, "国家级；1；2024-05-01；奖；一等；2024-J-1；多余"))


def test_every_indicator_can_be_asked_for() -> None:
    for indicator in CATALOGUE:
        years = year_choices(indicator, 2026)
        assert bool(years) or not indicator.by_year
        assert str(how_to_write(indicator) or "-")
        assert name_of(indicator.key, None)


def test_equal_values_are_equal_however_written() -> None:
    assert are_same((Decimal("1.50"), None), (Decimal("1.5"), None))
    assert not are_same((Decimal(0), None), (None, False))


def test_years_belong_to_figures_by_year() -> None:
    revenue, founded = indicator_of("sales_revenue"), indicator_of("registration_date")
    assert checked_year(revenue, 2025, latest=2026) == 2025
    assert checked_year(founded, None, latest=2026) is None
    for indicator, year in ((revenue, None), (revenue, 2027), (revenue, 1899), (founded, 2025)):
        with pytest.raises(Invalid):
            checked_year(indicator, year, latest=2026)


def test_the_table_shows_the_last_years_even_when_empty() -> None:
    groups = table.figure_groups([], [], this_year=2026, everything=True, text="销售收入")
    assert [group.years for group in groups] == [[2023, 2024, 2025]]
    assert all(cell.fact is None and not cell.in_conflict for cell in groups[0].yearly[0].cells)
    assert table.figure_groups([], [], this_year=2026) == []


def test_what_the_system_derives_is_not_asked() -> None:
    offered = {indicator.key for _name, group in table.indicators_to_state() for indicator in group}
    assert "sales_revenue" in offered
    assert "net_assets" not in offered
