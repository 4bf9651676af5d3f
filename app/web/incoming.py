"""What a browser sends: numbers no larger than the database's own, text that a database can keep.

A number beyond names nothing that exists. No keyboard types a NUL; PostgreSQL refuses it, so it is refused at the door.
"""

from __future__ import annotations

from flask import Flask, request
from werkzeug.routing import IntegerConverter, ValidationError

from app.core.errors import DomainError
from app.core.text import tr

LARGEST = 2**31 - 1
MOST_DIGITS = 10


def whole(text: str | None) -> int | None:
    """Return the whole number that ``text`` writes in plain digits, or None where it writes none that could exist."""
    if not isinstance(text, str) or not (text.isascii() and text.isdigit()) or len(text) > MOST_DIGITS:
        return None
    number = int(text)
    return number if number <= LARGEST else None


def number(name: str) -> int | None:
    """Return the whole number that the query of the address gives under ``name``, or None."""
    return whole(request.args.get(name))


def year(name: str) -> int | None:
    """Return the calendar year (1900 to 2100) that the query of the address gives under ``name``, or None."""
    found = number(name)
    return found if found is not None and 1900 <= found <= 2100 else None


class Unkept(DomainError):
    """Text that no database keeps."""


class Number(IntegerConverter):
    """``<int:firm_id>``: an address with a number that no row can have does not exist."""

    def to_python(self, value: str) -> int:
        found = whole(value)
        if found is None:
            raise ValidationError
        return found


def install(app: Flask) -> None:
    """Read every ``<int:…>`` of an address so, and look at all text before anything else does."""
    app.url_map.converters["int"] = Number

    @app.before_request
    def refuse_what_no_database_keeps() -> None:
        sent = [request.path, *request.args.values(), *request.args.keys()]
        if request.method not in {"GET", "HEAD"}:
            sent += [*request.form.keys(), *(text for texts in request.form.listvalues() for text in texts)]
        if any("\x00" in text for text in sent):
            raise Unkept(tr("提交的内容里有不能保存的空字符，请去掉后再提交。"))
