"""A small district with something in every room, and the addresses that lead to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from flask import Flask, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from app.access.actions import Action
from app.access.actor import SYSTEM, Actor, Reach
from app.access.policy import decide
from app.access.roles import Role
from app.accounts import service as accounts
from app.accounts.models import User
from app.core.db import Database
from app.demo import accounts as demo_accounts
from app.demo.load import load
from app.district import service as district
from app.district.models import DistrictSurvey
from app.dossiers import service as dossiers
from app.dossiers.models import Dossier
from app.eligibility import service as eligibility
from app.eligibility.gap.models import Intake
from app.eligibility.models import EligibilityList, Verdict, VerdictState
from app.eligibility.publishing import service as publishing
from app.eligibility.publishing.models import Publication
from app.eligibility.renewal.models import EligibilityRenewal
from app.eligibility.runs import service as runs
from app.eligibility.runs.models import EligibilityRun
from app.engagement.models import Task
from app.exports import service as exports
from app.facts import service as facts
from app.facts.locker import Upload
from app.facts.models import Claim, Document, Evidence, RuleRun, SourceKind
from app.firms import merge
from app.firms import queries as firms
from app.firms import service as firm_service
from app.firms.export import KIND as FIRMS_EXPORT
from app.firms.models import (
    Contact,
    DuplicatePair,
    Firm,
    FirmEvent,
    FirmMerge,
    FormerName,
    NameOffer,
    RosterEntry,
)
from app.firms.service import FirmDraft
from app.firms.taxonomy import EventKind, Town
from app.imports.models import ImportBatch, ImportProfile
from app.indicators.models import CustomIndicator
from app.jobs.models import Job
from app.nominations import service as nominations
from app.nominations.models import Decision, Nomination, NominationList
from app.programmes.digital.models import DigitalAssessment
from app.programmes.models import Enrolment, Programme
from app.programmes.rd_institutions.models import RdInstitution
from app.recognitions.models import Recognition
from app.revisions import service as revisions
from app.revisions.models import Revision
from app.rooms import VIEWS
from app.rulebooks import queries as rulebooks
from app.rulebooks import service as editions
from app.rulebooks.models import Edition
from app.taxonomies.models import ChainEdition, Remap
from app.views import service as views
from app.views.service import ViewDraft
from tests.architecture import forms, record
from tests.architecture import people as acting
from tests.factories.again import judge_again

Values = dict[str, object]
Place = tuple[Values, int | None]

PRINTED = 4
WHOLE_DISTRICT = -1  # stands for “firms of the whole district”: a workbook imported by somebody who reaches them all
# what a page needs in its query to be asked for sensibly
QUERIES = {
    "office.exports.create": "?kind=firms&q=虚构",
    "office.views.create": "?listing=office.firms.index&q=虚构",
    "office.eligibility.gap.lever": "?key=rd_expense_hnte",
    "office.facts.history": "?key=sales_revenue&year=2025",
    "office.imports.row": "?sheet=jiangmen_listed_fy2025&row=2",
    "office.facts.state": "?key=sales_revenue&year=2025",
    "portal.facts.state": "?key=sales_revenue&year=2025",
}


@dataclass
class World:
    """People by login, and for every set of address parts the things they may name, with the firm they belong to."""

    app: Flask
    people: dict[str, Actor]
    firms: dict[int, str]
    places: dict[str, list[Place]] = field(default_factory=dict)
    reach: dict[str, frozenset[int]] = field(default_factory=dict)
    owned: dict[str, dict[str, int]] = field(default_factory=dict)  # by part of the address: whose is which

    LOGINS: ClassVar[tuple[str, ...]] = (
        *(account.login for account in demo_accounts.ACCOUNTS),
        "portfolio",
        acting.NOBODY,
    )
    SCOPED: ClassVar[tuple[str, ...]] = ("demo-duruan", "portfolio", "demo-filler", "demo-signatory")
    PASSWORDS: ClassVar[dict[str, str]] = dict.fromkeys(
        [*(account.login for account in demo_accounts.ACCOUNTS), "portfolio"], demo_accounts.PASSWORD
    )

    def addresses(self, rule: Rule, *, own: bool, for_: Actor | None = None) -> Iterator[str]:
        """Yield one address of the rule: naming a thing in the person's reach, or one out of it."""
        if not rule.arguments:
            if own:
                yield self._url(rule, {})
            return
        name = _kind(rule)
        if name in self.owned:
            yield self._url(rule, {name: self._owned(name, own=own, login=for_.login if for_ else "")})
            return
        assert name in self.places, f"the world has no {name} for {rule}: add one to tests/architecture/world.py"
        for values, firm_id in self.places[name]:
            within = firm_id is None or for_ is None or firm_id in self.reach[for_.login]
            if within == own and not (not own and firm_id is None):
                yield self._url(rule, values)
                return

    def _owned(self, name: str, *, own: bool, login: str) -> int:
        """A thing of that person, or of somebody else."""
        mine = self.owned[name]
        others = [number for owner, number in mine.items() if owner != login]
        return mine.get(login, others[0]) if own else others[0]

    def names_out_of_reach(self, person: Actor) -> Sequence[str]:
        """Return the names that must not appear on any page of this person."""
        return [name for firm_id, name in self.firms.items() if firm_id not in self.reach[person.login]]

    def _url(self, rule: Rule, values: Values) -> str:
        with self.app.test_request_context():
            return url_for(rule.endpoint, **values) + QUERIES.get(rule.endpoint, "")  # type: ignore[arg-type]


