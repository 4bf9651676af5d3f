"""In a real browser on a phone: a large file whose line breaks, the page loaded anew, evidence beside an answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Request, Route, expect
from sqlalchemy.orm import Session

from app.access.roles import Role
from app.accounts.models import User
from app.assessments import service
from app.core import clock
from tests.browser.conftest import SIZES
from tests.browser.test_assessment import sign_in
from tests.factories.eligibility import AS_OF, LACKS_STAFF, NO_EXPERTS, editions, make_judged_firm
from tests.facts.samples import PDF, PNG
from tests.support.axe import bring_axe, complaints
from tests.support.people import People

pytestmark = pytest.mark.browser
PIECE = 512 * 1024
LARGE = PDF[:-7] + b"%" * (2 * PIECE + 1000) + b"\n" + PDF[-7:]


@pytest.fixture
def begun(session: Session, people: People) -> tuple[int, User]:
    """A form begun before the program runs, and who fills it in."""
    assert clock.today().year == AS_OF.year, "the invented figures are of the year before AS_OF"
    editions(session)
    firm = make_judged_firm(session, "江门甲电机有限公司", NO_EXPERTS, LACKS_STAFF)
    filler = people.make(Role.FIRM_FILLER, name="赵填报", firm_id=firm.id)
    form = service.start(session, "hitech_recognition", "new", 2025, by=filler.as_actor())
    session.commit()
    return form.id, filler


def test_a_file_goes_on_where_the_line_broke(begun: tuple[int, User], window: Callable[[], BrowserContext]) -> None:
    form_id, filler = begun
    context = window()
    bring_axe(context)
    page = sign_in(context, filler)
    page.set_viewport_size(SIZES["phone"])
    file = FilePayload(name="审计报告.pdf", mimeType="application/pdf", buffer=LARGE)
    offsets: list[str] = []

    def break_the_line(route: Route, request: Request) -> None:
        if request.headers.get("upload-offset") == str(PIECE):
            route.abort("connectionfailed")
        else:
            route.continue_()

    context.route("**/transfers/*", break_the_line)
    page.goto("/portal/facts/documents/")
    page.get_by_label("文件", exact=True).set_input_files(file)
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator("[data-transfer]")).to_contain_text("网络中断，恢复后自动从断点继续")
    assert complaints(page) == []
    page.reload()
    expect(page.get_by_text("有 1 个文件没有传完")).to_be_visible()
    context.unroute("**/transfers/*")
    page.on("request", lambda sent: offsets.append(sent.headers.get("upload-offset", "")))
    page.get_by_label("文件", exact=True).set_input_files(file)
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator("#documents")).to_contain_text("审计报告.pdf")
    assert [one for one in offsets if one] == [str(PIECE), str(2 * PIECE)], "nothing was sent twice"
    expect(page.get_by_text("没有传完")).to_have_count(0)

    page.goto(f"/portal/assessments/{form_id}/evidence/tech_staff_month_avg-2025")
    page.get_by_label("审计报告.pdf").check()
    photo = FilePayload(name="image.png", mimeType="image/png", buffer=PNG)
    page.get_by_label("拍照上传").set_input_files(photo)
    page.get_by_role("button", name="附上", exact=True).click()
    expect(page.locator("#evidence .x-file")).to_have_count(2)
    assert complaints(page) == []
    page.get_by_role("link", name="返回填写").first.click()
    expect(page.get_by_text("佐证材料（2）")).to_be_visible()
    assert complaints(page) == []
