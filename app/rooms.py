"""The register: each room's doors, menu entries, jobs, commands and models. Nothing else imports a door."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence

import click
from flask import Blueprint

from app.access.actions import Action
from app.accounts import cli as accounts_cli
from app.accounts import office as accounts_office
from app.accounts import public as accounts_public
from app.accounts.duties import Duty
from app.assessments import attached as assessments_attached
from app.assessments import office as assessments_office
from app.assessments import portal as assessments_portal
from app.assessments.behalf import office as assessments_behalf_office
from app.assessments.behalf import portal as assessments_behalf_portal
from app.assessments.evidence import portal as assessments_evidence_portal
from app.assessments.offline import bringing as assessments_bringing
from app.assessments.offline import jobs as assessments_offline_jobs
from app.assessments.offline import office as assessments_offline_office
from app.assessments.offline import portal as assessments_offline_portal
from app.assessments.receipts import jobs as assessments_receipts_jobs
from app.assessments.receipts import office as assessments_receipts_office
from app.assessments.receipts import portal as assessments_receipts_portal
from app.assessments.receipts import service as assessments_receipts_service
from app.audit import office as audit_office
from app.core.text import N_
from app.dashboards import figures
from app.dashboards import office as dashboards_office
from app.dashboards import portal as dashboards_portal
from app.demo import cli as demo_cli
from app.district import exports as district_exports
from app.district import jobs as district_jobs
from app.district import office as district_office
from app.district import service as district_service
from app.dossiers import cli as dossiers_cli
from app.dossiers import jobs as dossiers_jobs
from app.dossiers import office as dossiers_office
from app.dossiers import public as dossiers_public
from app.dossiers import service as dossiers_service
from app.eligibility import cli as eligibility_cli
from app.eligibility import export as eligibility_export
from app.eligibility import jobs as eligibility_jobs
from app.eligibility import office as eligibility_office
from app.eligibility import portal as eligibility_portal
from app.eligibility import service as eligibility_service
from app.eligibility.diary import office as diary_office
from app.eligibility.gap import office as gap_office
from app.eligibility.gap import portal as gap_portal
from app.eligibility.past import office as past_office
from app.eligibility.publishing import office as publishing_office
from app.eligibility.renewal import jobs as renewal_jobs
from app.eligibility.renewal import office as renewal_office
from app.eligibility.renewal import service as renewal_service
from app.eligibility.replay import jobs as replay_jobs
from app.eligibility.replay import office as replay_office
from app.eligibility.replay import service as replay_service
from app.eligibility.runs import jobs as eligibility_runs_jobs
from app.eligibility.runs import office as eligibility_runs_office
from app.eligibility.runs import service as eligibility_runs_service
from app.engagement import office as engagement_office
from app.engagement import queries as engagement_queries
from app.exports import jobs as exports_jobs
from app.exports import office as exports_office
from app.exports import queries as exports_queries
from app.exports import service as exports_service
from app.exports.kinds import ExportKind
from app.facts import claims_export as facts_export
from app.facts import export as figures_export
from app.facts import office as facts_office
from app.facts import portal as facts_portal
from app.facts import queue as facts_queue
from app.facts import removing as facts_removing
from app.facts.documents import cli as facts_documents_cli
from app.facts.documents import jobs as facts_documents_jobs
from app.facts.documents import office as facts_documents_office
from app.facts.documents import portal as facts_documents_portal
from app.facts.documents import queries as documents_queries
from app.facts.rules import jobs as facts_rules_jobs
from app.facts.rules import office as facts_rules_office
from app.facts.rules import service as facts_rules_service
from app.facts.uses import Finder
from app.files import service as files_service
from app.firms import export as firms_export
from app.firms import office as firms_office
from app.firms import queries as firm_queries
from app.firms.panels import FirmPanel
from app.identity import cli as identity_cli
from app.identity import jobs as identity_jobs
from app.identity import office as identity_office
from app.imports import cli as imports_cli
from app.imports import current as imports_current
from app.imports import jobs as imports_jobs
from app.imports import office as imports_office
from app.imports import queries as imports_queries
from app.imports import together
from app.imports.mapping import office as mapping_office
from app.indicators import office as indicators_office
from app.jobs import cli as jobs_cli
from app.jobs import office as jobs_office
from app.jobs.worker import Handler
from app.mandates import office as mandates_office
from app.mandates import portal as mandates_portal
from app.mandates import public as mandates_public
from app.mandates import queries as mandates_queries
from app.nominations import export as nominations_export
from app.nominations import office as nominations_office
from app.notes import office as notes_office
from app.notes import queries as note_queries
from app.programmes.cultivation import office as cultivation_office
from app.programmes.digital import office as digital_office
from app.programmes.doubling import office as doubling_office
from app.programmes.overview import office as programmes_office
from app.programmes.rd_institutions import office as rd_institutions_office
from app.recognitions import office as recognitions_office
from app.reminders import jobs as reminders_jobs
from app.reminders import office as reminders_office
from app.reminders import portal as reminders_portal
from app.reminders import queries as reminders_queries
from app.revisions import jobs as revisions_jobs
from app.revisions import office as revisions_office
from app.revisions import service as revisions_service
from app.rulebooks import cli as rulebooks_cli
from app.rulebooks import office as rulebooks_office
from app.search import office as search_office
from app.taxonomies import office as taxonomies_office
from app.taxonomies import queries as taxonomy_queries
from app.timeline import office as timeline_office
from app.views import office as views_office
from app.views import queries as views_queries
from app.views.queries import ViewKind
from app.web.navigation import MenuEntry

MODELS = (
    "audit", "jobs", "files", "accounts", "exports", "views", "firms", "notes",
    "taxonomies", "facts", "indicators", "rulebooks",
    "eligibility", "recognitions", "programmes",
    "engagement", "district", "mandates", "reminders", "assessments", "nominations", "imports", "dossiers", "revisions",
)  # fmt: skip
SUB_MODELS = (
    "assessments.offline", "assessments.receipts",
    "eligibility.gap", "eligibility.publishing", "eligibility.replay", "eligibility.renewal",
    "facts.snapshot", "eligibility.runs",
    "programmes.doubling", "programmes.cultivation", "programmes.rd_institutions", "programmes.digital",
)  # fmt: skip

for _line in (doubling_office, cultivation_office, rd_institutions_office, digital_office):
    programmes_office.door.register_blueprint(_line.door)
imports_office.door.register_blueprint(mapping_office.door)
imports_office.door.register_blueprint(together.door)
assessments_portal.door.register_blueprint(assessments_evidence_portal.door)
assessments_portal.door.register_blueprint(assessments_offline_portal.door)
assessments_portal.door.register_blueprint(assessments_behalf_portal.door)
assessments_behalf_office.door.register_blueprint(assessments_offline_office.door)
assessments_office.door.register_blueprint(assessments_behalf_office.door)
assessments_portal.door.register_blueprint(assessments_receipts_portal.door)
assessments_office.door.register_blueprint(assessments_receipts_office.door)
eligibility_office.door.register_blueprint(gap_office.door)
eligibility_portal.door.register_blueprint(gap_portal.door)
eligibility_office.door.register_blueprint(eligibility_runs_office.door)
eligibility_office.door.register_blueprint(past_office.door)
eligibility_office.door.register_blueprint(publishing_office.door)
eligibility_office.door.register_blueprint(diary_office.door)
eligibility_office.door.register_blueprint(replay_office.door)
eligibility_office.door.register_blueprint(renewal_office.door)

facts_office.door.register_blueprint(facts_rules_office.door)
facts_office.door.register_blueprint(facts_documents_office.door)
facts_portal.door.register_blueprint(facts_documents_portal.door)

PUBLIC: Sequence[Blueprint] = (
    accounts_public.door,
    mandates_public.door,
    dossiers_public.door,
)  # fmt: skip
OFFICE: Sequence[Blueprint] = (
    dashboards_office.door,
    search_office.door,
    exports_office.door,
    views_office.door,
    dossiers_office.door,
    programmes_office.door,
    nominations_office.door,
    assessments_office.door,
    eligibility_office.door,
    district_office.door,
    engagement_office.door,
    mandates_office.door,
    reminders_office.door,
    recognitions_office.door,
    taxonomies_office.door,
    notes_office.door,
    timeline_office.door,
    rulebooks_office.door,
    revisions_office.door,
    imports_office.door,
    indicators_office.door,
    facts_office.door,
    firms_office.door,
    identity_office.door,
    jobs_office.door,
    accounts_office.door,
    audit_office.door,
)  # fmt: skip
PORTAL: Sequence[Blueprint] = (
    dashboards_portal.door,
    assessments_portal.door,
    mandates_portal.door,
    reminders_portal.door,
    eligibility_portal.door,
    facts_portal.door,
)  # fmt: skip

COMMANDS: Sequence[click.Command] = (
    accounts_cli.group,
    demo_cli.group,
    facts_documents_cli.group,
    dossiers_cli.group,
    identity_cli.group,
    imports_cli.group,
    jobs_cli.group,
    rulebooks_cli.group,
    eligibility_cli.judge_command,
    eligibility_cli.group,
)  # fmt: skip

JOBS: Mapping[str, Handler] = {
    assessments_bringing.READ: assessments_offline_jobs.read,
    assessments_receipts_service.JOB: assessments_receipts_jobs.render,
    district_service.JOB: district_jobs.survey,
    exports_service.RUN: exports_jobs.run,
    exports_service.SWEEP: exports_jobs.sweep,
    dossiers_service.JOB: dossiers_jobs.render,
    dossiers_service.LIST_JOB: dossiers_jobs.render_list,
    eligibility_service.JOB: eligibility_jobs.draw_up,
    eligibility_runs_service.JOB: eligibility_runs_jobs.run_all,
    replay_service.JOB: replay_jobs.replay,
    renewal_service.JOB: renewal_jobs.renew,
    facts_documents_jobs.SWEEP: facts_documents_jobs.sweep,
    facts_removing.FORGET: facts_documents_jobs.forget,
    facts_rules_service.JOB: facts_rules_jobs.accept,
    files_service.SCAN: facts_documents_jobs.scan,
    identity_jobs.SCAN: identity_jobs.scan,
    imports_jobs.STAGE: imports_jobs.stage,
    imports_jobs.APPLY: imports_jobs.apply,
    files_service.TELL: reminders_jobs.tell_infected,
    reminders_jobs.REMIND: reminders_jobs.remind,
    revisions_service.JOB: revisions_jobs.weigh,
}  # fmt: skip

# what somebody waits for in front of a browser, and what that waits for: done beside a long job
QUICK = frozenset({assessments_bringing.READ, assessments_receipts_service.JOB, files_service.SCAN})

# what may be taken out through the export centre, and the lists whose views can be saved
EXPORTS: Mapping[str, ExportKind] = {
    one.key: one
    for one in (
        firms_export.KIND,
        firms_export.CHOSEN,
        facts_export.KIND,
        figures_export.KIND,
        imports_current.KIND,
        eligibility_export.KIND,
        nominations_export.KIND,
        *district_exports.KINDS,
    )  # fmt: skip
}
VIEWS: Mapping[str, ViewKind] = {
    "office.firms.index": ViewKind(N_("企业库"), Action.FIRM_READ, firms_export.clean, firms_export.KIND.words),
    "office.facts.index": ViewKind(N_("数据审核"), Action.CLAIM_READ, facts_export.KIND.clean, facts_export.KIND.words),
}
# what a person looks after, and the list where it is handed on when the person leaves
DUTIES: Sequence[Duty] = (
    Duty(N_("名下企业"), firm_queries.count_of_caseworker, Action.FIRM_READ, "office.firms.index", "caseworker"),
    Duty(N_("待办任务"), engagement_queries.count_of_owner, Action.TASK_READ, "office.engagement.index", "owner"),
    Duty(N_("保存的视图"), views_queries.count_of, Action.VIEW_READ, "office.views.index"),
    Duty(N_("在办的导入批次"), imports_queries.count_begun, Action.IMPORT_READ, "office.imports.index"),
    Duty(N_("未到期的导出文件"), exports_queries.count_kept, Action.EXPORT_READ),
)
# where documents of a locker are used, besides figures
DOCUMENT_USES: Sequence[Finder] = (assessments_attached.uses,)
NIGHTLY: Mapping[str, str] = {
    identity_jobs.SCAN: N_("查找疑似重复的企业档案"),
    renewal_service.JOB: N_("复判过时的判定"),
    reminders_jobs.REMIND: N_("到期提醒"),
    facts_documents_jobs.SWEEP: N_("清理没有传完的文件"),
}

# in the order of the menu; sections appear in the order of their first entry
MENU: Sequence[MenuEntry] = (
    MenuEntry("office.dashboards.index", N_("工作台"), "home", Action.DASHBOARD_READ),
    MenuEntry("portal.dashboards.index", N_("首页"), "home", Action.OWN_READ),
    MenuEntry(
        "office.firms.index", N_("企业库"), "building-community", Action.FIRM_READ, count=firms_office.menu_count
    ),
    MenuEntry("office.identity.index", N_("疑似重复"), "files", Action.FIRM_EDIT),
    MenuEntry("office.imports.index", N_("导入"), "file-import", Action.IMPORT_READ),
    MenuEntry(
        "office.facts.index", N_("数据审核"), "checklist", Action.CLAIM_READ, count=facts_queue.pending_cases
    ),
    MenuEntry("portal.facts.index", N_("本企业数据"), "database", Action.OWN_READ),
    MenuEntry("office.assessments.index", N_("企业自评"), "clipboard-text", Action.ASSESSMENT_READ),
    MenuEntry("office.recognitions.index", N_("资质认定"), "certificate", Action.RECOGNITION_READ),
    MenuEntry("office.programmes.index", N_("培育专项"), "target-arrow", Action.PROGRAMME_READ),
    MenuEntry("office.eligibility.index", N_("资格判定"), "gavel", Action.ELIGIBILITY_READ),
    MenuEntry("office.district.index", N_("全区线索"), "phone", Action.DISTRICT_READ),
    MenuEntry("portal.assessments.index", N_("自评"), "clipboard-text", Action.OWN_READ),
    MenuEntry(
        "portal.facts.documents.index", N_("材料库"), "files", Action.OWN_READ, count=documents_queries.to_look_at
    ),
    MenuEntry("portal.eligibility.index", N_("资格判定"), "gavel", Action.OWN_READ),
    MenuEntry("portal.mandates.index", N_("本企业人员"), "users", Action.OWN_PEOPLE),
    MenuEntry("office.engagement.index", N_("任务"), "clipboard-check", Action.TASK_READ),
    MenuEntry("office.reminders.index", N_("提醒"), "bell", Action.REMINDER_READ, count=reminders_queries.unread),
    MenuEntry("portal.reminders.index", N_("提醒"), "bell", Action.OWN_READ, count=reminders_queries.unread),
    MenuEntry("office.nominations.index", N_("推荐名单"), "award", Action.NOMINATION_READ),
    MenuEntry("office.dossiers.index", N_("申报材料"), "file-certificate", Action.DOSSIER_READ),
    MenuEntry("office.rulebooks.index", N_("政策条款"), "book-2", Action.EDITION_READ),
    MenuEntry("office.indicators.index", N_("指标目录"), "list-check", Action.CATALOGUE_READ),
    MenuEntry("office.taxonomies.index", N_("分类表"), "hierarchy-2", Action.TAXONOMY_READ),
    MenuEntry("office.views.index", N_("保存的视图"), "bookmark", Action.VIEW_READ),
    MenuEntry("office.exports.index", N_("导出中心"), "download", Action.EXPORT_READ),
    MenuEntry(
        "office.mandates.index", N_("授权申请"), "user-question", Action.MANDATE_READ, count=mandates_queries.waiting
    ),
    MenuEntry("office.accounts.index", N_("账号管理"), "users", Action.ACCOUNT_READ, N_("系统")),
    MenuEntry(
        "office.facts.documents.scanning", N_("文件查毒"), "shield-check", Action.DOCUMENT_READ, N_("系统"),
        count=documents_queries.to_look_at,
    ),
    MenuEntry("office.jobs.index", N_("后台任务"), "clock-play", Action.JOB_READ, N_("系统")),
    MenuEntry("office.audit.index", N_("操作日志"), "history", Action.AUDIT_READ, N_("系统")),
)  # fmt: skip

FIRM_PANELS: Sequence[FirmPanel] = (
    FirmPanel(
        "office/recognitions/_ladder_panel.html", Action.RECOGNITION_READ, recognitions_office.ladder_panel, place="top"
    ),
    FirmPanel("office/dashboards/_figures_panel.html", Action.FACT_READ, figures.panel, place="main"),
    FirmPanel("office/timeline/_panel.html", Action.FIRM_READ, timeline_office.panel),
    FirmPanel("office/eligibility/diary/_panel.html", Action.ELIGIBILITY_READ, diary_office.panel),
    FirmPanel("office/engagement/_panel.html", Action.TASK_READ, engagement_queries.panel),
    FirmPanel("office/mandates/_panel.html", Action.MANDATE_READ, mandates_queries.panel),
    FirmPanel("office/notes/_panel.html", Action.FIRM_READ, note_queries.panel),
    FirmPanel("office/taxonomies/_chains_panel.html", Action.TAXONOMY_READ, taxonomy_queries.panel),
)  # fmt: skip

firm_names = firm_queries.names  # what rooms below the firms may ask of them


def load_models() -> None:
    """Import every room's tables, so that the metadata is whole."""
    for room in (*MODELS, *SUB_MODELS):
        name = f"app.{room}.models"
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name)
