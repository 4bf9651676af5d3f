"""The form of a note."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.notes.service import LONGEST
from app.web.forms import Form, strip


class NoteForm(Form):
    """A note on a firm."""

    text = TextAreaField(
        _l("备注内容"), filters=[strip], validators=[DataRequired(_l("请填写备注内容。")), Length(max=LONGEST)],
        description=_l("写明事情、来源和日期；保存后不能修改，需要更正的另写一条"), render_kw={"rows": 4},
    )  # fmt: skip
