"""Reading data rows by a layout: identity, figures, and a sentence for every cell that is not in order (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from app.core import clock
from app.core.text import Message, tr
from app.imports.cells.balance import Balance
from app.imports.cells.doubts import look
from app.imports.cells.draft import Draft
from app.imports.cells.entry import Entry, Figure, Named
from app.imports.cells.fields import READERS
from app.imports.cells.figures import FigureReader
from app.imports.cells.plain import PlainColumns, RowFigures
from app.imports.layouts.layout import Layout
from app.imports.layouts.profile import NAMING
from app.imports.layouts.spelling import folded, name_key
from app.imports.problem import Kind, Level, Problem
from app.sheets.cells import column_number

_TOTAL = re.compile(
    r".{0,16}(合计|小计|总计|共计|累计|合计数|平均值?|total)([(（](家|户|个|万元|千元|元|人|%)[)）])?[:：]?"
)
LONGEST_TOTAL = 30
TOTAL_STANDS = 3
"""The word for a total stands in one of so many filled cells: behind a town that is merged over its block, a number."""
_NOTE = re.compile(
    r"(第\s*[0-9]+\s*页|注|说明|备注|填表|制表|审核人|填报|单位负责人|数据来源|来源|导出人|附表|附件|附注)[:：]?"
)
_SIGNED = re.compile(
    r"(填表|制表|填报|审核|复核|经办|负责|统计|联系|单位负责|分管|校对|报送|上报|签发)[^:：]{0,8}[:：]|(日期|时间|电话|注|说明|备注)[:：]"
)
"""What is written below a table by whoever signs it: 填表人：李四, 填表日期：2026年1月10日."""


@dataclass(frozen=True, slots=True)
class NoData:
    """A row that holds no firm: blank, a total, a remark. ``problem`` says which."""

    problem: Problem


def no_data(number: int, reason: Message) -> NoData:
    """Mark a row as not being data, with the reason."""
    return NoData(Problem(Level.INFO, Kind.STRUCTURE, tr("第 %(row)s 行：%(why)s", row=number, why=reason)))


class RowReader:
    """Reads the rows of one sheet. What is the same for all rows is worked out once."""

    def __init__(self, layout: Layout, year: int, sheet: str) -> None:
        """``year`` is the fiscal year of the import, for sheets, rows and headers that state none."""
        self.layout, self.year, self.sheet = layout, layout.year or year, sheet
        self.fields = [
            (place.letter, READERS[place.column.field], place) for place in layout.places if place.column.field
        ]
        self.columns = PlainColumns(layout)
        self.figures = [FigureReader(place) for place in self.columns.places]
        self.balance = Balance(self.columns)
        self.patterns = [reader.pattern for reader in self.figures]
        self.never_plain = frozenset(place for place, pattern in enumerate(self.patterns) if not pattern)
        self.figure_columns = [place.letter for place in layout.places if place.column.key and not place.column.field]
        self.headers = {place.letter: folded(place.header) for place in layout.places}
        naming = [place.letter for place in layout.places if place.column.field in NAMING]
        self.naming = [(letter, not self.headers[letter].isascii()) for letter in naming]
        self.year_place = layout.place_of("year")

    def read(self, number: int, texts: Mapping[str, str]) -> Entry | NoData:
        """Read one row below the header from the texts of its cells by column letter, in the order of columns."""
        if self.layout.until is not None and number > self.layout.until:
            return no_data(number, tr("同一工作表里另一张表的内容，不属于上面的表；需要导入的请单独存成工作表"))
        if not texts:
            return no_data(number, tr("空行"))
        if self._repeats_header(texts):
            return no_data(number, tr("重复的表头"))
        draft = Draft(number)
        named = self.name(draft, texts)
        aside = self._aside(number, named, texts)
        if aside is not None:
            return aside
        year = self._year(draft)
        figures = self._figures(draft, [texts.get(letter, "") for letter in self.columns.letters], year)
        look(draft, figures)
        return self._entry(draft, named, figures, year)

    def read_plain(self, number: int, texts: Mapping[str, str], figures: Sequence[str]) -> Entry | NoData | None:
        """Read a row whose ``figures`` are known to be plain or blank; None when it needs ``read`` after all."""
        if not self.layout_holds(number) or self._repeats_header(texts):
            return None
        draft = Draft(number)
        named = self.name(draft, texts)
        if not (named.credit_code or named.security_code) and self._aside(number, named, texts) is not None:
            return None
        year = self._year(draft)
        found = RowFigures(self.columns, figures, self._beside(draft, figures, year), number, year)
        if not self.balance.holds(figures, year):
            look(draft, found)
        return self._entry(draft, named, found, year)

    def layout_holds(self, number: int) -> bool:
        """Whether a row belongs to the table, which may end before its sheet does."""
        return self.layout.last < number and (self.layout.until is None or number <= self.layout.until)

    def name(self, draft: Draft, texts: Mapping[str, str]) -> Named:
        """Read whom a row names."""
        for letter, read, place in self.fields:
            read(draft, texts.get(letter, ""), place)
        return Named(**draft.named)

    def _figures(self, draft: Draft, texts: Sequence[str], year: int) -> RowFigures:
        odd: dict[int, Figure | None] = {}
        made: list[Figure] = []
        for place, (reader, text) in enumerate(zip(self.figures, texts, strict=True)):
            figure, is_plain = reader.read(draft, text, year)
            if figure is not None:
                made.append(figure)
            if not is_plain and text:
                odd[place] = figure
        return RowFigures(self.columns, texts, odd, draft.row, year, tuple(made))

    def _beside(self, draft: Draft, texts: Sequence[str], year: int) -> dict[int, Figure | None]:
        """Read what stands beside the plain numbers of a row: blanks, dates, choices, in the order of columns."""
        odd: dict[int, Figure | None] = {}
        if not self.never_plain and "" not in texts:
            return odd
        for place, text in enumerate(texts):
            if not text or place in self.never_plain:
                figure, is_plain = self.figures[place].read(draft, text, year)
                if text and not is_plain:
                    odd[place] = figure
        return odd

    def _entry(self, draft: Draft, named: Named, figures: RowFigures, year: int) -> Entry:
        self._check_row(draft, named)
        return Entry(
            self.sheet, draft.row, named, figures, tuple(draft.missing), tuple(draft.problems), draft.retrieved, year
        )

    def _repeats_header(self, texts: Mapping[str, str]) -> bool:
        headers = self.headers
        for letter, is_plain in self.naming:
            text = texts.get(letter)
            # a code, all of it ASCII, is no header of Chinese signs: no need to compare
            if text is not None and not (text.isascii() and is_plain) and name_key(text) == headers[letter]:
                break
        else:
            return False
        return sum(folded(text) == headers.get(letter) for letter, text in texts.items()) > 1

    def _aside(self, number: int, named: Named, texts: Mapping[str, str]) -> NoData | None:
        """Return why a row is no data: a total, or a remark without a firm."""
        if named.credit_code or named.security_code:
            return None
        first = next(iter(texts.values())).strip()
        if _is_total(named.name) or any(_is_total(text.strip()) for text in islice(texts.values(), TOTAL_STANDS)):
            return no_data(number, tr("合计行，不是企业数据"))
        if named.says_nothing and all(_SIGNED.match(text.strip()) for text in texts.values()):
            return no_data(number, tr("说明文字，不是企业数据"))
        if any(letter in texts for letter in self.figure_columns):
            return None
        remark = named.says_nothing or (len(texts) == 1 and _NOTE.match(first) is not None)
        return no_data(number, tr("说明文字，不是企业数据")) if remark else None

    def _year(self, draft: Draft) -> int:
        if draft.year is None or draft.year == self.year:
            return self.year
        place = self.year_place
        assert place is not None
        if not self.layout.many_years:
            problem = tr(
                "是 %(found)s 年的数据，本次导入的是 %(year)s 年；请核对年度，确属 %(found)s 年的请另选年度单独导入",
                found=draft.year,
                year=self.year,
            )
            draft.tell(Level.ERROR, Kind.YEAR, problem, place)
            return self.year
        if draft.year >= clock.today().year:
            problem = tr("%(found)s 年度还没有结束，请核对年度", found=draft.year)
            draft.tell(Level.ERROR, Kind.YEAR, problem, place)
        return draft.year

    def _check_row(self, draft: Draft, named: Named) -> None:
        if self.layout.hidden and self.layout.hides(draft.row):
            why = tr("这一行在表格中被隐藏，不会自动导入；确认需要的请核对后处理")
            draft.tell_row(Level.ERROR, Kind.HIDDEN, why)
        if not named.name and named.says_nothing and not any(problem.kind is Kind.CODE for problem in draft.problems):
            why = tr("没有企业名称，也没有代码，无法知道是哪家企业；请补填企业名称")
            draft.tell_row(Level.ERROR, Kind.IDENTITY, why)


def _is_total(text: str) -> bool:
    return len(text) <= LONGEST_TOTAL and _TOTAL.fullmatch(folded(text)) is not None


def reread(cells: Mapping[str, str], layout: Layout, year: int, sheet: str, number: int) -> Entry | NoData:
    """Read a row again from the text of its cells by column letter: equal to the first reading of the same text."""
    texts = {letter: cells[letter] for letter in sorted(cells, key=column_number) if cells[letter].strip()}
    return RowReader(layout, year, sheet).read(number, texts)
