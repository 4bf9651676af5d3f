from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sheets.numbers import Missing, NotANumber, Number, parse_number


@pytest.mark.parametrize(
    ("text", "value", "percent", "unit"),
    [
        ("3000", "3000", False, ""), (" 3000 ", "3000", False, ""), ("3,000", "3000", False, ""),
        ("1,234,567.89", "1234567.89", False, ""), ("１，２３４．５", "1234.5", False, ""),
        ("３００", "300", False, ""),
        ("-12.5", "-12.5", False, ""), ("−12.5", "-12.5", False, ""), ("(1,234)", "-1234", False, ""),
        ("（1,234）", "-1234", False, ""), ("+7", "7", False, ""), (".5", "0.5", False, ""), ("5.", "5", False, ""),
        ("12.5%", "0.125", True, ""), ("12.5％", "0.125", True, ""), ("3‰", "0.003", True, ""),
        ("3000万元", "3000", False, "万元"), ("3000 万元", "3000", False, "万元"), ("1.2亿元", "1.2", False, "亿元"),
        ("25人", "25", False, "人"), ("￥1,200", "1200", False, "元"), ("¥1,200万元", "1200", False, "万元"),
        ("'007", "7", False, ""), ("1.2E+05", "120000", False, ""), ("0", "0", False, ""), ("0.00", "0", False, ""),
        ("\u00a03000\u3000", "3000", False, ""), ("0.1", "0.1", False, ""),
    ],
)  # fmt: skip
def test_a_number_is_read_exactly(text, value, percent, unit):
    read = parse_number(text)
    assert isinstance(read, Number), read
    assert (read.value, read.percent, read.unit) == (D(value), percent, unit)


def test_a_share_keeps_what_was_written():
    assert parse_number("12.5%").written == D("12.5")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "-",
        "—",
        "——",
        "－",
        "/",
        "无",
        "暂无",
        "N/A",
        "na",
        "NULL",
        "#REF!",
        "#N/A",
        "#DIV/0!",
        "不适用",
        "\u3000",
    ],
)
def test_nothing_known_is_missing_and_never_zero(text):
    assert isinstance(parse_number(text), Missing)


def test_a_formula_error_is_told_from_an_empty_cell():
    assert parse_number("#REF!").is_error
    assert not parse_number("无").is_error


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("3,0O0", 4, "“3,0O0”不是数字（第 4 位是字母 O）"),
        ("l200", 1, "“l200”不是数字（第 1 位是字母 l）"),
        ("约3000", 1, "“约3000”不是数字（第 1 位是汉字“约”）"),
        (" 约3000", 2, "“约3000”不是数字（第 2 位是汉字“约”）"),
        ("1 234", 2, "“1 234”不是数字（第 2 位是空格）"),
        ("3000~4000", 5, "“3000~4000”不是数字（第 5 位是符号“~”）"),
        ("3,00", 2, "“3,00”的逗号不在千分位上（第 2 位），请核对是逗号还是小数点"),
        ("1,23,456", 2, "“1,23,456”的逗号不在千分位上（第 2 位），请核对是逗号还是小数点"),
        ("1.2.3", 4, "“1.2.3”不是数字（第 4 位的符号多余）"),
        ("3000-4000", 5, "“3000-4000”不是数字（第 5 位的符号多余）"),
        ("三千", 1, "“三千”不是数字（第 1 位是汉字“三”）"),
        ("3000万美元", 5, "“3000万美元”不是数字（第 5 位是汉字“万”）"),
        ("１２Ｏ", 3, "“１２Ｏ”不是数字（第 3 位是符号“Ｏ”）"),
        ("1e400000", 2, "“1e400000”不是数字（第 2 位是字母 e）"),
        ("9" * 40, 1, f"“{'9' * 40}”位数过多，请核对"),
    ],
)
def test_what_is_no_number_is_told_with_its_position(text, position, message):
    read = parse_number(text)
    assert isinstance(read, NotANumber), read
    assert (read.position, str(read.message)) == (position, message)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15))
def test_what_is_written_is_read_back(value):
    assert parse_number(f"{value:f}").value == value
    assert parse_number(f"{value:,f}").value == value


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text):
    assert isinstance(parse_number(text), Number | Missing | NotANumber)
