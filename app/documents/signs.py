"""Signs that would print as an empty box, as nothing, or turn round what stands beside them: shown by their codes.

A person's name may hold a sign that no font of ours has, and a text that was pasted a sign that nobody sees. Neither
is a reason to refuse a document, and neither may be dropped: the code of the sign stands in its place, in a box.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element

from app.documents.lint import name_of

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Categories whose signs are never drawn, whatever a font says: controls, turnings, private ones, separators."""
BLANKS = "\n\r\t "
MOST_IN_TEXT, MOST_BOXES = 40, 5_000
"""A text with more boxes than that, and all texts of a document after so many, take brackets instead: a box is an
element of its own, and WeasyPrint's time grows with the square of their number in a paragraph."""
NOTE = "文中方框或方括号内的编码（如 U+20BB7）代表字体中没有或看不见的字符，按统一码编码原样列出，“×n”表示连续 n 个。"
_BARE = frozenset({"title", "option", "textarea"})
_SVG = "{http://www.w3.org/2000/svg}"


def code(char: str) -> str:
    """Return the code point, as U+20BB7."""
    return f"U+{ord(char):04X}"


def is_drawn(char: str, known: Collection[int]) -> bool:
    """Tell whether a sign can be seen on paper, or is a blank; ``known`` are the code points of the fonts."""
    return char in BLANKS or (ord(char) in known and _category(char) not in UNSEEN)


@lru_cache(maxsize=4096)
def _category(char: str) -> str:
    return unicodedata.category(char)


def odd_ones(text: str, known: Collection[int]) -> frozenset[str]:
    """Return the signs of a text that cannot be drawn."""
    return frozenset(char for char in set(text) if not is_drawn(char, known))


def spelled(text: str, known: Collection[int]) -> str:
    """Return a text with ``[U+20BB7]`` for what cannot be drawn: where no box can stand."""
    return "".join(piece if not run else f"[{run}]" for piece, run in pieces(text, known))


def pieces(text: str, known: Collection[int]) -> Iterator[tuple[str, str]]:
    """Cut a text: ``("名", "")`` is text as it is, ``("𠮷𠮷", "U+20BB7×2")`` a run of one sign with what is shown."""
    odd = odd_ones(text, known)
    if not odd:
        yield text, ""
        return
    end = 0
    for run in re.finditer(rf"([{re.escape(''.join(sorted(odd)))}])\1*", text):
        if run.start() > end:
            yield text[end : run.start()], ""
        number = run.end() - run.start()
        yield run[0], code(run[1]) + (f"×{number}" if number > 1 else "")
        end = run.end()
    if end < len(text):
        yield text[end:], ""


def box(root: Element, known: Collection[int]) -> int:
    """Put codes in place of what cannot be drawn, in the whole page; return how many places that were.

    The last child of ``main`` becomes a note that says what the codes are.
    """
    boxes = _Boxes(known)
    for element in list(root.iter()):
        if isinstance(element.tag, str):
            boxes.visit(element)
    main = next((one for one in root.iter() if name_of(one) == "main"), None)
    if boxes.places and main is not None:
        note = Element("p", {"class": "note signs"})
        note.text = NOTE
        main.append(note)
    return boxes.places


class _Boxes:
    def __init__(self, known: Collection[int]) -> None:
        self.known = known
        self.places = 0

    def visit(self, element: Element) -> None:
        for key, value in element.items():
            if odd_ones(value, self.known):
                element.set(key, spelled(value, self.known))
                self.places += 1
        bare = element.tag.startswith(_SVG) or name_of(element) in _BARE
        self._text(element, bare=bare)
        for child in list(element):
            self._tail(element, child, bare=bare)

    def _text(self, element: Element, *, bare: bool) -> None:
        if element.text and odd_ones(element.text, self.known):
            element.text, new = self._cut(element.text, bare=bare)
            for place, one in enumerate(new):
                element.insert(place, one)

    def _tail(self, parent: Element, child: Element, *, bare: bool) -> None:
        if child.tail and odd_ones(child.tail, self.known):
            child.tail, new = self._cut(child.tail, bare=bare)
            after = list(parent).index(child) + 1
            for place, one in enumerate(new):
                parent.insert(after + place, one)

    def _cut(self, text: str, *, bare: bool) -> tuple[str, list[Element]]:
        """Return the text before the first box, and the boxes with what follows each."""
        before, made, cut = "", list[Element](), list(pieces(text, self.known))
        runs = sum(bool(run) for _piece, run in cut)
        self.places += runs
        bare = bare or runs > MOST_IN_TEXT or self.places > MOST_BOXES
        for piece, run in cut:
            if run and not bare:
                made.append(Element("span", {"class": "sign"}))
                made[-1].text, made[-1].tail = run, ""
                continue
            shown = f"[{run}]" if run else piece
            if made:
                made[-1].tail = (made[-1].tail or "") + shown
            else:
                before += shown
        return before, made
