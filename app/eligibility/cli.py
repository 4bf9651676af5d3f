"""Command line of the eligibility room. ``judge`` needs no database: a file of figures in, a judgement out."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from app.core.errors import DomainError, Invalid
from app.core.text import tr
from app.eligibility.engine.evaluate import evaluate
from app.eligibility.engine.finding import Judgement
from app.facts import values
from app.facts.reading import read_file
from app.facts.sheet import FactSheet
from app.rulebooks.loader import load_all, load_edition
from app.rulebooks.schema import APPLICATION_KINDS, Rulebook


@click.command("judge")
@click.argument("facts", metavar="FACTS", required=False)
@click.option("--edition", metavar="ID", help="规则版本编号，如 hnte-2016")
@click.option("--as-of", metavar="DATE", help="判定日期，如 2024-06-15；上一会计年度为最近一年")
@click.option("--kind", default="new", show_default=True, help="申请类型：new（新申请）或 review（复核）")
def judge_command(facts: str | None, edition: str | None, as_of: str | None, kind: str) -> None:
    """按一版规则判定 FACTS（YAML 或 JSON 指标文件）中的一家企业，结果以 JSON 写到标准输出。"""
    try:
        answer = _judged(facts, edition, as_of, kind)
    except DomainError as error:
        click.echo(str(tr("错误：%(why)s", why=error.message)), err=True)
        raise SystemExit(1) from None
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def _judged(facts: str | None, edition: str | None, as_of: str | None, kind: str) -> dict[str, Any]:
    if not facts:
        raise Invalid("facts", tr("请写明指标文件，例如 judge 企业.yaml --edition hnte-2016 --as-of 2024-06-15。"))
    if not edition:
        raise Invalid("edition", tr("请用 --edition 指明规则版本，例如 --edition hnte-2016。"))
    if not as_of:
        raise Invalid("as_of", tr("请用 --as-of 指明判定日期，例如 --as-of 2024-06-15。"))
    rulebook = load_edition(edition)
    day = values.read_date(as_of, "--as-of")
    _check_scope(rulebook, day, kind)
    sheet = FactSheet.from_plain(read_file(Path(facts)), source=Path(facts).name)
    _check_experts(rulebook, sheet)
    return shown(evaluate(rulebook, sheet, day, kind))


def _check_scope(rulebook: Rulebook, day: date, kind: str) -> None:
    if kind not in APPLICATION_KINDS:
        raise Invalid("kind", tr("--kind 只能是 new（新申请）或 review（复核），不能是“%(kind)s”。", kind=kind))
    if kind not in rulebook.kinds:
        raise Invalid("kind", tr("%(id)s 不适用于 %(kind)s 类申请。", id=rulebook.id, kind=kind))
    if not rulebook.in_force(day):
        raise Invalid(
            "as_of",
            tr(
                "%(id)s 自 %(start)s 起施行%(end)s，不能用于 %(day)s 的判定，请核对日期或另选版本。",
                id=rulebook.id,
                start=rulebook.effective_from,
                end=f"、至 {rulebook.effective_to} 止" if rulebook.effective_to else "",
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
    return [item.id for item in rulebook.score.items()] if rulebook.score else []


def shown(judgement: Judgement) -> dict[str, Any]:
    """Return the answer of the command line: stable keys; a finding on the score carries the rows of the score."""
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
    }
