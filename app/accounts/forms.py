"""Forms of the accounts room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, PasswordField, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, EqualTo, Length, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from app.access.actor import Reach
from app.access.roles import FIRM_ROLES, Role
from app.access.towns import Town
from app.web.forms import Form, strip

ADDRESS = r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+$"


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


class ProfileForm(Form):
    """Where a person is reached; the password once more, since reminders go there."""

    phone = StringField(_l("联系电话"), filters=[strip], validators=[Length(max=40)])
    email = StringField(
        _l("电子邮箱"),
        filters=[strip],
        validators=[
            Length(max=200),
            Optional(),
            Regexp(ADDRESS, message=_l("邮箱格式应如 name@example.com，只填一个。")),
        ],
        description=_l("填写后到期提醒会发到这里（本单位设置了站外通知时）"),
    )
    password = PasswordField(_l("密码"), validators=[DataRequired(_l("请填写密码。")), Length(max=200)])


class CodeForm(Form):
    """A one-time code, or a recovery code."""

    code = StringField(_l("验证码"), filters=[strip], validators=[DataRequired(_l("请输入验证码。")), Length(max=40)])


class StopFactorForm(CodeForm):
    """Switch the second factor off."""

    password = PasswordField(_l("密码"), validators=[DataRequired(_l("请填写密码。")), Length(max=200)])


class ConfirmFactorForm(StopFactorForm):
    """Switch the second factor on: the password once more, and a code of the device."""


class ResetForm(Form):
    """A new password by a link."""

    password = PasswordField(_l("新密码"), validators=[DataRequired(_l("请填写新密码。")), Length(max=200)])
    again = PasswordField(
        _l("再输一次新密码"), validators=[EqualTo("password", _l("两次输入的新密码不一致，请重新输入。"))]
    )


class AccountEditForm(Form):
    """What an administrator may change of an account."""

    name = StringField(_l("姓名"), filters=[strip], validators=[DataRequired(_l("请填写姓名。")), Length(max=60)])
    phone = StringField(_l("联系电话"), filters=[strip], validators=[Length(max=40)])
    role = SelectField(
        _l("岗位"),
        choices=[SelectChoice(role.value, role.label) for role in Role if role not in FIRM_ROLES],
    )
    reach = SelectField(
        _l("管理范围"),
        choices=[SelectChoice(value, label) for value, label in Reach.options()],
        default=Reach.DISTRICT.value,
    )
    towns = SelectMultipleField(
        _l("所辖镇街"),
        choices=[SelectChoice(value, label) for value, label in Town.options() if value != Town.OUTSIDE.value],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        description=_l("管理范围为“所辖镇街企业”时选择"),
    )


class AccountForm(AccountEditForm):
    """A new account."""

    login = StringField(
        _l("账号"),
        filters=[strip],
        validators=[DataRequired(_l("请填写账号。")), Length(max=40)],
        description=_l("3–40 位小写字母、数字、点、横线"),
    )
    role = SelectField(_l("岗位"), choices=[SelectChoice(value, label) for value, label in Role.options()])
    firm_id = IntegerField(
        _l("所属企业编号"),
        validators=[Optional()],
        description=_l("仅企业账号填写：企业页面地址 /office/firms/ 后面的数字"),
    )
