"""Forms of the doubling plan."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.facts.catalogue import load_catalogue
from app.programmes.catalogue import STAGES
from app.programmes.doubling.service import METRICS, TargetDraft
from app.programmes.models import Programme
from app.web.forms import Form, NumberField, strip


class TargetForm(Form):
    """Baseline, multiple, years."""

    metric = SelectField(
        _l("倍增口径"), choices=[SelectChoice(key, load_catalogue().get(key).label) for key in METRICS]
    )
    baseline_year = IntegerField(_l("基期年度"), validators=[InputRequired(_l("请填写基期年度，例如 2023。"))])
    baseline = NumberField(
        _l("基期值"),
        validators=[Optional()],
        description=_l("不填则取该年度的核定值；入库后锁定，不随数据修订变化"),
    )
    baseline_source = StringField(
        _l("基期值出处"), filters=[strip], validators=[Length(max=300)], description=_l("手工填写基期值时必填")
    )
    multiple = NumberField(_l("倍数"), validators=[InputRequired(_l("请填写倍数，例如 2。"))])
    years = IntegerField(_l("年限"), validators=[InputRequired(_l("请填写年限，例如 3。"))])
    scheme = StringField(
        _l("依据文件"),
        filters=[strip],
        validators=[Length(max=200)],
        description=_l("规定基期、倍数和年限的文件；没有则显示“未定义”"),
    )

    def draft(self) -> TargetDraft:
        """Return what was entered."""
        return TargetDraft(
            metric=self.metric.data,
            baseline_year=self.baseline_year.data,
            baseline=self.baseline.data,
            baseline_source=self.baseline_source.data or "",
            multiple=self.multiple.data or Decimal(0),  # the field is required: zero is refused by the service
            years=self.years.data,
            scheme=self.scheme.data or "",
        )


class EnrolForm(TargetForm):
    """Take a firm in."""

    stage = SelectField(
        _l("阶段"), choices=[SelectChoice(s.code, s.label) for s in STAGES[Programme.DOUBLING]], default="growing"
    )
    reason = TextAreaField(
        _l("入库理由"), filters=[strip], validators=[DataRequired(_l("请写明入库理由。")), Length(max=500)]
    )


class EditTargetForm(TargetForm):
    """Change a target."""

    reason = TextAreaField(
        _l("调整理由"), filters=[strip], validators=[DataRequired(_l("请写明调整目标的理由。")), Length(max=500)]
    )
