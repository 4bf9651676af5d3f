"""The form that carries out a rule after it was looked through."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.web.forms import Form, strip


class RunForm(Form):
    """Confirm a preview: ``upper`` is the last claim that was looked at."""

    note = TextAreaField(
        _l("核定说明"),
        filters=[strip],
        validators=[
            DataRequired(_l("请写明为什么可以按这条规则核定，说明会与每个核定值一并留存。")),
            Length(max=500),
        ],
    )
    upper = HiddenField()
