"""The form that starts a run over all firms."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectChoice
from wtforms.validators import DataRequired

from app.eligibility.forms import KINDS
from app.web.forms import Form


class RunForm(Form):
    """As of which day, for which kind of application."""

    as_of = DateField(
        _l("判定日期"),
        validators=[DataRequired(_l("请填写判定日期，如 2026-06-01。"))],
        description=_l("当日有效的全部规则版本都会用到；上一会计年度为最近一年"),
    )
    kind = RadioField(
        _l("申请类型"), choices=[SelectChoice(value, label) for value, label in KINDS], default=KINDS[0][0]
    )
