"""Who the firm is, and where it stands in the four lines of cultivation, on the day the dossier is put together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.core.rounding import grouped
from app.dossiers.context import FirmPart, Line, Pair
from app.facts.keeping import indicator_of
from app.firms.contacts import mask_email, mask_phone
from app.firms.models import Firm
from app.programmes import queries as programmes
from app.programmes.catalogue import stage
from app.programmes.digital import queries as digital
from app.programmes.doubling import queries as doubling
from app.programmes.doubling.queries import Progress
from app.programmes.models import Enrolment, Programme
from app.programmes.rd_institutions import queries as institutions
from app.programmes.rd_institutions.models import RdInstitution

NOT_GIVEN = "未登记"


def firm_part(session: Session, firm: Firm) -> FirmPart:
    """Return the firm's profile; ``firm`` has its clusters, contacts, names and rosters loaded."""
    return FirmPart(
        name=firm.name,
        is_demo=firm.is_demo,
        pairs=_identity(session, firm),
        contacts=tuple(
            Pair(f"{one.name}（{one.post}）" if one.post else one.name, _reachable(one.phone, one.email))
            for one in sorted(firm.contacts, key=lambda one: (not one.is_primary, one.id))
        ),
        lines=_lines(session, firm.id),
    )


def _identity(session: Session, firm: Firm) -> tuple[Pair, ...]:
    ordered = sorted(firm.clusters, key=lambda one: (not one.is_primary, one.id))
    clusters = "、".join(one.cluster.label + ("（主）" if one.is_primary else "") for one in ordered)
    former = sorted(firm.former_names, key=lambda one: (one.until or date.max, one.id))
    names = "、".join(one.name + (f"（用至 {one.until:%Y-%m-%d}）" if one.until else "") for one in former)
    years = "、".join(str(one.year) for one in sorted(firm.roster_years, key=lambda one: one.year))
    worker = accounts.names(session, [firm.caseworker_id] if firm.caseworker_id else [])
    found = [
        ("企业名称", firm.name),
        ("统一社会信用代码", firm.credit_code),
        ("曾用名", names or "无登记"),
        ("证券代码", firm.security_code or "无"),
        ("所在镇街", firm.town.label if firm.town else ""),
        ("登记状态", firm.status.label),
        ("成立日期", _day(firm.registered_on)),
        ("所属行业", firm.industry),
        ("产业集群", clusters),
        ("产业链角色", firm.chain_role.label if firm.chain_role else ""),
        ("规上企业名录年度", years),
        ("经办人", "".join(worker.values())),
        ("地址", firm.address),
        ("基本信息来源", firm.source),
    ]
    return tuple(Pair(name, value or NOT_GIVEN) for name, value in found)


def _reachable(phone: str, email: str) -> str:
    return "，".join(text for text in (mask_phone(phone), mask_email(email)) if text) or NOT_GIVEN


def _lines(session: Session, firm_id: int) -> tuple[Line, ...]:
    doublings = programmes.enrolments_of(session, firm_id, Programme.DOUBLING)
    pools = programmes.enrolments_of(session, firm_id, Programme.CULTIVATION)
    workers = accounts.names(session, [one.caseworker_id for one in (*doublings, *pools) if one.caseworker_id])
    progress = doubling.progress_of(session, doublings)
    return (
        Line(
            Programme.DOUBLING.label,
            tuple(pair for one in doublings for pair in (*_enrolment(one, workers), *_target(progress.get(one.id)))),
        ),
        Line(Programme.CULTIVATION.label, tuple(pair for one in pools for pair in _enrolment(one, workers))),
        Line(Programme.RD_INSTITUTIONS.label, _institutions(institutions.of_firm(session, firm_id))),
        Line(Programme.DIGITAL.label, _digital(session, firm_id)),
    )


def _enrolment(one: Enrolment, workers: dict[int, str]) -> list[Pair]:
    found = stage(one.programme, one.stage)
    pairs = [
        Pair("阶段", "已出库" if one.left_on else found.label if found else one.stage),
        Pair("入库日期", _day(one.entered_on)),
        Pair("经办人", workers.get(one.caseworker_id or 0, NOT_GIVEN)),
        Pair("入库理由", one.entry_reason or NOT_GIVEN),
    ]
    return [*pairs, Pair("出库", f"{_day(one.left_on)}，{one.exit_reason}")] if one.left_on else pairs


def _target(progress: Progress | None) -> list[Pair]:
    if progress is None:
        return []
    target = progress.target
    return [
        Pair("基期", f"{target.baseline_year} 年 {indicator_of(target.metric).short} {grouped(target.baseline)} 万元"),
        Pair("目标", f"{target.target_year} 年 {grouped(target.target)} 万元（{grouped(target.multiple)} 倍）"),
        Pair("进度", f"{progress.latest.year} 年：{progress.standing.label}"),
        Pair("目标依据", target.scheme or "未定义"),
    ]


def _institutions(found: Sequence[RdInstitution]) -> tuple[Pair, ...]:
    pairs = []
    for one in found:
        parts = [one.kind.label, one.level.label]
        parts += [f"认定 {_day(one.recognised_on)}"] if one.recognised_on else []
        parts += [one.document_number] if one.document_number else []
        parts += [f"有效期至 {_day(one.valid_until)}"] if one.valid_until else []
        parts += [f"已于 {_day(one.ended_on)} 终止"] if one.ended_on else []
        pairs.append(Pair(one.name, "，".join(parts)))
    return tuple(pairs)


def _digital(session: Session, firm_id: int) -> tuple[Pair, ...]:
    pairs = []
    for one in digital.of_firm(session, firm_id):
        score = f"，{grouped(one.score)} 分" if one.score is not None else ""
        pairs.append(Pair(_day(one.assessed_on), f"{one.level.label}{score}，{one.source_kind.label}，{one.source}"))
    return tuple(pairs)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
