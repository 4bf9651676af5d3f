"""Forms around a self-assessment; its own fields are made from the questions."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from app.assessments.models import Owner
from app.core.text import N_
from app.web.forms import Form, strip

KINDS = (("new", N_("新申请")), ("review", N_("复核")))


class StartForm(Form):
    """Which form is begun."""

    programme = StringField(_l("项目"), validators=[InputRequired(), Length(max=60)])
    kind = StringField(_l("申请类型"), validators=[InputRequired(), Length(max=20)])
    year = IntegerField(_l("年度"), validators=[InputRequired()])


class OwnerForm(Form):
    """Who fills in a section."""

    owner = SelectField(_l("负责部门"), choices=[SelectChoice(value, _l(label)) for value, label in Owner.options()])
    person = StringField(_l("姓名"), filters=[strip], validators=[Length(max=60)])
