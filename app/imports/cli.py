"""Command line of the imports room: JSON on standard output, messages on standard error."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.actor import Actor
from app.access.policy import decide
from app.accounts.models import User
from app.core import clock
from app.core.db import Database
from app.core.errors import DomainError, Invalid, NotFound, Refused
from app.core.text import message_from_json, tr
from app.facts.keeping import indicator_of
from app.files.store import FileStore
from app.firms import queries as firms
from app.imports import losses, queries, repairs, service, template, work
from app.imports import undo as undoing
from app.imports.layouts.profile import profile, profiles
from app.imports.models import BatchState, ImportBatch, RowOutcome
from app.imports.table import UPLOAD_LIMITS

group = AppGroup("imports", help="表格导入")


class Stop(click.ClickException):
    """A refusal: one Chinese sentence on standard error, exit status 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"错误：{self.message}", err=True)


@group.command("run")
@click.argument("file", required=False)
@click.option("--profile", "profile_id", help="表格样式，见 imports profiles；不写则自动识别")
@click.option("--year", help="数据所属的会计年度；不写则按表中写明的")
@click.option("--by", "login", help="以哪个账号的名义导入")
@click.option("--apply", "applies", is_flag=True, help="预检后写入（由同一人提交并确认）；不加时只预检，企业库不变")
def run(file: str | None, profile_id: str | None, year: str | None, login: str | None, applies: bool) -> None:
    """预检一个表格（加 --apply 则写入），结果以 JSON 打印。"""
    database, store = _tools()
    try:
        actor = _actor(database, _given(login, "--by 账号"), Action.IMPORT_STAGE)
        if profile_id:
            profile(profile_id)
        number = service.check_year(_year(year)) if year else 0
        path = Path(_given(file, "文件"))
        batch_id = _receive(database, store, path, profile_id or "", number, actor)
        batch = work.stage(database, store, batch_id, by=actor)
        if batch.state is BatchState.REFUSED:
            assert batch.refusal is not None
            raise Invalid("file", message_from_json(batch.refusal))
        failure = _apply(database, batch_id, actor) if applies else None
    except DomainError as error:
        raise Stop(str(error.message)) from error
    _tell(database, batch_id, actor)
    if failure is not None:
        raise Stop(str(failure.message))


def _apply(database: Database, batch_id: int, actor: Actor) -> DomainError | None:
    """Apply; a refusal comes back, since the rows are to be printed all the same."""
    try:
        decision = decide(actor, Action.IMPORT_APPLY)
        if not decision.allowed:
            raise Refused(decision.reason or tr("没有权限。"))
        work.apply(database, batch_id, by=actor, alone=True)
    except DomainError as error:
        return error
    return None


def _receive(database: Database, store: FileStore, path: Path, profile_id: str, year: int, actor: Actor) -> int:
    try:
        if path.is_file() and path.stat().st_size > UPLOAD_LIMITS.octets:
            raise Invalid("file", tr("文件 %(file)s 超过 30 MB，请拆分后再导入。", file=path.name))
        content = path.read_bytes()
    except IsADirectoryError:
        raise Invalid("file", tr("%(file)s 是文件夹，请给出一个表格文件。", file=path)) from None
    except OSError:
        raise NotFound(tr("找不到或无法读取文件 %(file)s，请检查路径。", file=path)) from None
    with database.transaction() as session:
        batch = service.receive(
            session, store, name=path.name, content=content, profile_id=profile_id, year=year, by=actor
        )
        return batch.id


def _tell(database: Database, batch_id: int, actor: Actor) -> None:
    with database.session() as session:
        batch = queries.batch(session, batch_id, for_=actor)
        rows = queries.all_rows(session, batch_id)
        names = firms.names(session, [row.firm_id for row in rows if row.firm_id is not None])
        told = [
            {
                "sheet": row.sheet,
                "row": row.row,
                "outcome": row.outcome.value,
                "firm": names.get(row.firm_id or 0) or row.name or None,
                "problems": [
                    {"cell": one.cell, "level": one.level.value, "message": str(one.message)}
                    for one in repairs.problems_of(row)
                ],
            }
            for row in rows
        ]
        earlier = queries.earlier(session, batch)
    is_applied = batch.state is BatchState.APPLIED
    _print({"batch": batch.id, "applied": is_applied, "counts": batch.counts, "rows": told})
    for line in _summary(batch, earlier):
        click.echo(line, err=True)


