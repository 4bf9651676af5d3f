"""Dossiers on the command line: JSON on standard output, messages on standard error."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.core.errors import DomainError
from app.dossiers import rendering

group = AppGroup("dossiers", help="申报材料")


@group.command("render")
@click.argument("dossier_id", type=int, metavar="ID")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE.pdf", help="写到哪个文件"
)
def render_command(dossier_id: int, out: Path) -> None:
    """把一份申报材料写成 PDF；还没有生成的，现在生成。"""
    database, store = current_app.extensions["yuqi_database"], current_app.extensions["yuqi_store"]
    if not out.absolute().parent.is_dir():
        raise click.ClickException(f"目录 {out.absolute().parent} 不存在，请先建立。")
    try:
        printed = rendering.render(database, store, dossier_id, report=lambda _step, note: click.echo(note, err=True))
        content = store.get(printed.sha256)
    except DomainError as error:
        raise click.ClickException(str(error.message)) from error
    _write(out, content)
    click.echo(f"已写入 {out}（{printed.pages} 页）", err=True)
    told = {
        "dossier": printed.id,
        "number": printed.number,
        "pages": printed.pages,
        "sha256": printed.sha256,
        "out": str(out),
    }
    click.echo(json.dumps(told, ensure_ascii=False))


def _write(out: Path, content: bytes) -> None:
    """Write beside the file and move it into place, so that no half-written PDF is left."""
    beside = out.with_name(out.name + ".part")
    try:
        beside.write_bytes(content)
        beside.replace(out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise click.ClickException(f"无法写入 {out}：{error.strerror}。") from error
