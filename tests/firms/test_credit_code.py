"""The credit code: what is accepted, refused, doubted and repaired."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from app.firms.credit_code import ALPHABET, check
from tests.factories.firms import credit_code

GOOD = "91440703MA4UTR8M01"


@pytest.mark.parametrize(
    "typed", [GOOD, GOOD.lower(), f" {GOOD[:8]} {GOOD[8:]}　", "９１４４０７０３ＭＡ４ＵＴＲ８Ｍ０１", GOOD + "\u200b"]
)
def test_writings_of_a_good_code_become_one(typed: str) -> None:
    found = check(typed)
    assert (found.code, found.problem) == (GOOD, None)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "没有填写"),
        (GOOD[:17], "应为 18 位，现有 17 位"),
        (GOOD + "1", "现有 19 位"),
        ("440703000012345", "15 位的旧工商注册号"),
        ("9.14407E+17", "科学计数法"),
        (GOOD[:9] + "Z" + GOOD[10:], "第 10 位是字母 Z"),
        (GOOD[:9] + "*" + GOOD[10:], "第 10 位是“*”"),
        (GOOD[:4] + "A" + GOOD[5:], "第 5 位是字母 A"),
    ],
)
def test_wrong_codes_are_refused_with_the_place(typed: str, words: str) -> None:
    found = check(typed)
    assert words in str(found.problem)
    assert not found.is_warning
    assert not found.suggestion


def test_a_failing_check_digit_is_a_warning() -> None:
    found = check(GOOD[:-1] + "2")
    assert found.is_warning
    assert "是 2，按规则应为 1" in str(found.problem)


def test_look_alikes_are_repaired_only_when_the_digit_then_fits() -> None:
    found = check(GOOD.replace("M01", "MOI"))
    assert found.suggestion == GOOD
    assert "第 17 位是字母 O" in str(found.problem)
    assert f"是否应为 {GOOD}" in str(found.problem)
    assert not check(GOOD.replace("M01", "MO2")).suggestion


@settings(deadline=None)
@given(st.integers(0, 9_999_999), st.integers(0, 17), st.sampled_from(sorted(ALPHABET)))
def test_one_wrong_sign_never_passes(number: int, place: int, sign: str) -> None:
    code = credit_code(number)
    assert check(code).problem is None
    wrong = code[:place] + sign + code[place + 1 :]
    if wrong != code and uscc.calc_check_digit(wrong) != wrong[-1]:
        assert check(wrong).problem is not None


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_gets_an_answer(text: str) -> None:
    found = check(text)
    assert found.problem is None or str(found.problem)
