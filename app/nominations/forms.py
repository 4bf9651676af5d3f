"""Forms of the nominations room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.nominations.models import Decision
from app.web.forms import Form, NumberField, strip


class ListForm(Form):
    """Title and ceiling of a list."""

    title = StringField(
        _l("名单名称"), filters=[strip], validators=[DataRequired(_l("请填写名单名称。")), Length(max=160)]
    )
    quota = IntegerField(
        _l("名额上限"),
        validators=[Optional(), NumberRange(min=1, message=_l("名额须是大于 0 的整数。"))],
        description=_l("名额是上限，可以空缺；没有规定名额的请留空（未定义）"),
    )
    version = HiddenField()


class DecisionForm(Form):
    """What is decided on one firm."""

    decision = RadioField(
        _l("意见"),
        choices=[SelectChoice(value, label) for value, label in Decision.options()],
        validators=[InputRequired(_l("请选择意见。"))],
    )
    reason = TextAreaField(
        _l("理由"),
        filters=[strip],
        validators=[Length(max=2000)],
        description=_l("暂缓、不予推荐，或推荐判定不是“符合条件”的企业，须写明理由；企业来电时可照此答复"),
    )
    amount = NumberField(_l("金额"), validators=[Optional()], description=_l("政策没有规定金额的请留空（未定义）"))
    amount_source = StringField(
        _l("金额依据"), filters=[strip], validators=[Length(max=200)], description=_l("文件名称、文号和条款")
    )
    version = HiddenField()


class AddForm(Form):
    """Why a firm is put among the candidates."""

    reason = TextAreaField(
        _l("列入理由"),
        filters=[strip],
        validators=[Length(max=2000)],
        description=_l("判定不是“符合条件”的企业必须写明理由，理由会一直显示在名单上"),
    )


class ReturnForm(Form):
    """Why a submitted list goes back."""

    note = TextAreaField(
        _l("退回原因"), filters=[strip], validators=[DataRequired(_l("请写明退回原因。")), Length(max=2000)]
    )


class FreezeForm(Form):
    """Freeze the list one has looked at."""

    version = HiddenField()
