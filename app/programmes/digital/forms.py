"""Form of a digital assessment."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from app.programmes.digital.models import DigitalLevel, DigitalSource
from app.programmes.digital.service import AssessmentDraft
from app.web.forms import Form, NumberField, strip


class AssessmentForm(Form):
    """One assessment."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()])

    level = SelectField(
        _l("数字化水平等级"),
        choices=[SelectChoice(v, label) for v, label in DigitalLevel.options()],
        default=DigitalLevel.ONE.value,
    )
    score = NumberField(_l("评测得分"), validators=[Optional()], description=_l("没有得分的不填，满分 100"))
    source_kind = SelectField(_l("来源"), choices=[SelectChoice(v, label) for v, label in DigitalSource.options()])
    source = StringField(
        _l("出处"),
        filters=[strip],
        validators=[DataRequired(_l("请写明出处。")), Length(max=300)],
        description=_l("平台结果、诊断报告或验收文件的名称"),
    )
    assessed_on = DateField(_l("评测日期"), validators=[InputRequired(_l("请填写评测日期。"))])
    note = TextAreaField(_l("备注"), filters=[strip], validators=[Length(max=500)])

    def draft(self) -> AssessmentDraft:
        """Return what was entered."""
        return AssessmentDraft(
            level=DigitalLevel(self.level.data),
            source_kind=DigitalSource(self.source_kind.data),
            source=self.source.data,
            assessed_on=self.assessed_on.data,
            score=self.score.data,
            note=self.note.data or "",
        )
