"""Which known source a file is, and of which year: told by titles, names and headers, changeable by a person (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.core import clock
from app.core.text import Message, message_to_json, tr
from app.imports.layouts.header import find_layout
from app.imports.layouts.layout import Layout
from app.imports.layouts.profile import Profile
from app.imports.layouts.spelling import folded, plain_header
from app.imports.layouts.titles import bare_year_in, year_in
from app.sheets.cells import Row

KNOWN_BY_NAME = 4
"""A word of the source in a title counts as much as so many recognised columns."""
FEWEST_OF_FINGERPRINT = 2
ABOVE_SCALE = "is_above_scale"
LISTS = ("名录", "名单", "清单", "在库")
"""Words of a list; a table of figures about 规上企业 puts nobody on the roster."""


@dataclass(frozen=True, slots=True)
class Glance:
    """The beginning of one visible sheet: its name and its first rows."""

    name: str
    head: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Understood:
    """What a file is taken for. ``year_from`` is column, header, title, sheet, file or person, empty without a year."""

    profile: Profile
    year: int | None
    year_from: str
    sentence: Message

    def as_json(self) -> dict[str, Any]:
        """Return the form in which a batch keeps it."""
        return {
            "profile": self.profile.id,
            "year": self.year,
            "year_from": self.year_from,
            "sentence": message_to_json(self.sentence),
        }


def best_profile(glances: Sequence[Glance], filename: str, known: Iterable[Profile]) -> Profile | None:
    """Return the profile that reads most of the file; words of a source in its titles count. None when none reads it.

    Among equals the earlier one of ``known`` wins: saved ones first, the general one before the special ones.
    """
    best: tuple[int, Profile] | None = None
    for profile in known:
        score = _score(glances, filename, profile)
        if score and (best is None or score > best[0]):
            best = (score, profile)
    return best[1] if best else None


def _score(glances: Sequence[Glance], filename: str, profile: Profile) -> int:
    columns, is_named, is_list = 0, False, True
    for glance in glances:
        layout = find_layout(glance.head, profile, glance.name)
        if layout is None:
            continue
        if profile.roster and any(place.column.key == ABOVE_SCALE for place in layout.places):
            return 0  # the table itself says of each firm whether it is on the roster
        columns += len(layout.places)
        is_list = is_list and not any(place.unit for place in layout.places)
        titles = [filename, glance.name, *_above(glance, layout)]
        is_named = is_named or any(_names(text, profile, is_list=is_list) for text in titles)
        headers = {plain_header(note.header) for note in layout.notes}
        is_named = is_named or len(headers & set(profile.fingerprint)) >= FEWEST_OF_FINGERPRINT
    return columns + KNOWN_BY_NAME * is_named if columns else 0


def _names(text: str, profile: Profile, *, is_list: bool) -> bool:
    """Whether a title names the source; figures of 规上企业 are a roster only where called 名录 or alike."""
    plain = folded(text)
    is_meant = is_list or not profile.roster or any(word in plain for word in LISTS)
    return is_meant and any(folded(word) in plain for word in profile.words)


def _above(glance: Glance, layout: Layout) -> list[str]:
    return [
        cell.raw
        for row in glance.head
        if row.number < layout.row
        for cell in row.cells
        if isinstance(cell.value, str) and cell.value.strip()
    ]


def year_of(glances: Sequence[Glance], filename: str, layouts: Mapping[str, Layout]) -> tuple[int | None, str]:
    """Return the fiscal year of a file and where it is said: year column, headers, title, sheet name, file name."""
    read = [(glance, layouts[glance.name]) for glance in glances if glance.name in layouts]
    columns: Counter[int] = Counter()
    for glance, layout in read:
        columns.update(_in_column(glance, layout))
    if columns:
        return columns.most_common(1)[0][0], "column"
    headed = [place.year for _glance, layout in read for place in layout.places if place.year is not None]
    if headed:
        return max(headed), "header"
    for said_by, found in (
        ("title", [year_in(text) for glance, layout in read for text in _above(glance, layout)]),
        ("sheet", [bare_year_in(glance.name) for glance, _layout in read]),
        ("file", [bare_year_in(filename)]),
    ):
        years = [year for year in found if year is not None and year < clock.today().year]
        if years:
            often = Counter(years)
            return max(often, key=lambda year: (often[year], year)), said_by
    return None, ""


def of_their_years(glances: Sequence[Glance], layouts: Mapping[str, Layout]) -> dict[str, Layout]:
    """Return the layouts with the year that each sheet says in its title or name, where they say several.

    A sheet whose rows or headers state years needs none.
    """
    own = {
        glance.name: year
        for glance in glances
        if (layout := layouts.get(glance.name)) is not None
        and layout.place_of("year") is None
        and (year := _own_year(glance, layout)) is not None
    }
    several = len(set(own.values())) > 1
    return {name: replace(layout, year=own.get(name)) if several else layout for name, layout in layouts.items()}


def _own_year(glance: Glance, layout: Layout) -> int | None:
    titled = (year_in(text) for text in _above(glance, layout))
    year = next((one for one in titled if one is not None), None) or bare_year_in(glance.name)
    return year if year is not None and year < clock.today().year else None


def _in_column(glance: Glance, layout: Layout) -> list[int]:
    place = layout.place_of("year")
    if place is None:
        return []
    texts = [folded(row.texts().get(place.letter, "")) for row in glance.head if row.number > layout.last]
    plain = [text.removesuffix("度").removesuffix("年") for text in texts]
    return [int(text) for text in plain if len(text) == 4 and text.isdecimal() and text.startswith("20")]


def sentence(profile: Profile, year: int | None, layouts: Sequence[Layout]) -> Message:
    """Say what a file was taken for: 2025 年度企业情况表，单位万元，表头第 3 行."""
    units: Counter[str] = Counter(
        place.unit or profile.unit
        for layout in layouts
        for place in layout.places
        if place.column.indicator is not None and place.column.indicator.unit == "万元"
    )
    rows = "、".join(str(row) for row in dict.fromkeys(layout.last for layout in layouts))
    years = "、".join(str(one) for one in sorted({layout.year or year for layout in layouts if year is not None}))
    told = "、".join(unit for unit, _count in units.most_common())
    if year is None:
        return tr("%(title)s，表头第 %(rows)s 行，没有找到年度", title=profile.title, rows=rows)
    if not told:
        return tr(
            "%(year)s 年度%(title)s，表头第 %(rows)s 行",
            year=years,
            title=profile.title.removeprefix("年度"),
            rows=rows,
        )
    return tr(
        "%(year)s 年度%(title)s，单位%(unit)s，表头第 %(rows)s 行",
        year=years,
        title=profile.title.removeprefix("年度"),
        unit=told,
        rows=rows,
    )
