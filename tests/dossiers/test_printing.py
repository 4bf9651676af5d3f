"""The PDF itself: what it says, that it is the same each time, and what stops it."""

import io
import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.documents.strict import check_context
from app.dossiers import printing, queries
from app.dossiers.models import Dossier, DossierState
from app.dossiers.sealing import opened, sealed
from app.facts import service as facts
from tests.dossiers.conftest import look_again, text_of, words
from tests.factories import dossiers as make
from tests.factories.facts import make_statement


@pytest.fixture
def dossier(nomination, request_dossier):
    return request_dossier(nomination)


@pytest.fixture
def context(dossier):
    return opened(dossier.context)


def test_every_figure_walks_back_to_its_cell(dossier, print_dossier, store):
    printed = print_dossier(dossier)
    text = words(text_of(store.get(printed.sha256)))
    assert dossier.number in text
    assert "虚构犇鑫㙟智能装备有限公司" in text
    revenue = next(one for one in opened(dossier.context).figures.sources if one.figure == "销售收入 2023 年")
    assert revenue.value == "3,645 万元"
    assert revenue.place.startswith("2023年度企业情况表.xlsx 企业情况!F")
    assert words(f"2023年销售收入：3,645万元［{revenue.no}］{revenue.place}，陈立群") in text
    assert words(f"［{revenue.no}］{revenue.figure}{revenue.value}{revenue.place}（其他表格，原文“3645”）") in text


def test_pages_are_numbered_and_the_contents_name_them(dossier, print_dossier, store):
    printed = print_dossier(dossier)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(store.get(printed.sha256))).pages]
    assert printed.pages == len(pages)
    for no, page in enumerate(pages[1:], start=2):
        assert words(f"第{no}页共{len(pages)}页") in words(page)
        assert dossier.number in page
        assert "演示数据，内容为虚构" in page
    contents = "".join(pages[1].split())
    for chapter in printing.chapters(opened(dossier.context)):
        if chapter.level == 1:
            page = next(no for no, page in enumerate(pages[2:], start=3) if chapter.title in page)
            assert re.search(rf"{chapter.title}{page}(?!\d)", contents), chapter


def test_the_same_context_gives_the_same_bytes(context):
    assert printing.pdf(context) == printing.pdf(opened(json.loads(sealed(context)[0])))


def test_the_context_is_plain_and_survives_storing(context):
    check_context(context)
    text, digest = sealed(context)
    assert opened(json.loads(text)) == context
    assert sealed(opened(json.loads(text))) == (text, digest)


def test_an_undefined_amount_is_never_a_zero(context):
    assert context.decision.amount is None
    assert context.decision.amount_figures == context.decision.amount_capital == "未定义"
    html = printing.html(context)
    assert "大写：未定义" in html
    assert "零元" not in html


def test_an_amount_stands_in_figures_and_capitals(session, people, request_dossier, reviewer):
    firm = make.make_demo_firm(session)
    nomination = make.make_nomination(
        session, firm, reviewer=reviewer, amount=Decimal("60.5"), amount_source="江府〔2020〕24号"
    )
    decision = opened(request_dossier(nomination).context).decision
    assert decision.amount_figures == "60.5 万元"
    assert decision.amount_capital == "人民币陆拾万伍仟元整"
    assert decision.amount_source == "江府〔2020〕24号"


def test_papers_that_are_missing_are_listed_and_those_attached_are_not(context):
    missing = {one.split()[0] for one in context.papers.missing}
    assert {"H02", "H11", "F02", "F10"} <= missing
    assert "H09" not in missing  # its audit report is attached to a claim
    assert "F07" not in missing  # the declaration is a chapter of the dossier
    assert "F05" not in missing  # not asked of everybody
    states = {one.code: one for checklist in context.papers.checklists for one in checklist.materials}
    assert states["H09"].note == "附件 1"
    assert states["H12"].note == "待核"
    html = printing.html(context)
    assert all(one in html for one in context.papers.missing)


def test_evidence_carries_its_hash_and_what_it_supports(context, store):
    report, workbook = context.papers.files
    assert report.name == "2023研发费用专项审计报告.pdf"
    assert store.get(report.sha256).startswith(b"%PDF")
    assert report.supports == ("研发费用（高企口径） 2023 年",)
    assert workbook.name == make.WORKBOOK
    assert workbook.supports[-1] == f"等共 {len(context.figures.sources)} 项"


