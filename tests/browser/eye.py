"""Looks at pages: axe at both widths, and nothing that sticks out on a phone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES
from tests.support.axe import complaints


class Eye:
    """Looks at what a page shows, at both widths, and remembers what is wrong."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        self.seen: list[str] = []

    def look(self, state: str) -> None:
        self.seen.append(state)
        for size in SIZES:
            self.page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
            self.wrong += [f"{state} {size}: {one}" for one in complaints(self.page)]
            width = self.page.evaluate("document.documentElement.scrollWidth")
            if width > SIZES[size]["width"]:
                self.wrong.append(f"{state}: {width - SIZES[size]['width']} px stick out")

    def visit(self, address: str, status: int = 200) -> None:
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status == status, f"{address}: {answer.status}"
        self.look(address)

    def send(self, address: str, words: str, *, button: str = "main form button[type=submit]", **fields: str) -> None:
        """Send a form with what it refuses."""
        self.page.goto(address)
        for name, text in fields.items():
            self.page.locator(f"main [name={name}]").first.fill(text)
        self.page.evaluate("document.querySelectorAll('main form').forEach(form => form.noValidate = true)")
        self.page.locator(button).first.click()
        expect(self.page.get_by_text(words).first).to_be_visible()
        self.look(f"{address} refused: {words}")