def _kind(rule: Rule) -> str:
    """Name what an address names: its parts, and the room where one word means different things."""
    parts = "+".join(sorted(rule.arguments))
    room = rule.endpoint.rpartition(".")[0]
    for special in ("programmes.doubling", "programmes.cultivation", "eligibility", "nominations", "dossiers"):
        if room.removesuffix(".replay").removesuffix(".publishing").endswith(special) and parts in {
            "enrolment_id",
            "list_id",
        }:
            return f"{special}:{parts}"
    if ".assessments" in room:
        return f"assessments:{parts}"
    if room.endswith("eligibility.runs"):
        return f"eligibility.runs:{parts}"
    if room.endswith("taxonomies") and parts == "edition_id":
        return f"taxonomies:{parts}"
    if rule.endpoint.startswith("portal.facts."):
        return f"portal:{parts}"
    return parts


def build_world(app: Flask) -> World:
    """Fill the application's database through the services and return what leads where."""
    database: Database = app.extensions["yuqi_database"]
    load(database, app.extensions["yuqi_store"])
    with database.transaction() as session:
        _more(session, app)
    app.extensions["yuqi_worker"].run_pending()
    _lists(database, app)
    with database.session() as session:
        people = {user.login: user.as_actor() for user in session.scalars(select(User))}
        world = World(app, people, {row.id: row.name for row in session.execute(select(Firm.id, Firm.name))})
        for login, person in people.items():
            reached = session.scalars(select(Firm.id).where(firms.visible_to(person))).all()
            everywhere = {WHOLE_DISTRICT} if person.reach is Reach.DISTRICT and not person.is_firm else set()
            world.reach[login] = frozenset({*reached, *everywhere})
        world.places = {**_places(session), **acting.places(session)}
    with database.transaction() as session:
        world.owned = _owned_things(session, people)
    return world


def _more(session: Session, app: Flask) -> None:
    accounts.create(
        session, login="portfolio", name="小组经办", role=Role.CASEWORKER, by=SYSTEM,
        password=demo_accounts.PASSWORD, reach=Reach.PORTFOLIO,
    )  # fmt: skip
    portfolio = session.scalars(select(User).where(User.login == "portfolio")).one()
    for number, firm in enumerate(session.scalars(select(Firm).order_by(Firm.id)).all()):
        if number % 7 == 3:
            firm.caseworker_id = portfolio.id
        session.add(Contact(firm_id=firm.id, name="王测试", phone="13800001234"))
        session.add(FormerName(firm_id=firm.id, name=f"{firm.name}旧名", until=date(2020, 1, 1)))
    session.flush()
    record.fill(session, app)
    acting.fill(session, app)
    _identity(session)
    store = app.extensions["yuqi_store"]
    for claim in session.scalars(select(Claim).where(Claim.source_kind == SourceKind.FIRM)).all():
        by = session.get_one(User, claim.stated_by).as_actor()
        facts.attach(session, store, claim, Upload("证明.pdf", b"%PDF-1.4\n%%EOF\n", "证明"), by=by)


def _identity(session: Session) -> None:
    """What identity adds: an event and an offered name of every firm, a pair, a merge."""
    for firm in session.scalars(select(Firm).order_by(Firm.id)).all():
        session.add(FirmEvent(firm_id=firm.id, kind=EventKind.MOVED_WITHIN, on_day=date(2024, 1, 1),
                              status_before=firm.status, recorded_by_name="演示"))  # fmt: skip
        session.add(NameOffer(firm_id=firm.id, name=f"{firm.name}新名"))
    made = [
        firm_service.create(session, FirmDraft(name=f"虚构{word}并企业有限公司", town=Town.DURUAN), by=SYSTEM)
        for word in ("吸", "被", "旁")
    ]
    day = date(2030, 1, 1)
    session.add_all(
        Task(firm_id=one, title="补齐资料", due_on=day, created_by_name="演示") for one in firms_of(session)
    )
    session.add(Intake(programme="hitech_recognition", name="第一批", opens_on=day, closes_on=day, source="示例文件",
                       created_by_name="演示"))  # fmt: skip
    session.add(DuplicatePair(low_id=made[0].id, high_id=made[2].id, reasons=["core"], weight=40))
    merge.merge(session, made[0], made[1], merge.Choice("重复建档"), by=SYSTEM)
    session.flush()


