"""How scripts/serve runs the web server. --bind and --chdir come from the command line."""

from __future__ import annotations

import gc

workers = 2
threads = 2  # more of them fight for the interpreter: measured with scripts/bench firm_list
worker_class = "gthread"
preload_app = True
loglevel = "warning"
timeout = 60
graceful_timeout = 8
control_socket_disable = True


def post_fork(_server: object, _worker: object) -> None:
    """Forget the connections opened before the fork: two processes must not share one.

    What stands after loading stands for ever; the collector need not look through it again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    from wsgi import app  # noqa: PLC0415  the application exists only once gunicorn has loaded it

    app.extensions["yuqi_database"].engine.dispose(close=False)
