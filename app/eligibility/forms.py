"""Forms of the eligibility room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.core.text import N_
from app.firms.taxonomy import Town
from app.web.forms import Form, strip

KINDS = (("new", N_("新申请")), ("review", N_("复核")))


class JudgeForm(Form):
    """Under which edition, as of which day, for which kind of application."""

    edition = SelectField(_l("规则版本"), coerce=int, validators=[DataRequired(_l("请选择规则版本。"))])
    as_of = DateField(
        _l("判定日期"),
        validators=[DataRequired(_l("请填写判定日期，如 2026-06-01。"))],
        description=_l("上一会计年度为最近一年；年度数据取到判定日期为止"),
    )
    kind = RadioField(
        _l("申请类型"), choices=[SelectChoice(value, label) for value, label in KINDS], default=KINDS[0][0]
    )


class DrawUpForm(JudgeForm):
    """A list of all firms in reach, or of some towns."""

    towns = SelectMultipleField(
        _l("镇街"),
        choices=[SelectChoice(value, label) for value, label in Town.options()],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        description=_l("不选即为您管理范围内的全部存续企业"),
    )
    title = StringField(
        _l("清单名称"),
        filters=[strip],
        validators=[Length(max=160)],
        description=_l("可不填，由规则名称和日期组成"),
    )
