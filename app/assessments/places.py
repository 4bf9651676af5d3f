"""Places of a form and how their fields are called in pages: ``value-sales_revenue-2025`` (pure)."""

from __future__ import annotations

import re
from typing import NamedTuple

from app.assessments.models import Part

_NAME = re.compile(r"(?P<part>[a-z]{1,10})-(?P<key>[A-Za-z0-9_]{1,60})-(?P<year>(?:19|20)[0-9]{2})?")


class Place(NamedTuple):
    """A figure of the form: key and fiscal year (None where it has none)."""

    key: str
    year: int | None


class FieldPlace(NamedTuple):
    """One field of the form."""

    key: str
    year: int | None
    part: Part

    @property
    def place(self) -> Place:
        return Place(self.key, self.year)

    @property
    def name(self) -> str:
        """What the field is called in a page."""
        return name_of(self.part, self.key, self.year)


def name_of(part: Part, key: str, year: int | None) -> str:
    """Return what a field is called in a page."""
    return f"{part.value}-{key}-{year or ''}"


def field_of(name: str) -> FieldPlace | None:
    """Return the field that a name means, or None where it means none."""
    found = _NAME.fullmatch(name)
    if found is None or found["part"] not in set(Part):
        return None
    return FieldPlace(found["key"], int(found["year"]) if found["year"] else None, Part(found["part"]))
