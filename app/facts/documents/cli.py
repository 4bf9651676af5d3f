"""Command line of the quarantine."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.access.actor import SYSTEM
from app.facts import scanning
from app.facts.documents import queries

group = AppGroup("quarantine", help="隔离区：没有查完毒的文件")


@group.command("settle")
def settle() -> None:
    """请查毒程序再查隔离的文件；没有配置查毒程序的，转由审核人处理（每晚也会自动办理）。任何文件都不会就此放行。"""
    store = current_app.extensions["yuqi_store"]
    with current_app.extensions["yuqi_database"].transaction() as session:
        done = scanning.ask_again(session, store)
        waiting = [one for one in queries.held_back(session, for_=SYSTEM) if one.waits_for_a_person]
        lines = [
            f"{one.file.id}\t{one.file.scan.label}\t{one.firm.name if one.firm else '-'}\t{one.title}"
            for one in waiting
        ]
    click.echo(f"已请查毒程序再查 {done['asked']} 个；须由审核人在“文件查毒”页处理的 {len(lines)} 个", err=True)
    for line in lines:
        click.echo(line)
