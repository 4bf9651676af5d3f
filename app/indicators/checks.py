"""What a definition must satisfy, each refusal naming the field and the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from app.core import clock
from app.core.errors import Invalid
from app.core.text import tr
from app.facts.catalogue import Indicator
from app.facts.definitions import FIRST_YEAR, PREFIX, Composed, Formula, Operand, Operation
from app.facts.display import UNITS
from app.facts.formula import cycle
from app.firms.search_text import sound
from app.indicators import queries
from app.indicators.draft import IndicatorDraft
from app.indicators.models import IndicatorDefinition

KINDS = ("number", "bool", "enum", "text", "date", "list")
PERIODS = ("annual", "year_end", "as_of", "static")
YEARLY = ("annual", "year_end")
RATIO_UNIT = "比例"
MOST_OPERANDS = 6
EARLIEST = 1990
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_URL = re.compile(r"https?://[^\s<>\"]+\Z")
_MONEY = frozenset({"元", "千元", "百万元", "千万元", "亿元", "人民币元", "万"})


def key(text: str, label: str, there: Composed) -> str:
    """Return the full key: as typed, or made from the sound of the label. Raises Invalid when it is taken."""
    plain = text.strip().lower().removeprefix(PREFIX)
    made = plain or re.sub(r"[^a-z0-9]+", "_", sound(label).replace("ü", "v")).strip("_")[:36]
    if not plain and made[:1].isdigit():
        made = f"n_{made}"
    if not _KEY.match(made):
        raise Invalid("key", tr("键名只能用小写字母、数字和下划线，以字母开头，最多 40 个字符，例如 output_value。"))
    if f"{PREFIX}{made}" in there:
        taken = there.get(f"{PREFIX}{made}")
        if plain:
            raise Invalid(
                "key", tr("键名 %(key)s 已被『%(label)s』使用，请换一个。", key=PREFIX + made, label=taken.label)
            )
        made = next(f"{made}_{n}" for n in range(2, 1000) if f"{PREFIX}{made}_{n}" not in there)
    return f"{PREFIX}{made}"


def definition(draft: IndicatorDraft, there: Composed) -> IndicatorDraft:
    """Return the draft in order: blanks trimmed, group and short name filled in. Raises Invalid."""
    label = draft.label.strip()
    checked = replace(
        draft,
        label=label,
        short=draft.short.strip() or label[:40],
        unit=draft.unit.strip(),
        choices=tuple(dict.fromkeys(one.strip() for one in draft.choices if one.strip())),
        group=draft.group.strip() or "其他",
        hint=draft.hint.strip(),
        document=draft.document.strip(),
        article=draft.article.strip(),
        url=draft.url.strip(),
        owner=draft.owner.strip(),
    )
    _words(checked, there)
    _kind(checked)
    if checked.formula is not None:
        _formula(checked, checked.formula, there)
    latest = clock.today().year + 1
    if draft.effective_year != FIRST_YEAR and not EARLIEST <= draft.effective_year <= latest:
        raise Invalid("effective_year", tr("生效年度应在 %(first)s 至 %(last)s 之间。", first=EARLIEST, last=latest))
    return checked


def _words(draft: IndicatorDraft, there: Composed) -> None:
    if not draft.label:
        raise Invalid("label", tr("请填写指标名称。"))
    same = next((one for one in there if draft.label in (one.label, one.short) and one.key != draft.key), None)
    if same is not None:
        raise Invalid(
            "label",
            tr(
                "已有同名指标『%(label)s』（%(key)s），请直接使用它，或在名称中写明不同之处。",
                label=same.label,
                key=same.key,
            ),
        )
    if not draft.document:
        raise Invalid("document", tr("请写明依据的文件，例如“江门市 2026 年工业统计报表制度”。"))
    if not draft.owner:
        raise Invalid("owner", tr("请填写负责这个指标的部门。"))
    if draft.url and not _URL.match(draft.url):
        raise Invalid("url", tr("网址应以 http:// 或 https:// 开头，不含空格。"))


def _kind(draft: IndicatorDraft) -> None:
    if draft.kind not in KINDS:
        raise Invalid("kind", tr("不支持“%(kind)s”这种类型。", kind=draft.kind))
    if draft.period not in PERIODS:
        raise Invalid("period", tr("不支持“%(period)s”这种期间。", period=draft.period))
    if draft.kind == "number":
        _unit(draft.unit)
    elif draft.unit:
        raise Invalid("unit", tr("只有数值类指标有单位，请把单位留空。"))
    if draft.kind == "enum" and len(draft.choices) < 2:
        raise Invalid("choices", tr("选项类指标至少要有两个选项，每行写一个。"))
    if draft.kind != "enum" and draft.choices:
        raise Invalid("choices", tr("只有选项类指标需要选项，请清空这一栏。"))


def _unit(unit: str) -> None:
    if unit in _MONEY:
        raise Invalid("unit", tr("金额一律按万元保存，不能用“%(unit)s”；表格中的元、亿元导入时会自动换算。", unit=unit))
    if unit in ("%", "％", "百分比"):
        raise Invalid("unit", tr("百分数请选择单位“比例”，页面会按百分数显示。"))
    if unit and unit not in UNITS:
        known = "、".join(sorted(UNITS))
        raise Invalid("unit", tr("不认识的单位“%(unit)s”，可用：%(known)s；没有单位的请留空。", unit=unit, known=known))


def _formula(draft: IndicatorDraft, formula: Formula, there: Composed) -> None:
    if draft.kind != "number" or draft.period not in YEARLY:
        raise Invalid("operation", tr("只有按年度统计的数值指标可以用公式计算。"))
    _number_of_parts(formula)
    parts = [_part(one, there) for one in formula.operands]
    found = cycle(_formulas(draft, formula, there), draft.key)
    if found:
        names = " → ".join(there.get(one).short if one in there else draft.label for one in found)
        raise Invalid("operation", tr("公式循环引用：%(names)s。请改用不依赖本指标的数据。", names=names))
    _units(draft, formula, parts)


def _number_of_parts(formula: Formula) -> None:
    count, one = len(formula.operands), formula.operation
    if one is Operation.GROWTH and count != 1:
        raise Invalid("operation", tr("求比上年增长只需选一个指标。"))
    if one is Operation.RATIO and count != 2:
        raise Invalid("operation", tr("求比需要正好两个指标：第一项除以第二项。"))
    if one in (Operation.SUM, Operation.DIFFERENCE) and not 2 <= count <= MOST_OPERANDS:
        raise Invalid("operation", tr("求和、求差需要 2 至 %(most)s 个指标。", most=MOST_OPERANDS))
    if any(part.years_back not in (0, 1) for part in formula.operands):
        raise Invalid("operation", tr("公式只能用本年或上年的数据。"))


def _part(operand: Operand, there: Composed) -> Indicator:
    if operand.key not in there:
        raise Invalid("operation", there.built_in.unknown(operand.key))
    found = there.get(operand.key)
    if found.kind != "number" or not found.by_year:
        raise Invalid("operation", tr("『%(label)s』不是按年度统计的数值，不能用于公式。", label=found.label))
    if there.retired_on(operand.key) is not None:
        raise Invalid("operation", tr("『%(label)s』已停用，不能用于公式。", label=found.label))
    return found


def _formulas(draft: IndicatorDraft, formula: Formula, there: Composed) -> Mapping[str, list[Formula]]:
    """Return all formulas by key, those of the draft's own indicator with the new one."""
    found = {key: [one.formula for one in own.versions if one.formula] for key, own in there.own.items()}
    return {**found, draft.key: [*found.get(draft.key, []), formula]}


