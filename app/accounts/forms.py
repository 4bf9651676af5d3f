"""Forms of the accounts room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length

from app.web.forms import Form, strip


class SignInForm(Form):
    """Login and password."""

    login = StringField(_l("账号"), filters=[strip], validators=[DataRequired(_l("请填写账号。")), Length(max=60)])
    password = PasswordField(_l("密码"), validators=[DataRequired(_l("请填写密码。")), Length(max=128)])


class PasswordForm(Form):
    """Change one's own password."""

    old = PasswordField(_l("原密码"), validators=[DataRequired(_l("请填写原密码。")), Length(max=128)])
    password = PasswordField(_l("新密码"), validators=[DataRequired(_l("请填写新密码。")), Length(max=200)])
    again = PasswordField(
        _l("再输一次新密码"), validators=[EqualTo("password", _l("两次输入的新密码不一致，请重新输入。"))]
    )
