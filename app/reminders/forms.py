"""The form by which a filler asks the head of the firm to sign."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField
from wtforms.validators import DataRequired

from app.web.forms import Form


class HandForm(Form):
    """By when the head is asked to sign."""

    until = DateField(_l("希望签署日期"), validators=[DataRequired(_l("请填写希望签署的日期，如 2026-08-31。"))])
