"""Forms of the locker."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, FileField, MultipleFileField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from app.facts import containers
from app.facts.forms import FILES, kinds
from app.facts.locker import Upload
from app.facts.models import DocumentKind
from app.web.forms import Form, strip


class DescribeForm(Form):
    """What is said of a document."""

    title = StringField(_l("材料名称"), filters=[strip], validators=[Length(max=100)])
    kind = SelectField(_l("材料类型"), choices=kinds(), default=DocumentKind.OTHER.value)
    valid_from = DateField(_l("有效期起"), validators=[Optional()])
    valid_until = DateField(_l("有效期止"), validators=[Optional()], description=_l("长期有效的不填"))


class DocumentForm(DescribeForm):
    """A file for the locker."""

    file = FileField(_l("文件"), description=FILES, render_kw={"accept": containers.ACCEPT})


class LockerForm(DescribeForm):
    """Files that a firm puts into its locker: chosen, or taken with the camera of a phone.

    The name that is typed is for one file; several are called as they are named.
    """

    files = MultipleFileField(_l("文件"), description=FILES, render_kw={"accept": containers.ACCEPT})
    photo = FileField(_l("拍照上传"), render_kw={"accept": "image/jpeg,image/png", "capture": "environment"})


class WithdrawForm(Form):
    """Declare a document wrong."""

    why = TextAreaField(
        _l("错在哪里"),
        filters=[strip],
        validators=[DataRequired(_l("请写明材料错在哪里，依据它的数据和判定会据此复核。")), Length(max=500)],
    )


class SettleForm(Form):
    """Release or reject what the scanner could not judge."""

    reason = TextAreaField(
        _l("理由"),
        description=_l("例如用什么软件、什么时候查过，结果如何；企业看得到"),
        filters=[strip],
        validators=[DataRequired(_l("请写明理由，例如用什么软件查过、结果如何。")), Length(max=200)],
    )


def described(form: DescribeForm, name: str, content: bytes) -> Upload:
    """Return the file as it came with what the form says of it."""
    return Upload(
        name,
        content,
        form.title.data or "",
        DocumentKind(form.kind.data),
        form.valid_from.data,
        form.valid_until.data,
    )
