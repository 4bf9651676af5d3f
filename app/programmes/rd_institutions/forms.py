"""Forms of the register of institutions."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import HiddenInput

from app.programmes.rd_institutions.models import InstitutionKind, InstitutionLevel
from app.programmes.rd_institutions.service import InstitutionDraft
from app.web.forms import Form, strip


class InstitutionForm(Form):
    """One institution."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()])

    name = StringField(
        _l("机构名称"), filters=[strip], validators=[DataRequired(_l("请填写机构名称。")), Length(max=160)]
    )
    kind = SelectField(_l("类型"), choices=[SelectChoice(v, label) for v, label in InstitutionKind.options()])
    level = SelectField(_l("级别"), choices=[SelectChoice(v, label) for v, label in InstitutionLevel.options()])
    recognised_on = DateField(_l("认定日期"), validators=[Optional()])
    document_number = StringField(_l("认定文号"), filters=[strip], validators=[Length(max=120)])
    valid_until = DateField(_l("有效期至"), validators=[Optional()], description=_l("长期有效或未规定的不填"))
    source = StringField(
        _l("出处"),
        filters=[strip],
        validators=[DataRequired(_l("请写明出处。")), Length(max=300)],
        description=_l("认定文件、统计报表或现场核查记录"),
    )
    note = TextAreaField(_l("备注"), filters=[strip], validators=[Length(max=500)])

    def draft(self) -> InstitutionDraft:
        """Return what was entered."""
        return InstitutionDraft(
            name=self.name.data,
            kind=InstitutionKind(self.kind.data),
            level=InstitutionLevel(self.level.data),
            source=self.source.data,
            recognised_on=self.recognised_on.data,
            document_number=self.document_number.data or "",
            valid_until=self.valid_until.data,
            note=self.note.data or "",
        )


class EndForm(Form):
    """Say that an institution has ended."""

    def __init__(self) -> None:
        super().__init__(prefix="end")

    ended_on = DateField(_l("终止日期"), validators=[Optional()], description=_l("不填为今天"))
    reason = StringField(
        _l("终止原因"), filters=[strip], validators=[DataRequired(_l("请写明终止原因。")), Length(max=300)]
    )
