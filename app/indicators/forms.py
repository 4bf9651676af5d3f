"""Forms of own indicators: shape and wording."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, IntegerField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from app.core.text import N_
from app.facts.definitions import Composed, Formula, Operand, Operation
from app.facts.display import UNITS
from app.indicators.checks import MOST_OPERANDS
from app.indicators.draft import IndicatorDraft
from app.web.forms import Form, strip

KINDS = (
    ("number", N_("数值")),
    ("bool", N_("是否")),
    ("enum", N_("选项")),
    ("text", N_("文字")),
    ("date", N_("日期")),
    ("list", N_("多项文字")),
)
PERIODS = (
    ("annual", N_("按年度（全年数）")),
    ("year_end", N_("按年度（年末数）")),
    ("as_of", N_("现状，可带年度")),
    ("static", N_("固定，不分年度")),
)


class DefinitionForm(Form):
    """What an indicator means. The operands of the formula are six pairs of fields, made below."""

    label = StringField(
        _l("指标名称"), filters=[strip],
        validators=[DataRequired(_l("请填写指标名称。")), Length(max=80, message=_l("最多 80 个字。"))],
    )  # fmt: skip
    short = StringField(
        _l("简称"), filters=[strip], validators=[Length(max=40)], description=_l("表格和列表中使用；留空则同名称")
    )
    unit = SelectField(_l("单位"), description=_l("金额一律按万元保存；百分数选“比例”"))
    choices = TextAreaField(
        _l("选项"), validators=[Length(max=2000)], description=_l("只有选项类指标填写，每行一个，由低到高")
    )
    group = StringField(
        _l("分组"),
        filters=[strip],
        validators=[Length(max=40)],
        description=_l("在企业数据页显示在哪一组；留空归入“其他”"),
    )
    hint = StringField(_l("填写说明"), filters=[strip], validators=[Length(max=300)])
    document = StringField(
        _l("依据文件"), filters=[strip],
        validators=[DataRequired(_l("请写明依据的文件，例如“江门市 2026 年工业统计报表制度”。")), Length(max=200)],
    )  # fmt: skip
    article = StringField(_l("条款或表号"), filters=[strip], validators=[Length(max=80)])
    url = StringField(_l("文件网址"), filters=[strip], validators=[Length(max=300)])
    owner = StringField(
        _l("负责部门"), filters=[strip], validators=[DataRequired(_l("请填写负责这个指标的部门。")), Length(max=60)]
    )
    operation = SelectField(
        _l("计算方法"),
        choices=[SelectChoice("", _l("不计算，由人填报或导入")), *(SelectChoice(v, n) for v, n in Operation.options())],
    )

    def offer(self, catalogue: Composed) -> None:
        """Set the choices that come from the catalogue: units, and the yearly numbers a formula may use."""
        self.unit.choices = [SelectChoice("", _l("无单位")), *(SelectChoice(one, one) for one in sorted(UNITS))]
        yearly = [one for one in catalogue if one.kind == "number" and one.by_year]
        parts = [SelectChoice("", _l("（不用）")), *(SelectChoice(one.key, one.label) for one in yearly)]
        for place in range(MOST_OPERANDS):
            self[f"operand_{place}"].choices = parts

    def operand_rows(self) -> list[tuple[object, object]]:
        """Return the pairs of fields of the formula, for the template."""
        return [(self[f"operand_{place}"], self[f"back_{place}"]) for place in range(MOST_OPERANDS)]

    def formula(self) -> Formula | None:
        """Return the formula that was chosen."""
        if not self.operation.data:
            return None
        parts = [(self[f"operand_{place}"].data, self[f"back_{place}"].data) for place in range(MOST_OPERANDS)]
        return Formula(
            Operation(self.operation.data), tuple(Operand(key, 1 if back == "1" else 0) for key, back in parts if key)
        )

    def draft(self) -> IndicatorDraft:
        """Return what was typed."""
        return IndicatorDraft(
            label=self.label.data or "",
            short=self.short.data or "",
            unit=self.unit.data or "",
            choices=tuple((self.choices.data or "").splitlines()),
            group=self.group.data or "",
            hint=self.hint.data or "",
            document=self.document.data or "",
            article=self.article.data or "",
            url=self.url.data or "",
            owner=self.owner.data or "",
            formula=self.formula(),
        )


for _place in range(MOST_OPERANDS):
    setattr(DefinitionForm, f"operand_{_place}", SelectField(_l("指标"), default=""))
    setattr(
        DefinitionForm,
        f"back_{_place}",
        SelectField(
            _l("取数年度"), choices=[SelectChoice("0", _l("本年")), SelectChoice("1", _l("上年"))], default="0"
        ),
    )


class CreateForm(DefinitionForm):
    """A new indicator: what cannot be changed later comes first."""

    key = StringField(
        _l("键名"), filters=[strip], validators=[Length(max=60)],
        description=_l("小写字母、数字和下划线，自动加前缀 c_；留空则按名称的拼音生成，以后不能修改"),
    )  # fmt: skip
    kind = SelectField(_l("类型"), choices=[SelectChoice(value, label) for value, label in KINDS])
    period = SelectField(_l("期间"), choices=[SelectChoice(value, label) for value, label in PERIODS])


class ChangeForm(DefinitionForm):
    """A new definition from a year on."""

    version = HiddenField()
    effective_year = IntegerField(
        _l("自哪个年度起"), validators=[InputRequired(_l("请填写新定义从哪个年度起适用，例如 2026。"))],
        description=_l("以前年度的数据仍按原定义显示"),
    )  # fmt: skip
    why = StringField(
        _l("修改理由"), filters=[strip],
        validators=[DataRequired(_l("请写明为什么修改定义，例如“按 2026 年统计报表制度调整口径”。")), Length(max=300)],
    )  # fmt: skip


class RetireForm(Form):
    """From when on no new values are taken, and why."""

    on = DateField(_l("停用日期"), validators=[Optional()])
    reason = StringField(
        _l("停用理由"),
        filters=[strip],
        validators=[DataRequired(_l("请写明停用理由，例如“2026 年起不再统计”。")), Length(max=300)],
    )


def form_values(draft: IndicatorDraft) -> dict[str, object]:
    """Return a definition as the form's values."""
    values: dict[str, object] = {
        "label": draft.label,
        "short": draft.short,
        "unit": draft.unit,
        "choices": "\n".join(draft.choices),
        "group": draft.group,
        "hint": draft.hint,
        "document": draft.document,
        "article": draft.article,
        "url": draft.url,
        "owner": draft.owner,
        "operation": draft.formula.operation.value if draft.formula else "",
    }
    for place, one in enumerate(draft.formula.operands if draft.formula else ()):
        values |= {f"operand_{place}": one.key, f"back_{place}": str(one.years_back)}
    return values
