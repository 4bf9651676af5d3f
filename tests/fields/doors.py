"""What a door takes: who goes through it, what makes a request in order, where each text is kept and where it is read.

Which fields there are is not written here: ``register.py`` finds them, and a field that nothing here accounts for is
told by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.web.forms import strip
from tests.architecture.world import World
from tests.support.hostile import typed

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
Values = Mapping[str, Any]
Arranged = Mapping[str, Any]
"""Parts of the address that an arrangement made, and ``data``: what the form needs besides."""
Arrange = Callable[[World, Session], Arranged]


def stripped(text: str) -> str:
    """What most fields keep of a text: without blanks around it."""
    kept: str = strip(typed(text))
    return kept


def titled(text: str) -> str:
    """What a document is called: without a name, as its file."""
    return stripped(text) or "证明.pdf"


@dataclass(frozen=True)
class Text:
    """A field that takes any text: the column that keeps it, the page that shows it, what of the text is kept.

    ``shown`` is (login, address): the address may have places for what the arrangement gave; ``login`` empty stands
    for whoever sent the text. Where ``column`` is None the field keeps nothing: it asks for something.
    """

    column: InstrumentedAttribute[Any] | None = None
    shown: tuple[str, str] | None = None
    kept: Callable[[str], str] = stripped


@dataclass(frozen=True)
class Door:
    """A door: who goes through it, what makes a request in order, and its texts; ``fixed`` fields take no text."""

    endpoint: str
    login: str
    texts: Mapping[str, Text] = field(default_factory=dict)
    data: Values = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    query: Values = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    alike: Mapping[str, str] = field(default_factory=dict)  # what must be sent twice: a new password
    tell: Callable[[Session], Values] = lambda _session: {}  # parts of addresses that the request itself makes
    page: str = ""  # where its form stands, if that is another address and must be looked at as arranged
    arrange: Arrange | None = None
    enter: Callable[[FlaskClient], object] | None = None  # what a browser does before it comes to this door

    def told(self, session: Session) -> Values:
        """What addresses of pages need that the request made."""
        return self.tell(session)