def _units(draft: IndicatorDraft, formula: Formula, parts: list[Indicator]) -> None:
    names = {one.unit for one in parts}
    if formula.operation is Operation.GROWTH and draft.unit != RATIO_UNIT:
        raise Invalid("unit", tr("增长率的单位应为“比例”。"))
    if formula.operation in (Operation.SUM, Operation.DIFFERENCE) and names != {draft.unit}:
        told = "、".join(f"『{one.short}』{one.unit or '无单位'}" for one in parts)
        raise Invalid("unit", tr("求和、求差的各项与结果单位必须相同：%(told)s。", told=told))
    if formula.operation is Operation.RATIO and draft.unit == RATIO_UNIT and len(names) > 1:
        told = "、".join(f"『{one.short}』{one.unit or '无单位'}" for one in parts)
        raise Invalid("unit", tr("单位为“比例”时两项单位必须相同：%(told)s。", told=told))


def may_take_effect(session: Session, key: str, kept: IndicatorDefinition, draft: IndicatorDraft) -> None:
    """Refuse a new meaning for years whose figures were stated under the old one. Raises Invalid."""
    changes_meaning = (
        kept.unit != draft.unit
        or set(kept.choices) - set(draft.choices)
        or (draft.formula is not None and kept.formula is None)
    )
    if not changes_meaning:
        return
    stated = queries.stated_from(session, key, draft.effective_year)
    if stated:
        raise Invalid(
            "effective_year",
            tr(
                "这些年度已有 %(n)s 条数据按原定义填报，单位、选项和算法不能追溯修改；请从没有数据的年度起生效。",
                n=stated,
            ),
        )
