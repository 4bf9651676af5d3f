"""Accessibility as axe finds it, in every page of a window."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Page

_AXE = Path(__file__).parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# only what is wrong crosses over to us: all that is right would be megabytes a page
_RUN = """async rules => {
    const found = await axe.run({runOnly: rules, resultTypes: ["violations"]});
    return found.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 160)}`));
}"""


def bring_axe(context: BrowserContext) -> None:
    """Have axe at hand in all pages that the window opens from now on."""
    context.add_init_script(path=_AXE)


def complaints(page: Page) -> list[str]:
    """Return what axe finds, in one line each."""
    found: list[str] = page.evaluate(_RUN, _RULES)
    return found
