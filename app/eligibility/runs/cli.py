"""``eligibility run --all``: every active firm under every edition of a day, from the command line."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from app.access.actor import Actor
from app.core.db import Database
from app.core.text import tr
from app.eligibility.runs import queries, service
from app.eligibility.runs.models import EligibilityRun


def run_all(database: Database, as_of: date, kind: str, by: Actor, resumed: int | None) -> dict[str, Any]:
    """Judge everybody and return the counts; progress goes to standard error. ``resumed`` is a run to go on with.

    Stopped by Ctrl-C, what is judged stays, and the way to go on is told.
    """
    with database.transaction() as session:
        run = service.begin(session, as_of, by=by, kind=kind) if resumed is None else queries.run(session, resumed)
        run_id = run.id
    try:
        return _answer(service.carry_out(database, run_id, _told))
    except KeyboardInterrupt:
        how = tr("已停下；继续请运行 eligibility run --all --resume %(id)s。", id=run_id)
        raise click.ClickException(str(how)) from None


def _told(what: str, done: int, total: int) -> None:
    label = tr("整理数据") if what == "figures" else tr("判定企业")
    click.echo(str(tr("%(what)s：%(done)s / %(total)s 块", what=label, done=done, total=total)), err=True)


def _answer(run: EligibilityRun) -> dict[str, Any]:
    assert run.known_at is not None
    return {
        "run": run.id,
        "as_of": run.as_of.isoformat(),
        "kind": run.kind,
        "known_at": run.known_at.isoformat(),
        "firms": run.firms,
        "exact": run.exact,
        "editions": [
            {"edition": one["code"], "digest": one["digest"], "counts": run.counts.get(str(one["id"]), {})}
            for one in run.editions
        ],
    }
