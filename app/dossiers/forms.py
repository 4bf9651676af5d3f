"""Forms of dossiers."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.text import N_
from app.web.forms import Form, strip


class VoidForm(Form):
    """Why a dossier no longer counts."""

    reason = TextAreaField(
        N_("作废原因"),
        filters=[strip],
        validators=[
            DataRequired(N_("请填写作废原因，核验页面会显示。")),
            Length(max=500, message=N_("不超过 500 字。")),
        ],
        description=N_("写明原因和后续处理，例如：企业名称登记有误，另行生成。"),
    )


class CodeForm(Form):
    """A verification code typed from paper."""

    code = StringField(
        N_("核验码"),
        filters=[strip],
        validators=[
            DataRequired(N_("请填写封面二维码下方的核验码。")),
            Length(max=60, message=N_("核验码过长，请核对。")),
        ],
        description=N_("在封面二维码下方，共 16 位小写字母和数字。"),
    )


class CompareForm(Form):
    """A PDF whose bytes are to be compared; nothing is stored."""

    file = FileField(
        N_("PDF 文件"),
        validators=[FileRequired(N_("请选择要比对的 PDF 文件。"))],
        description=N_("文件只用于计算校验值，不会保存。"),
    )
