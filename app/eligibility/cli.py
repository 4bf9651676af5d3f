"""Command line of the eligibility room.

``judge`` needs no database: a file of figures in, a judgement out. ``eligibility run`` draws up a list of the firms in
the database.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Actor
from app.access.policy import decide
from app.accounts import queries as accounts
from app.core import clock
from app.core.db import Database
from app.core.errors import DomainError, Invalid, NotFound, Refused
from app.core.text import tr
from app.eligibility import export, listing, service
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import Judgement, plain_number
from app.eligibility.past.cli import then_command
from app.eligibility.runs.cli import run_all
from app.facts import values
from app.facts.reading import read_file
from app.facts.sheet import FactSheet
from app.rulebooks import queries as rulebooks
from app.rulebooks.choosing import Chosen, choose, programme_of
from app.rulebooks.loader import load_all, load_edition
from app.rulebooks.schema import APPLICATION_KINDS, Rulebook
from app.rulebooks.walking import items_of

group = AppGroup("eligibility", help="资格判定")
group.add_command(then_command)


@click.command("judge")
@click.argument("facts", metavar="FACTS", required=False)
@click.option("--edition", metavar="ID", help="规则版本编号，如 hnte-2016")
@click.option("--programme", metavar="NAME", help="政策类别，如 小巨人、specialised_sme；不写 --edition 时据以选定版本")
@click.option("--region", metavar="PLACE", help="地区，如 广东省；不写则看指标文件中的注册省、市")
@click.option("--as-of", metavar="DATE", help="判定日期，如 2024-06-15；上一会计年度为最近一年")
@click.option("--kind", default="new", show_default=True, help="申请类型：new（新申请）或 review（复核）")
def judge_command(
    facts: str | None, edition: str | None, programme: str | None, region: str | None, as_of: str | None, kind: str
) -> None:
    """按一版规则判定 FACTS（YAML 或 JSON 指标文件）中的一家企业，结果以 JSON 写到标准输出。

    写明 --edition，或写明 --programme（由类别、申请类型、日期、地区选定版本，并说明理由）。
    """
    try:
        answer = _judged(facts, edition, programme, region, as_of, kind)
    except DomainError as error:
        click.echo(str(tr("错误：%(why)s", why=error.message)), err=True)
        raise SystemExit(1) from None
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def _judged(
    facts: str | None, edition: str | None, programme: str | None, region: str | None, as_of: str | None, kind: str
) -> dict[str, Any]:
    if not facts:
        raise Invalid("facts", tr("请写明指标文件，例如 judge 企业.yaml --edition hnte-2016 --as-of 2024-06-15。"))
    if not edition and not programme:
        raise Invalid(
            "edition", tr("请用 --edition 指明规则版本，例如 --edition hnte-2016，或用 --programme 指明政策类别。")
        )
    if not as_of:
        raise Invalid("as_of", tr("请用 --as-of 指明判定日期，例如 --as-of 2024-06-15。"))
    day = values.read_date(as_of, "--as-of")
    if kind not in APPLICATION_KINDS:
        raise Invalid("kind", tr("--kind 只能是 new（新申请）或 review（复核），不能是“%(kind)s”。", kind=kind))
    stated = load_edition(edition) if edition else None
    if stated is not None:
        _check_scope(stated, day, kind)
    sheet = FactSheet.from_plain(read_file(Path(facts)), source=Path(facts).name)
    if stated is not None:
        _hint_at_transition(stated, day, kind)
        _check_experts(stated, sheet)
        return shown(evaluate(stated, sheet, day, kind))
    chosen = _chosen(programme or "", region if region is not None else _place_of(sheet), day, kind)
    _check_experts(chosen.rulebook, sheet)
    answer = shown(evaluate(chosen.rulebook, sheet, day, kind))
    return answer | {"chosen": {"programme": chosen.rulebook.programme, "why": str(chosen.why)}}


def _chosen(programme: str, place: str, day: date, kind: str) -> Chosen:
    chosen = choose(load_all(), programme_of(load_all(), programme), kind=kind, day=day, place=place)
    notice = tr(
        "选用 %(id)s（%(title)s）：%(why)s。", id=chosen.rulebook.id, title=chosen.rulebook.title, why=chosen.why
    )
    click.echo(str(notice), err=True)
    return chosen


def _place_of(sheet: FactSheet) -> str:
    """Return the place of the firm as its own figures tell it (empty: they do not)."""
    parts = [sheet.get(key) for key in ("registered_province", "registered_city", "registered_district")]
    return "".join(str(part.value) for part in parts if part is not None)


def _hint_at_transition(stated: Rulebook, day: date, kind: str) -> None:
    """Say so when a transition rule sends such an application to another edition than the one that was stated."""
    for other in load_all():
        rule = other.transition(day, kind) if other.programme == stated.programme and other is not stated else None
        if rule is not None:
            notice = tr("提示：%(text)s（%(basis)s），本次指定的是 %(id)s，应适用 %(other)s。",
                        text=rule.text, basis=rule.basis, id=stated.id, other=other.id)  # fmt: skip
            click.echo(str(notice), err=True)


def _check_scope(rulebook: Rulebook, day: date, kind: str) -> None:
    if kind not in rulebook.kinds:
        raise Invalid("kind", tr("%(id)s 不适用于 %(kind)s 类申请。", id=rulebook.id, kind=kind))
    if not rulebook.governs(day, kind):
        raise Invalid(
            "as_of",
            tr(
                "%(id)s 自 %(start)s 起施行%(end)s，不能用于 %(day)s 的判定，请核对日期或另选版本。",
                id=rulebook.id,
                start=rulebook.effective_from,
                end=tr("、至 %(end)s 止", end=rulebook.effective_to) if rulebook.effective_to else "",
                day=day,
            ),
        )


def _check_experts(rulebook: Rulebook, sheet: FactSheet) -> None:
    """Refuse scores of items that exist nowhere; those of another edition are left aside, and said so."""
    known = _item_ids(rulebook)
    elsewhere = {item for other in load_all() for item in _item_ids(other)}
    for item in sheet.expert_items():
        if item not in elsewhere:
            raise Invalid(
                "expert",
                tr(
                    "expert：%(id)s 没有评分项“%(item)s”，可填：%(known)s。",
                    id=rulebook.id,
                    item=item,
                    known="、".join(known) or "无",
                ),
            )
        if item not in known:
            notice = tr("提示：评分项“%(item)s”不属于 %(id)s，本次未采用。", item=item, id=rulebook.id)
            click.echo(str(notice), err=True)


def _item_ids(rulebook: Rulebook) -> list[str]:
    items = [item.id for item in rulebook.score.items()] if rulebook.score else []
    return items + [item for clause in rulebook.clauses for item in items_of(clause.test)]


def shown(judgement: Judgement) -> dict[str, Any]:
    """Return the answer of the command line: stable keys, and the level where the edition has a ladder of them.

    A finding on the score carries the rows of the score.
    """
    plain = judgement.to_json()
    score = plain["score"]
    findings = plain["findings"]
    for finding in findings:
        if finding["kind"] == "score" and score is not None:
            finding["score"] = score
    return {
        "edition": plain["edition"],
        "as_of": plain["as_of"],
        "verdict": plain["verdict"],
        "score": None if score is None else {"low": score["low"], "high": score["high"]},
        "findings": findings,
    } | ({} if plain["level"] is None else {"level": plain["level"]})


@group.command("run")
@click.option("--edition", metavar="ID", help="规则版本编号，如 hnte-2016")
@click.option("--all", "everybody", is_flag=True, help="按当日有效的每一版规则判定全部存续企业")
@click.option("--resume", "resumed", metavar="RUN", type=int, help="与 --all 同用：继续没有做完的一次")
@click.option("--as-of", metavar="DATE", help="判定日期，如 2026-06-01；与 --all 同用时不写即为今天")
@click.option("--kind", default="new", show_default=True, help="申请类型：new（新申请）或 review（复核）")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="另存为 Excel 文件")
@click.option("--by", metavar="LOGIN", help="以此账号的身份和管理范围生成；不写则为系统")
def run(
    edition: str | None, everybody: bool, resumed: int | None, as_of: str | None, kind: str, out: Path | None,
    by: str | None,
) -> None:  # fmt: skip
    """生成资格清单（--edition）或判定全部企业（--all）：家数和理由，以 JSON 写到标准输出。"""
    database: Database = current_app.extensions["yuqi_database"]
    try:
        if everybody:
            with database.session() as session:
                person = _person(session, by, Action.ELIGIBILITY_RUN)
            day = clock.today() if as_of is None else values.read_date(as_of, "--as-of")
            click.echo(json.dumps(run_all(database, day, kind, person, resumed), ensure_ascii=False, indent=2))
            return
        if edition is None or as_of is None:
            raise Invalid("edition", tr("请写明 --edition 和 --as-of，或用 --all 判定全部企业。"))
        with database.transaction() as session:
            answer, workbook = _drawn_up(session, edition, values.read_date(as_of, "--as-of"), kind, by, bool(out))
        if out is not None:
            out.write_bytes(workbook)
            click.echo(str(tr("已写入 %(file)s", file=out)), err=True)
    except DomainError as error:
        raise click.ClickException(str(error.message)) from error
    except OSError as error:
        raise click.ClickException(str(tr("无法写入 %(file)s：%(why)s", file=out, why=error.strerror))) from error
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def _drawn_up(
    session: Session, code: str, as_of: date, kind: str, login: str | None, wants_file: bool
) -> tuple[dict[str, Any], bytes]:
    person = _person(session, login, Action.ELIGIBILITY_DRAW_UP)
    edition = rulebooks.by_code(session, code)
    found = service.draw_up(session, edition, as_of, by=person, kind=kind)
    about = listing.overview(session, found.id, for_=person)
    rows = listing.all_rows(session, found.id, listing.ListFilter(), for_=person)
    answer = {
        "edition": edition.code,
        "as_of": as_of.isoformat(),
        "list": found.id,
        "counts": dict(found.counts),
        "refused": listing.refused(session, found.id, for_=person),
        "excluded": listing.excluded(session, found.id, for_=person),
        "firms": [_row_json(row) for row in rows],
    }
    if not wants_file:
        return answer, b""
    return answer, export.workbook(about, edition, rows, narrowed="", exported_by=person.name, at=clock.now())


def _person(session: Session, login: str | None, action: Action) -> Actor:
    if login is None:
        return SYSTEM
    user = accounts.by_login(session, login)
    if user is None or not user.is_active:
        raise NotFound(tr("没有“%(login)s”这个启用的账号，请核对 --by。", login=login))
    decision = decide(user.as_actor(), action)
    if not decision.allowed:
        raise Refused(decision.reason or tr("没有权限。"))
    return user.as_actor()


def _row_json(row: listing.ListRow) -> dict[str, Any]:
    scored = row.score_low is not None and row.score_high is not None
    return {
        "firm": row.name,
        "credit_code": row.credit_code,
        "verdict": row.state.value,
        "reason": row.reason,
        "shortfall": row.shortfall.value,
        "short_clause": row.short_clause or None,
        "score": {"low": plain_number(row.score_low), "high": plain_number(row.score_high)} if scored else None,  # type: ignore[arg-type]
    }
