"""Forms of the gap: one figure's working assumption, a time of intake, answers on the telephone."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.eligibility.reach.levers import Direction, Means, Who
from app.web.forms import Form, strip


class LeverForm(Form):
    """How one figure can be changed; ``seen`` is the version that was looked at."""

    means = RadioField(_l("怎样改变"), choices=[SelectChoice(value, _l(label)) for value, label in Means.options()])
    direction = RadioField(
        _l("考虑的方向"), choices=[SelectChoice(value, _l(label)) for value, label in Direction.options()]
    )
    who = SelectField(_l("由谁办理"), choices=[SelectChoice(value, _l(label)) for value, label in Who.options()])
    lead_days = IntegerField(
        _l("需要的天数"), validators=[InputRequired(_l("请填写天数，立即见效的填 0。")), NumberRange(0, 3650)],
        description=_l("从动手到数字改变，按日历天"),
    )  # fmt: skip
    correct_days = IntegerField(
        _l("年度已结束时更正的天数"), validators=[Optional(), NumberRange(0, 3650)],
        description=_l("不填表示该年度结束后不作为培育措施"),
    )  # fmt: skip
    effort = IntegerField(
        _l("难度系数"), validators=[InputRequired(_l("请填写 1 至 5。")), NumberRange(1, 5)],
        description=_l("1 最省力，5 最费力；用来比较做法，不是费用"),
    )  # fmt: skip
    note = TextAreaField(_l("说明"), filters=[strip], validators=[Length(max=300)], render_kw={"rows": 3})
    seen = HiddenField()


class IntakeForm(Form):
    """A time of intake as a notice gives it."""

    programme = SelectField(_l("项目"), validators=[DataRequired(_l("请选择项目。"))])
    name = StringField(
        _l("批次名称"), filters=[strip], validators=[DataRequired(_l("请填写批次名称。")), Length(max=80)],
        description=_l("如“2026 年第二批”"),
    )  # fmt: skip
    opens_on = DateField(_l("开始日"), validators=[DataRequired(_l("请填写开始日，如 2026-06-01。"))])
    closes_on = DateField(
        _l("截止日"), validators=[DataRequired(_l("请填写截止日，如 2026-08-31。"))], description=_l("含当日")
    )
    source = StringField(
        _l("通知依据"), filters=[strip], validators=[DataRequired(_l("请写明通知的名称和文号。")), Length(max=200)]
    )


class WithdrawForm(Form):
    """Why a time of intake is withdrawn."""

    why = StringField(
        _l("撤下的原因"), filters=[strip], validators=[DataRequired(_l("请写明撤下的原因。")), Length(max=300)]
    )


class AnswersForm(Form):
    """Who answered on the telephone; the figures stand beside it, one box a question."""

    who = StringField(
        _l("答复人"),
        filters=[strip],
        validators=[DataRequired(_l("请写明是谁答复的，例如“财务李姐 3856123”。")), Length(max=80)],
        description=_l("姓名或职务，加电话"),
    )
