"""Forms around the consent by which staff write for a firm."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, FileField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.assessments import consents
from app.core import clock
from app.facts import containers
from app.facts.forms import FILES
from app.web.forms import Form, strip


class ConsentForm(Form):
    """The head of the firm lets staff write; the box is never ticked beforehand."""

    until = DateField(
        _l("委托到"),
        validators=[DataRequired(_l("请填写委托截止日，如 2026-08-31。"))],
        default=lambda: clock.today() + consents.USUAL,
        description=_l("含当日，最长 90 天；随时可以收回"),
    )
    agrees = BooleanField(_l("我已阅读并同意以上内容"))


class PaperForm(Form):
    """A consent that was signed on paper."""

    person = StringField(
        _l("签署人"), filters=[strip], validators=[DataRequired(_l("请填写在委托书上签字的人。")), Length(max=60)],
        description=_l("企业负责人姓名，与委托书一致"),
    )  # fmt: skip
    signed_on = DateField(_l("签署日期"), validators=[DataRequired(_l("请填写签署日期，如 2026-06-01。"))])
    until = DateField(_l("委托到"), validators=[DataRequired(_l("请填写委托截止日，如 2026-08-31。"))])
    file = FileField(_l("委托书扫描件"), description=FILES, render_kw={"accept": containers.ACCEPT})


class EndForm(Form):
    """Why a consent is taken back."""

    reason = TextAreaField(_l("收回原因"), filters=[strip], validators=[Length(max=300)], render_kw={"rows": 2})
