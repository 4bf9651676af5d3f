"""A real headless Chromium in front of the running program, web and worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from app.access.roles import Role
from app.accounts.models import User
from app.assessments import service
from app.core import clock
from tests.factories.eligibility import AS_OF, LACKS_STAFF, NO_EXPERTS, editions, make_judged_firm
from tests.support.axe import bring_axe
from tests.support.people import PASSWORD, People

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


@pytest.fixture
def begun(session: Session, people: People) -> tuple[int, User, User, User]:
    """A form begun before the program runs: its id, who fills it in, the head of the firm, who reviews."""
    assert clock.today().year == AS_OF.year, "the invented figures are of the year before AS_OF"
    editions(session)
    firm = make_judged_firm(session, "江门甲电机有限公司", NO_EXPERTS, LACKS_STAFF)
    filler = people.make(Role.FIRM_FILLER, name="赵填报", firm_id=firm.id)
    head = people.make(Role.FIRM_SIGNATORY, name="钱总", firm_id=firm.id)
    form = service.start(session, "hitech_recognition", "new", 2025, by=filler.as_actor())
    session.commit()
    return form.id, filler, head, people.reviewer(name="王审核")


def sign_in(context: BrowserContext, user: User) -> Page:
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("账号").fill(user.login)
    page.get_by_label("密码").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page
