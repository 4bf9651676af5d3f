"""The pages of the district as workbooks: the call list question by question, the gains, the firms close to a bar."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.core.text import N_, tr
from app.district import asking, calls, margins, queries
from app.district.asking import Asked
from app.district.calls import Which
from app.district.plan import RANKS
from app.district.queries import Gain
from app.district.questions import Call
from app.eligibility.runs import queries as runs
from app.eligibility.runs.models import EligibilityRun
from app.eligibility.runs.nearness import Close, NearBar
from app.exports.kinds import ExportKind
from app.firms.contacts import mask_phone
from app.firms.models import Firm
from app.firms.taxonomy import Town
from app.sheets.columns import Column, ColumnKind
from app.sheets.write import Record, Table

CHUNK = 100
SUBJECT = "district"
IDENTITY = (
    Column("name", "企业名称", width=34),
    Column("code", "统一社会信用代码", ColumnKind.CODE, width=22),
    Column("town", "镇街", width=10),
)
CALL_COLUMNS = (
    *IDENTITY,
    Column("contact", "联系人", width=12),
    Column("phone", "电话（已遮住）", ColumnKind.CODE, width=16),
    Column("question", "要问的问题", width=60),
    Column("note", "口径", width=40),
    Column("programmes", "等着答复的条款", width=50),
    Column("bar", "答到多少即符合", width=30),
    Column("answer", "答复", width=24),
)
GAIN_COLUMNS = (
    *IDENTITY,
    Column("programme", "政策", width=28),
    Column("clause", "只差条款编号", ColumnKind.CODE, width=14),
    Column("rank", "对规划指标的作用", width=26),
    Column("indicators", "规划指标", width=40),
    Column("way", "最省力的做法", width=70),
    Column("who", "由谁办理", width=12),
    Column("effort", "难度", ColumnKind.INTEGER, width=8),
    Column("ready_on", "最早完成", ColumnKind.DATE, width=12),
    Column("closes_on", "批次截止", ColumnKind.DATE, width=12),
    Column("in_time", "赶得上批次", width=12),
    Column("turns_year", "跨年", width=8),
    Column("short", "差在哪里", width=60),
)
MARGIN_COLUMNS = (
    *IDENTITY,
    Column("clause", "条款编号", ColumnKind.CODE, width=16),
    Column("article", "条款", width=26),
    Column("side", "结果", width=10),
    Column("value", "数值", width=16),
    Column("required", "界限", width=26),
    Column("margin", "余量", width=18),
    Column("exact", "余量（精确分数）", ColumnKind.CODE, width=22),
    Column("share", "占界限", ColumnKind.SHARE, width=12),
    Column("flag", "提示", width=24),
)


def _run(session: Session, asked: Asked) -> EligibilityRun | None:
    return runs.newest(session, kind=asking.kind_of({"kind": asked.get("application", "")}))


def _identity(firm: Firm) -> dict[str, object]:
    return {"name": firm.name, "code": firm.credit_code, "town": Town(firm.town).label if firm.town else None}


def _about(run: EligibilityRun | None) -> str:
    return str(tr("依据 %(day)s 的全部判定", day=run.as_of.isoformat())) if run else str(tr("还没有做过全部判定"))


def _town_words(town: str) -> list[str]:
    return [Town(town).label] if town else []


# --- calls -----------------------------------------------------------------------------------------------------------


def _clean_calls(asked: Asked) -> dict[str, str]:
    return asking.plain(asked, "which", "edition", "town", "application")


def _calls(session: Session, actor: Actor, asked: Asked) -> Iterator[Call]:
    run = _run(session, asked)
    if run is None:
        return
    wanted = asking.calls_wanted(asked)
    held = iter(calls.waiting_each(session, run, wanted, for_=actor)[wanted.which].items())
    while part := dict(itertools.islice(held, CHUNK)):
        yield from calls.calls(session, run, part, for_=actor)


def _count_calls(session: Session, actor: Actor, asked: Asked) -> int:
    run, wanted = _run(session, asked), asking.calls_wanted(asked)
    return len(calls.waiting_each(session, run, wanted, for_=actor)[wanted.which]) if run else 0


def _call_words(session: Session, _actor: Actor, asked: Asked) -> str:
    wanted = asking.calls_wanted(asked)
    return "，".join([_about(_run(session, asked)), Which(wanted.which).label, *_town_words(wanted.town)])


def _call_tables(session: Session, actor: Actor, asked: Asked) -> Sequence[Table]:
    rows = (record for call in _calls(session, actor, asked) for record in _questions(call))
    return [Table(N_("电话清单"), CALL_COLUMNS, rows, N_("电话清单"), [_call_words(session, actor, asked)])]


def _questions(call: Call) -> Iterator[Record]:
    contact = call.contact
    common = {
        **_identity(call.firm),
        "contact": contact.name if contact else None,
        "phone": mask_phone(contact.phone) if contact else None,
    }
    for one in call.asks:
        clauses = "；".join(f"{wait.rulebook.title} {'、'.join(wait.clauses)}" for wait in one.waits)
        bars = "；".join(f"{wait.rulebook.title}：{wait.bar}" for wait in one.waits if wait.bar)
        answer = N_("已答复，待审核") if one.is_answered else None
        yield {**common, "question": one.text, "note": one.note, "programmes": clauses, "bar": bars, "answer": answer}


# --- gains -----------------------------------------------------------------------------------------------------------


def _clean_gains(asked: Asked) -> dict[str, str]:
    return asking.plain(asked, "rank", "edition", "town", "within")


def _count_gains(session: Session, actor: Actor, asked: Asked) -> int:
    found = queries.newest(session, complete=True)
    return queries.count_gains(session, found, asking.gains_wanted(asked), for_=actor) if found else 0


def _gain_words(session: Session, _actor: Actor, asked: Asked) -> str:
    wanted, found = asking.gains_wanted(asked), queries.newest(session, complete=True)
    day = str(tr("%(day)s 的推算", day=found.today.isoformat())) if found else str(tr("还没有推算过"))
    rank = [] if wanted.rank is None else [RANKS[wanted.rank]]
    within = [N_("赶得上已登记的批次")] if wanted.within else []
    return "，".join([day, *rank, *_town_words(wanted.town), *within])


def _gain_tables(session: Session, actor: Actor, asked: Asked) -> Sequence[Table]:
    found = queries.newest(session, complete=True)
    gains = queries.all_gains(session, found, asking.gains_wanted(asked), for_=actor) if found else iter(())
    rows = map(_gain, gains)
    return [Table(N_("可及增量"), GAIN_COLUMNS, rows, N_("可及增量"), [_gain_words(session, actor, asked)])]


def _gain(one: Gain) -> Record:
    gain = one.gain
    is_plan = gain.found.value == "plan"
    return {
        **_identity(one.firm),
        "programme": one.edition.title,
        "clause": gain.clause,
        "rank": RANKS[one.rank],
        "indicators": "；".join(f"{effect.indicator.name}（{effect.status.label}）" for effect in one.effects),
        "way": "；".join(gain.steps) if is_plan else f"{gain.found.label}：{gain.why}",
        "who": gain.who.label if is_plan else None,
        "effort": gain.effort if is_plan else None,
        "ready_on": gain.ready_on if is_plan else None,
        "closes_on": gain.closes_on,
        "in_time": None if gain.closes_on is None or not is_plan else N_("是") if gain.in_time else N_("否"),
        "turns_year": N_("是") if gain.turns_year else None,
        "short": gain.short,
    }


# --- close to a bar --------------------------------------------------------------------------------------------------


def _clean_margins(asked: Asked) -> dict[str, str]:
    return asking.plain(asked, "edition", "bar", "within", "side", "town", "application")


def _close(session: Session, actor: Actor, asked: Asked) -> tuple[NearBar | None, list[Close]]:
    run, wanted = _run(session, asked), asking.margins_wanted(asked)
    if run is None:
        return None, []
    found = margins.read(session, run, wanted, for_=actor)
    chosen = next((one for one in found.bars if one.bar.name == wanted.bar), None)
    return chosen, margins.closest(found, wanted)


def _count_margins(session: Session, actor: Actor, asked: Asked) -> int:
    return len(_close(session, actor, asked)[1])


def _margin_words(session: Session, _actor: Actor, asked: Asked) -> str:
    wanted = asking.margins_wanted(asked)
    within = str(tr("余量 %(n)s%%", n=wanted.within))
    return "，".join([_about(_run(session, asked)), wanted.bar, within, *_town_words(wanted.town)])


def _margin_tables(session: Session, actor: Actor, asked: Asked) -> Sequence[Table]:
    chosen, rows = _close(session, actor, asked)
    known = margins.firms_of(session, rows, for_=actor)
    records = [_margin(known[one.firm_id], one, chosen) for one in rows if chosen and one.firm_id in known]
    return [Table(N_("界限抽查"), MARGIN_COLUMNS, records, N_("界限抽查"), [_margin_words(session, actor, asked)])]


def _margin(firm: Firm, one: Close, chosen: NearBar) -> Record:
    flag = N_("恰好等于界限") if one.is_on_it else N_("四舍五入后等于界限") if one.is_rounded else None
    return {
        **_identity(firm),
        "clause": chosen.bar.name,
        "article": chosen.bar.clause.article,
        "side": N_("达标") if one.is_met else N_("未达"),
        "value": one.value_text,
        "required": one.required_text,
        "margin": one.margin_text,
        "exact": str(one.margin),
        "share": one.share,
        "flag": flag,
    }


CALLS = ExportKind(
    "calls", N_("电话清单"), SUBJECT, Action.ELIGIBILITY_EXPORT, _clean_calls, _count_calls, _call_words, _call_tables
)
GAINS = ExportKind(
    "gains", N_("可及增量"), SUBJECT, Action.ELIGIBILITY_EXPORT, _clean_gains, _count_gains, _gain_words, _gain_tables
)
MARGINS = ExportKind(
    "margins", N_("界限抽查"), SUBJECT, Action.ELIGIBILITY_EXPORT, _clean_margins, _count_margins, _margin_words,
    _margin_tables,
)  # fmt: skip
KINDS = (CALLS, GAINS, MARGINS)
