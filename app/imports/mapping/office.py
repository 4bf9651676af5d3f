"""The mapping page of a batch, and the office's own profiles."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.core import clock
from app.core.errors import Invalid
from app.core.text import Message, tr
from app.files import service as files
from app.imports import jobs, policies, queries, repairs, saved
from app.imports.layouts.layout import Layout
from app.imports.layouts.profile import Profile
from app.imports.layouts.recognise import best_profile, year_of
from app.imports.mapping import service, targets, view
from app.imports.mapping.changes import changes
from app.imports.models import ImportBatch
from app.imports.plans.plan import Policy
from app.imports.service import FIRST_YEAR
from app.imports.table import GENERAL, candidates
from app.jobs import service as job_service
from app.web.i18n import translate
from app.web.incoming import whole
from app.web.render import page
from app.web.session import read, transaction
from app.web.surfaces import actor, requires

door = Blueprint("mapping", __name__)


@door.route("/<int:batch_id>/mapping", methods=["GET", "POST"])
@requires(Action.IMPORT_STAGE)
def show(batch_id: int) -> ResponseReturnValue:
    batch = queries.batch(read(), batch_id, for_=actor())
    looked = view.look_at(files.content_of(current_app.extensions["yuqi_store"], batch.file), batch.file.name)
    sent = request.form if request.method == "POST" else request.args
    profile = _profile(batch, looked, sent)
    problem: Message | None = None
    if request.method == "POST":
        service.must_be_open(batch)
        try:
            return _read_as(batch, looked, profile, sent)
        except Invalid as error:
            problem = error.message
    return _page(batch, looked, profile, sent, problem)


@door.post("/<int:batch_id>/policy")
@requires(Action.IMPORT_EDIT)
def policy(batch_id: int) -> ResponseReturnValue:
    """Say by column what happens where something else is held already."""
    with transaction() as session:
        batch = queries.batch(session, batch_id, for_=actor(), lock=True)
        keys = policies.keys_of(batch)
        said = {key: request.form.get(f"policy-{key}", "") for key in keys}
        chosen = {key: value for key, value in said.items() if value in {one.value for one in Policy}}
        moved = repairs.set_policy(session, batch, chosen, by=actor())
    flash(translate(tr("已按选定的办法重新预检，%(n)s 行的结果有变化。", n=moved)), "success")
    return redirect(url_for("office.imports.show", batch_id=batch_id) + "#work")


def _profile(batch: ImportBatch, looked: view.Looked, sent: Mapping[str, str]) -> Profile:
    """Return the profile that was asked for, else that of the batch, else the one that reads most."""
    wanted = sent.get("profile", "") or batch.profile
    if wanted in saved.titles(read()):
        return saved.named(read(), wanted)
    known = candidates(saved.known(read()))
    return best_profile(looked.glances, batch.file.name, known) or saved.named(read(), GENERAL)


def _read_as(batch: ImportBatch, looked: view.Looked, profile: Profile, sent: Mapping[str, str]) -> ResponseReturnValue:
    layouts = view.layouts_from(looked, profile, sent)
    year = whole(sent.get("year")) or 0
    with transaction() as session:
        locked = queries.batch(session, batch.id, for_=actor(), lock=True)
        profile_id = profile.id
        if name := sent.get("name", "").strip():
            kept = saved.save(session, name, base=profile, mapping=view.mapping_of(layouts), by=actor())
            profile_id = f"{saved.PREFIX}{kept.id}"
        service.read_as(session, locked, service.Said(profile_id, year, layouts), by=actor())
        _stage(session, locked)
    return redirect(url_for("office.imports.show", batch_id=batch.id))


def _page(
    batch: ImportBatch, looked: view.Looked, profile: Profile, sent: Mapping[str, str], problem: Message | None
) -> ResponseReturnValue:
    is_own = profile.id == batch.profile
    kept = {name: Layout.from_json(one) for name, one in batch.layouts.items()} if is_own and not sent else {}
    sheets = view.sheets_of(looked, profile, kept, sent)
    latest = clock.today().year - 1
    found, year_from = year_of(looked.glances, batch.file.name, kept)
    return page(
        422 if problem else 200,
        batch=batch, sheets=sheets, profile=profile, problem=problem, targets=targets.offered(),
        labels={one.value: one.label for one in targets.offered()},
        titles=[("", translate(tr("自动识别"))), *saved.titles(read()).items()],
        years=[str(year) for year in range(latest, FIRST_YEAR - 1, -1)],
        year=sent.get("year", "") or str(batch.year or found or ""), sent=sent,
        changes=changes(kept, service.before(read(), batch)), is_open=batch.state in service.OPEN,
    )  # fmt: skip


@door.post("/<int:batch_id>/again")
@requires(Action.IMPORT_STAGE)
def again(batch_id: int) -> ResponseReturnValue:
    """Read a file again with the year that it does not say, or with one unit for all its money."""
    year, unit = whole(request.form.get("year")), request.form.get("unit", "")
    with transaction() as session:
        batch = queries.batch(session, batch_id, for_=actor(), lock=True)
        if year:
            kept = {name: Layout.from_json(one) for name, one in batch.layouts.items()}
            service.read_as(session, batch, service.Said(batch.profile, year, kept), by=actor())
        else:
            service.set_unit(session, batch, unit, by=actor())
        _stage(session, batch)
    return redirect(url_for("office.imports.show", batch_id=batch_id))


def _stage(session: Session, batch: ImportBatch) -> None:
    job = job_service.enqueue(
        session, jobs.STAGE, title=translate(tr("预检表格：%(file)s", file=batch.file.name)), by=actor(),
        arguments={"batch_id": batch.id}, key=f"{jobs.STAGE}:{batch.id}",
    )  # fmt: skip
    batch.job_id = job.id


@door.get("/profiles")
@requires(Action.IMPORT_READ)
def profiles() -> ResponseReturnValue:
    return page(built_in=candidates(()), own=saved.all_of(read()))


@door.post("/profiles/<int:layout_id>/retire")
@requires(Action.IMPORT_PROFILE)
def retire(layout_id: int) -> ResponseReturnValue:
    with transaction() as session:
        kept = saved.one(session, layout_id)
        saved.retire(session, kept, by=actor())
    flash(
        translate(tr("样式“%(name)s”已停用，不再用来识别表格；用它导入过的数据不受影响。", name=kept.name)), "success"
    )
    return redirect(url_for("office.imports.mapping.profiles"))
