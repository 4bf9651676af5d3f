"""The form as a workbook: a sheet for each section, with what the web page shows beside each field (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from app.assessments.filled import CONFIRMED, Filled, Line
from app.assessments.helping import hints
from app.assessments.models import Part
from app.assessments.places import FieldPlace, Place, field_of
from app.assessments.returned import Card
from app.core import clock
from app.core.text import N_, tr
from app.facts import display, keeping
from app.facts.catalogue import Indicator
from app.sheets.columns import Column, ColumnKind
from app.sheets.fillable import FillRow, FillSheet, Guide, Slot, write_fillable
from app.sheets.filled import FilledSheet, plain

MARK = "yuqi-form:"
YES = "是"
LABEL = "指标"
_DECLARED = "（企业申明）"
SAYS_YES = frozenset({"是", "已核对", "对", "√", "yes", "y", "true", "1"})
TITLES = {
    Part.VALUE: N_("填写"),
    Part.CONFIRM: N_("已核对无误（填“是”）"),
    Part.REASON: N_("说明原因"),
    Part.REPLY: N_("答复退回意见"),
}
COLUMNS = {title: part.value for part, title in TITLES.items()}
"""Columns by title as the reader takes them; always Chinese, whatever language a page has."""
_KINDS = {"bool": ColumnKind.YES_NO, "date": ColumnKind.DATE, "year": ColumnKind.YEAR, "code": ColumnKind.CODE}
Cells = list[tuple[str, str, int]]


def made(
    filled: Filled,
    cards: Sequence[Card],
    *,
    firm: str,
    title: str,
    code: str,
    by: str,
    at: datetime,
    is_for_firm: bool = False,
) -> tuple[bytes, Cells]:
    """Return the workbook, and what stands in its fields: name, text, version.

    ``is_for_firm``: staff fill it in by the firm's consent, so that declarations are told and not asked.
    """
    returned = {card.line.question.place: card for card in cards if card.line is not None}
    left_out = {line.question.place for line in filled.lines if is_for_firm and line.question.is_declaration}
    sheets = [_sheet(firm, title, shown.section.name, shown.lines, returned, left_out) for shown in filled.sections]
    content = write_fillable(_guide(firm, title, code, by, at), sheets, mark=MARK + code, created=at)
    return content, [
        (field.name, plain(line.text(field.part)), line.version(field.part))
        for line in filled.lines
        if line.question.place not in left_out
        for field in fields_of(line, is_returned=line.question.place in returned)
    ]


def fields_of(line: Line, *, is_returned: bool) -> Iterator[FieldPlace]:
    """Yield the fields of a question as the web page has them."""
    question = line.question
    parts = [Part.VALUE]
    if line.may_confirm:
        parts.append(Part.CONFIRM)
    if not question.is_declaration:
        parts.append(Part.REASON)
    if is_returned:
        parts.append(Part.REPLY)
    yield from (FieldPlace(question.key, question.year, part) for part in parts)


def key_of(place: Place) -> str:
    """Return what stands in the hidden column of a question."""
    return f"{place.key}-{place.year or ''}"


def misplaced(given: Iterable[str], sheets: Iterable[FilledSheet]) -> tuple[str, int] | None:
    """Return sheet and row where a row is called as another question than its hidden key says, or None.

    Whoever sorts the visible columns alone leaves the keys behind. What is called otherwise than any question of this
    workbook tells nothing. ``given`` are the names of the fields that were given out.
    """
    labels: dict[str, set[str]] = {}
    for field in filter(None, map(field_of, given)):
        labels.setdefault(label_of(field.place), set()).add(key_of(field.place))
    for sheet in sheets:
        for row in sheet.rows:
            keys = labels.get(row.label.removesuffix(_DECLARED))
            if keys is not None and row.key not in keys:
                return sheet.name, row.number
    return None


def label_of(place: Place) -> str:
    """Return what a question is called in the workbook."""
    short = keeping.indicator_of(place.key, place.year).short
    return short if place.year is None else f"{place.year} 年{short}"


def field_at(key: str, part: str) -> FieldPlace | None:
    """Return the field of a cell by the hidden key of its row and the part of its column, or None."""
    return field_of(f"{part}-{key}")


def _guide(firm: str, title: str, code: str, by: str, at: datetime) -> Guide:
    return Guide(
        "说明",
        f"{title}：{firm}",
        [
            str(line)
            for line in (
                tr("标识：%(code)s。%(by)s 于 %(at)s 下载；只能传回这家企业的这份自评，请勿改动标识。",
                   code=code, by=by, at=f"{clock.local(at):%Y-%m-%d %H:%M}"),
                tr("只填浅黄色的格子。不填的留空：空格子不会清掉系统里已有的内容，也不当作 0。"),
                tr("“主管部门已有”无误的，在“已核对无误”一格填“是”；有误的，把正确的数据填在“填写”一格，并说明原因。"),
                tr("企业申明从不预填，须由企业逐项填写。金额等单位见“单位”一列。"),
                tr("填好后在门户这份自评的“用 Excel 填写”页上传；先列出与系统里不同的地方，由您选定后才写入。"),
                tr("可以分给各部门各填各的工作表，分别上传；同事在此期间在网页上改过的，会并列两份内容由您选定。"),
            )
        ],
    )  # fmt: skip


def _sheet(
    firm: str, title: str, name: str, lines: Sequence[Line], returned: Mapping[Place, Card], left_out: Collection[Place]
) -> FillSheet:
    has_replies = any(line.question.place in returned for line in lines)
    told = [
        Column("question", LABEL, width=26), Column("unit", str(tr("单位")), width=8),
        Column("hint", str(tr("口径和填写要求")), width=44), Column("held", str(tr("主管部门已有")), width=20),
        Column("source", str(tr("已有数据的来源")), width=22), Column("before", str(tr("上年")), width=16),
    ]  # fmt: skip
    if has_replies:
        told.append(Column("returned", str(tr("退回意见")), width=30))
    widths = {Part.VALUE: 26, Part.CONFIRM: 12, Part.REASON: 34, Part.REPLY: 34}
    asked = [
        Column(part.value, TITLES[part], width=width)
        for part, width in widths.items()
        if part is not Part.REPLY or has_replies
    ]
    rows = [
        _row(line, returned.get(line.question.place), has_replies=has_replies,
             is_asked=line.question.place not in left_out)
        for line in lines
    ]  # fmt: skip
    return FillSheet(name, f"{title}：{firm}", told, asked, rows)


def _row(line: Line, card: Card | None, *, has_replies: bool, is_asked: bool) -> FillRow:
    question, indicator, held = line.question, line.question.indicator, line.held
    told = [
        label_of(question.place) + (_DECLARED if question.is_declaration else ""),
        "" if indicator.is_ratio else indicator.unit,
        "；".join(str(hint) for hint in hints(question)),
        str(display.with_unit(indicator, held.value)) if held is not None and line.may_confirm else "",
        f"{held.origin.label} · {clock.local(held.accepted_at):%Y-%m-%d}" if held and line.may_confirm else "",
        str(display.with_unit(indicator, line.before))
        if line.before is not None and not question.is_declaration
        else "",
    ]
    if has_replies:
        told.append(card.item.reason if card is not None else "")
    fields = fields_of(line, is_returned=card is not None) if is_asked else ()
    return FillRow(key_of(question.place), told, {field.part.value: _slot(line, field.part) for field in fields})


def _slot(line: Line, part: Part) -> Slot:
    text = line.text(part)
    if part is Part.CONFIRM:
        return Slot(YES if text == CONFIRMED else "", ColumnKind.YES_NO, (YES,))
    if part is not Part.VALUE:
        return Slot(plain(text))
    return Slot(plain(text), kind_of(line.question.indicator), _choices(line.question.indicator),
                line.question.indicator.hint)  # fmt: skip


def kind_of(indicator: Indicator) -> ColumnKind:
    """Return as what an answer is typed into its cell."""
    if indicator.kind == "number":
        return ColumnKind.SHARE if indicator.is_ratio else ColumnKind.NUMBER
    if indicator.kind == "date" and indicator.none_allowed:
        return ColumnKind.TEXT
    return _KINDS.get(indicator.kind, ColumnKind.TEXT)


def _choices(indicator: Indicator) -> tuple[str, ...]:
    if indicator.kind == "bool":
        return ("是", "否")
    if indicator.kind == "enum" and indicator.options and not indicator.other:
        return tuple(option.value for option in indicator.options)
    return ()
