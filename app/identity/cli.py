"""Command line about who firms are."""

from __future__ import annotations

import json

import click
from flask import current_app
from flask.cli import AppGroup

from app.firms import duplicates

group = AppGroup("identity", help="企业身份：疑似重复")


@group.command("scan")
def scan() -> None:
    """查找疑似重复的企业档案，供人核对（后台任务每晚也会自动查一次）。"""
    with current_app.extensions["yuqi_database"].transaction() as session:
        click.echo(json.dumps(duplicates.scan(session)))