def _summary(batch: ImportBatch, earlier: Sequence[ImportBatch]) -> list[str]:
    counts = {outcome: batch.counts.get(outcome.value, 0) for outcome in RowOutcome}
    parts = " + ".join(f"{count} {outcome.label}" for outcome, count in counts.items())
    lines = [f"批次 {batch.id}：{sum(counts.values())} 行 = {parts}"]
    for key, rows in sorted(batch.report["missing"].items(), key=lambda item: -item[1]):
        lines.append(f"　{indicator_of(key).short}：{rows} 行未填写或未披露，按缺失处理，不作 0")
    for one in earlier:
        at = f"{clock.local(one.applied_at):%Y-%m-%d %H:%M}" if one.applied_at else ""
        lines.append(f"这份文件已于 {at} 由 {one.applied_by_name} 导入（批次 {one.id}）")
    if not batch.report["stated"] and not counts[RowOutcome.NEW]:
        lines.append("没有需要写入的内容：表中数据与企业库现有的完全相同，或都需要先处理")
    elif batch.state is BatchState.APPLIED:
        new = counts[RowOutcome.NEW]
        lines.append(f"已写入：新建企业 {new} 家，申报数据 {batch.report['stated']} 个（待审核）")
    else:
        lines.append("只是预检，企业库没有改动；加 --apply 写入")
    return lines


@group.command("undo")
@click.argument("batch_id")
@click.option("--by", "login", help="以哪个账号的名义撤销")
@click.option("--reason", default="命令行撤销", show_default=True, help="撤销原因")
def undo(batch_id: str, login: str | None, reason: str) -> None:
    """撤销一个已导入的批次；会丢失后续工作时拒绝并列出。"""
    database, _store = _tools()
    try:
        actor = _actor(database, _given(login, "--by 账号"), Action.IMPORT_UNDO)
        if not (batch_id.isascii() and batch_id.isdigit()):
            raise Invalid("batch", tr("“%(id)s”不是批次号，批次号是数字。", id=batch_id))
        with database.transaction() as session:
            batch = queries.batch(session, int(batch_id), for_=actor, lock=True)
            kept = [str(one) for one in losses.stays(session, batch)]
            undoing.undo(session, batch, by=actor, reason=reason)
    except DomainError as error:
        raise Stop(str(error.message)) from error
    _print({"batch": batch.id, "undone": True, **({"kept": kept} if kept else {})})


@group.command("template")
@click.option("--profile", "profile_id", default="annual-firms", show_default=True, help="表格样式")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="写到哪个文件")
def blank(profile_id: str, out: Path) -> None:
    """写出空白模板（.xlsx）。"""
    try:
        content = template.blank(profile(profile_id), clock.today().year - 1, created=clock.now())
        out.write_bytes(content)
    except DomainError as error:
        raise Stop(str(error.message)) from error
    except OSError as error:
        raise Stop(f"无法写入 {out}：{error.strerror}") from error
    _print({"profile": profile_id, "file": str(out), "bytes": len(content)})


@group.command("profiles")
def list_profiles() -> None:
    """列出可用的表格样式。"""
    _print([{"id": one.id, "title": one.title, "columns": len(one.columns)} for one in profiles().values()])


def _tools() -> tuple[Database, FileStore]:
    database: Database = current_app.extensions["yuqi_database"]
    store: FileStore = current_app.extensions["yuqi_store"]
    return database, store


def _given(value: str | None, what: str) -> str:
    if not value or not value.strip():
        usage = "imports run 文件 --by 账号 [--profile 样式] [--year 年度]"
        raise Invalid("", tr("没有给出%(what)s，完整写法：%(usage)s", what=what, usage=usage))
    return value.strip()


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise Invalid("year", tr("“%(text)s”不是年度，请写四位数，如 2025。", text=text))
    return int(text)


def _actor(database: Database, login: str, action: Action) -> Actor:
    with database.session() as session:
        user = session.scalars(select(User).where(func.lower(User.login) == login.lower())).first()
    if user is None:
        raise NotFound(tr("没有账号“%(login)s”，请检查 --by。", login=login))
    if not user.is_active:
        raise Refused(tr("账号“%(login)s”已停用，不能导入。", login=login))
    actor = user.as_actor()
    decision = decide(actor, action)
    if not decision.allowed:
        raise Refused(decision.reason or tr("没有权限。"))
    return actor


def _print(content: object) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=1))
