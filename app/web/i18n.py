"""Language: Chinese by default, English complete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, redirect, request, url_for
from flask_babel import Babel, get_locale, get_translations

from app.core.choices import Choice
from app.core.errors import DomainError
from app.core.text import Message
from app.web.surfaces import open_door

CHINESE = "zh_Hans_CN"
ENGLISH = "en"
COOKIE = "language"


def _lookup(msgid: str) -> str:
    if not msgid:
        return ""
    # looked up once a request: flask_babel finds its context anew for every word, and a page has hundreds
    words: Callable[[str], str] | None = g.get("words")
    if words is None:
        words = g.words = get_translations().gettext
    return words(msgid)


def translate(text: object) -> str:
    """Return a message, a choice's label, a domain error or a marked msgid in the user's language."""
    if isinstance(text, DomainError):
        text = text.message
    if isinstance(text, Message):
        return text.render(_lookup)
    if isinstance(text, Choice):
        return _lookup(text.label)
    return _lookup(str(text)) if text is not None else ""


def locale() -> str:
    """Return ``zh_Hans_CN`` or ``en``."""
    return ENGLISH if request and request.cookies.get(COOKIE) == ENGLISH else CHINESE


def safe_target(target: str | None, otherwise: str) -> str:
    """Return a local path to go to; anything that could leave this site is replaced."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    if any(ord(sign) < 32 or sign == "\\" for sign in target):
        return otherwise
    return target


def install(app: Flask) -> None:
    """Set up Babel and the language switch."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    Babel(app, default_locale=CHINESE, locale_selector=locale, default_timezone="Asia/Shanghai")
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.filters["t"] = translate
    app.jinja_env.globals.update(_=_template_gettext, locale=lambda: str(get_locale()))

    @app.post("/language")
    @open_door
    def language() -> Response:
        response = redirect(safe_target(request.form.get("next"), url_for("public.accounts.sign_in")))
        chosen = ENGLISH if request.form.get("language") == ENGLISH else CHINESE
        response.set_cookie(COOKIE, chosen, max_age=31_536_000, samesite="Lax", httponly=True)
        return response  # type: ignore[return-value]


def _template_gettext(msgid: str, **params: Any) -> str:
    if not params:
        return _lookup(msgid)
    filled = {
        name: translate(value) if isinstance(value, Message | Choice) else value for name, value in params.items()
    }
    return _lookup(msgid) % filled
