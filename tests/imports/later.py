"""Later work of every kind on firms that an import created or brought figures of, and what it does to an undo."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actor import SYSTEM, Actor
from app.access.roles import Role
from app.access.towns import Town
from app.accounts import service as accounts
from app.accounts.mandates import Power
from app.accounts.models import User
from app.core import clock
from app.eligibility import service as eligibility
from app.engagement import service as engagement
from app.engagement.service import TaskDraft
from app.facts import service as facts
from app.facts.locker import Upload
from app.facts.models import Claim, ClaimState, SourceKind
from app.files.store import FileStore
from app.firms import contacts, duplicates, merge, queries, registry
from app.firms import service as firms
from app.firms.contacts import ContactDraft
from app.firms.duplicates import Pair
from app.firms.merge import Choice
from app.firms.models import DuplicatePair, Firm, NameOffer
from app.firms.registry import EventDraft
from app.firms.taxonomy import ClusterCode, EventKind
from app.imports import applying, confirmation, repairs
from app.imports import queries as imports
from app.imports import service as importing
from app.imports.models import Decision, ImportBatch, ImportRow
from app.mandates import service as mandates
from app.nominations import service as nominations
from app.notes import service as notes
from app.programmes import service as programmes
from app.programmes.catalogue import Programme
from app.programmes.digital import service as digital
from app.programmes.digital.models import DigitalLevel, DigitalSource
from app.programmes.digital.service import AssessmentDraft
from app.programmes.rd_institutions import service as institutions
from app.programmes.rd_institutions.models import InstitutionKind, InstitutionLevel
from app.programmes.rd_institutions.service import InstitutionDraft
from app.recognitions import service as recognitions
from app.recognitions.models import RecognitionKind, RecognitionLevel
from app.recognitions.service import RecognitionDraft
from app.taxonomies import queries as taxonomy
from app.taxonomies import service as taxonomies
from app.taxonomies.models import Reclassified
from tests.factories.eligibility import AS_OF, edition
from tests.factories.facts import make_claim

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
A_DAY = date(2026, 3, 1)


@dataclass
class Scene:
    """An import that was applied, the firm that is worked on, and who works. ``created``: the import made the firm."""

    session: Session
    store: FileStore
    chance: random.Random
    batch: ImportBatch
    firm: Firm
    created: bool
    other: Firm
    by: Actor
    reviewer: Actor
    repeats: int
    differs: int

    def loses(self, what: str) -> list[str]:
        """Return what an undo must name where the firm goes with it."""
        return [f"1 家企业{what}：{self.firm.name}"] if self.created else []

    def claim(self, key: str = "operating_revenue") -> Claim | None:
        """Return a figure of the firm that the import brought and that still waits."""
        waiting = (Claim.batch_id == self.batch.id, Claim.firm_id == self.firm.id, Claim.state == ClaimState.PENDING)
        return self.session.scalars(select(Claim).where(*waiting, Claim.key == key)).first()


Later = Callable[[Scene], Sequence[str]]
"""Does its work; returns parts of sentences that an undo must name, none where nothing of the work would be lost."""


def edited(at: Scene) -> Sequence[str]:
    draft = firms.draft_of(at.firm, queries.clusters(at.session, at.firm.id))
    firms.edit(at.session, at.firm, replace(draft, note="核实过"), by=at.by, version=at.firm.version)
    return at.loses("档案已被修改")


def filled_over(at: Scene) -> Sequence[str]:
    draft = firms.draft_of(at.firm, queries.clusters(at.session, at.firm.id))
    changed = replace(draft, address="虚构新路1号", town=Town.HETANG, clusters=(next(iter(ClusterCode)),))
    firms.edit(at.session, at.firm, changed, by=at.by, version=at.firm.version)
    return at.loses("档案已被修改")


def assigned(at: Scene) -> Sequence[str]:
    firms.assign(at.session, [at.firm], at.session.get_one(User, at.by.id), by=at.by)
    return at.loses("已分派经办人")


def accepted(at: Scene) -> Sequence[str]:
    claim = at.claim()
    if claim is None:
        return []
    facts.accept(at.session, claim, by=at.reviewer, reason="与审计报告一致")
    return [f"{at.firm.name}“营业收入 2025 年”", *at.loses("已有核定值")]


def accepted_otherwise(at: Scene) -> Sequence[str]:
    claim = make_claim(
        at.session, at.firm.id, key="operating_revenue", value=Decimal(77), source_kind=SourceKind.CASEWORKER
    )
    facts.accept(at.session, claim, by=at.reviewer, reason="以审计报告为准")
    return [*at.loses("另有来源填报了数据"), *at.loses("已有核定值")]


def returned(at: Scene) -> Sequence[str]:
    claim = at.claim("employees_total")
    if claim is None:
        return []
    facts.reject(at.session, claim, by=at.reviewer, note="请核对")
    return ["个数据已退回"] if at.created else []


def withdrawn(at: Scene) -> Sequence[str]:
    claim = at.claim("rd_expense_audit")
    if claim is not None:
        facts.withdraw(at.session, claim, by=at.by)
    return []


def attached(at: Scene) -> Sequence[str]:
    claim = at.claim()
    if claim is None:
        return []
    facts.attach(at.session, at.store, claim, Upload("审计报告.pdf", PDF), by=at.by)
    return at.loses("已有佐证材料")


def listed(at: Scene) -> Sequence[str]:
    year = at.chance.choice([2024, 2025])
    firms.set_roster(at.session, at.firm.id, year, True, source="区统计局名录", by=at.by)
    return at.loses("已有规上名录")


def renamed(at: Scene) -> Sequence[str]:
    registry.rename(
        at.session, at.firm, at.firm.name + "二", on=A_DAY, document="准予变更通知", by=at.by, version=at.firm.version
    )
    return at.loses("档案已被修改")


def moved_away(at: Scene) -> Sequence[str]:
    draft = EventDraft(kind=EventKind.MOVED_OUT, on_day=A_DAY, to_place="江海区")
    registry.record_event(at.session, at.firm, draft, by=at.by)
    return [*at.loses("已有登记变动"), *at.loses("档案已被修改")]


def parent_of_a_branch(at: Scene) -> Sequence[str]:
    draft = EventDraft(kind=EventKind.BRANCH, on_day=A_DAY, parent_id=at.firm.id)
    registry.record_event(at.session, at.other, draft, by=at.by)
    return at.loses("已有登记变动")


def merged(at: Scene) -> Sequence[str]:
    pair = [at.firm, at.other]
    at.chance.shuffle(pair)
    merge.merge(at.session, pair[0], pair[1], Choice("同一家企业，已核实"), by=at.reviewer)
    return ["合并"]


def reclassified(at: Scene) -> Sequence[str]:
    rules = {"虚构电机制造": "3812"}
    found = taxonomies.preview(at.session, Reclassified.INDUSTRY, rules)
    taxonomies.apply(
        at.session, Reclassified.INDUSTRY, rules, title="行业代码", reason="统计口径", expected=len(found), by=at.by
    )
    return ["已有分类调整", "档案已被修改"]  # the new firms are all of that industry


def chained(at: Scene) -> Sequence[str]:
    chain = taxonomy.editions(at.session)[0].chains[0]
    taxonomies.set_chains(at.session, at.firm, [chain.id], by=at.by)
    return at.loses("已有产业链")


def noted(at: Scene) -> Sequence[str]:
    notes.write(at.session, at.firm, "电话核实过地址", by=at.by)
    return at.loses("已有企业备注")


def tasked(at: Scene) -> Sequence[str]:
    assert at.by.id is not None
    engagement.create(at.session, at.firm, TaskDraft("补报", at.by.id, clock.today() + timedelta(days=9)), by=at.by)
    return at.loses("已有任务")


def recognised(at: Scene) -> Sequence[str]:
    draft = RecognitionDraft(
        RecognitionKind.HITECH, RecognitionLevel.NATIONAL, A_DAY, "公示名单", valid_until=date(2029, 3, 1)
    )
    recognitions.register(at.session, at.firm, draft, by=at.by)
    return at.loses("已有资质")


def enrolled(at: Scene) -> Sequence[str]:
    programmes.enrol(at.session, at.firm, Programme.CULTIVATION, by=at.by, stage="lead", reason="有研发")
    return at.loses("已有培育专项")


def assessed(at: Scene) -> Sequence[str]:
    draft = AssessmentDraft(next(iter(DigitalLevel)), next(iter(DigitalSource)), "评测报告", A_DAY)
    digital.record(at.session, at.firm, draft, by=at.by)
    return at.loses("已有数字化转型")


def with_an_institution(at: Scene) -> Sequence[str]:
    kind, level = next(iter(InstitutionKind)), next(iter(InstitutionLevel))
    institutions.register(at.session, at.firm, InstitutionDraft("研究院", kind, level, "批复", A_DAY), by=at.by)
    return at.loses("已有研发机构")


def known_contact(at: Scene) -> Sequence[str]:
    contacts.add(at.session, at.firm, ContactDraft(name="虚构联系人", phone="0750-1234567"), by=at.by)
    return at.loses("已有联系人")


def former_name_put_right(at: Scene) -> Sequence[str]:
    former = queries.former_names(at.session, at.firm.id)
    if not former:
        firms.add_former_name(at.session, at.firm, "虚构更早名", until=None, by=at.by)
    else:
        registry.correct_name(
            at.session, at.firm, former[0], since=None, until=A_DAY, document="变更通知", by=at.by
        )  # fmt: skip
    return at.loses("档案已被修改")


def kept_apart(at: Scene) -> Sequence[str]:
    low, high = sorted((at.firm, at.other), key=lambda one: one.id)
    pair = DuplicatePair(low_id=low.id, high_id=high.id, reasons=["exact"], weight=9)
    at.session.add(pair)
    at.session.flush()
    duplicates.keep_apart(at.session, Pair(pair, low, high), reason="代码不同，已核实", by=at.by)
    return at.loses("的疑似重复已由人处理")


def given_an_account(at: Scene) -> Sequence[str]:
    accounts.create(
        at.session, login=f"firm-{at.firm.id}", name="企业填报人", role=Role.FIRM_FILLER, by=SYSTEM, firm_id=at.firm.id
    )
    return at.loses("已开通企业账号")


def invited(at: Scene) -> Sequence[str]:
    power = Power(at.firm.id, Role.FIRM_FILLER, clock.today() + timedelta(days=90))
    mandates.invite(at.session, at.firm, power, invitee="虚构财务", by=at.by)
    return at.loses("已有企业邀请")


def declined_name(at: Scene) -> Sequence[str]:
    offer = at.session.scalars(select(NameOffer).where(NameOffer.is_open)).first()
    if offer is not None:
        registry.decline_name(
            at.session, at.session.get_one(Firm, offer.firm_id), offer, reason="表中笔误", by=at.by
        )  # fmt: skip
    return []


def judged(at: Scene) -> Sequence[str]:
    eligibility.judge(at.session, at.firm.id, edition(at.session), AS_OF, by=at.by)
    return at.loses("已有判定结果")


def put_on_lists(at: Scene) -> Sequence[str]:
    drawn = eligibility.draw_up(at.session, edition(at.session), AS_OF, by=at.reviewer)
    found = nominations.draw_up(at.session, drawn, by=at.by, title="推荐名单")
    nominations.add(at.session, found.id, at.firm.id, by=at.by, reason="拟补充数据")
    return ["已有判定结果", *at.loses("已有推荐意见")]  # a list judges all firms, the new ones among them


def imported_again(at: Scene) -> Sequence[str]:
    """The same table comes again: what it repeats it does not say itself."""
    return _import(at, at.repeats, ["在另一批导入中也有", "请先撤销批次"])


def imported_otherwise(at: Scene) -> Sequence[str]:
    """A table with other figures of the same firms: it speaks for itself, and new firms are no longer this one's."""
    return _import(at, at.differs, ["另有来源填报了数据", "在另一批导入中也有"])


