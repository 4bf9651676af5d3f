"""Forms of the imports room."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import FileField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, Length

from app.core import clock
from app.imports.profile import profiles
from app.imports.service import FIRST_YEAR
from app.web.forms import Form, strip


class UploadForm(Form):
    """A file, how it is laid out, and the year of its figures."""

    file = FileField(
        _l("表格文件"),
        description=_l("支持 .xlsx、.xls、.xlsb、.ods、.csv，不超过 30 MB"),
        render_kw={"accept": ".xlsx,.xls,.xlsb,.ods,.csv"},
    )
    profile = SelectField(_l("表格样式"))
    year = SelectField(_l("数据年度"), coerce=int, description=_l("表中数据所属的会计年度，须已经结束"))

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        latest = clock.today().year - 1
        self.profile.choices = [SelectChoice(one.id, one.title) for one in profiles().values()]
        self.year.choices = [SelectChoice(year, str(year)) for year in range(latest, FIRST_YEAR - 1, -1)]


class UndoForm(Form):
    """Why an import is undone."""

    reason = StringField(
        _l("撤销原因"),
        filters=[strip],
        validators=[DataRequired(_l("请写明撤销原因。")), Length(max=300, message=_l("最多 300 个字。"))],
        description=_l("会记入操作日志"),
    )
