"""Forms of publishing."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectChoice, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.eligibility.models import VerdictState
from app.eligibility.publishing.service import LONGEST
from app.web.forms import Form, strip


class PublishForm(Form):
    """One verdict, with a word to the firm."""

    note = TextAreaField(
        _l("附言"),
        filters=[strip],
        validators=[Length(max=LONGEST)],
        description=_l("可不填；企业会看到"),
    )


class PublishListForm(PublishForm):
    """Verdicts of a list by how they came out."""

    states = SelectMultipleField(
        _l("公布哪些结果"),
        choices=[SelectChoice(value, label) for value, label in VerdictState.options()],
        validators=[DataRequired(_l("请至少选择一种判定结果。"))],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    with_stale = BooleanField(_l("判定之后数据有更新的也公布"))


class WithdrawPublicationForm(Form):
    """Take a publication back, with a reason that the firm reads."""

    reason = TextAreaField(
        _l("撤回原因"),
        filters=[strip],
        validators=[DataRequired(_l("请写明撤回的原因，企业会看到。")), Length(max=LONGEST)],
    )
