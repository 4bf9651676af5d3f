"""Forms around a self-assessment; its own fields are made from the questions."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length

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


class SignForm(Form):
    """The head of the firm signs; the box is never ticked beforehand. Hidden: revision and digest of what is shown."""

    agrees = BooleanField(_l("我已阅读并作出以上声明"))
    seen = HiddenField()
    looked_at = HiddenField()


class ReturnForm(Form):
    """Until when a returned form is to be submitted again, and a word to go with it; the items stand beside it."""

    due_on = DateField(_l("修改期限"), validators=[DataRequired(_l("请填写修改期限，如 2026-08-31。"))])
    note = TextAreaField(_l("总的意见"), filters=[strip], validators=[Length(max=1000)], render_kw={"rows": 2})


class AcceptForm(Form):
    """Why answers that differ from what is held are taken."""

    reason = TextAreaField(
        _l("采信理由"), filters=[strip], validators=[Length(max=500)], render_kw={"rows": 2},
        description=_l("与现有核定值不同的以此为理由；不填则写明采信本次提交"),
    )  # fmt: skip
