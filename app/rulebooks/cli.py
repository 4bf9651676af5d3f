"""Command line of the rulebooks room: list, check, seal, schemes; ``sync`` and ``draw --issue`` use the database."""

from __future__ import annotations

from typing import NoReturn

import click
from flask import current_app
from flask.cli import AppGroup

from app.access.actor import SYSTEM
from app.core.errors import DomainError
from app.core.text import Message, tr
from app.rulebooks import loader, schemes, seal, service
from app.rulebooks.schema import Rulebook

group = AppGroup("rulebooks", help="规则集")


@group.command("list", with_appcontext=False)
def list_editions() -> None:
    """列出所有规则版本：编号、名称、施行日期、核对情况。"""
    for rulebook in _loaded():
        checked = (
            tr("%(by)s 于 %(on)s 核对", by=rulebook.checked_by, on=rulebook.checked_on)
            if rulebook.is_checked
            else tr("尚无人与官方原文核对")
        )
        begun = rulebook.effective_from.isoformat() if rulebook.effective_from else tr("施行日期未定义")
        click.echo(f"{rulebook.id}\t{rulebook.title}\t{begun}\t{checked}")


@group.command("check", with_appcontext=False)
def check() -> None:
    """检查所有规则版本：文件是否有误、是否封存、封存后是否改动。"""
    wrong = 0
    for edition_id in loader.edition_ids():
        try:
            rulebook = loader.load_edition(edition_id)
        except DomainError as error:
            wrong += 1
            click.echo(str(error.message), err=True)
        else:
            click.echo(
                str(tr("%(id)s：%(count)s 条条款，无误。", id=edition_id, count=len(rulebook.clauses))), err=True
            )
    if wrong:
        _fail(tr("%(count)s 个版本有误。", count=wrong))


@group.command("seal", with_appcontext=False)
@click.argument("edition_id", metavar="ID")
def seal_edition(edition_id: str) -> None:
    """封存一个版本：此后其内容不得修改。"""
    try:
        loader.read_unsealed(edition_id)
        digest = seal.write(loader.EDITIONS / edition_id)
    except DomainError as error:
        _fail(error.message)
    click.echo(f"{edition_id} {digest}")


@group.command("sync")
def sync() -> None:
    """把已封存的规则版本载入数据库；已有的不动。"""
    try:
        with current_app.extensions["yuqi_database"].transaction() as session:
            added = [edition.code for edition in service.sync(session, by=SYSTEM)]
    except DomainError as error:
        _fail(error.message)
    text = tr("已载入：%(codes)s", codes="、".join(added)) if added else tr("规则版本均已在库，无需载入。")
    click.echo(str(text), err=True)


@group.command("schemes", with_appcontext=False)
def list_schemes() -> None:
    """列出参数化方案及各参数。"""
    for scheme_id in schemes.scheme_ids():
        scheme = schemes.load_scheme(scheme_id)
        click.echo(f"{scheme.id}\t{scheme.title}\t{scheme.text}")
        for one in scheme.parameters:
            click.echo(f"  {one.name}\t{one.label}\t{'、'.join(one.choices) or one.hint}")


@group.command("draw")
@click.argument("scheme_id", metavar="SCHEME")
@click.option("--set", "stated", metavar="NAME=VALUE", multiple=True, help="一个参数，可重复")
@click.option("--issue", is_flag=True, help="封存并载入数据库；不写则只把规则文本写到标准输出")
def draw(scheme_id: str, stated: tuple[str, ...], issue: bool) -> None:
    """按参数化方案拟一版规则，例如 draw doubling --set base_year=2024 …。"""
    try:
        pairs = dict(one.partition("=")[::2] for one in stated)
        text = schemes.drawn_up(schemes.load_scheme(scheme_id), pairs)
        if issue:
            with current_app.extensions["yuqi_database"].transaction() as session:
                code = service.issue(session, text, by=SYSTEM).code
            click.echo(str(tr("已载入：%(codes)s", codes=code)), err=True)
    except DomainError as error:
        _fail(error.message)
    click.echo(text, nl=False)


def _fail(why: Message) -> NoReturn:
    click.echo(str(tr("错误：%(why)s", why=why)), err=True)
    raise SystemExit(1)


def _loaded() -> tuple[Rulebook, ...]:
    try:
        return loader.load_all()
    except DomainError as error:
        _fail(error.message)
