"""A firm's own forms: sections, fields that save themselves, where it stands. No firm in the address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.accounts import mandates
from app.assessments import checks, consents, handing, offers, queries, returned, service, submitting, talking, wire
from app.assessments.forms import KINDS, OwnerForm, SignForm, StartForm
from app.assessments.helping import hints
from app.assessments.models import OPEN_STATES, Owner, Part
from app.assessments.offline import queries as offline
from app.assessments.places import field_of
from app.assessments.preview import preview as previewed
from app.assessments.receipts import queries as receipts
from app.assessments.receipts import service as issuing
from app.assessments.saving import Typed, affirm
from app.assessments.saving import save as save_typed
from app.assessments.sections import BY_CODE
from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound
from app.core.text import Message, tr
from app.facts import display, keeping
from app.web.forms import attach
from app.web.i18n import translate
from app.web.incoming import whole
from app.web.render import page
from app.web.session import read, settings, transaction
from app.web.surfaces import actor, requires

door = Blueprint("assessments", __name__, url_prefix="/assessments")


@door.get("/")
@requires(Action.OWN_READ)
def index() -> ResponseReturnValue:
    firm_id = actor().firm_id
    if firm_id is None:
        raise NotFound
    years = range(clock.today().year - 1, clock.today().year - 2 - service.YEARS_BACK, -1)
    return page(
        forms=queries.forms_of(read(), firm_id), mend_by=returned.due_days(read(), firm_id),
        offers=offers.offers(read(), firm_id), years=years, kinds=KINDS,
    )  # fmt: skip


@door.post("/")
@requires(Action.OWN_FILL)
def start() -> ResponseReturnValue:
    form = StartForm()
    if not form.sent_and_valid():
        raise Invalid("", tr("请选择项目、申请类型和年度后再开始。"))
    with transaction() as session:
        made = service.start(session, form.programme.data, form.kind.data, form.year.data, by=actor())
    return redirect(url_for("portal.assessments.show", assessment_id=made.id))


@door.get("/<int:assessment_id>")
@requires(Action.OWN_READ)
def show(assessment_id: int) -> ResponseReturnValue:
    found = queries.form(read(), assessment_id, for_=actor())
    filled = queries.filled(read(), found)
    return page(
        faults=checks.open_faults(filled), alike=checks.alike,
        owners=queries.owners(read(), found.row.id), owner_choices=Owner.options(),
        people=mandates.names(read(), found.row.firm_id), submissions=queries.submissions(read(), found.row.id),
        contact=queries.contact(read(), found.row.firm_id), name_of=keeping.name_of,
        brought=offline.waiting(read(), found.row.id), consent=consents.newest(read(), found.row.id),
        handover=handing.handover(read(), found.row), stale=checks.stale_reasons(filled),
        until=handing.usual_day(read(), found), until_last=handing.last_day(read(), found), **_around(found, filled),
    )  # fmt: skip


@door.route("/<int:assessment_id>/sections/<section>", methods=["GET", "POST"])
@requires(Action.OWN_FILL)
def section(assessment_id: int, section: str) -> ResponseReturnValue:
    found = queries.form(read(), assessment_id, for_=actor())
    filled = queries.filled(read(), found)
    shown = next((one for one in checks.sections(filled) if one.section.code == section), None)
    if shown is None:
        raise NotFound(tr("这一部分现在没有要填写的内容，请返回自评查看。"))
    overtaken = []
    if request.method == "POST":
        typed = wire.typed_on_page(shown.lines, request.form.to_dict(flat=False))
        with transaction() as session:
            _revision, stands = save_typed(session, assessment_id, typed, by=actor())
        texts = {one.field: one.text for one in typed}
        overtaken = [(one, texts[one.field]) for one in stands if not one.is_mine]
        if not overtaken:
            flash(translate(tr("已保存 %(time)s", time=clock.local(clock.now()).strftime("%H:%M:%S"))), "success")
            return redirect(_next(assessment_id, [one.section.code for one in filled.sections], section))
        filled = queries.filled(read(), queries.form(read(), assessment_id, for_=actor()))
        shown = next((one for one in checks.sections(filled) if one.section.code == section), shown)
    told = wire.doubts(filled, checks.faults(filled))
    return page(
        409 if overtaken else 200, shown=shown, doubts=told, overtaken=overtaken, how=hints,
        stale={line.question.place for line in checks.stale_reasons(filled)}, with_unit=display.with_unit,
        name_of=keeping.name_of, owner=queries.owners(read(), found.row.id).get(section), **_around(found, filled),
    )  # fmt: skip


def _next(assessment_id: int, codes: list[str], section: str) -> str:
    """Where “save and go on” leads: to the next section, after the last to the whole form."""
    after = codes[codes.index(section) + 1 :]
    if request.form.get("stay") or not after:
        return url_for("portal.assessments.show", assessment_id=assessment_id)
    return url_for("portal.assessments.section", assessment_id=assessment_id, section=after[0])


def _around(found: queries.Form, filled: Any) -> dict[str, Any]:
    return {
        "form": found,
        "filled": filled,
        "sections": checks.sections(filled),
        "preview": previewed(filled, today=clock.today()),
        "cards": returned.cards(read(), found, filled),
        "last": returned.latest(read(), found.row.id),
        "is_open": found.row.state in OPEN_STATES,
    }


@door.post("/<int:assessment_id>/answers")
@requires(Action.OWN_FILL)
def save(assessment_id: int) -> ResponseReturnValue:
    return talking.saved(assessment_id)


@door.get("/<int:assessment_id>/changes")
@requires(Action.OWN_READ)
def changes(assessment_id: int) -> ResponseReturnValue:
    return talking.changed(assessment_id)


@door.get("/<int:assessment_id>/preview")
@requires(Action.OWN_READ)
def preview(assessment_id: int) -> ResponseReturnValue:
    return talking.previewed(assessment_id)


@door.post("/<int:assessment_id>/sections/<section>/owner")
@requires(Action.OWN_FILL)
def assign(assessment_id: int, section: str) -> ResponseReturnValue:
    form = OwnerForm()
    if section not in BY_CODE:
        raise NotFound
    with transaction() as session:
        found = queries.form(session, assessment_id, for_=actor())
        if not form.validate():
            raise Invalid("owner", tr("请选择负责部门，姓名不超过 60 个字。"))
        service.assign(session, found.row, section, Owner(form.owner.data), form.person.data or "", by=actor())
    flash(translate(tr("分工已保存。")), "success")
    return redirect(url_for("portal.assessments.show", assessment_id=assessment_id))


@door.post("/<int:assessment_id>/reasons")
@requires(Action.OWN_FILL)
def reasons(assessment_id: int) -> ResponseReturnValue:
    """A reason that explains nothing any more is taken away, or stays because somebody says so."""
    field = field_of(request.form.get("name", ""))
    if field is None or field.part is not Part.REASON:
        raise NotFound
    seen = whole(request.form.get("seen")) or 0
    stays = request.form.get("choice") == "keep"
    with transaction() as session:
        queries.form(session, assessment_id, for_=actor())
        if stays:
            affirm(session, assessment_id, field, seen, by=actor())
        else:
            _revision, stands = save_typed(session, assessment_id, [Typed(field, "", seen)], by=actor())
            if not stands[0].is_mine:
                raise Conflict(tr("这一项刚有改动，请刷新后再选。"))
    flash(translate(tr("说明已保留。") if stays else tr("说明已删去，填写记录中仍可查到。")), "success")
    return redirect(url_for("portal.assessments.show", assessment_id=assessment_id) + "#check")


@door.get("/<int:assessment_id>/texts")
@requires(Action.OWN_READ)
def texts(assessment_id: int) -> ResponseReturnValue:
    """Every text that was ever saved in this form, also those that were not taken."""
    found = queries.form(read(), assessment_id, for_=actor())
    return page(form=found, texts=queries.all_texts(read(), assessment_id), name_of=keeping.name_of)


@door.route("/<int:assessment_id>/sign", methods=["GET", "POST"])
@requires(Action.OWN_SIGN)
def sign(assessment_id: int) -> ResponseReturnValue:
    """The head of the firm looks through the whole form, makes the statement and submits it."""
    found = queries.form(read(), assessment_id, for_=actor())
    if found.row.state not in OPEN_STATES:
        raise Conflict(tr("这份自评%(state)s，不需要再签署。", state=Message(found.row.state.label)))
    form, status = SignForm(), 200
    if form.sent_and_valid():
        try:
            with transaction() as session:
                made = submitting.submit(
                    session, assessment_id, seen=whole(form.seen.data) or 0, agrees=form.agrees.data, by=actor(),
                    looked_at=form.looked_at.data or "",
                )  # fmt: skip
                issuing.follow(session, assessment_id, made.number, by=actor(), public_url=settings().public_url)
            flash(translate(tr("已签署提交，等待主管部门审核；退回的会列在首页的“接下来”。")), "success")
            return redirect(url_for("portal.assessments.receipt", assessment_id=assessment_id, number=made.number))
        except (Invalid, Conflict) as error:
            attach(error if isinstance(error, Invalid) else Invalid("", error.message), form)
            status = 422 if isinstance(error, Invalid) else 409
    fresh = queries.form(read(), assessment_id, for_=actor())
    filled = queries.filled(read(), fresh)
    around, content = _around(found, filled), submitting.content_of(filled)
    last = around["last"]
    changes = returned.changed(last.content, content) if last is not None else []
    # what this page shows is what is signed next, and nobody has agreed to it yet
    form.seen.data, form.looked_at.data = str(fresh.row.revision), submitting.digest_of(content)
    form.agrees.data = False
    return page(
        status, sign_form=form, statement=submitting.STATEMENT, faults=checks.open_faults(filled),
        with_unit=display.with_unit, changes={one.place: one for one in changes},
        stale={line.question.place for line in checks.stale_reasons(filled)},
        dropped=[one for one in changes if one.is_dropped], name_of=keeping.name_of,
        handover=handing.handover(read(), found.row), **around,
    )  # fmt: skip


@door.get("/<int:assessment_id>/submissions/<int:number>")
@requires(Action.OWN_READ)
def receipt(assessment_id: int, number: int) -> ResponseReturnValue:
    found = queries.form(read(), assessment_id, for_=actor())
    made = queries.submission(read(), assessment_id, number)
    before = queries.submission(read(), assessment_id, number - 1) if number > 1 else None
    return page(
        form=found, made=made, changes=returned.changed(before.content, made.content) if before else [],
        answered=returned.answered(read(), before, made) if before else [],
        items=returned.items(read(), made.id), is_first=number == 1, name_of=keeping.name_of,
        receipt=issuing.current(read(), found, made), receipts=receipts.offered(read(), made),
    )  # fmt: skip
