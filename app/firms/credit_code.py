"""The 18-character 统一社会信用代码 (GB 32100-2015): read what was typed, check it, name what is wrong.

Pure. A wrong length or sign is refused with its place. A failing check digit is only a warning: some codes given
out early are genuine although their digit fails, so a person may confirm them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from operator import mul

from stdnum.cn import uscc

from app.core.text import Message, tr

LENGTH = 18
ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
UNUSED_LETTERS = frozenset("IOSVZ")
REGION = range(2, 8)
KEPT = 15
"""Digits of a number that a spreadsheet keeps."""
TELLING = 10
"""So many leading digits say more than kind and region, which all firms of a district share."""
LOOK_ALIKES = str.maketrans({"O": "0", "I": "1"})

_BLANKS = re.compile(r"[\s\-\u200b-\u200f\u2060\ufeff\x00-\x1f]")
_SOUND = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)
_WORTH = {sign: worth for worth, sign in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1)) + (1,)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d+")


@dataclass(frozen=True)
class CodeCheck:
    """What a check found.

    ``code`` is the code as it should be kept (upper case, half width, no blanks). ``problem`` says what is wrong,
    None when all is well. ``is_warning`` marks a problem that a person may confirm. ``suggestion`` is a code in
    which look-alike letters were replaced and whose check digit is right, empty when there is none.
    """

    code: str
    problem: Message | None = None
    is_warning: bool = False
    suggestion: str = ""


def normalise(text: str) -> str:
    """Return the code in upper case and half width, without blanks, hyphens and invisible signs."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).upper()


def check(text: str) -> CodeCheck:
    """Check a code as typed or read from a cell."""
    if _SOUND.fullmatch(text) and not sum(map(mul, _WEIGHTS, map(_WORTH.__getitem__, text))) % 31:
        return CodeCheck(text)  # as most are: nothing to bring into form, all signs and the check digit right
    code = normalise(text)
    problem = _length_problem(code) or _sign_problem(code)
    if problem is not None:
        suggestion = _repaired(code)
        if suggestion:
            problem = tr("%(problem)s；是否应为 %(suggestion)s？", problem=problem, suggestion=suggestion)
        return CodeCheck(code, problem, suggestion=suggestion)
    expected = uscc.calc_check_digit(code)
    if code[-1] != expected:
        return CodeCheck(
            code,
            tr(
                "第 18 位校验码是 %(found)s，按规则应为 %(expected)s。多为抄录有误，请对照营业执照核对；"
                "个别早期赋码确有不符，核对无误的可以确认后保存",
                found=code[-1],
                expected=expected,
            ),
            is_warning=True,
        )
    return CodeCheck(code)


def surviving(text: str) -> str:
    """Return the leading digits that a spreadsheet left of a code that it took for a number; empty when too few.

    Fifteen digits are kept, the last of them rounded: 9.14407031234568E+17 and 914407031234568000 leave 14.
    """
    code = normalise(text)
    if _SCIENTIFIC.fullmatch(code):
        left = code.partition("E")[0].replace(".", "")
    elif len(code) == LENGTH and code.isdigit() and code.endswith("000"):
        left = code[:KEPT].rstrip("0")
    else:
        return ""
    return left[: min(len(left), KEPT) - 1] if len(left) > TELLING else ""


def _length_problem(code: str) -> Message | None:
    if not code:
        return tr("没有填写统一社会信用代码")
    if len(code) == LENGTH:
        return None
    if _SCIENTIFIC.fullmatch(code):
        return tr("“%(code)s”是表格软件改写的科学计数法，末尾几位已经丢失，请对照营业执照重新填写", code=code)
    if len(code) == 15 and code.isdigit():
        return tr("“%(code)s”是 15 位的旧工商注册号，请填写 18 位的统一社会信用代码", code=code)
    return tr("统一社会信用代码应为 18 位，现有 %(n)s 位（%(code)s）", n=len(code), code=code[:40])


def _sign_problem(code: str) -> Message | None:
    for place, sign in enumerate(code):
        if sign in UNUSED_LETTERS:
            return tr(
                "第 %(place)s 位是字母 %(sign)s，统一社会信用代码不使用 I、O、S、V、Z", place=place + 1, sign=sign
            )
        if sign not in ALPHABET:
            return tr("第 %(place)s 位是“%(sign)s”，只能是数字或大写字母", place=place + 1, sign=sign)
        if place in REGION and not sign.isdigit():
            return tr(
                "第 %(place)s 位是字母 %(sign)s，第 3 至 8 位是登记机关行政区划码，只能是数字",
                place=place + 1,
                sign=sign,
            )
    return None


def _repaired(code: str) -> str:
    repaired = code.translate(LOOK_ALIKES)
    fits = repaired != code and _length_problem(repaired) is None and _sign_problem(repaired) is None
    return repaired if fits and uscc.calc_check_digit(repaired) == repaired[-1] else ""
