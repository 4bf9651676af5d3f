"""A browser without JavaScript: fetches pages, checks each one, fills in its forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.promises import Promises


class Browser:
    """Keeps the last page; every HTML page fetched is checked for what all pages promise."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.response: TestResponse
        self.url = "/"
        self._html = ""
        self._page: BeautifulSoup | None = None

    @property
    def page(self) -> BeautifulSoup:
        """The last page, read when somebody looks: Python's own parser will do for one that keeps its promises."""
        if self._page is None:
            self._page = BeautifulSoup(self._html, "html.parser")
        return self._page

    def get(self, url: str, *, expect: int = 200, **arguments: Any) -> None:
        """Fetch a page, following redirects."""
        self._take(self.client.get(url, follow_redirects=True, **arguments), expect)

    def post(self, url: str, data: Mapping[str, Any], *, expect: int = 200) -> None:
        """Post data as it is, with the CSRF token of the last page if it had one."""
        token = self.page.select_one("input[name=csrf_token]")
        sent = {**data, **({"csrf_token": token["value"]} if token else {})}
        self._take(self.client.post(url, data=sent, follow_redirects=True), expect)

    def submit(
        self, values: Mapping[str, Any] | None = None, *, form: str = "main form", expect: int = 200, button: str = ""
    ) -> None:
        """Fill in and send a form of the last page: its own values, changed by ``values``.

        ``form`` is a CSS selector; ``button`` is the value of the button pressed (``name=value``).
        """
        found = self.page.select_one(form)
        assert found is not None, f"no form {form} on {self.url}:\n{self.text[:2000]}"
        data = values_of(found)
        data.update(values or {})
        if button:
            name, _, value = button.partition("=")
            data[name] = value
        target = urljoin(self.url, str(found.get("action") or self.url))
        if str(found.get("method", "get")).lower() == "get":
            self._take(self.client.get(target, query_string=data, follow_redirects=True), expect)
        else:
            self._take(self.client.post(target, data=data, follow_redirects=True), expect)

    @property
    def text(self) -> str:
        """The visible text of the last page, blanks collapsed."""
        return " ".join(self.page.get_text(" ").split())

    def _take(self, response: TestResponse, expect: int) -> None:
        self.response = response
        self.url = response.request.full_path.rstrip("?")
        is_html = (response.mimetype or "") == "text/html"
        self._html = response.get_data(as_text=True).replace("\r\n", "\n") if is_html else ""
        self._page = None
        assert response.status_code == expect, f"{self.url}: {response.status_code}\n{self.text[:3000]}"
        if is_html and response.status_code != 204:
            broken = Promises(self._html).broken
            assert not broken, f"{self.url}: {broken}"


def values_of(form: Tag) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in form.select("input[name], select[name], textarea[name]"):
        name = str(field["name"])
        kind = str(field.get("type", "text"))
        if field.name == "select":
            chosen = (
                field.select("option[selected]") or field.select("option")[: 0 if field.has_attr("multiple") else 1]
            )
            found = [str(option.get("value", option.get_text())) for option in chosen]
            if found:
                values[name] = found if field.has_attr("multiple") else found[0]
        elif field.name == "textarea":
            values[name] = field.get_text().removeprefix("\n")
        elif kind in {"checkbox", "radio"}:
            if field.has_attr("checked"):
                values.setdefault(name, []).append(str(field.get("value", "on")))
        elif kind not in {"file", "submit", "button"}:
            values[name] = str(field.get("value", ""))
    return values
