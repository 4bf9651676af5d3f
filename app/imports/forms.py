"""Forms of the imports room."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from wtforms import FileField, IntegerField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.core import clock
from app.imports.layouts.profile import profiles
from app.imports.service import FIRST_YEAR
from app.web.forms import Form, strip


class UploadForm(Form):
    """A file, how it is laid out, and the year of its figures."""

    file = FileField(
        _l("表格文件"),
        description=_l("支持 .xlsx、.xls、.xlsb、.ods、.csv，不超过 30 MB"),
        render_kw={"accept": ".xlsx,.xls,.xlsb,.ods,.csv,.et,.txt"},
    )
    profile = SelectField(_l("表格样式"))
    year = SelectField(_l("数据年度"), coerce=int, description=_l("表中数据所属的会计年度，须已经结束"))

    def __init__(self, *arguments: object, titles: Mapping[str, str] | None = None, **named: object) -> None:
        """``titles`` are all profiles by id, the office's own among them."""
        super().__init__(*arguments, **named)
        latest = clock.today().year - 1
        known = {one.id: one.title for one in profiles().values()} if titles is None else titles
        self.profile.choices = [SelectChoice("", _l("自动识别")), *(SelectChoice(*one) for one in known.items())]
        years = [SelectChoice(year, str(year)) for year in range(latest, FIRST_YEAR - 1, -1)]
        self.year.choices = [SelectChoice(0, _l("按表中写明的年度")), *years]


class UndoForm(Form):
    """Why an import is undone."""

    reason = StringField(
        _l("撤销原因"),
        filters=[strip],
        validators=[DataRequired(_l("请写明撤销原因。")), Length(max=300, message=_l("最多 300 个字。"))],
        description=_l("会记入操作日志"),
    )


class RowForm(Form):
    """What every change of a row brings: which row, the version that was looked at, where to return to."""

    row_id = IntegerField(validators=[InputRequired()])
    version = IntegerField(validators=[InputRequired()])
    kind = StringField(filters=[strip])
    alike = StringField(filters=[strip])


class CellForm(RowForm):
    """What is written into a cell."""

    letter = StringField(validators=[InputRequired(), Length(max=3)])
    text = StringField(_l("改为"), validators=[Length(max=2000, message=_l("最多 2000 个字。"))])
    why = StringField(_l("修改说明"), filters=[strip], validators=[Length(max=300, message=_l("最多 300 个字。"))])


class DecisionForm(RowForm):
    """What a person decides about a whole row; an empty decision takes it back."""

    decision = StringField(filters=[strip])
    firm_id = IntegerField(_l("是哪家企业"), validators=[Optional()])
    firm = StringField(_l("企业名称或代码"), filters=[strip])
    why = StringField(_l("依据"), filters=[strip], validators=[Length(max=300, message=_l("最多 300 个字。"))])


class ReasonForm(RowForm):
    """Why a figure is as odd as it is."""

    key = StringField(validators=[InputRequired()])
    reason = StringField(_l("变动原因"), filters=[strip], validators=[Length(max=300, message=_l("最多 300 个字。"))])


class AlikeForm(Form):
    """One click for all alike: a repair, or one reason for all that still lack one."""

    kind = StringField(validators=[Length(max=40)])
    alike = StringField(validators=[Length(max=40)])
    reason = StringField(_l("同一原因"), filters=[strip], validators=[Length(max=300, message=_l("最多 300 个字。"))])


class SubmitForm(Form):
    """What the second person should know."""

    note = TextAreaField(
        _l("给确认人的说明"),
        filters=[strip],
        validators=[Length(max=300, message=_l("最多 300 个字。"))],
        description=_l("可不填。例如：表格来源、哪些行略过及原因"),
    )


class ReturnForm(Form):
    """Why a submitted import goes back."""

    reason = StringField(
        _l("退回原因"),
        filters=[strip],
        validators=[DataRequired(_l("请写明退回原因，提交人会看到。")), Length(max=300, message=_l("最多 300 个字。"))],
    )


class SupplementForm(Form):
    """The mended rows of a batch as a file."""

    file = FileField(
        _l("改好的表格"),
        description=_l("先下载未导入的行，在表格里改好，再从这里上传；原批次不会改变"),
        render_kw={"accept": ".xlsx,.xls,.xlsb,.ods,.csv"},
    )
