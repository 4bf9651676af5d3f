"""Tables that go out: the blank template of a profile, and the rows that could not be imported with their reasons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from app.access.towns import Town
from app.core.text import tr
from app.facts.catalogue import Indicator
from app.firms.taxonomy import ClusterCode
from app.imports.cells.kept import texts_of
from app.imports.layouts.layout import ColumnNote
from app.imports.layouts.profile import Profile, ProfileColumn
from app.imports.models import ImportBatch, ImportRow
from app.imports.problem import Problem
from app.sheets.blank import blank_template
from app.sheets.columns import Column, ColumnKind
from app.sheets.write import Watermark, write_table

_FIELD_KINDS = {
    "credit_code": ColumnKind.CODE,
    "security_code": ColumnKind.CODE,
    "registered_on": ColumnKind.DATE,
    "year": ColumnKind.YEAR,
    "town": ColumnKind.CHOICE,
}
_KINDS = {"number": ColumnKind.NUMBER, "bool": ColumnKind.YES_NO, "date": ColumnKind.DATE, "year": ColumnKind.YEAR}
_WIDTHS = {"name": 32, "credit_code": 22, "address": 32}


def blank(profile: Profile, year: int, *, created: datetime) -> bytes:
    """Return the blank workbook of a profile: header with units, lists to choose from, instructions."""
    return blank_template(
        [column_of(column) for column in profile.template_columns()],
        title=str(tr("%(title)s（%(year)s 年度）", title=profile.title, year=year)),
        notes=[
            str(tr("一行填一家企业，从表头下一行开始填；企业名称、统一社会信用代码至少填一项，建议都填。")),
            str(tr("金额单位见列名；不知道的数据请留空，不要填 0，系统不会把空白当作 0。")),
            str(tr("请不要改动列名；可以删去不用的列。填好后在“导入”页面上传。")),
        ],
        lists={
            "town": [town.label for town in Town],
            # several clusters may be written into one cell, which a list would refuse: the list shows single ones
            "cluster": [code.label for code in ClusterCode],
        },
        created=created,
        sheet=str(tr("填报")),
    )


def column_of(column: ProfileColumn) -> Column:
    """Return a column of a profile as sheets write it."""
    indicator = column.indicator
    return Column(
        key=column.field or column.key,
        header=column.header,
        kind=_kind(column, indicator),
        unit=column.unit,
        required=column.field == "name",
        hint=column.hint or (indicator.hint if indicator else ""),
        width=_WIDTHS.get(column.field, 18),
    )


def _kind(column: ProfileColumn, indicator: Indicator | None) -> ColumnKind:
    if column.field in _FIELD_KINDS:
        return _FIELD_KINDS[column.field]
    if column.field == "cluster":
        return ColumnKind.CHOICE
    if indicator is None:
        return ColumnKind.TEXT
    if indicator.kind == "number":
        if indicator.is_ratio:
            return ColumnKind.SHARE
        return ColumnKind.INTEGER if indicator.whole else ColumnKind.NUMBER
    return _KINDS.get(indicator.kind, ColumnKind.TEXT)


def failed_rows(
    batch: ImportBatch, rows: Sequence[ImportRow], say: Callable[[object], str], *, watermark: Watermark
) -> bytes:
    """Return the rows that were not imported as they stand now, with a column of reasons in front.

    The header is that of the file, so that the table can be mended and uploaded again.
    """
    notes = [ColumnNote.from_json(kept) for kept in batch.report["columns"]]
    columns = [
        Column("outcome", str(tr("导入结果")), width=12),
        Column("problems", str(tr("原因与处理办法")), width=70),
        Column("place", str(tr("原表位置")), width=20),
        *[Column(letter, header, ColumnKind.TEXT) for letter, header in _headers(notes).items()],
    ]
    records = []
    for row in rows:
        told = [Problem.from_json(kept) for kept in row.problems]
        reasons = "\n".join(f"{one.cell} {say(one.message)}".strip() for one in told)
        place = f"{row.sheet}!{row.row}"
        records.append({**texts_of(row), "outcome": say(row.outcome), "problems": reasons, "place": place})
    return write_table(columns, records, created=watermark.at, sheet=str(tr("未导入的行")), watermark=watermark)


def _headers(notes: Sequence[ColumnNote]) -> dict[str, str]:
    """Return the headers by column letter; where several sheets were read, a column bears all of its headers."""
    named: dict[str, dict[str, None]] = {}
    for note in notes:
        named.setdefault(note.letter, {})[note.header] = None
    return {letter: " / ".join(headers) for letter, headers in sorted(named.items(), key=_in_order)}


def _in_order(item: tuple[str, object]) -> tuple[int, str]:
    return len(item[0]), item[0]
