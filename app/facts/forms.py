"""Forms of the facts room. The form of a figure is made from its indicator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    FileField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional

from app.facts import containers, trust
from app.facts.catalogue import Indicator
from app.facts.models import DocumentKind
from app.web.forms import Form, strip

YEARS_BACK = 12
FILES = _l("PDF、JPG、PNG、DOCX、XLSX、PPTX、OFD，每个不超过 %(n)s MB", n=containers.MOST_BYTES >> 20)


def kinds() -> list[SelectChoice]:
    """Return the kinds of documents to choose from."""
    return [SelectChoice(value, _l(label)) for value, label in DocumentKind.options()]


class ReviewForm(Form):
    """Accept, choose or send back: ``seen`` is the current fact that the reviewer looked at."""

    reason = TextAreaField(_l("审核意见"), filters=[strip], validators=[Length(max=1000)])
    seen = HiddenField()


class EvidenceForm(Form):
    """Add a file to a claim: a new one, or one that lies in the firm's locker (``document``)."""

    document = SelectField(_l("从材料库选用"), choices=[SelectChoice("", _l("不选用，上传新文件"))], default="")
    file = FileField(_l("上传新文件"), description=FILES, render_kw={"accept": containers.ACCEPT})
    title = StringField(_l("材料名称"), filters=[strip], validators=[Length(max=100)])
    kind = SelectField(_l("材料类型"), choices=kinds(), default=DocumentKind.OTHER.value)
    valid_from = DateField(_l("有效期起"), validators=[Optional()])
    valid_until = DateField(_l("有效期止"), validators=[Optional()], description=_l("长期有效的不填"))

    def offer(self, documents: Sequence[tuple[str, str]]) -> EvidenceForm:
        """Offer what lies in the locker and return the form."""
        self.document.choices = [*self.document.choices, *(SelectChoice(*pair) for pair in documents)]
        return self


class FigureForm(Form):
    """What every figure's form has; year and value come from the indicator. A firm's form has no ``origin``."""

    origin = SelectField(
        _l("取自"),
        choices=[SelectChoice(source.code, _l(source.label)) for source in trust.by_hand()],
        default=trust.CASEWORKER,
        description=_l("这个数据是谁的：现场核实、审计报告、税务部门等，没有的选经办人录入"),
    )

    source = StringField(
        _l("数据来源"),
        filters=[strip],
        validators=[DataRequired(_l("请写明数据来源，例如“2025 年度审计报告第 12 页”。")), Length(max=200)],
        description=_l("写到页码或表格单元格，便于复核"),
    )
    note = TextAreaField(_l("备注"), filters=[strip], validators=[Length(max=1000)])
    file = FileField(_l("佐证材料"), description=FILES, render_kw={"accept": containers.ACCEPT})


def figure_form(indicator: Indicator, *, this_year: int, by_firm: bool = False) -> type[FigureForm]:
    """Return the form class for one indicator: its years, its answers, its unit and its hint."""
    fields: dict[str, Any] = {"value": _value_field(indicator)}
    if by_firm:
        fields["origin"] = None
    years = year_choices(indicator, this_year)
    if years:
        fields["year"] = SelectField(
            _l("所属年度"), choices=[SelectChoice(value, label) for value, label in years], validate_choice=True
        )
    made: type[FigureForm] = type("IndicatorForm", (FigureForm,), fields)
    return made


def year_choices(indicator: Indicator, this_year: int) -> Sequence[tuple[str, str]]:
    """Return the years that may be chosen; empty for figures that stand outside of years."""
    if not (indicator.by_year or (indicator.may_have_year and indicator.period != "event")):
        return []
    years: list[tuple[str, Any]] = [(str(year), str(year)) for year in range(this_year, this_year - YEARS_BACK - 1, -1)]
    return years if indicator.by_year else [("", _l("不分年度（现状）")), *years]


def _value_field(indicator: Indicator) -> Any:
    label, hint = _l("数值"), indicator.hint
    needed = DataRequired(_l("请填写数值；尚不清楚的请先不填，不要填 0。"))
    if indicator.kind == "bool":
        return RadioField(
            label,
            choices=[SelectChoice("是", _l("是")), SelectChoice("否", _l("否"))],
            validators=[DataRequired(_l("请选择“是”或“否”；尚不清楚的请先不填。"))],
            description=hint,
        )
    if indicator.kind == "enum" and indicator.options:
        names = [(option.value, option.value) for option in indicator.options]
        choices = [SelectChoice("", _l("请选择")), *(SelectChoice(*pair) for pair in names)]
        return SelectField(label, choices=choices, validators=[needed], description=hint)
    if indicator.kind in ("dates", "list", "records"):
        return TextAreaField(label, validators=[needed, Length(max=5000)], description=hint, render_kw={"rows": 5})
    if indicator.kind == "number":
        return StringField(
            label, filters=[strip], validators=[needed, Length(max=60)], description=hint,
            render_kw={"inputmode": "decimal"},
        )  # fmt: skip
    return StringField(label, filters=[strip], validators=[needed, Length(max=300)], description=hint)
