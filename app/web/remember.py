"""Parts of pages that are remembered by what they were made from, so that the same rows are not drawn twice.

There is nothing to invalidate: the key is the whole content (template, language, address and every value given), so a
remembered part can never be out of date. Values must be hashable; a part must not hold anything else that differs
between people, above all no CSRF token.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from flask import Flask, current_app, render_template, request
from markupsafe import Markup

from app.web.i18n import locale

MOST = 256
_parts: OrderedDict[Hashable, Markup] = OrderedDict()
_lock = Lock()


def remembered(template: str, /, **values: Hashable) -> Markup:
    """Return ``template`` drawn with ``values``; at most 256 parts are kept, the longest unused goes first."""
    key = (id(current_app.jinja_env), template, locale(), request.full_path, *values.items())
    with _lock:
        found = _parts.get(key)
        if found is not None:
            _parts.move_to_end(key)
            return found
    drawn = Markup(render_template(template, **values))  # noqa: S704 - a template's own output, escaped there
    if not current_app.debug:
        with _lock:
            _parts[key] = drawn
            while len(_parts) > MOST:
                _parts.popitem(last=False)
    return drawn


def install(app: Flask) -> None:
    """Offer ``remembered()`` to templates."""
    app.jinja_env.globals["remembered"] = remembered
