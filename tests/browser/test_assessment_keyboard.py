"""A form filled in, handed out and signed by the keyboard alone: one sees where one is and gets everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.accounts.models import User
from tests.browser.conftest import SIZES, sign_in
from tests.support.axe import complaints

pytestmark = pytest.mark.browser
AT = "target => document.activeElement.matches(target)"
# what has the focus must look otherwise than without it, and must not lie wholly under a bar
SEEN = """() => {
    const one = document.activeElement;
    const look = () => {
        getComputedStyle(one).boxShadow;
        document.getAnimations().forEach(change => change.finish());
        const styles = [one, one.closest(".x-group, .x-drop, .x-search")]
            .map(found => found && getComputedStyle(found));
        return styles.map(style => style && [style.outlineStyle, style.outlineWidth, style.boxShadow].join()).join();
    };
    const box = one.getBoundingClientRect(), focused = look();
    const places = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]].map(([x, y]) =>
        document.elementFromPoint(box.left + box.width * x, box.top + box.height * y));
    const near = one.closest("label, .x-check") ?? one;
    const shown = places.some(found => found && (near.contains(found) || found.contains(one)));
    one.blur();
    const plain = look();
    one.focus({ preventScroll: true });
    const name = one.id || one.name || one.href || one.textContent.trim().slice(0, 30);
    return { name, ring: focused !== plain, shown, place: [...document.querySelectorAll("*")].indexOf(one) };
}"""


def tab_to(page: Page, target: str, *, most: int = 60) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(AT, target):
            return
    raise AssertionError(f"the keyboard does not reach {target}")


def walk(page: Page) -> list[str]:
    """Go through a fresh page by Tab until it begins anew; return what cannot be seen there."""
    wrong, places = [], []
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue
        at = page.evaluate(SEEN)
        if at["place"] in places:
            break
        places.append(at["place"])
        wrong += [f"{at['name']}: no ring"] if not at["ring"] else []
        wrong += [f"{at['name']}: under something"] if not at["shown"] else []
    else:
        raise AssertionError("the keyboard does not get out of the page")
    assert places == sorted(places), "the order is not the order of the page"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(SEEN)["place"] != places[0]
    return wrong


def fill_in(page: Page) -> None:
    """Answer a section: what is held is confirmed, the one figure that is missing typed, nothing to declare."""
    asked = page.locator("#assess-form [data-field]").evaluate_all("all => all.map(one => [one.id, one.type])")
    for name, kind in asked:
        if kind == "checkbox":
            tab_to(page, f"#{name}")
            page.keyboard.press("Space")
        elif name == "value-tech_staff_month_avg-2025" or name.endswith("_dates-"):
            tab_to(page, f"#{name}")
            page.keyboard.type("20" if "staff" in name else "无")
    tab_to(page, "#assess-form button[type=submit]")
    page.keyboard.press("Enter")


def test_the_whole_form_is_filled_in_by_keyboard_alone(
    begun: tuple[int, User, User, User], window: Callable[..., BrowserContext]
) -> None:
    form_id, filler, head_user, _reviewer = begun
    page = sign_in(window(), filler)
    page.emulate_media(reduced_motion="reduce")  # scrolls at once
    page.goto(f"/portal/assessments/{form_id}")
    tab_to(page, "details summary:has(+ form)")  # a section is handed to a colleague
    page.keyboard.press("Enter")
    tab_to(page, "select[name=owner]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "input[name=person]")
    page.keyboard.type("孙工")
    page.keyboard.press("Enter")
    expect(page.get_by_text("分工已保存")).to_be_visible()
    expect(page.get_by_text("孙工")).to_be_visible()

    tab_to(page, "td a[href*=sections], th a[href*=sections]")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/sections/"))
    first = page.url
    for size in reversed(SIZES):
        page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
        page.goto(f"/portal/assessments/{form_id}/sections/staff")
        assert [size, *walk(page)] == [size]
    page.goto(first)
    while "/sections/" in page.url:
        before = page.url
        fill_in(page)
        page.wait_for_url(lambda url, before=before: url != before)
    expect(page.get_by_text("没有发现问题")).to_be_visible()
    head = sign_in(window(), head_user)
    head.goto(f"/portal/assessments/{form_id}/sign")
    tab_to(head, "main button[type=submit]")
    head.keyboard.press("Enter")
    summary_has_focus(head, "请阅读并勾选声明")
    head.keyboard.press("Tab")
    head.keyboard.press("Enter")
    assert head.evaluate(AT, "#agrees")
    head.keyboard.press("Space")
    tab_to(head, "main button[type=submit]")
    head.keyboard.press("Enter")
    expect(head.get_by_role("heading", name="提交回执")).to_be_visible()


def test_a_check_that_fails_takes_the_focus_to_what_is_wrong(
    begun: tuple[int, User, User, User], window: Callable[..., BrowserContext]
) -> None:
    form_id, _filler, head_user, _reviewer = begun
    head = sign_in(window(), head_user)
    head.goto(f"/portal/assessments/{form_id}/sign")
    tab_to(head, "#agrees")
    head.keyboard.press("Space")
    tab_to(head, "main button[type=submit]")
    head.keyboard.press("Enter")
    summary_has_focus(head, "处需要修改")
    head.keyboard.press("Tab")
    head.keyboard.press("Enter")  # a link to each: the first leads to its field
    expect(head).to_have_url(re.compile("/sections/"))
    expect(head.locator(":focus")).to_have_attribute("data-field", "")


def summary_has_focus(page: Page, words: str) -> None:
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#error-summary")).to_contain_text(words)
    assert not complaints(page)
