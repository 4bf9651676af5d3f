"""Parts of pages that are remembered by what they were made from, so that the same rows are not drawn twice.

There is nothing to invalidate: the key is the whole content (template, language, address and every value given), so a
remembered part can never be out of date. Values must be hashable; a part must not hold anything else that differs
between people. The one exception is the CSRF token: a part is drawn with a mark in its place, and whoever gets the
part gets it with their own token.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from flask import Flask, current_app, render_template, request
from markupsafe import Markup

from app.web.forms import form_token, form_token_as
from app.web.i18n import locale

MOST = 256
_MARK = f"token-{secrets.token_hex(16)}"  # nobody outside knows it, so nobody can write it into a page
_parts: OrderedDict[Hashable, Markup] = OrderedDict()
_lock = Lock()


def remembered(template: str, /, **values: Hashable) -> Markup:
    """Return ``template`` drawn with ``values``; at most 256 parts are kept, the longest unused goes first."""
    key = (id(current_app.jinja_env), template, locale(), request.full_path, *values.items())
    with _lock:
        found = _parts.get(key)
        if found is not None:
            _parts.move_to_end(key)
    return _with_token(_drawn(key, template, values) if found is None else found)


def _drawn(key: Hashable, template: str, values: dict[str, Hashable]) -> Markup:
    with form_token_as(_MARK):
        drawn = Markup(render_template(template, **values))  # noqa: S704 - a template's own output, escaped there
    if not current_app.debug:
        with _lock:
            _parts[key] = drawn
            while len(_parts) > MOST:
                _parts.popitem(last=False)
    return drawn


def _with_token(drawn: Markup) -> Markup:
    """Put the person's token in; inside another part that is being drawn this is the mark again."""
    if _MARK not in drawn:
        return drawn
    return drawn.replace(_MARK, form_token())


def install(app: Flask) -> None:
    """Offer ``remembered()`` to templates."""
    app.jinja_env.globals["remembered"] = remembered
