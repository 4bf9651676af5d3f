"""How scripts/serve runs the web server. --bind and --chdir come from the command line."""

from __future__ import annotations

workers = 2
threads = 4
worker_class = "gthread"
preload_app = True
loglevel = "warning"
timeout = 60
graceful_timeout = 8
control_socket_disable = True


def post_fork(_server: object, _worker: object) -> None:
    """Forget the connections opened before the fork: two processes must not share one."""
    from wsgi import app  # noqa: PLC0415  the application exists only once gunicorn has loaded it

    app.extensions["yuqi_database"].engine.dispose(close=False)
