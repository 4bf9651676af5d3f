"""Register, correct, revoke and void recognitions. Every change leaves its event; no row goes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.changes import diff
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.text import Message, tr
from app.facts import containers
from app.files import service as files
from app.files.store import FileStore
from app.firms.models import Firm
from app.recognitions.models import Recognition, RecognitionKind, RecognitionLevel

DERIVED = frozenset({"version", "created_at"})


@dataclass(frozen=True)
class RecognitionDraft:
    """What a person enters. ``title`` says which one, where the kind alone does not (an award, “其他资质”)."""

    kind: RecognitionKind
    level: RecognitionLevel
    granted_on: date
    source: str
    title: str = ""
    number: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    note: str = ""


@dataclass(frozen=True)
class Certificate:
    """A file as it came: its name and its bytes."""

    name: str
    content: bytes


def subject(one: Recognition, firm: Firm) -> Subject:
    """Return a recognition as the log names it."""
    return Subject("recognition", one.id, f"{firm.name}：{one.title or one.kind.label}", firm.id)


def register(
    session: Session,
    firm: Firm,
    draft: RecognitionDraft,
    *,
    by: Actor,
    store: FileStore | None = None,
    certificate: Certificate | None = None,
) -> Recognition:
    """Enter a recognition with its certificate. Raises Invalid naming the field and the remedy."""
    _check(draft)
    same = session.scalars(
        select(Recognition).where(
            Recognition.firm_id == firm.id, Recognition.kind == draft.kind, Recognition.granted_on == draft.granted_on,
            Recognition.title == draft.title.strip(), Recognition.void_reason == "",
        )
    ).first()  # fmt: skip
    if same is not None:
        raise Invalid("granted_on", tr("这家企业同一天的这项资质已经登记，请打开原记录修改。"))
    one = Recognition(firm_id=firm.id, created_by_name=by.name, **_values(draft))
    if certificate is not None and store is not None:
        one.file_id = _kept(session, store, certificate, by)
    session.add(one)
    session.flush()
    changes = {name: (None, value) for name, value in _values(draft).items() if value not in (None, "")}
    if certificate is not None:
        changes["file"] = (None, certificate.name)
    record(session, by, Action.RECOGNITION_REGISTER, subject(one, firm), changes=changes)
    return one


def edit(
    session: Session,
    one: Recognition,
    firm: Firm,
    draft: RecognitionDraft,
    *,
    version: int,
    by: Actor,
    store: FileStore | None = None,
    certificate: Certificate | None = None,
) -> bool:
    """Correct a recognition; return whether anything changed. Raises Conflict when somebody was faster."""
    if one.version != version:
        raise Conflict(tr("在您填写期间，这项资质已被他人修改。请返回核对后再改。"))
    if one.void_reason:
        raise Invalid("kind", tr("这条记录已作废，不能再修改；请重新登记。"))
    _check(draft)
    for name, value in _values(draft).items():
        if getattr(one, name) != value:
            setattr(one, name, value)
    changes = diff(one, leave_out=DERIVED)
    if certificate is not None and store is not None:
        one.file_id = _kept(session, store, certificate, by)
        changes["file"] = [None, certificate.name]
    if not changes:
        return False
    record(session, by, Action.RECOGNITION_REGISTER, subject(one, firm), changes=changes)
    session.flush()
    return True


def revoke(session: Session, one: Recognition, firm: Firm, *, on: date, reason: str, by: Actor) -> None:
    """Note that the authority took the recognition back. Raises Invalid."""
    if one.void_reason or one.revoked_on is not None:
        raise Invalid("on", tr("这条记录已撤销或作废。"))
    if not reason.strip():
        raise Invalid("reason", tr("请写明撤销依据，例如公告文号。"))
    if not one.granted_on <= on <= clock.today():
        raise Invalid(
            "on", tr("撤销日期应在认定日期（%(first)s）和今天之间。", first=one.granted_on.isoformat())
        )  # fmt: skip
    one.revoked_on, one.revoked_reason = on, reason.strip()
    record(
        session, by, Action.RECOGNITION_REVOKE, subject(one, firm), changes={"revoked_on": (None, on)},
        note=reason.strip(),
    )  # fmt: skip
    session.flush()


def void(session: Session, one: Recognition, firm: Firm, *, reason: str, by: Actor) -> None:
    """Say that the row was entered wrongly: it stays readable and counts for nothing. Raises Invalid."""
    if one.void_reason:
        raise Invalid("reason", tr("这条记录已撤销或作废。"))
    if not reason.strip():
        raise Invalid("reason", tr("请写明作废原因，例如“录错企业”。"))
    one.void_reason = reason.strip()
    record(session, by, Action.RECOGNITION_REVOKE, subject(one, firm), changes={"void_reason": (None, reason.strip())})
    session.flush()


def _kept(session: Session, store: FileStore, certificate: Certificate, by: Actor) -> int:
    kind = containers.recognise(certificate.name, certificate.content)
    name = containers.plain_name(certificate.name)
    file = files.receive(session, store, name=name, media_type=kind.media_type, content=certificate.content, by=by)
    return file.id


def _values(draft: RecognitionDraft) -> dict[str, object]:
    values = asdict(draft)
    return {name: value.strip() if type(value) is str else value for name, value in values.items()}


def _check(draft: RecognitionDraft) -> None:
    today = clock.today()
    begin = draft.valid_from or draft.granted_on
    problem: tuple[str, Message] | None = None
    if draft.granted_on > today:
        problem = ("granted_on", tr("认定日期不能晚于今天（%(day)s）。", day=today.isoformat()))
    elif draft.valid_until is not None and draft.valid_until < begin:
        problem = (
            "valid_until",
            tr(
                "有效期止（%(end)s）早于有效期起（%(begin)s），请核对。",
                end=draft.valid_until.isoformat(),
                begin=begin.isoformat(),
            ),
        )
    elif not draft.source.strip():
        problem = ("source", tr("请写明出处，例如认定公告的文号。"))
    elif draft.kind is RecognitionKind.OTHER and not draft.title.strip():
        problem = ("title", tr("“其他资质”须写明名称。"))
    elif draft.kind in ENDING and draft.valid_until is None:
        problem = ("valid_until", tr("%(kind)s有规定的有效期，请填写有效期止。", kind=Message(draft.kind.label)))
    if problem is not None:
        raise Invalid(*problem)


ENDING = frozenset(
    {
        RecognitionKind.TECH_SME,
        RecognitionKind.HITECH,
        RecognitionKind.INNOVATIVE_SME,
        RecognitionKind.SPECIALISED_SME,
        RecognitionKind.LITTLE_GIANT,
        RecognitionKind.CHAMPION,
    }
)
"""Recognitions whose papers always name an end; without it nobody would be reminded."""