def firms_of(session: Session) -> Sequence[int]:
    return session.scalars(select(Firm.id)).all()


def _lists(database: Database, app: Flask) -> None:
    with database.session() as session:
        reviewer = session.scalars(select(User).where(User.login == "demo-reviewer")).one().as_actor()
        caseworker = session.scalars(select(User).where(User.login == "demo-caseworker")).one().as_actor()
    with database.transaction() as session:
        editions.sync(session, by=SYSTEM)
        forms.begin(session, app.extensions["yuqi_store"])
        edition = rulebooks.by_code(session, "hnte-2016")
        drawn = eligibility.draw_up(session, edition, date(2026, 6, 30), by=caseworker)
        run = runs.begin(session, date(2026, 6, 30), by=caseworker)
    runs.carry_out(database, run.id, lambda *_told: None)
    with database.transaction() as session:
        chosen = session.get_one(EligibilityList, drawn.id)
        judge_again(session, chosen, by=caseworker)
        district.request(session, session.get_one(EligibilityRun, run.id), by=caseworker)
        publishing.publish_list(session, chosen.id, list(VerdictState), by=reviewer, with_stale=True, note="附言")
        made = nominations.draw_up(session, chosen, by=caseworker, title="演示推荐名单")
        places = session.scalars(select(Nomination).where(Nomination.list_id == made.id).order_by(Nomination.id)).all()
        for number, nomination in enumerate(places):
            decision = Decision.NOMINATE if number < PRINTED else Decision.DEFER
            nominations.decide(session, nomination, decision, by=caseworker, reason="理由")
        nominations.submit(session, made.id, by=caseworker)
        run = RuleRun(rule="same", chosen={"percent": 20, "filter": {}}, upper=0, note="说明", started_by_name="演示")
        session.add(run)
        frozen = nominations.freeze(session, made.id, by=reviewer)
        forms.receive(session)
        dossiers.request_list(session, frozen, by=caseworker)
        revisions.clone(session, edition, code="hnte-2027", effective_from=date(2027, 1, 1), reason="试", by=reviewer)
    app.extensions["yuqi_worker"].run_pending()


def _owned_things(session: Session, people: dict[str, Actor]) -> dict[str, dict[str, int]]:
    """An export and a view of everybody who may have one."""
    owned: dict[str, dict[str, int]] = {"export_id": {}, "view_id": {}}
    for login, person in people.items():
        if decide(person, Action.EXPORT_TAKE).allowed:
            limits = exports.Limits(500, 0, 7)
            made = exports.order(session, FIRMS_EXPORT, {"q": "虚构"}, purpose="测试", by=person, limits=limits)
            owned["export_id"][login] = made.id
        if decide(person, Action.VIEW_SAVE).allowed:
            saved = views.save(session, VIEWS, "office.firms.index", {"q": "虚构"}, ViewDraft("我的"), by=person)
            owned["view_id"][login] = saved.id
    return owned


def shared(_row: object) -> int | None:
    """For things that belong to no firm."""
    return None


def of_the_district(_row: object) -> int | None:
    """For things that show firms of the whole district."""
    return WHOLE_DISTRICT


