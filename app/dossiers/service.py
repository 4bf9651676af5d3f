"""Ask for dossiers, make them void, note who took one. Printing itself is in ``rendering``."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import SYSTEM, Actor
from app.accounts import queries as accounts
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import Message, tr
from app.dossiers import numbering, queries
from app.dossiers.assemble import Imprint, assemble
from app.dossiers.models import Dossier, DossierState
from app.dossiers.sealing import sealed
from app.jobs import service as jobs
from app.jobs.models import Job
from app.nominations.models import Decision, ListState, Nomination, NominationList

JOB = "dossiers.render"
LIST_JOB = "dossiers.render_list"
VERIFY = "/verify/"


def request(session: Session, nomination: Nomination, *, by: Actor, public_url: str) -> Dossier:
    """Put the dossier of a nomination together and queue its printing.

    A second request while it waits returns the same dossier; after a failure it is put together anew under its
    number. Raises Conflict (list not frozen, firm not nominated, dossier already there), NotFound (out of reach).
    """
    found = prepare(session, nomination, by=by, public_url=public_url)
    job = jobs.enqueue(
        session,
        JOB,
        title=f"生成申报材料 {found.number}",
        by=by,
        arguments={"dossier_id": found.id},
        key=f"{JOB}:{found.id}",
    )
    found.job_id = job.id
    session.flush()
    return found


def prepare(session: Session, nomination: Nomination, *, by: Actor, public_url: str) -> Dossier:
    """Put a dossier together without queueing it; what a batch does for each firm."""
    chosen = session.get_one(NominationList, nomination.list_id)
    _must_be_frozen(chosen)
    if nomination.decision is not Decision.NOMINATE:
        raise Conflict(
            tr(
                "该企业的意见是“%(decision)s”，只有“推荐”的企业才能生成申报材料。",
                decision=Message(nomination.decision.label),
            )
        )
    # whoever comes second waits here and then finds the first one's dossier
    session.execute(select(Nomination.id).where(Nomination.id == nomination.id).with_for_update())
    standing = queries.live(session, nomination.id)
    if standing is None:
        return _new(session, nomination, chosen, by, public_url)
    if standing.state is DossierState.RENDERED:
        raise Conflict(
            tr("该企业已有申报材料（编号 %(number)s），如需重新生成，请先将其作废。", number=standing.number)
        )
    if standing.state is DossierState.FAILED:
        _put_together(session, standing, nomination, chosen, by, public_url)
    return standing


def request_list(session: Session, chosen: NominationList, *, by: Actor) -> Job:
    """Queue the dossiers of all firms nominated on a list that ``by`` reaches; those printed already are kept.

    Going on after a cancellation and trying again what failed is the same request. Raises Conflict when the list is
    not frozen, or when nothing is left to do.
    """
    _must_be_frozen(chosen)
    rows = queries.nominated(session, chosen.id, for_=by)
    if not rows:
        raise Conflict(tr("名单上没有您管理范围内的推荐企业，无法生成申报材料。"))
    if all(row.dossier is not None and row.dossier.state is DossierState.RENDERED for row in rows):
        raise Conflict(tr("名单上的推荐企业都已生成申报材料，如需重做，请先将相应的申报材料作废。"))
    return jobs.enqueue(
        session,
        LIST_JOB,
        title=f"批量生成申报材料：{chosen.title}",
        by=by,
        arguments={"list_id": chosen.id},
        key=f"{LIST_JOB}:{chosen.id}:{by.id}",
    )


def last_batch(session: Session, chosen: NominationList) -> Job | None:
    """Return the newest batch of a list, whoever asked for it."""
    return session.scalars(
        select(Job)
        .where(Job.name == LIST_JOB, Job.key.startswith(f"{LIST_JOB}:{chosen.id}:"))
        .order_by(Job.id.desc())
        .limit(1)
    ).first()


def void(session: Session, found: Dossier, *, by: Actor, reason: str) -> None:
    """Make a dossier void; it stays readable, and the verification page says so. Raises Invalid, Conflict."""
    if found.state is DossierState.VOID:
        raise Conflict(tr("申报材料 %(number)s 已经作废，无需重复操作。", number=found.number))
    text = reason.strip()
    if not text:
        raise Invalid("reason", tr("请填写作废原因，核验页面会显示。"))
    before = found.state
    found.state = DossierState.VOID
    found.void_reason, found.voided_by_name, found.voided_at = text, by.name, clock.now()
    session.flush()
    record(session, by, Action.DOSSIER_VOID, subject(found), changes={"state": [before, DossierState.VOID]}, note=text)


def record_download(session: Session, found: Dossier, *, by: Actor) -> None:
    """Note in the log who took the PDF."""
    record(session, by, Action.DOSSIER_READ, subject(found), note="下载 PDF")


def requester(session: Session, user_id: int | None) -> Actor:
    """Return who asked, as a job acts for them."""
    return SYSTEM if user_id is None else accounts.user(session, user_id).as_actor()


def subject(found: Dossier) -> Subject:
    """Return a dossier as the log names it."""
    return Subject("dossier", found.id, found.number, found.firm_id)


def _must_be_frozen(chosen: NominationList) -> None:
    if chosen.state is not ListState.FROZEN:
        raise Conflict(
            tr(
                "推荐名单“%(title)s”尚未锁定（%(state)s），请先提交并由另一人锁定，再生成申报材料。",
                title=chosen.title,
                state=Message(chosen.state.label),
            )
        )


def _new(session: Session, nomination: Nomination, chosen: NominationList, by: Actor, public_url: str) -> Dossier:
    found = Dossier(
        nomination_id=nomination.id,
        firm_id=nomination.firm_id,
        number=numbering.next_number(session, clock.today().year),
        verification_code=numbering.new_code(),
        requested_by=by.id,
        requested_by_name=by.name,
    )
    _put_together(session, found, nomination, chosen, by, public_url)
    return found


def _put_together(
    session: Session, found: Dossier, nomination: Nomination, chosen: NominationList, by: Actor, public_url: str
) -> None:
    before = found.state
    now = clock.now()
    imprint = Imprint(
        found.number, found.verification_code, public_url.rstrip("/") + VERIFY + found.verification_code, now
    )
    text, digest = sealed(assemble(session, nomination, chosen, imprint, by=by))
    found.context, found.context_digest = text, digest  # type: ignore[assignment]
    found.state, found.error, found.requested_at = DossierState.REQUESTED, "", now
    session.add(found)
    session.flush()
    session.refresh(found, ["context"])
    record(
        session,
        by,
        Action.DOSSIER_REQUEST,
        subject(found),
        changes={"state": [before, DossierState.REQUESTED], "list": [None, chosen.title]},
    )
