"""Every page in a real browser: axe finds nothing, the policy is not broken, nothing sticks out on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.routing import Rule

from app.access.actions import Action
from app.access.policy import decide
from app.web.surfaces import declared
from tests.architecture.world import World, build_world
from tests.browser.conftest import ROOT, SIZES

pytestmark = pytest.mark.browser
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# who looks at which width: the reviewer sees nearly everything, the others what is theirs alone
LOOKS = (
    ("demo-reviewer", "wide"),
    ("demo-reviewer", "phone"),
    ("demo-admin", "wide"),
    ("demo-auditor", "phone"),
    ("demo-filler", "wide"),
    ("demo-filler", "phone"),
)
OWN = {"demo-admin": ("/office/accounts",), "demo-auditor": ("/office/audit",)}


@pytest.fixture(scope="module")
def world(world_app: Flask) -> World:
    return build_world(world_app)


@pytest.mark.parametrize(("login", "size"), LOOKS)
def test_every_page_is_accessible_fits_and_obeys_the_policy(
    chromium: Browser, world_address: str, world_app: Flask, world: World, login: str, size: str
) -> None:
    context = chromium.new_context(
        base_url=world_address, viewport=SIZES[size], locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto("/sign-in")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(World.PASSWORDS[login])
    page.locator("main button[type=submit]").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    found: list[str] = []
    for path in pages(world_app, world, login):
        page.goto(path)
        found += [f"{path}: {one}" for one in complaints(page)]
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > SIZES[size]["width"]:
            found.append(f"{path}: {width - SIZES[size]['width']} px stick out")
    context.close()
    assert not [*found, *heard], "\n".join([*found, *heard])


def pages(app: Flask, world: World, login: str) -> Iterator[str]:
    """Yield the addresses of the HTML pages that a person may open."""
    person = world.people[login]
    client = app.test_client()
    client.post("/sign-in", data={"login": login, "password": World.PASSWORDS[login]})
    surface = "portal." if person.is_firm else "office."
    seen: set[str] = set()
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or not rule.endpoint.startswith((surface, "public.accounts.")):
            continue
        if not allowed(app, person.login, world, rule):
            continue
        for path in world.addresses(rule, own=True, for_=person):
            answer = client.get(path)
            theirs = login not in OWN or path.startswith(OWN[login])
            if answer.status_code == 200 and answer.mimetype == "text/html" and path not in seen and theirs:
                seen.add(path)
                yield path


def allowed(app: Flask, login: str, world: World, rule: Rule) -> bool:
    action = declared(app, rule.endpoint)
    return isinstance(action, Action) and decide(world.people[login], action).allowed


def complaints(page: Page) -> list[str]:
    """What axe finds, in one line each."""
    page.evaluate(AXE())
    found = page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    return [f"{one['id']}: {node['html'][:140]}" for one in found["violations"] for node in one["nodes"]]
