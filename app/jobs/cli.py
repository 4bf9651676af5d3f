"""Command line of the worker."""

from __future__ import annotations

import signal
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app.jobs.worker import Worker

group = AppGroup("jobs", help="后台任务")


@group.command("work")
@click.option("--once", is_flag=True, help="做完当前排队的任务后退出")
def work(once: bool) -> None:
    """执行后台任务，直到收到停止信号。"""
    worker: Worker = current_app.extensions["yuqi_worker"]
    if once:
        click.echo(f"已执行 {worker.run_pending()} 个任务", err=True)
        return

    def stop(_signal: int, _frame: Any) -> None:
        worker.stop.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    click.echo("后台任务进程已启动", err=True)
    worker.run_for_ever()
