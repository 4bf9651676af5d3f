"""Pages: the endpoint is the path of the template."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template, request
from flask.wrappers import Response


def template_of(endpoint: str) -> str:
    """``office.programmes.doubling.progress`` → ``office/programmes/doubling/progress.html``."""
    return endpoint.replace(".", "/") + ".html"


def page(status: int = 200, /, **context: Any) -> Response:
    """Render the template of the current endpoint."""
    return make_response(render_template(template_of(request.endpoint or ""), **context), status)


def page_named(view: str, status: int = 200, /, **context: Any) -> Response:
    """Render the template of a neighbouring view of the same room (``show`` after a failed ``edit``)."""
    room = (request.endpoint or "").rpartition(".")[0]
    return make_response(render_template(template_of(f"{room}.{view}"), **context), status)
