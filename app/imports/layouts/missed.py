"""Why no table was found in a file, and what to do about it: empty, the wrong way round, one form a firm (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.text import Message, tr
from app.imports.layouts.header import SEARCHED_ROWS, firms_in, meaning
from app.imports.layouts.profile import NAMING, Profile
from app.imports.layouts.recognise import Glance
from app.sheets.cells import Row, letters

FEWEST_DOWN = 3
SEARCHED_COLUMNS = 4


def why_no_table(glances: Sequence[Glance], profile: Profile) -> Message:
    """Return the sentence for a file of which no sheet has a header, with the remedy for what it seems to be."""
    if not any(cell.raw.strip() for glance in glances for row in glance.head for cell in row.cells):
        return tr("工作簿里没有任何内容，请核对是否选错了文件，或另存后重新上传")
    for glance in glances:
        if (told := _form(glance, profile) or _turned(glance, profile)) is not None:
            return told
    return looked_for(profile)


def _turned(glance: Glance, profile: Profile) -> Message | None:
    """Names of figures down a column, the firms side by side."""
    for column in range(1, SEARCHED_COLUMNS + 1):
        texts = [cell.value for row in glance.head for cell in [row.at(column)] if isinstance(cell.value, str)]
        known = [one for text in texts[:SEARCHED_ROWS] if (one := meaning(text, profile)) is not None]
        wide = max((sum(not cell.is_blank for cell in row.cells) for row in glance.head), default=0)
        if (
            len(known) >= FEWEST_DOWN
            and wide > 2
            and not any(_is_label_again(row, column, profile) for row in glance.head)
        ):
            return tr(
                "工作表“%(sheet)s”的行和列是反的：指标名称竖着写在 %(letter)s 列，一列是一家企业。"
                "请在表格软件中复制整张表，用“选择性粘贴”里的“转置”粘到新的工作表后再上传",
                sheet=glance.name, letter=letters(column),
            )  # fmt: skip
    return None


def _is_label_again(row: Row, column: int, profile: Profile) -> bool:
    """Whether another name of a figure stands further right in the same row, as in a form."""
    if not isinstance(row.at(column).value, str):
        return False
    right = (cell.value for cell in row.cells if cell.column > column and isinstance(cell.value, str))
    return any(meaning(text, profile) is not None for text in right)


def _form(glance: Glance, profile: Profile) -> Message | None:
    """A name of an identity with its value beside it: 企业名称, then the name of one firm."""
    for row in glance.head[:SEARCHED_ROWS]:
        labels = [cell for cell in row.cells if isinstance(cell.value, str) and _names(cell.value, profile)]
        if labels and firms_in(row) == 1:
            return tr(
                "工作表“%(sheet)s”是一家企业一张的采集表（第 %(row)s 行的%(label)s旁边就是内容），"
                "系统读取一行一家企业的表格。请汇总成一行一家后上传（可用空白模板），或在企业页面直接录入",
                sheet=glance.name, row=row.number, label=labels[0].raw.strip(),
            )  # fmt: skip
    return None


def _names(text: str, profile: Profile) -> bool:
    known = meaning(text, profile)
    return known is not None and known.spelling.column.field in NAMING


def looked_for(profile: Profile) -> Message:
    """Return the sentence that says which headers a table needs."""
    columns = profile.template_columns()
    named = "、".join(column.header for column in columns if column.field in NAMING)
    figures: Sequence[str] = [column.header for column in columns if column.key and not column.field][:6]
    return tr(
        "没有找到表头：前 %(rows)s 行里须有一行写着%(named)s之一，以及%(figures)s等列名中的至少一个。"
        "请按“逐列说明对应关系”指明各列是什么，或下载空白模板对照列名",
        rows=SEARCHED_ROWS,
        named=named,
        figures="、".join(figures),
    )
