"""``eligibility then``: one firm of the database as of a past day, with what was known then; nothing is stored."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import Database
from app.core.errors import DomainError, Invalid, NotFound
from app.core.text import tr
from app.eligibility.past import service
from app.eligibility.past.service import Answer, Asked, Then
from app.eligibility.past.steps import Datum, Step
from app.facts import values
from app.facts.sheet import plain_value
from app.firms.models import Firm
from app.rulebooks import queries as rulebooks
from app.rulebooks.choosing import programme_of
from app.rulebooks.schema import APPLICATION_KINDS


@click.command("then")
@click.argument("firm", metavar="FIRM")
@click.option("--as-of", metavar="DATE", help="判定日期，不写即为今天")
@click.option("--known", metavar="DATE", help="按这一天日终已知的数据，不写即为现在")
@click.option("--edition", metavar="ID", help="规则版本编号，如 hnte-2016")
@click.option("--programme", metavar="NAME", help="政策类别，如 高企；据日期选定版本")
@click.option("--kind", default="new", show_default=True, help="申请类型：new（新申请）或 review（复核）")
@with_appcontext
def then_command(
    firm: str, as_of: str | None, known: str | None, edition: str | None, programme: str | None, kind: str
) -> None:
    """按某一天的规则和当时已知的数据判定 FIRM（企业名称或统一社会信用代码），并与今天比较；只读，不保存。"""
    database: Database = current_app.extensions["yuqi_database"]
    try:
        with database.session() as session:
            asked = _asked(session, as_of, known, edition, programme, kind)
            found = _firm(session, firm)
            answer = {"firm": found.name, **_plain(asked, service.answer(session, found.id, asked))}
    except DomainError as error:
        raise click.ClickException(str(error.message)) from error
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def _asked(
    session: Session, as_of: str | None, known: str | None, edition: str | None, programme: str | None, kind: str
) -> Asked:
    if kind not in APPLICATION_KINDS:
        raise Invalid("kind", tr("--kind 只能是 new（新申请）或 review（复核），不能是“%(kind)s”。", kind=kind))
    if not edition and not programme:
        raise Invalid("edition", tr("请用 --edition 指明规则版本，或用 --programme 指明政策类别。"))
    day = clock.today() if as_of is None else values.read_date(as_of, "--as-of")
    evening: date | None = None if known is None else values.read_date(known, "--known")
    books = [rulebooks.rulebook_of(one) for one in rulebooks.editions(session)]
    line = programme_of(books, programme) if programme and not edition else ""
    past = evening if evening is not None and evening < clock.today() else None
    return Asked(day, past, kind, line, edition or "")


def _firm(session: Session, text: str) -> Firm:
    found = session.scalars(select(Firm).where(or_(Firm.credit_code == text, Firm.name == text)).limit(2)).all()
    if len(found) != 1:
        raise NotFound(tr("没有找到唯一的企业“%(text)s”，请用统一社会信用代码。", text=text))
    return found[0]


def _plain(asked: Asked, answer: Answer) -> dict[str, Any]:
    return {
        "known": None if asked.known is None else asked.known.isoformat(),
        "then": _then(answer.then),
        "today": None if answer.today is None else _then(answer.today),
        "steps": [_step(one) for one in answer.steps],
    }


def _then(one: Then) -> dict[str, Any]:
    whole = one.judgement.to_json()
    kept = ("edition", "as_of", "kind", "verdict", "reason", "sheet_digest", "rulebook_digest")
    findings = [{name: finding[name] for name in ("clause", "outcome", "explanation")} for finding in whole["findings"]]
    return {name: whole[name] for name in kept} | {"findings": findings}


def _step(step: Step) -> dict[str, Any]:
    return {
        "why": step.why.value,
        "told": str(step.told),
        "verdict": [step.before.decision.value, step.after.decision.value],
        "clauses": [
            {
                "clause": one.clause,
                "outcome": [side.outcome.value if side else None for side in (one.before, one.after)],
                "data": [_datum(datum) for datum in one.data],
            }
            for one in step.changes
        ],
        "data": [_datum(one) for one in step.data],
    }


def _datum(one: Datum) -> dict[str, Any]:
    sides = [
        None if side is None else {"value": plain_value(side.value), "fact": side.fact_id, "source": side.source}
        for side in (one.before, one.after)
    ]
    return {"key": one.key, "year": one.year, "old": sides[0], "new": sides[1], "alone": one.alone}
