"""Forms of the rulebooks room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.web.forms import Form, strip


class CheckForm(Form):
    """Who compared an edition with the official text, when, and with what result."""

    checked_on = DateField(_l("核对日期"), validators=[DataRequired(_l("请填写核对日期，如 2026-11-23。"))])
    checked_by = StringField(
        _l("核对人"), filters=[strip], validators=[DataRequired(_l("请填写核对人姓名。")), Length(max=60)]
    )
    note = TextAreaField(
        _l("核对依据和结论"),
        filters=[strip],
        validators=[DataRequired(_l("请写明核对所用的官方文本和核对结论。")), Length(max=2000)],
        description=_l("写明核对所用的官方文本（网址或文件名称），逐条有无出入"),
    )