def _places(session: Session) -> dict[str, list[Place]]:
    rows: dict[str, list[Place]] = {}

    def add(name: str, found: Sequence[Place]) -> None:
        rows[name] = list(found)

    def of(table: type, key: str, firm: Callable[..., int | None], *conditions: object) -> list[Place]:
        statement = select(table).where(*conditions).order_by(table.id)  # type: ignore[attr-defined,arg-type]
        return [({key: row.id}, firm(row)) for row in session.scalars(statement)]

    def by_firm(row: Claim) -> int | None:
        return row.firm_id

    add("firm_id", of(Firm, "firm_id", lambda row: row.id))
    add("claim_id", of(Claim, "claim_id", by_firm))
    add("portal:claim_id", of(Claim, "claim_id", by_firm, Claim.source_kind == SourceKind.FIRM) + rows["claim_id"])
    files = session.execute(select(Evidence, Claim).join(Claim, Claim.id == Evidence.claim_id)).all()
    for name in ("claim_id+evidence_id", "portal:claim_id+evidence_id"):
        add(name, [({"claim_id": claim.id, "evidence_id": item.id}, claim.firm_id) for item, claim in files])
    for line, name in ((Programme.DOUBLING, "programmes.doubling"), (Programme.CULTIVATION, "programmes.cultivation")):
        inside = (Enrolment.programme == line, Enrolment.left_on.is_(None))
        add(f"{name}:enrolment_id", of(Enrolment, "enrolment_id", by_firm, *inside))
    add("indicator_id", of(CustomIndicator, "indicator_id", shared))
    add("remap_id", of(Remap, "remap_id", shared))
    add("recognition_id", of(Recognition, "recognition_id", by_firm, Recognition.file_id.is_not(None)))
    add("institution_id", of(RdInstitution, "institution_id", by_firm))
    add("assessment_id", of(DigitalAssessment, "assessment_id", by_firm))
    rows.update(forms.places(session))
    add("verdict_id", of(Verdict, "verdict_id", by_firm))
    published = select(Publication.id, Verdict.firm_id).join(Verdict, Verdict.id == Publication.verdict_id)
    add("publication_id", [({"publication_id": row[0]}, row[1]) for row in session.execute(published)])
    add("task_id", of(Task, "task_id", by_firm))
    add("intake_id", of(Intake, "intake_id", shared))
    add("survey_id", of(DistrictSurvey, "survey_id", shared))
    add("eligibility.runs:run_id", of(EligibilityRun, "run_id", shared))
    everybody = session.scalars(select(EligibilityRun)).one()
    add("eligibility.runs:edition_id+run_id",
        [({"run_id": everybody.id, "edition_id": everybody.editions[0]["id"]}, None)])  # fmt: skip
    add("renewal_id", of(EligibilityRenewal, "renewal_id", shared))
    add("eligibility:list_id", of(EligibilityList, "list_id", shared))
    add("eligibility_list_id", of(EligibilityList, "eligibility_list_id", shared))
    add("nominations:list_id", of(NominationList, "list_id", shared))
    add("dossiers:list_id", rows["nominations:list_id"])
    add("nomination_id", of(Nomination, "nomination_id", by_firm))
    add("dossier_id", _dossiers(session))
    add("batch_id", of(ImportBatch, "batch_id", of_the_district))
    add("document_id", of(Document, "document_id", by_firm))
    add("portal:document_id", of(Document, "document_id", by_firm, Document.by_firm) + rows["document_id"])
    add("run_id", of(RuleRun, "run_id", of_the_district))
    add("job_id", of(Job, "job_id", of_the_district, Job.created_by.is_not(None)))
    add("user_id", of(User, "user_id", shared))
    add("revision_id", of(Revision, "revision_id", shared))
    add("number+revision_id", [({**values, "number": 5}, None) for values, _firm in rows["revision_id"]])
    add("edition_id", of(Edition, "edition_id", shared))
    add("layout_id", of(ImportProfile, "layout_id", shared))
    add("taxonomies:edition_id", of(ChainEdition, "edition_id", shared))
    add("profile_id", [({"profile_id": "annual-firms"}, None)])
    contacts = session.scalars(select(Contact).order_by(Contact.id)).all()
    add("contact_id+firm_id", [({"firm_id": row.firm_id, "contact_id": row.id}, row.firm_id) for row in contacts])
    names = session.scalars(select(FormerName).order_by(FormerName.id)).all()
    add("firm_id+name_id", [({"firm_id": row.firm_id, "name_id": row.id}, row.firm_id) for row in names])
    for table, key in ((FirmEvent, "event_id"), (NameOffer, "offer_id")):
        found = session.scalars(select(table).order_by(table.id)).all()
        parts = "+".join(sorted(("firm_id", key)))
        add(parts, [({"firm_id": row.firm_id, key: row.id}, row.firm_id) for row in found])
    pairs = session.scalars(select(DuplicatePair)).all()
    add("pair_id", [({"pair_id": row.id}, row.low_id) for row in pairs])
    add("firm_id+other_id", [({"firm_id": row.low_id, "other_id": row.high_id}, row.low_id) for row in pairs])
    add("merge_id", [({"merge_id": row.id}, row.survivor_id) for row in session.scalars(select(FirmMerge))])
    years = session.scalars(select(RosterEntry).order_by(RosterEntry.id)).all()
    add("firm_id+year", [({"firm_id": row.firm_id, "year": row.year}, row.firm_id) for row in years])
    return rows


def _dossiers(session: Session) -> list[Place]:
    joined = select(Dossier.id, Nomination.firm_id).join(Nomination, Nomination.id == Dossier.nomination_id)
    return [({"dossier_id": row[0]}, row[1]) for row in session.execute(joined.order_by(Dossier.id)).all()]
