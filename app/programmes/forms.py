"""Forms that the lines share."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from app.programmes.catalogue import STAGES
from app.programmes.models import Programme
from app.web.forms import Form, strip


class MoveForm(Form):
    """Move to another stage. Stands beside other forms, so its names have a prefix."""

    def __init__(self) -> None:
        super().__init__(prefix="move")

    to = SelectField(_l("移动到"), validate_choice=False)
    moved_on = DateField(_l("日期"), validators=[Optional()], description=_l("不填为今天"))
    reason = TextAreaField(
        _l("说明"), filters=[strip], validators=[Length(max=500)], description=_l("退回前面的阶段时必须填写")
    )

    def offer(self, programme: Programme, current: str) -> MoveForm:
        """Offer the stages other than the current one."""
        self.to.choices = [SelectChoice(s.code, s.label) for s in STAGES[programme] if s.code != current]
        return self


class LeaveForm(Form):
    """Leave a line."""

    def __init__(self) -> None:
        super().__init__(prefix="leave")

    left_on = DateField(_l("出库日期"), validators=[Optional()], description=_l("不填为今天"))
    reason = TextAreaField(
        _l("出库理由"), filters=[strip], validators=[DataRequired(_l("请写明出库理由。")), Length(max=500)]
    )
