"""Forms of tasks."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.text import N_
from app.engagement.models import TaskState
from app.web.forms import Form, strip

ENDS = ((TaskState.DONE.value, N_("已办结")), (TaskState.WITHDRAWN.value, N_("撤销，不再办理")))


class ChangeForm(Form):
    """Owner, day and remarks; ``seen`` is the version that was looked at."""

    owner = SelectField(_l("责任人"), coerce=int, validators=[DataRequired(_l("请选择责任人。"))])
    due_on = DateField(_l("办理期限"), validators=[DataRequired(_l("请填写期限，如 2026-06-30。"))])
    detail = TextAreaField(_l("说明"), filters=[strip], validators=[Length(max=2000)], render_kw={"rows": 4})
    seen = HiddenField()

    def offer(self, owners: Sequence[tuple[int, str]]) -> None:
        """Offer the people a task can belong to."""
        self.owner.choices = list(owners)


class TaskForm(ChangeForm):
    """A task written by hand."""

    title = StringField(
        _l("要办的事"), filters=[strip], validators=[DataRequired(_l("请写明要办什么事。")), Length(max=300)]
    )


class AdoptForm(Form):
    """The steps of a plan that become tasks; days and marks stand beside each step."""

    owner = SelectField(_l("责任人"), coerce=int, validators=[DataRequired(_l("请选择责任人。"))])
    detail = TextAreaField(
        _l("与企业商定的情况"), filters=[strip], validators=[Length(max=2000)], render_kw={"rows": 3},
        description=_l("何时、与谁商定，可不填"),
    )  # fmt: skip


class CloseForm(Form):
    """How a task ends, and what came of it."""

    end = RadioField(
        _l("办理结果"), choices=[SelectChoice(value, _l(label)) for value, label in ENDS], default=ENDS[0][0]
    )
    note = TextAreaField(
        _l("结果说明"), filters=[strip],
        validators=[DataRequired(_l("请写明办理结果或撤销的原因。")), Length(max=2000)], render_kw={"rows": 3},
    )  # fmt: skip
    seen = HiddenField()
