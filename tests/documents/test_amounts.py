import re
from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.documents.amounts import capital_amount, capital_wan

CASES = [
    ("0", "零元整"), ("1", "壹元整"), ("10", "壹拾元整"), ("11", "壹拾壹元整"), ("100", "壹佰元整"),
    ("101", "壹佰零壹元整"), ("110", "壹佰壹拾元整"), ("1001", "壹仟零壹元整"), ("1010", "壹仟零壹拾元整"),
    ("1234.56", "壹仟贰佰叁拾肆元伍角陆分"), ("1409.50", "壹仟肆佰零玖元伍角整"), ("6007.14", "陆仟零柒元壹角肆分"),
    ("16409.02", "壹万陆仟肆佰零玖元零贰分"), ("325.04", "叁佰贰拾伍元零肆分"), ("0.05", "伍分"), ("0.50", "伍角整"),
    ("0.56", "伍角陆分"), ("10000", "壹万元整"), ("10001", "壹万零壹元整"), ("100000", "壹拾万元整"),
    ("100500", "壹拾万零伍佰元整"),
    ("200000.50", "贰拾万元伍角整"), ("1000000", "壹佰万元整"), ("10000000", "壹仟万元整"),
    ("100000000", "壹亿元整"), ("100000001", "壹亿零壹元整"), ("100010000", "壹亿零壹万元整"),
    ("1000000000000", "壹万亿元整"), ("1234500000000", "壹万贰仟叁佰肆拾伍亿元整"),
    ("1000100000000", "壹万零壹亿元整"), ("1000000000001", "壹万亿零壹元整"),
    ("9999999999999999.99", "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ("-1.20", "负壹元贰角整"), ("20.03", "贰拾元零叁分"),
]  # fmt: skip


@pytest.mark.parametrize(("yuan", "text"), CASES)
def test_amounts_in_capital_characters(yuan, text):
    assert capital_amount(D(yuan)) == "人民币" + text


def test_an_amount_kept_in_wan_is_written_in_yuan():
    assert capital_wan(D("20.00005")) == "人民币贰拾万元伍角整"
    assert capital_wan(Fraction(1, 10_000)) == "人民币壹元整"


@pytest.mark.parametrize("yuan", [D("0.001"), Fraction(1, 3), D("10000000000000000"), D("-10000000000000000")])
def test_an_amount_that_cannot_be_written_is_refused_and_never_rounded(yuan):
    with pytest.raises(Invalid, match=r"不足一分|过大"):
        capital_amount(yuan)


def read_back(text):
    """An independent reading: characters to 分."""
    assert text.startswith("人民币")
    body = text[3:].removesuffix("整")
    sign = -1 if body.startswith("负") else 1
    body = body.removeprefix("负")
    yuan, _, rest = body.rpartition("元")
    values = {char: index for index, char in enumerate("零壹贰叁肆伍陆柒捌玖")}
    total = section = digit = 0
    for char in yuan:
        if char in values:
            digit = values[char]
        elif char in "拾佰仟":
            section += digit * {"拾": 10, "佰": 100, "仟": 1000}[char]
            digit = 0
        elif char == "万":
            total, section, digit = total + (section + digit) * 10**4, 0, 0
        elif char == "亿":
            # what was said before 亿, the 万 included, is multiplied
            total, section, digit = (total + section + digit) * 10**8, 0, 0
    whole = total + section + digit
    jiao = re.search("(.)角", rest)
    fen = re.search("(.)分", rest)
    return sign * (whole * 100 + (values[jiao[1]] * 10 if jiao else 0) + (values[fen[1]] if fen else 0))


@given(st.integers(min_value=-(10**18) + 1, max_value=10**18 - 1))
def test_what_is_written_reads_back_as_the_same_amount(cents):
    text = capital_amount(Fraction(cents, 100))
    assert read_back(text) == cents
    assert "零零" not in text
    assert not re.search("零[元万亿角分]", text.replace("零元整", ""))
    assert text.endswith("整") == (cents % 10 == 0)
