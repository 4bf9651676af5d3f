"""Dossiers in the browser and on the command line: what pages show, download, verification, refusals."""

import io
import json
from dataclasses import fields, is_dataclass
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from app.access.actor import Reach
from app.access.roles import Role
from app.audit.models import AuditEvent
from app.dossiers.models import Dossier
from app.dossiers.sealing import opened
from app.firms.taxonomy import Town
from tests.dossiers.conftest import look_again, text_of, words
from tests.factories import dossiers as make


@pytest.fixture
def worker(app):
    return app.extensions["yuqi_worker"]


def printed_words(value):
    """Every text of a context that a reader is to see."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in {"id", "state", "outcome", "code", "address", "clause", "kind"}:
                yield from printed_words(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from printed_words(item)


def test_page_and_pdf_say_the_same(people, worker, nomination, request_dossier, session, store):
    dossier = request_dossier(nomination)
    worker.run_pending()
    look_again(session)
    paper = words(text_of(store.get(session.get_one(Dossier, dossier.id).sha256)))
    browser = people.browser(people.caseworker())
    browser.get(f"/office/dossiers/{dossier.id}")
    screen = words(browser.text)
    context = opened(dossier.context)
    said = {words(text) for text in printed_words(context)} - {"", "—"}
    assert len(said) > 150
    assert not {text for text in said if text not in screen}
    # on paper a cell may break between pages; everything else stands there as it does on the screen
    assert not {text for text in said if text not in paper}


def test_from_the_list_to_the_download(people, worker, nomination, session):
    browser = people.browser(people.caseworker())
    browser.get(f"/office/dossiers/lists/{nomination.list_id}")
    assert "推荐 1 家，已生成 0 份" in browser.text
    browser.submit(form="main form[action$='/request']")
    assert "已开始逐家生成" in browser.text
    worker.run_pending()
    browser.get(f"/office/dossiers/lists/{nomination.list_id}")
    page = browser.page
    assert "已生成 1 份" in browser.text
    link = page.select_one("a[download]")["href"]
    browser.get(link)
    assert browser.response.mimetype == "application/pdf"
    assert browser.response.data.startswith(b"%PDF-1.7")
    headers = browser.response.headers
    assert "虚构犇鑫㙟智能装备有限公司.pdf" in unquote(headers["Content-Disposition"])
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    dossier = session.scalars(select(Dossier)).one()
    events = session.scalars(select(AuditEvent).where(AuditEvent.note == "下载 PDF")).all()
    assert [(event.subject_label, event.firm_id) for event in events] == [(dossier.number, dossier.firm_id)]


def test_a_single_request_shows_progress_until_it_is_printed(people, worker, nomination):
    browser = people.browser(people.caseworker())
    browser.get(f"/office/dossiers/lists/{nomination.list_id}")
    browser.submit(form="td form")
    assert "已排入生成队列" in browser.text
    assert "生成进度" in browser.text
    progress = browser.client.get(browser.url + "/progress").json
    assert (progress["state"], progress["finished"]) == ("requested", False)
    browser.get(browser.url + "/file", expect=404)
    url = browser.url.removesuffix("/file")
    worker.run_pending()
    assert browser.client.get(url + "/progress").json["finished"]
    browser.get(url)
    assert "生成进度" not in browser.text
    assert "下载 PDF" in browser.text


def test_the_list_counts_by_state(people, worker, nomination, request_dossier):
    request_dossier(nomination)
    browser = people.browser(people.caseworker())
    browser.get("/office/dossiers/?state=requested")
    assert "待生成 1" in browser.text
    assert "虚构犇鑫㙟智能装备有限公司" in browser.text
    browser.get("/office/dossiers/?state=rendered")
    assert "这里还没有申报材料" in browser.text
    browser.get("/office/dossiers/?state=nonsense&after=@@&list=x")
    assert "虚构犇鑫㙟智能装备有限公司" in browser.text
    browser.get(f"/office/dossiers/?list={nomination.list_id}")
    assert "虚构犇鑫㙟智能装备有限公司" in browser.text


def test_out_of_reach_and_out_of_role(people, nomination, request_dossier):
    dossier = request_dossier(nomination)
    local = people.browser(people.caseworker(reach=Reach.TOWNS, towns=[Town.HETANG.value]))
    for address in ("", "/file", "/progress"):
        local.get(f"/office/dossiers/{dossier.id}{address}", expect=404)
    local.get("/office/dossiers/")
    assert "犇鑫" not in local.text
    local.get(f"/office/dossiers/lists/{nomination.list_id}")
    assert "犇鑫" not in local.text
    local.post(f"/office/dossiers/nominations/{nomination.id}/request", {}, expect=404)
    worker = people.browser(people.caseworker())
    worker.get(f"/office/dossiers/{dossier.id}/void", expect=403)
    leader = people.browser(people.make(Role.LEADER))
    leader.get(f"/office/dossiers/{dossier.id}")
    leader.post(f"/office/dossiers/nominations/{nomination.id}/request", {}, expect=403)
    firm = people.browser(people.make(Role.FIRM_FILLER, firm_id=nomination.firm_id))
    firm.get(f"/office/dossiers/{dossier.id}", expect=403)
    people.browser().get(f"/office/dossiers/{dossier.id}")  # leads to the sign-in page


def test_a_missing_dossier_is_told_so(people):
    browser = people.browser(people.caseworker())
    for number in (0, 4711, 2**31 - 1):
        browser.get(f"/office/dossiers/{number}", expect=404)
        assert f"没有找到编号为 {number} 的申报材料" in browser.text
        browser.get(f"/office/dossiers/lists/{number}", expect=404)


def test_void_on_the_page(people, reviewer, nomination, request_dossier):
    dossier = request_dossier(nomination)
    browser = people.browser(reviewer)
    browser.get(f"/office/dossiers/{dossier.id}/void")
    browser.submit({"reason": "　"}, expect=422)
    assert "请填写作废原因" in browser.text
    browser.submit({"reason": "企业名称登记有误"})
    assert "已作废，核验页面会显示" in browser.text
    public = people.browser()
    public.get(f"/verify/{dossier.verification_code}")
    assert "已作废" in public.text
    assert "企业名称登记有误" in public.text


class TestVerification:
    def test_tells_what_the_cover_tells_and_no_more(self, people, worker, nomination, request_dossier, session):
        dossier = request_dossier(nomination)
        browser = people.browser()
        browser.get(f"/verify/{dossier.verification_code}")
        assert "尚未出具" in browser.text
        worker.run_pending()
        look_again(session)
        found = session.get_one(Dossier, dossier.id)
        browser.get(f"/verify/{dossier.verification_code}")
        for text in (found.number, "虚构犇鑫㙟智能装备有限公司", "高新技术企业认定", "有效", found.sha256, "演示数据"):
            assert text in browser.text
        for text in ("3,645", "陈立群", "王某", "未定义", "138"):
            assert text not in browser.text

    def test_compares_a_file_without_keeping_it(self, people, worker, nomination, request_dossier, session, store):
        dossier = request_dossier(nomination)
        worker.run_pending()
        look_again(session)
        content = store.get(session.get_one(Dossier, dossier.id).sha256)
        kept = sum(1 for _ in store.root.rglob("*"))
        browser = people.browser()
        browser.get(f"/verify/{dossier.verification_code}")
        browser.submit({"file": (io.BytesIO(content), "a.pdf")})
        assert "一致：您选择的文件与本局出具的 PDF 逐字节相同" in browser.text
        browser.submit({"file": (io.BytesIO(content + b" "), "a.pdf")})
        assert "不一致" in browser.text
        browser.submit({}, expect=422)
        assert "请选择要比对的 PDF 文件" in browser.text
        assert sum(1 for _ in store.root.rglob("*")) == kept

    def test_an_unknown_code_gets_a_clear_page(self, people):
        browser = people.browser()
        for code in ("nosuchcode", "x" * 500, "%E8%93%AC"):
            browser.get(f"/verify/{code}", expect=404)
            assert "没有找到核验码" in browser.text

    def test_a_code_may_be_typed(self, people, nomination, request_dossier):
        code = request_dossier(nomination).verification_code
        browser = people.browser()
        browser.get("/verify")
        browser.submit({"code": ""}, expect=422)
        browser.submit({"code": f" {code[:4].upper()} {code[4:8]}-{code[8:]}"})
        assert "虚构犇鑫㙟智能装备有限公司" in browser.text


class TestCommand:
    def run(self, app, *arguments):
        return app.test_cli_runner().invoke(args=["dossiers", "render", *map(str, arguments)])

    def test_prints_what_has_not_been_printed_and_tells_about_it(self, app, nomination, request_dossier, tmp_path):
        dossier, out = request_dossier(nomination), tmp_path / "材料.pdf"
        result = self.run(app, dossier.id, "--out", out)
        assert result.exit_code == 0, result.output
        told = json.loads(result.stdout)
        assert told["dossier"] == dossier.id
        assert told["number"] == dossier.number
        assert told["out"] == str(out)
        content = out.read_bytes()
        assert dossier.number in text_of(content)
        again = json.loads(self.run(app, dossier.id, "--out", tmp_path / "2.pdf").stdout)
        assert again["sha256"] == told["sha256"]
        assert (tmp_path / "2.pdf").read_bytes() == content
        assert not list(tmp_path.glob("*.part"))

    def test_refuses_what_it_cannot_do(self, app, session, reviewer, request_dossier, tmp_path, jam):
        out = tmp_path / "a.pdf"
        unknown = self.run(app, 4711, "--out", out)
        assert unknown.exit_code == 1
        assert "没有 ID 为 4711 的申报材料" in unknown.stderr
        assert unknown.stdout == ""
        nowhere = self.run(app, 1, "--out", tmp_path / "no" / "a.pdf")
        assert nowhere.exit_code == 1
        assert "不存在，请先建立" in nowhere.stderr
        firm = make.make_firm(session, name="虚构乙有限公司")
        jam(firm.name)
        dossier = request_dossier(make.make_nomination(session, firm, reviewer=reviewer))
        odd = self.run(app, dossier.id, "--out", out)
        assert odd.exit_code == 1
        assert "未能排完" in odd.stderr
        assert not out.exists()
