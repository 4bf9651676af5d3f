"""Headers and names as people write them, brought to one form for comparison (pure)."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_UNSEEN = re.compile(
    "["
    + "".join(re.escape(chr(code)) for code in range(0x10000) if unicodedata.category(chr(code)) in {"Cf", "Cc"})
    + "]"
)
"""Signs that take no place: zero-width blanks, marks of direction, controls."""
_UNIT = re.compile(r"^(?P<name>.+?)[(\[](?:单位[:：]?)?(?P<unit>[^()\[\]]{1,8})[)\]]$")
_SLASHED = re.compile(r"^(?P<name>.+?)[/_](?P<unit>[^/_]{1,5})$")


def folded(text: str) -> str:
    """Return the text half width, lower case, without blanks and invisible signs."""
    if text.isalnum() and unicodedata.is_normalized("NFKC", text):
        return text.casefold()
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    return _UNSEEN.sub("", plain).casefold()


def plain_header(text: str) -> str:
    """Return a header in the form in which spellings are looked up."""
    return folded(text).strip("*:：")


def split_unit(text: str, known: frozenset[str]) -> tuple[str, str]:
    """Divide 营业收入（万元） into its plain name and its unit; without a known unit the name stays whole."""
    plain = plain_header(text)
    for pattern in (_UNIT, _SLASHED):
        found = pattern.match(plain)
        if found is not None and found["unit"] in known:
            return found["name"].strip("*:"), found["unit"]
    return plain, ""


@lru_cache(maxsize=10_000)
def name_key(name: str) -> str:
    """Return a firm's name in the form in which names are compared: width, blanks and case do not count."""
    return folded(name)
