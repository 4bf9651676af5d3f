"""Demo data on the command line; refused in production."""

from __future__ import annotations

import json

import click
from flask import current_app
from flask.cli import AppGroup

from app.core.db import Database
from app.core.errors import DomainError
from app.demo.accounts import ACCOUNTS, PASSWORD
from app.demo.load import load, load_firm_side
from config import Settings

group = AppGroup("demo", help="演示数据（生产环境拒绝使用）")


def _refuse_production() -> None:
    settings: Settings = current_app.config["YUQI_SETTINGS"]
    if settings.is_production:
        raise click.ClickException("生产环境不能使用演示数据和演示账号。")


@group.command("load")
def load_command() -> None:
    """装入演示数据：16 家江门上市公司的公开数据和 40 家虚构企业。"""
    _refuse_production()
    database: Database = current_app.extensions["yuqi_database"]
    try:
        load(database, current_app.extensions["yuqi_store"])
        load_firm_side(database, current_app.extensions["yuqi_store"])
    except DomainError as error:
        raise click.ClickException(str(error.message)) from error
    click.echo("演示数据已装入", err=True)


@group.command("accounts")
def accounts_command() -> None:
    """以 JSON 列出演示账号。"""
    _refuse_production()
    rows = [
        {"role": account.role.label, "code": account.role.value, "login": account.login, "password": PASSWORD}
        for account in ACCOUNTS
    ]
    click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
