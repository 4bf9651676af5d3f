"""A real headless Chromium in front of the running program, web and worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext
from werkzeug.serving import make_server

from tests.support.axe import bring_axe

ROOT = Path(__file__).parent.parent.parent
SIZES = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@contextmanager
def running(app: Flask) -> Iterator[str]:
    """Run web and worker of an application; give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    worker = app.extensions["yuqi_worker"]
    threads = [threading.Thread(target=server.serve_forever), threading.Thread(target=worker.run_for_ever)]
    for thread in threads:
        thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        worker.stop.set()
        server.shutdown()
        for thread in threads:
            thread.join()
        server.server_close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The running program on a fresh database."""
    with running(app) as found:
        yield found


@pytest.fixture(scope="module")
def world_address(world_app: Flask) -> Iterator[str]:
    """The running program that a whole module shares."""
    with running(world_app) as found:
        yield found


@pytest.fixture
def window(chromium: Browser, address: str) -> Iterator[Callable[..., BrowserContext]]:
    """Opens a new window (a person of their own), with axe at hand, on the fresh program."""
    opened: list[BrowserContext] = []

    def make(size: str = "wide") -> BrowserContext:
        context = chromium.new_context(
            base_url=address, viewport=SIZES[size], locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True
        )
        bring_axe(context)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()
