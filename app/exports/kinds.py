"""What can be exported: each room says how its present view becomes tables; the register hands them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.core.errors import NotFound
from app.core.text import tr
from app.sheets.write import Table

Asked = Mapping[str, str]


@dataclass(frozen=True)
class ExportKind:
    """One kind of view. ``label`` is a msgid and the name of the file, ``subject`` what the log calls it.

    ``clean`` keeps of an address what the kind understands; ``count`` gives the rows of the first table as a person
    sees them; ``words`` says the filters; ``tables`` gives the sheets, whose rows may be read as they are written.
    """

    key: str
    label: str
    subject: str
    action: Action
    clean: Callable[[Asked], dict[str, str]]
    count: Callable[[Session, Actor, Asked], int]
    words: Callable[[Session, Actor, Asked], str]
    tables: Callable[[Session, Actor, Asked], Sequence[Table]]


Kinds = Mapping[str, ExportKind]


def kind_of(kinds: Kinds, key: str) -> ExportKind:
    """Return a kind, or raise ``NotFound``."""
    if key not in kinds:
        raise NotFound(tr("没有这一种导出。"))
    return kinds[key]
