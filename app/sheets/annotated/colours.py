"""New cell styles that differ from the user's own by their fill alone."""

from __future__ import annotations

import re

from app.sheets.annotated.mark import ERROR_FILL, WARNING_FILL
from app.sheets.ooxml.refused import RefusedError

EMPTY = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font/></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_FILLS = re.compile(r"<((?:\w+:)?)fills\b[^>]*>(.*?)</\1fills>", re.S)
_STYLES = re.compile(r"<((?:\w+:)?)cellXfs\b[^>]*>(.*?)</\1cellXfs>", re.S)
_STYLE = re.compile(r"<(?:\w+:)?xf\b[^>]*?(?:/>|>.*?</(?:\w+:)?xf>)", re.S)
_FILL = re.compile(r"<(?:\w+:)?fill\b(?:[^>]*/>|.*?</(?:\w+:)?fill>)", re.S)
_GIVEN = re.compile(r"""\s(?:fillId|applyFill)=["'][^"']*["']""")


class Colours:
    """Gives, for a style of the user's and a kind of mark, the style to use; ``text`` is the part with all of them."""

    def __init__(self, text: str) -> None:
        fills, styles = _FILLS.search(text), _STYLES.search(text)
        if fills is None or styles is None or fills.end() > styles.start():
            raise RefusedError("unusual")
        self._text, self._fills, self._styles = text, fills, styles
        self._own = _STYLE.findall(styles[2])
        self._first = len(_FILL.findall(fills[2]))
        self._made: dict[tuple[int, bool], int] = {}

    def of(self, style: int, is_error: bool) -> int:
        """Return the number of the style that is ``style`` with the colour of the mark."""
        style = style if style < len(self._own) else 0
        return self._made.setdefault((style, is_error), len(self._own) + len(self._made))

    @property
    def text(self) -> str:
        """The part with the new fills and styles."""
        p, text = self._fills[1], self._text
        new = "".join(
            f'<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="{colour}"/><{p}bgColor indexed="64"/>'
            f"</{p}patternFill></{p}fill>"
            for colour in (ERROR_FILL, WARNING_FILL)
        )
        fills = f'<{p}fills count="{self._first + 2}">{self._fills[2]}{new}</{p}fills>'
        more = "".join(self._coloured(style, is_error) for style, is_error in self._made)
        count = len(self._own) + len(self._made)
        styles = f'<{p}cellXfs count="{count}">{self._styles[2]}{more}</{p}cellXfs>'
        between = text[self._fills.end() : self._styles.start()]
        return text[: self._fills.start()] + fills + between + styles + text[self._styles.end() :]

    def _coloured(self, style: int, is_error: bool) -> str:
        own = self._own[style] if self._own else f"<{self._styles[1]}xf/>"
        opening, rest = own.split(">", 1)
        closing = "/" if opening.endswith("/") else ""
        bare = _GIVEN.sub("", opening.removesuffix("/"))
        return f'{bare} fillId="{self._first + (not is_error)}" applyFill="1"{closing}>{rest}'
