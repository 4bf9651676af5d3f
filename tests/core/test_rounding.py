from decimal import Decimal
from fractions import Fraction

import pytest

from app.core.rounding import decimals, grouped, rounded, telling_places


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Decimal("0.125"), 2, "0.13"),
        (Decimal("-0.125"), 2, "-0.13"),
        (Decimal("2.5"), 0, "3"),
        (Decimal("1234567.895"), 2, "1,234,567.90"),
        (Fraction(1, 3), 4, "0.3333"),
        (Decimal("-0.001"), 2, "0.00"),
        (1000, None, "1,000"),
        (Decimal("12.3400"), None, "12.34"),
        (10**20 + 1, None, "100,000,000,000,000,000,001"),
    ],
)
def test_numbers_are_written_exactly(value, places, text):
    assert grouped(value, places) == text


def test_half_goes_away_from_zero_where_a_float_would_not():
    assert rounded(Decimal("1.005"), 2) == Decimal("1.01")


def test_a_repeating_fraction_needs_as_many_decimals_as_allowed():
    assert decimals(Fraction(1, 3)) == 12
    assert decimals(Decimal("0.50")) == 1


@pytest.mark.parametrize(
    ("value", "against", "places"),
    [
        (Decimal("4.996"), 5, 3),
        (Decimal("5.004"), 5, 3),
        (Decimal("5"), 5, 2),
        (Decimal("4.9"), 5, 2),
        (Decimal("4.99999"), 5, 5),
    ],
)
def test_digits_suffice_to_stay_on_the_right_side_of_a_threshold(value, against, places):
    assert telling_places(value, 2, against) == places
