"""create_app: settings → database → sign-in → surfaces → rooms → check of the doors."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from pathlib import Path

from flask import Flask, g, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from app import rooms, schema
from app.accounts import duties, login
from app.audit.service import request_id
from app.core.db import Database
from app.core.sealing import Box
from app.files.rules import Rules
from app.files.store import FileStore
from app.jobs.worker import Worker
from app.web import assets, errors, filters, forms, headers, i18n, incoming, navigation, remember, session, surfaces
from config import Settings

ROOT = Path(__file__).parent.parent


def create_app(settings: Settings) -> Flask:
    """Build the application; raises when a rulebook, a setting or a door is wrong."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "app" / "static"))
    app.url_map.strict_slashes = False  # people type addresses with and without the last stroke
    _configure(app, settings)
    rooms.load_models()
    _tools(app, settings)
    _name_requests(app)  # before anything can refuse: every error page bears the number
    CSRFProtect(app)
    for part in (incoming, session, errors, filters, assets, i18n, remember, forms):
        part.install(app)
    headers.install(app, https=settings.is_production)
    navigation.install(app, rooms.MENU)
    login.install(app)
    surfaces.install_guard(app)
    _open_doors(app)
    for command in (schema.group, *rooms.COMMANDS):
        app.cli.add_command(schema.guarded(command))
    surfaces.check_doors(app)
    _serve_static(app)
    _believe_proxies(app, settings)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        YUQI_SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        TESTING=settings.env == "test",
        MAX_CONTENT_LENGTH=settings.max_upload_bytes,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=5000,
        SESSION_COOKIE_NAME="__Host-yuqi" if settings.is_production else "yuqi",
        SESSION_COOKIE_SECURE=settings.is_production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,  # the row decides how long a session lasts, not the cookie
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        WTF_CSRF_TIME_LIMIT=None,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")


def _believe_proxies(app: Flask, settings: Settings) -> None:
    """Take the visitor's address from the proxies; else throttling would see one address for everybody."""
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]


def _tools(app: Flask, settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    store = FileStore(settings.files_dir, Rules(quota=settings.locker_bytes, scanner=settings.scanner))
    app.extensions["yuqi_database"] = database
    app.extensions["yuqi_store"] = store
    app.extensions["yuqi_settings"] = settings
    app.extensions["yuqi_box"] = Box(settings.seal_keys or (f"sealing {settings.secret_key}",))
    app.extensions["yuqi_firm_names"] = rooms.firm_names
    app.extensions["yuqi_firm_panels"] = rooms.FIRM_PANELS
    app.extensions["yuqi_document_uses"] = rooms.DOCUMENT_USES
    app.extensions["yuqi_exports"] = rooms.EXPORTS
    app.extensions["yuqi_views"] = rooms.VIEWS
    app.extensions[duties.EXTENSION] = rooms.DUTIES
    tools = {"settings": settings, "store": store, "exports": rooms.EXPORTS}
    app.extensions["yuqi_worker"] = Worker(database, rooms.JOBS, tools, rooms.NIGHTLY, rooms.QUICK)


def _name_requests(app: Flask) -> None:
    @app.before_request
    def name() -> None:
        g.request_id = secrets.token_hex(8)
        request_id.set(g.request_id)

    @app.context_processor
    def context() -> dict[str, object]:
        return {"request_id": g.get("request_id", ""), "support": app.config["YUQI_SETTINGS"].support}


def _open_doors(app: Flask) -> None:
    made = surfaces.make_surfaces()
    for name, doors in (("public", rooms.PUBLIC), ("office", rooms.OFFICE), ("portal", rooms.PORTAL)):
        for door in doors:
            made[name].register_blueprint(door)
        app.register_blueprint(made[name])

    @app.get("/healthz")
    @surfaces.open_door
    def healthz() -> str:
        return "ok"

    @app.get("/favicon.ico")
    @surfaces.open_door
    def favicon() -> ResponseReturnValue:
        return redirect(url_for("static", filename="favicon.svg"))  # a document shown by itself names no icon

    surfaces.open_door(app.view_functions["static"])


def _serve_static(app: Flask) -> None:
    """Let WhiteNoise answer for static files, with compression and caching, before Flask is asked."""
    static = Path(app.static_folder or "")

    def immutable(_path: str, url: str) -> bool:
        return True

    if static.is_dir():
        app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
            app.wsgi_app, root=str(static), prefix="static/", autorefresh=not app.config["YUQI_SETTINGS"].is_production,
            immutable_file_test=immutable,
        )  # fmt: skip
