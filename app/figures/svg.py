"""The few SVG elements a chart is made of: presentation attributes only, so a strict CSP lets them through.

Every text is escaped, every id is derived from the content, and the same chart gives the same characters in a
page and in a PDF.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from markupsafe import Markup, escape

from app.core.text import Message

Say = Callable[[Message], str]
"""Turns a message into a sentence of the reader's language; ``str`` gives Chinese."""

FONT = "Noto Sans SC, PingFang SC, HarmonyOS Sans SC, Microsoft YaHei, Source Han Sans SC, sans-serif"


def coordinate(value: float) -> str:
    """Write a coordinate with at most two decimals; never ``-0``."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def element(name: str, *children: str, **attributes: object) -> Markup:
    """Make one element; ``stroke_width=2`` becomes ``stroke-width="2"``, None leaves the attribute out."""
    parts = [name]
    for key, value in attributes.items():
        if value is None:
            continue
        text = coordinate(value) if isinstance(value, float) else str(value)
        parts.append(f'{key.rstrip("_").replace("_", "-")}="{escape(text)}"')
    inner = Markup("").join(escape(child) for child in children)
    opening = Markup(" ".join(parts))  # noqa: S704 - every value above is escaped
    return Markup("<{}/>").format(opening) if not inner else Markup("<{}>{}</{}>").format(opening, inner, name)


def join(*parts: str) -> Markup:
    """Put elements one after another."""
    return Markup("").join(parts)


def words(
    x: float, y: float, text: str, *, anchor: str = "middle", size: float = 12, fill: str, bold: bool = False
) -> Markup:
    """One line of text with its anchor at (x, y)."""
    return element(
        "text",
        text,
        x=float(x),
        y=float(y),
        text_anchor=None if anchor == "start" else anchor,
        font_size=float(size),
        fill=fill,
        font_weight=700 if bold else None,
    )


def rule(d: str, stroke: str, *, width: float = 1, dash: str | None = None, cap: str | None = None) -> Markup:
    """A stroked path without filling."""
    return element(
        "path",
        d=d,
        fill="none",
        stroke=stroke,
        stroke_width=float(width),
        stroke_dasharray=dash or None,
        stroke_linecap=cap,
        stroke_linejoin="round" if cap else None,
    )


def box(x: float, y: float, width: float, height: float, fill: str, **more: object) -> Markup:
    """A rectangle; negative sizes become zero."""
    return element(
        "rect",
        x=float(x),
        y=float(y),
        width=max(0.0, float(width)),
        height=max(0.0, float(height)),
        fill=fill,
        **more,
    )


def linked(mark: Markup, href: str | None, label: str) -> Markup:
    """Wrap a mark into a link to the list behind it. Only addresses inside the product are allowed."""
    if href is None:
        return mark
    if not (href.startswith(("/", "#")) and not href.startswith("//")):
        raise ValueError(f"a mark may only link inside the product, not to {href!r}")
    return element("a", mark, href=href, aria_label=label)


def picture(
    width: float,
    height: float,
    body: Markup,
    *,
    title: str,
    description: str,
    key: str = "",
    name: str = "chart",
) -> Markup:
    """Close a chart: role, title, description and ids that depend on nothing but the content.

    ``key`` tells two equal charts on one page apart.
    """
    seed = "\x1f".join((name, key, title, description, str(body)))
    tag = "fig-" + hashlib.sha256(seed.encode()).hexdigest()[:12]
    return element(
        "svg",
        element("title", title, id=f"{tag}-t"),
        element("desc", description, id=f"{tag}-d"),
        body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {coordinate(float(width))} {coordinate(float(height))}",
        width=float(width),
        height=float(height),
        role="img",
        aria_labelledby=f"{tag}-t {tag}-d",
        class_=f"x-figure x-figure-{name}",
        font_family=FONT,
        font_size="12",
    )


def breadth(text: str, size: float) -> float:
    """Estimate how wide ``text`` runs: a Chinese character is one em, a Latin one about 0.57."""
    return sum(size if ord(char) > 0x2E7F else size * 0.57 for char in text)


def fitted(text: str, size: float, room: float) -> str:
    """Cut ``text`` with an ellipsis where it would run out of its room; the full text stands in the table."""
    if breadth(text, size) <= room:
        return text
    kept = text
    while kept and breadth(kept + "…", size) > room:
        kept = kept[:-1]
    return kept + "…"
