"""What can be exported: each room says how its present view becomes tables; the register hands them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject
from app.core.errors import NotFound
from app.core.text import tr
from app.sheets.write import Table

Asked = Mapping[str, str]
LONGEST_NUMBER = 9


@dataclass(frozen=True)
class ExportKind:
    """One kind of view. ``label`` is a msgid and the name of the file, ``subject`` what the log calls it.

    ``clean`` keeps of an address what the kind understands; ``count`` gives the rows of the first table as a person
    sees them; ``words`` says the filters; ``tables`` gives the sheets, whose rows may be read as they are written.
    ``about`` names the one list or firm that the view is of, where it is of one.
    """

    key: str
    label: str
    subject: str
    action: Action
    clean: Callable[[Asked], dict[str, str]]
    count: Callable[[Session, Actor, Asked], int]
    words: Callable[[Session, Actor, Asked], str]
    tables: Callable[[Session, Actor, Asked], Sequence[Table]]
    about: Callable[[Session, Actor, Asked], Subject] | None = None


Kinds = Mapping[str, ExportKind]


def kind_of(kinds: Kinds, key: str) -> ExportKind:
    """Return a kind, or raise ``NotFound``."""
    if key not in kinds:
        raise NotFound(tr("没有这一种导出。"))
    return kinds[key]


def number_in(asked: Asked, name: str) -> int:
    """Return a whole number of an address; nonsense becomes 0, which nothing has as its id."""
    text = asked.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER else 0
