"""Forms around the workbook of a self-assessment."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import FileField

from app.web.forms import Form


class UploadForm(Form):
    """The workbook that was filled in."""

    file = FileField(
        _l("填好的 Excel"),
        description=_l("从本页下载的 .xlsx，不超过 10 MB；用 WPS、Excel 填写后原样上传"),
        render_kw={"accept": ".xlsx,.xls,.ods,.et"},
    )
