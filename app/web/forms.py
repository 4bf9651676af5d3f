"""The one base of all forms."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field

from app.core.errors import Invalid
from app.web.i18n import translate


class Form(FlaskForm):  # type: ignore[misc]
    """A form with CSRF; ``sent_and_valid()`` is true for a valid POST."""

    def sent_and_valid(self) -> bool:
        return bool(self.validate_on_submit())


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
