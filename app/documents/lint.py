"""What the HTML of a document must look like before it is printed."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from app.core.text import Message, tr
from app.documents.strict import DocumentFault

MAX_ROWS = 4_000
MAX_ELEMENTS = 90_000
MAX_DEPTH = 100
FORBIDDEN = frozenset({"style", "script", "link", "img", "object", "embed", "iframe", "base", "form", "video", "audio"})


def name_of(element: Element) -> str:
    """Return the element's name without its namespace; comments have none."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def check(root: Element) -> None:
    """Raise ``DocumentFault`` naming the first ten faults of the parsed document."""
    found = []
    for fault in faults(root):
        found.append(fault)
        if len(found) == 10:
            break
    if found:
        raise DocumentFault(tr("文件版式有误：%(faults)s", faults="；".join(str(fault) for fault in found)))


def faults(root: Element) -> Iterator[Message]:
    """Yield what is wrong: too large, inline styles, unknown column widths, things loaded from outside."""
    oversized = _size(root)
    if oversized is not None:
        yield oversized
        return
    ids: set[str] = set()
    for element in root.iter():
        name = name_of(element)
        if element.get("style") is not None:
            yield tr("<%(name)s> 带有 style 属性", name=name)
        if name in FORBIDDEN:
            yield tr("不得使用 <%(name)s>", name=name)
        if name == "table":
            yield from _table(element)
        mark = element.get("id")
        if mark is not None and mark in ids:
            yield tr("id %(id)s 重复", id=mark)
        if mark is not None:
            ids.add(mark)


def _size(root: Element) -> Message | None:
    rows = elements = deepest = 0
    waiting = [(root, 1)]
    while waiting:
        element, depth = waiting.pop()
        elements += 1
        rows += element.tag == "tr"
        deepest = max(deepest, depth)
        waiting.extend((child, depth + 1) for child in element)
    if rows > MAX_ROWS:
        return tr("表格共 %(rows)s 行，超过 %(limit)s 行，请分批生成或导出为电子表格", rows=rows, limit=MAX_ROWS)
    if elements > MAX_ELEMENTS:
        return tr("内容过多（%(count)s 个元素，上限 %(limit)s），请分批生成", count=elements, limit=MAX_ELEMENTS)
    if deepest > MAX_DEPTH:
        return tr("元素嵌套过深（%(depth)s 层，上限 %(limit)s）", depth=deepest, limit=MAX_DEPTH)
    return None


def _table(table: Element) -> Iterator[Message]:
    label = "".join(next((child for child in table if name_of(child) == "caption"), table).itertext())
    shown = " ".join(label.split())[:20]
    columns = [col for group in table if name_of(group) == "colgroup" for col in group if name_of(col) == "col"]
    if not columns or any(not (col.get("class") or "") for col in columns):
        yield tr("表格“%(table)s”的每一列须以 <col class> 定宽", table=shown)
        return
    span = sum(int(col.get("span") or 1) for col in columns)
    for row in table.iter("tr"):
        width = sum(int(cell.get("colspan") or 1) for cell in row if name_of(cell) in {"td", "th"})
        if width > span:
            yield tr("表格“%(table)s”有 %(span)s 列，却有一行 %(width)s 格", table=shown, span=span, width=width)
            return
