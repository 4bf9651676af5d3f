"""Whom a figure comes from, and how far the bureau trusts it: one table, shown beside every figure (pure).

The rank orders sources that stand side by side and decides nothing: which of two figures is held is chosen by a person
with a reason, or by a rule that a person has looked through (app/facts/rules.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.choices import Choice
from app.core.text import N_


class Trust(Choice):
    """How far a source is trusted, in four steps."""

    CHECKED = "checked", N_("经核验")
    OFFICIAL = "official", N_("部门数据")
    STATED = "stated", N_("填报数据")
    UNCHECKED = "unchecked", N_("未经核验")


@dataclass(frozen=True, slots=True)
class Source:
    """A source of figures. ``code`` is kept on the claim; ``profiles`` are the workbooks that are known to hold it.

    ``by_hand`` says that a caseworker who types a figure may name it as where the figure was taken from.
    """

    code: str
    label: str
    trust: Trust
    rank: int
    profiles: Sequence[str] = ()
    by_hand: bool = False

    @property
    def tone(self) -> str:
        """The colour of its badge."""
        return {Trust.CHECKED: "teal", Trust.OFFICIAL: "blue", Trust.STATED: "grey", Trust.UNCHECKED: "orange"}[
            self.trust
        ]


SHEET, PUBLIC, CASEWORKER, FIRM, PHONE = "sheet", "disclosure", "caseworker", "firm", "phone"
_KINDS = {"import": SHEET, "caseworker": CASEWORKER, "firm": FIRM}

SOURCES: Mapping[str, Source] = {
    source.code: source
    for source in (
        Source("verified", N_("现场核实"), Trust.CHECKED, 1, by_hand=True),
        Source("audit", N_("审计报告"), Trust.CHECKED, 2, by_hand=True),
        Source("tax", N_("税务部门"), Trust.OFFICIAL, 3, ("tax",), by_hand=True),
        Source(
            "statistics",
            N_("统计部门名录"),
            Trust.OFFICIAL,
            4,
            ("above-scale", "above-scale-roster", "roster"),
            by_hand=True,
        ),
        Source("hnte-annual", N_("高企年报"), Trust.OFFICIAL, 5, ("hnte-annual", "hitech-annual"), by_hand=True),
        Source("torch", N_("火炬年报"), Trust.OFFICIAL, 6, ("torch", "torch-annual"), by_hand=True),
        Source(PUBLIC, N_("公开披露"), Trust.STATED, 7, by_hand=True),
        Source("annual-firms", N_("年度企业情况表"), Trust.STATED, 8, ("annual-firms",)),
        Source(CASEWORKER, N_("经办人录入"), Trust.STATED, 9, by_hand=True),
        Source(PHONE, N_("电话核实"), Trust.UNCHECKED, 10, by_hand=True),
        Source(SHEET, N_("其他表格"), Trust.UNCHECKED, 11),
        Source(FIRM, N_("企业自报"), Trust.UNCHECKED, 12),
    )
}
_BY_PROFILE = {profile: source.code for source in SOURCES.values() for profile in source.profiles}


def source_of(code: str, kind: str = "") -> Source:
    """Return the source of a code; a code that is not (or no longer) in the table is what its kind says."""
    return SOURCES.get(code) or SOURCES[_KINDS.get(kind, SHEET)]


def code_of(kind: str, reference: Mapping[str, Any]) -> str:
    """Return the source code of a claim that names none: by the workbook's profile, else by its kind.

    Rows that say when they were taken from a public site are public data, whatever workbook carries them.
    """
    if kind != "import":
        return _KINDS.get(kind, SHEET)
    if reference.get("retrieved"):
        return PUBLIC
    return _BY_PROFILE.get(str(reference.get("profile", "")), SHEET)


def by_hand() -> Sequence[Source]:
    """Return the sources a caseworker may name when typing a figure, the plain one first."""
    rest = [source for source in SOURCES.values() if source.by_hand and source.code != CASEWORKER]
    return [SOURCES[CASEWORKER], *rest]