def test_unknown_years_are_gaps(session, reviewer, request_dossier):
    figures = make.base_figures()
    del figures["sales_revenue"][2022]
    nomination = make.make_nomination(session, make.make_demo_firm(session), reviewer=reviewer, figures=figures)
    context = opened(request_dossier(nomination).context)
    row = next(row for group in context.figures.groups for row in group.rows if row.label.startswith("销售收入"))
    assert [cell.shown for cell in row.cells] == ["2,000", "—", "3,645"]
    assert [cell.number for cell in row.cells] == [Decimal(2000), None, Decimal(3645)]
    assert context.figures.charts[0].lines[0].values == (Decimal(2000), None, Decimal(3645))
    assert "2022 未知" in printing.drawings(context)[0].svg
    short = next(one for one in context.judgement.findings if one.clause == "HNTE-11-5a")
    assert short.outcome == "unknown"
    assert short.missing == ("2022 年销售收入",)


def test_what_was_decided_is_printed_whatever_is_held_now(session, nomination, reviewer, request_dossier):
    claim = facts.state(
        session, make_statement(nomination.firm_id, key="sales_revenue", year=2023, value=Decimal(9999)),
        by=make.IMPORTER,
    )  # fmt: skip
    facts.choose(session, claim, by=reviewer.as_actor(), reason="审计调整")
    session.commit()
    context = opened(request_dossier(nomination).context)
    revenue = next(one for one in context.figures.sources if one.figure == "销售收入 2023 年")
    assert revenue.value == "3,645 万元"
    assert revenue.replaced
    assert "判定后已有新的核定值" in printing.html(context)


def test_an_unchecked_edition_and_doubtful_clauses_say_so(context):
    html = printing.html(context)
    assert "尚未经人工与官方文本逐条核对" in html
    assert any("待核" in flag for one in context.judgement.findings for flag in one.flags)


def test_contacts_are_masked(context):
    assert [(one.name, one.value) for one in context.firm.contacts] == [("王某（财务负责人）", "138****1234")]
    assert "13800001234" not in printing.html(context)


def test_a_sign_that_no_font_has_is_printed_as_its_code(context):
    odd = replace(context, firm=replace(context.firm, name="虚构𠮷利有限公司"))
    text = words(text_of(printing.print_here(odd)))
    assert "虚构U+20BB7利有限公司" in text
    assert "虚构[U+20BB7]利有限公司" in text  # in the head of every page no box can stand
    assert "按统一码编码原样列出" in text


def test_a_failure_is_kept_with_its_reason_and_may_be_asked_for_again(
    app, database, session, reviewer, request_dossier, jam
):
    firm = make.make_firm(session, name="虚构乙有限公司")
    jam(firm.name)
    nomination = make.make_nomination(session, firm, reviewer=reviewer)
    first = request_dossier(nomination)
    assert app.extensions["yuqi_worker"].run_pending() == 1
    look_again(session)
    failed = queries.dossier(session, first.id, for_=reviewer.as_actor())
    assert failed.state is DossierState.FAILED
    assert "未能排完" in failed.error
    assert failed.file_id is None
    firm = session.get_one(make.Firm, firm.id)
    firm.name = "虚构吉利有限公司"
    session.commit()
    again = request_dossier(nomination)
    assert (again.id, again.number) == (first.id, first.number)
    app.extensions["yuqi_worker"].run_pending()
    look_again(session)
    found = session.get_one(Dossier, first.id)
    assert found.state is DossierState.RENDERED, found.error


def test_the_job_prints_once_and_tells_how_far_it_is(app, session, dossier):
    worker = app.extensions["yuqi_worker"]
    assert worker.run_pending() == 1
    look_again(session)
    found = session.get_one(Dossier, dossier.id)
    assert found.state is DossierState.RENDERED
    assert found.pages
    assert len(found.sha256) == 64
    job = queries.job_of(session, found)
    assert (job.done_steps, job.all_steps) == (3, 3)
    assert job.result["sha256"] == found.sha256
    first = found.file_id
    assert (
        worker.handlers["dossiers.render"](
            type("Context", (), {"database": worker.database, "tools": worker.tools, "report": None})(), dossier.id
        )["sha256"]
        == found.sha256
    )
    look_again(session)
    assert session.get_one(Dossier, dossier.id).file_id == first
    notes = session.scalars(select(AuditEvent.note).where(AuditEvent.subject_type == "dossier")).all()
    assert notes == ["", "生成完毕"]
