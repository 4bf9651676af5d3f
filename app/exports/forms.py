"""Forms of the export centre."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import Length

from app.web.forms import Form, strip


class PurposeForm(Form):
    """Why so much is taken out."""

    purpose = StringField(
        _l("用途"),
        filters=[strip],
        validators=[Length(max=200)],
        description=_l("例如：报送市局季度汇总；会写进操作日志"),
    )
