"""Forms of the register of recognitions."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, FileField, IntegerField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from app.facts import containers
from app.facts.forms import FILES
from app.recognitions.models import RecognitionKind, RecognitionLevel
from app.recognitions.service import RecognitionDraft
from app.web.forms import Form, strip


class RecognitionForm(Form):
    """One recognition with its certificate."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    kind = SelectField(_l("资质"), choices=[SelectChoice(v, label) for v, label in RecognitionKind.options()])
    level = SelectField(_l("级别"), choices=[SelectChoice(v, label) for v, label in RecognitionLevel.options()])
    title = StringField(
        _l("具体名称"), filters=[strip], validators=[Length(max=120)], description=_l("证书上的全称；与资质相同的不填")
    )
    number = StringField(_l("证书编号"), filters=[strip], validators=[Length(max=60)])
    granted_on = DateField(_l("认定日期"), validators=[InputRequired(_l("请填写认定日期。"))])
    valid_from = DateField(_l("有效期起"), validators=[Optional()], description=_l("与认定日期相同的不填"))
    valid_until = DateField(_l("有效期止"), validators=[Optional()], description=_l("长期有效的不填"))
    source = StringField(
        _l("出处"), filters=[strip], validators=[DataRequired(_l("请写明出处，例如认定公告的文号。")), Length(max=200)],
        description=_l("认定公告的文号、名单或证书"),
    )  # fmt: skip
    file = FileField(_l("证书或公告"), description=FILES, render_kw={"accept": containers.ACCEPT})
    note = TextAreaField(_l("备注"), filters=[strip], validators=[Length(max=500)])

    def draft(self) -> RecognitionDraft:
        """Return what was entered."""
        return RecognitionDraft(
            kind=RecognitionKind(self.kind.data),
            level=RecognitionLevel(self.level.data),
            granted_on=self.granted_on.data,
            source=self.source.data or "",
            title=self.title.data or "",
            number=self.number.data or "",
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
            note=self.note.data or "",
        )


class RevokeForm(Form):
    """The authority took it back."""

    on = DateField(_l("撤销日期"), validators=[InputRequired(_l("请填写撤销日期。"))])
    reason = StringField(
        _l("撤销依据"),
        filters=[strip],
        validators=[DataRequired(_l("请写明撤销依据，例如公告文号。")), Length(max=300)],
    )


class VoidForm(Form):
    """It was entered wrongly."""

    def __init__(self) -> None:
        super().__init__(prefix="void-")

    reason = StringField(
        _l("作废原因"),
        filters=[strip],
        validators=[DataRequired(_l("请写明作废原因，例如“录错企业”。")), Length(max=300)],
    )
