"""Forms of the revisions room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.rulebooks.models import Follow
from app.web.forms import Form, strip


class StartForm(Form):
    """What the new edition is called, from when it is in force, why it is made."""

    code = StringField(
        _l("新版编号"),
        filters=[strip],
        validators=[DataRequired(_l("请填写新版编号，如 hnte-2027。")), Length(max=60)],
        description=_l("小写字母、数字和连字符，如 hnte-2027；封存后不能更改"),
    )
    effective_from = DateField(
        _l("施行日期"),
        validators=[DataRequired(_l("请填写施行日期，如 2027-01-01。"))],
        description=_l("这一天起的申请按新版判定；之前的申请和已经作出的判定仍按原版"),
    )
    reason = TextAreaField(
        _l("修订依据"),
        filters=[strip],
        validators=[DataRequired(_l("请写明修订依据，如新文件的名称和文号。")), Length(max=2000)],
        description=_l("新文件的名称、文号、取得方式；更正原版的，写明错在哪里"),
    )


class TextForm(Form):
    """A text, or a piece of it; ``seen`` is the id of the text that the person had before them."""

    seen = HiddenField()
    text = TextAreaField(_l("规则文本"), description=_l("按原版的格式书写；存不存得成都会先保存，错误在页面上逐条指出"))


class CasesForm(Form):
    """The worked cases of a revision."""

    seen = HiddenField()
    text = TextAreaField(_l("算例"), description=_l("每条参与判定的条款都要有恰好达标、差一点和缺资料的算例"))


class ImpactForm(Form):
    """On which day and for which kind of application the impact is weighed, and what one firm costs."""

    as_of = DateField(_l("判定日期"), validators=[DataRequired(_l("请填写判定日期。"))])
    kind = SelectField(_l("申请类型"), choices=[SelectChoice("new", _l("新申请")), SelectChoice("review", _l("复核"))])
    amount = StringField(
        _l("每家奖补金额"),
        filters=[strip],
        validators=[Optional(), Regexp(r"^\d{1,9}(\.\d{1,6})?$", message=_l("金额写成数字，如 20 或 12.5。"))],
        description=_l("万元；可不填，不填则不测算资金"),
    )


class TransitionForm(Form):
    """Which edition lists follow that were begun under the base and are not decided."""

    drafts = RadioField(
        _l("拟定中的名单"), choices=[SelectChoice(value, _l(label)) for value, label in Follow.options()]
    )
    submitted = RadioField(
        _l("待锁定的名单"), choices=[SelectChoice(value, _l(label)) for value, label in Follow.options()]
    )


class NoteForm(Form):
    """A reason, or a remark on what is decided."""

    note = TextAreaField(_l("说明"), filters=[strip], validators=[Length(max=2000)])
