"""What a browser sends: numbers no larger than the database's own, text that a database can keep.

A number beyond names nothing that exists. No keyboard types a NUL; PostgreSQL refuses it, so it is refused at the door.
"""

from __future__ import annotations

from typing import IO, Any

from flask import Flask, Request, request
from werkzeug.formparser import FormDataParser
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


class _Lines(FormDataParser):
    """Reads a form so that its texts have one kind of line end: browsers send two signs where one was typed."""

    def parse(self, stream: IO[bytes], mimetype: str, content_length: int | None, options: Any = None) -> Any:
        left, form, files = super().parse(stream, mimetype, content_length, options)
        if any("\r" in text for texts in form.listvalues() for text in texts):
            form = self.cls([(name, plain(text)) for name, text in form.items(multi=True)])
        return left, form, files


class Sent(Request):
    """A request as the program reads it."""

    form_data_parser_class = _Lines


def plain(text: str) -> str:
    """Return a text with one kind of line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


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
    app.request_class = Sent

    @app.before_request
    def refuse_what_no_database_keeps() -> None:
        sent = [request.path, *request.args.values(), *request.args.keys()]
        if request.method not in {"GET", "HEAD"}:
            sent += [*request.form.keys(), *(text for texts in request.form.listvalues() for text in texts)]
        if any("\x00" in text for text in sent):
            raise Unkept(tr("提交的内容里有不能保存的空字符，请去掉后再提交。"))
