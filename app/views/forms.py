"""The form of a saved view."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from app.web.forms import Form, strip


class ViewForm(Form):
    """Name, purpose, sharing."""

    name = StringField(_l("视图名称"), filters=[strip], validators=[Length(max=80)])
    purpose = StringField(
        _l("用途"), filters=[strip], validators=[Length(max=200)], description=_l("例如：每月走访名单；共享时必填")
    )
    is_shared = BooleanField(_l("共享给同事（各人只看到自己管理范围内的企业）"))
