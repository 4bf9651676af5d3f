"""Every page in a real browser: axe finds nothing, the policy is not broken, nothing sticks out on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Response
from werkzeug.routing import Rule

from app.access.actions import Action
from app.access.policy import decide
from app.web.surfaces import declared
from tests.architecture.world import World
from tests.browser.conftest import SIZES
from tests.support.axe import bring_axe, complaints

pytestmark = pytest.mark.browser
# who looks at which widths: the reviewer sees nearly everything, the others what is theirs alone
# (two of the processes that run tests share the reviewer's pages)
LOOKS = (
    ("demo-reviewer", ("wide", "phone"), 0),
    ("demo-reviewer", ("wide", "phone"), 1),
    ("demo-admin", ("wide",), None),
    ("demo-auditor", ("phone",), None),
    ("demo-filler", ("wide", "phone"), None),
)
LEAST = {"demo-reviewer": 60, "demo-admin": 3, "demo-auditor": 1, "demo-filler": 20}
OWN = {"demo-admin": "/office/accounts", "demo-auditor": "/office/audit"}


@pytest.mark.parametrize(("login", "sizes", "half"), LOOKS, ids=[f"{one[0]}-{one[2]}" for one in LOOKS])
def test_every_page_is_accessible_fits_and_obeys_the_policy(
    chromium: Browser, world_address: str, world_app: Flask, world: World, login: str, sizes: tuple[str, ...],
    half: int | None,
) -> None:  # fmt: skip
    context = chromium.new_context(
        base_url=world_address, viewport=SIZES[sizes[0]], locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    bring_axe(context)
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda said: heard.append(_heard(said)) if said.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto("/sign-in")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(World.PASSWORDS[login])
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    found: list[str] = []
    seen = 0
    for path in list(addresses(world_app, world, login))[half :: 2 if half is not None else 1]:
        before = len(heard)
        if not is_page(opened(page, path), path):
            del heard[before:]
            continue
        seen += 1
        for size in sizes:
            page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
            found += [f"{path} {size}: {one}" for one in complaints(page)]
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > SIZES[size]["width"]:
                found.append(f"{path}: {width - SIZES[size]['width']} px stick out")
    context.close()
    assert seen >= LEAST[login]
    assert not [*found, *heard], "\n".join([*found, *heard])


def _heard(said: ConsoleMessage) -> str:
    return f"{said.text} ({said.location['url']})"


def addresses(app: Flask, world: World, login: str) -> Iterator[str]:
    """Yield the addresses that a person may open, each once."""
    person = world.people[login]
    surface = "portal." if person.is_firm else "office."
    seen: set[str] = set()
    for rule in app.url_map.iter_rules():
        own = rule.endpoint.startswith((surface, "public.accounts.", "public.mandates."))
        if "GET" not in (rule.methods or ()) or not own:
            continue
        if not allowed(app, person.login, world, rule):
            continue
        for path in world.addresses(rule, own=True, for_=person):
            if path.startswith(OWN.get(login, "/")) and path not in seen:
                seen.add(path)
                yield path


def allowed(app: Flask, login: str, world: World, rule: Rule) -> bool:
    action = declared(app, rule.endpoint)
    return isinstance(action, Action) and decide(world.people[login], action).allowed


def opened(page: Page, path: str) -> Response | None:
    """Open an address; None for a file, which the browser takes without leaving the page it shows."""
    try:
        return page.goto(path)
    except Error as error:
        if "ERR_ABORTED" in error.message or "Download is starting" in error.message:
            return None
        raise


def is_page(answer: Response | None, path: str) -> bool:
    """Whether an HTML page came, and from where it was asked."""
    if answer is None or answer.status != 200 or answer.request.redirected_from is not None:
        return False
    return answer.headers.get("content-type", "").startswith("text/html")
