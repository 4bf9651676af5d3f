"""Command line of the accounts room."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.accounts import second_factor, service
from app.core.db import Database
from app.core.errors import DomainError

group = AppGroup("accounts", help="账号")


@group.command("first-administrator")
@click.option("--login", default="admin", show_default=True, help="账号")
@click.option("--name", default="系统管理员", show_default=True, help="姓名")
def first_administrator(login: str, name: str) -> None:
    """建立第一个管理员，打印一次性密码（首次登录必须修改）。"""
    database: Database = current_app.extensions["yuqi_database"]
    try:
        with database.transaction() as session:
            secret = service.first_administrator(session, login=login, name=name)
    except DomainError as error:
        raise click.ClickException(str(error.message)) from error
    click.echo(f"账号：{login}\n一次性密码：{secret}\n首次登录后须修改密码。")


@group.command("reseal")
def reseal() -> None:
    """用 YUQI_SEAL_KEYS 的第一个密钥重新加密；之后旧密钥可以从设置中去掉。"""
    database: Database = current_app.extensions["yuqi_database"]
    with database.transaction() as session:
        count = second_factor.reseal(session, current_app.extensions["yuqi_box"])
    click.echo(f"已重新加密 {count} 项。")