def _import(at: Scene, batch_id: int, lost: list[str]) -> Sequence[str]:
    batch = imports.batch(at.session, batch_id, for_=at.by, lock=True)
    importing.rehearse(at.session, batch, by=at.by)
    confirmation.submit(at.session, batch, by=at.by)
    applying.apply(at.session, batch, by=at.reviewer)
    return lost


def meant_by_hand(at: Scene) -> Sequence[str]:
    """In another table a person says that a row is this firm."""
    row = at.session.scalars(select(ImportRow).where(ImportRow.batch_id == at.differs).order_by(ImportRow.id.desc()))
    last = row.first()
    assert last is not None
    batch = imports.batch(at.session, at.differs, for_=at.by, lock=True)
    repairs.decide(
        at.session, batch, last.id, Decision.FIRM, by=at.by, version=last.version, firm_id=at.firm.id
    )  # fmt: skip
    return at.loses("在另一批导入中由人指定")


KINDS: Sequence[Later] = (
    edited, filled_over, assigned, accepted, accepted_otherwise, returned, withdrawn, attached, listed, renamed,
    moved_away, parent_of_a_branch, merged, reclassified, chained, noted, tasked, recognised, enrolled, assessed,
    with_an_institution, known_contact, former_name_put_right, kept_apart, given_an_account, invited, declined_name,
    judged, put_on_lists, imported_again, imported_otherwise, meant_by_hand,
)  # fmt: skip
