"""Forms of the taxonomies."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.taxonomies.service import EditionDraft
from app.web.forms import Form, strip


class EditionForm(Form):
    """A version of the chains."""

    title = StringField(
        _l("版本名称"), filters=[strip], validators=[DataRequired(_l("请填写版本名称。")), Length(max=80)],
        description=_l("例如：江门市十五条重点产业链"),
    )  # fmt: skip
    effective_from = DateField(_l("生效日期"), validators=[InputRequired(_l("请填写生效日期。"))])
    document = StringField(
        _l("依据文件"), filters=[strip], validators=[DataRequired(_l("请填写依据文件的名称和文号。")), Length(max=200)]
    )
    url = StringField(_l("文件网址"), filters=[strip], validators=[Length(max=300)])
    chains = TextAreaField(
        _l("产业链"), validators=[DataRequired(_l("请逐行填写产业链名称。")), Length(max=5000)],
        description=_l("每行一条，名称与文件一致"), render_kw={"rows": 12},
    )  # fmt: skip
    note = TextAreaField(_l("备注"), filters=[strip], validators=[Length(max=500)])

    def draft(self) -> EditionDraft:
        """Return what was typed."""
        return EditionDraft(
            title=self.title.data or "",
            effective_from=self.effective_from.data,
            document=self.document.data or "",
            chains=tuple((self.chains.data or "").splitlines()),
            url=self.url.data or "",
            note=self.note.data or "",
        )


class ReasonForm(Form):
    """What a reclassification rests on; the rules are fields that the page makes."""

    reason = StringField(
        _l("调整依据"), filters=[strip], validators=[Length(max=300)], description=_l("文件名称和文号，记入操作日志")
    )


class ChainsForm(Form):
    """Which chains a firm belongs to; the first chosen one is the primary."""

    chains = SelectMultipleField(
        _l("产业链"), coerce=int, option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
