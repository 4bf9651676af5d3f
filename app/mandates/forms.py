"""Forms of the mandates room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, FileField, PasswordField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, EqualTo, Length

from app.access.roles import POWERS, Role
from app.accounts import mandates
from app.accounts.mandates import Power
from app.core import clock
from app.facts import containers
from app.facts.forms import FILES
from app.web.forms import Form, strip


class NewPersonForm(Form):
    """Somebody opens an account for himself."""

    login = StringField(
        _l("账号"),
        filters=[strip],
        validators=[DataRequired(_l("请填写账号。")), Length(max=40)],
        description=_l("3–40 位小写字母、数字、点、横线"),
    )
    name = StringField(_l("姓名"), filters=[strip], validators=[DataRequired(_l("请填写姓名。")), Length(max=60)])
    phone = StringField(
        _l("联系电话"), filters=[strip], validators=[DataRequired(_l("请填写联系电话。")), Length(max=40)]
    )
    password = PasswordField(_l("密码"), validators=[DataRequired(_l("请填写密码。")), Length(max=200)])
    again = PasswordField(
        _l("再输一次密码"), validators=[EqualTo("password", _l("两次输入的密码不一致，请重新输入。"))]
    )


class _PowerFields(Form):
    """As what, and through whom."""

    role = SelectField(
        _l("权限"),
        choices=[SelectChoice(role.value, role.label) for role in POWERS],
        default=Role.FIRM_FILLER.value,
        description=_l("填报人填写和提交；负责人另可签署、邀请和终止本企业人员"),
    )
    agency = StringField(
        _l("所属中介机构"),
        filters=[strip],
        validators=[Length(max=120)],
        description=_l("本企业人员不填。中介人员的每项操作都会注明机构名称"),
    )


class InviteForm(_PowerFields):
    """Invite somebody to act for a firm."""

    invitee = StringField(
        _l("邀请谁"),
        filters=[strip],
        validators=[DataRequired(_l("请写明邀请谁，例如“张三 财务部”。")), Length(max=60)],
        description=_l("姓名和部门，便于以后核对"),
    )
    valid_until = DateField(
        _l("授权到"),
        validators=[DataRequired(_l("请填写授权截止日，例如 2027-12-31。"))],
        default=lambda: clock.today() + mandates.USUAL,
        description=_l("含当日，最长两年；到期自动失效"),
    )

    def power(self, firm_id: int) -> Power:
        """Return what the form gives."""
        return Power(firm_id, Role(self.role.data), self.valid_until.data, self.agency.data or "")


class AskForm(_PowerFields):
    """Ask to act for the firm of a credit code."""

    credit_code = StringField(
        _l("统一社会信用代码"),
        filters=[strip],
        validators=[DataRequired(_l("请填写 18 位统一社会信用代码。")), Length(max=60)],
    )
    firm_name = StringField(
        _l("企业名称"), filters=[strip], validators=[DataRequired(_l("请填写营业执照上的企业名称。")), Length(max=120)]
    )
    statement = TextAreaField(_l("说明"), filters=[strip], validators=[Length(max=500)])
    file = FileField(
        _l("证明材料"),
        description=_l("加盖公章的授权书，或营业执照与在职证明；") + FILES,
        render_kw={"accept": containers.ACCEPT},
    )


class RegisterForm(NewPersonForm, AskForm):
    """Open an account and ask to act for a firm in one step."""


class AllowForm(_PowerFields):
    """Give what was asked, perhaps less."""

    valid_until = DateField(
        _l("授权到"),
        validators=[DataRequired(_l("请填写授权截止日，例如 2027-12-31。"))],
        default=lambda: clock.today() + mandates.USUAL,
    )


class ReasonForm(Form):
    """Refuse or end, with a reason that the person reads."""

    reason = TextAreaField(
        _l("原因"),
        filters=[strip],
        validators=[DataRequired(_l("请写明原因，本人会看到。")), Length(max=300)],
    )
