"""One place maps errors to pages."""

from __future__ import annotations

import errno

from flask import Flask, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from app.core.errors import Conflict, DomainError, Invalid, NotFound, Refused
from app.core.text import tr
from app.web import unsent
from app.web.i18n import translate

STATUS: dict[type[DomainError], int] = {NotFound: 404, Refused: 403, Conflict: 409, Invalid: 422}
PAGES = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503})
FULL = 507


def error_page(status: int, message: str = "") -> ResponseReturnValue:
    """Render the page of a status: what happened, what became of what was typed, what to do, whom to call."""
    shown = status if status in PAGES else 503 if status == FULL else 400 if status < 500 else 500
    around = {"message": message, "status": status, "typed": unsent.texts(), "back": unsent.back()}
    around["most"] = current_app.config["MAX_CONTENT_LENGTH"]
    return render_template(f"public/errors/{shown}.html", **around), status


def install(app: Flask) -> None:
    """Register the handlers."""
    _what_people_did(app)
    _what_the_database_said(app)

    @app.errorhandler(500)
    def unexpected(_error: Exception) -> ResponseReturnValue:
        return error_page(500)


def domain_error(error: DomainError) -> ResponseReturnValue:
    """Render the page of a refusal; a script that asks for JSON is told in JSON."""
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 422)
    message = translate(error.message)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(message=message), status
    return error_page(status, message)


def _what_people_did(app: Flask) -> None:
    app.register_error_handler(DomainError, domain_error)

    @app.errorhandler(CSRFError)
    def csrf_error(error: CSRFError) -> ResponseReturnValue:
        return error_page(
            400,
            translate(tr("页面停留时间过长，或已重新登录，这次提交没有生效。")),
        )

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        if error.code is not None and error.code < 400:
            return error
        return error_page(error.code or 500)


def _what_the_database_said(app: Flask) -> None:
    @app.errorhandler(StatementError)
    def not_kept(error: StatementError) -> ResponseReturnValue:
        if isinstance(error.orig, DomainError):  # a column type refused a value, and SQLAlchemy wrapped the refusal
            return domain_error(error.orig)
        raise error

    @app.errorhandler(StaleDataError)
    @app.errorhandler(IntegrityError)
    def raced(error: Exception) -> ResponseReturnValue:
        app.logger.warning("two changes met on %s: %s", request.path, error)
        return error_page(409, translate(tr("刚才有人同时修改了同一内容，您的修改没有保存。请返回刷新后再试。")))

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    @app.errorhandler(NoConnection)
    def database_down(error: DBAPIError | NoConnection) -> ResponseReturnValue:
        app.logger.error("database unavailable on %s: %s", request.path, error)
        if "is full" in str(error):  # SQLite: database or disk is full
            return _full()
        response = make_response(error_page(503))
        response.headers["Retry-After"] = "30"
        return response

    @app.errorhandler(OSError)
    def disk(error: OSError) -> ResponseReturnValue:
        if error.errno != errno.ENOSPC:
            raise error
        app.logger.error("no room on the disk on %s: %s", request.path, error)
        return _full()


def _full() -> ResponseReturnValue:
    return error_page(FULL, translate(tr("服务器存储空间已满，这次提交没有保存；以前保存的内容不受影响。")))
