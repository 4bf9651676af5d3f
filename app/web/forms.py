"""The one base of all forms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from flask import Flask, g
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from wtforms import DecimalField, Field

from app.core.errors import Invalid
from app.web.i18n import translate


class Form(FlaskForm):  # type: ignore[misc]
    """A form with CSRF; ``sent_and_valid()`` is true for a valid POST."""

    def sent_and_valid(self) -> bool:
        return bool(self.validate_on_submit())


def form_token() -> str:
    """Return the CSRF token of this request's forms."""
    if "form_token" not in g:
        g.form_token = generate_csrf()
    return str(g.form_token)


@contextmanager
def form_token_as(mark: str) -> Iterator[None]:
    """Let forms carry a mark in the place of the token meanwhile."""
    kept = g.get("form_token")
    g.form_token = mark
    try:
        yield
    finally:
        if kept is None:
            del g.form_token
        else:
            g.form_token = kept


def install(app: Flask) -> None:
    """Let every form of a page carry the same token, made once a request."""
    app.jinja_env.globals["csrf_token"] = form_token


LARGEST = Decimal(10) ** 10
PLACES = 8


class NumberField(DecimalField):  # type: ignore[misc]
    """An exact number as the database keeps it: finite, below 10¹⁰, with at most eight places, all of them shown."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, places=None, **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take what was typed. Raises ValueError, which WTForms shows at the field."""
        if not valuelist:
            return
        try:
            found = Decimal(str(valuelist[0]).strip())
        except ArithmeticError:
            found = Decimal("NaN")
        if not found.is_finite():
            self.data = None
            raise ValueError(_l("请填写数字，例如 12.5。"))
        if abs(found) >= LARGEST or found != round(found, PLACES):
            self.data = None
            raise ValueError(_l("数字过大或小数超过 8 位，请核对单位。"))
        self.data = found


def attach(error: Invalid, form: Form) -> None:
    """Put a domain error on its field, or on the form when it names none of its fields."""
    message = translate(error.message)
    field = form._fields.get(error.field)
    if field is None:
        form.form_errors.append(message)
    else:
        field.errors = [*field.errors, message]


def strip(value: Any) -> Any:
    """WTForms filter: text without surrounding blanks (full-width ones too), empty text as None-safe text."""
    return value.strip().strip("\u3000") if isinstance(value, str) else value


def is_sent(field: Field) -> bool:
    """True when the browser sent the field at all."""
    return bool(field.raw_data)
