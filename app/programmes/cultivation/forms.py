"""Forms of the cultivation pool."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from app.programmes.catalogue import STAGES
from app.programmes.models import Programme
from app.web.forms import Form, strip


class EnrolForm(Form):
    """Take a firm into the pool."""

    stage = SelectField(
        _l("阶段"), choices=[SelectChoice(s.code, s.label) for s in STAGES[Programme.CULTIVATION]], default="pooled"
    )
    caseworker = SelectField(_l("经办人"), coerce=int, validate_choice=False)
    entered_on = DateField(_l("入库日期"), validators=[Optional()], description=_l("不填为今天"))
    reason = TextAreaField(
        _l("入库理由"), filters=[strip], validators=[DataRequired(_l("请写明入库理由。")), Length(max=500)]
    )


class AssignForm(Form):
    """Put somebody in charge."""

    caseworker = SelectField(_l("经办人"), coerce=int, validate_choice=False)
