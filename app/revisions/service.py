"""Prepare a new edition and have it sealed by somebody else; a correction of a sealed one is a new one as well."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.service import Subject, record
from app.core import clock
from app.core.digest import sha256_hex
from app.core.errors import Conflict, Invalid, Refused
from app.core.text import Message, tr
from app.jobs import service as jobs
from app.jobs.models import Job
from app.revisions import queries
from app.revisions.models import Revision, RevisionState, RevisionText
from app.rulebooks import blocks
from app.rulebooks import queries as rulebooks
from app.rulebooks import service as editions
from app.rulebooks.models import Edition, Follow

JOB = "revisions.impact"
_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
LONGEST = 400_000
"""Signs of a text; the longest edition has a tenth of that."""


def clone(session: Session, base: Edition, *, code: str, effective_from: date, reason: str, by: Actor) -> Revision:
    """Begin a revision from an edition's text and cases. Raises Invalid (``code``)."""
    wanted = code.strip().lower()
    if not _CODE.fullmatch(wanted) or len(wanted) > 60:
        raise Invalid("code", tr("编号用小写字母、数字和连字符，如 hnte-2027，不能是“%(code)s”。", code=code))
    if queries.is_taken(session, wanted):
        raise Invalid("code", tr("编号“%(code)s”已有，请另取一个，如 %(other)s。", code=wanted, other=f"{wanted}-2"))
    content = blocks.with_head(base.content, id=wanted, effective_from=effective_from, effective_to="")
    content = blocks.with_head(content, checked_on="", checked_by="")
    found = Revision(
        code=wanted, title=base.title, base_id=base.id, reason=reason.strip(),
        created_by=by.id, created_by_name=by.name,
    )  # fmt: skip
    session.add(found)
    session.flush()
    _keep(session, found, content, queries.cases_beside(session, base), by, f"从 {base.code} 复制")
    changes = {"base": [None, base.code], "effective_from": [None, effective_from.isoformat()]}
    record(session, by, Action.REVISION_DRAFT, subject(found), changes=changes, note=found.reason)
    return found


def save(
    session: Session, about: Revision, *, by: Actor, seen: int, content: str | None = None, cases: str | None = None,
    what: str = "",
) -> RevisionText:  # fmt: skip
    """Keep a new text of a revision; one that is not in order is kept as well, and said so on its page.

    ``seen`` is the id of the text that the person had before them. Raises Conflict when somebody else has saved since
    (the new text is not lost: the caller shows it again), or when the revision is no draft.
    """
    _must_be(about, RevisionState.DRAFT)
    last = queries.newest(session, about.id)
    if last.id != seen:
        raise Conflict(
            tr("%(who)s 在您之后保存过。请核对下面的内容，需要的改动请并入最新文本。", who=last.saved_by_name)
        )
    new = last.content if content is None else content.replace("\r\n", "\n")
    tried = last.cases if cases is None else cases.replace("\r\n", "\n")
    if len(new) > LONGEST or len(tried) > LONGEST:
        raise Invalid("text", tr("文本太长，最多 %(n)s 字。", n=LONGEST))
    if (new, tried) == (last.content, last.cases):
        return last
    kept = _keep(session, about, new, tried, by, what)
    record(
        session,
        by,
        Action.REVISION_DRAFT,
        subject(about),
        changes={"text": [last.digest[:12], kept.digest[:12]]},
        note=what,
    )
    return kept


def _keep(session: Session, about: Revision, content: str, cases: str, by: Actor, what: str) -> RevisionText:
    text = RevisionText(
        revision_id=about.id, content=content, cases=cases, digest=sha256_hex(content),
        what=what[:120], saved_by=by.id, saved_by_name=by.name,
    )  # fmt: skip
    session.add(text)
    session.flush()
    return text


def ask_impact(session: Session, about: Revision, *, as_of: date, kind: str, amount: str, by: Actor) -> Job:
    """Have a job judge all firms under the old and the new text. Raises Invalid (``as_of``), Conflict."""
    _must_be(about, RevisionState.DRAFT)
    text = queries.newest(session, about.id)
    if queries.standing(session, about, text).rulebook is None:
        raise Conflict(tr("文本还不能读取，请先改正再测算影响。"))
    arguments = {
        "revision_id": about.id,
        "as_of": as_of.isoformat(),
        "kind": kind,
        "amount": amount,
        "text_id": text.id,
    }
    job = jobs.enqueue(
        session, JOB, title=f"测算修订影响：{about.title}（{about.code}）", by=by, arguments=arguments,
        key=f"{JOB}:{about.id}:{text.id}:{as_of.isoformat()}:{kind}:{amount}",
    )  # fmt: skip
    about.job_id = job.id
    record(session, by, Action.REVISION_DRAFT, subject(about), changes={"impact_as_of": [None, as_of.isoformat()]})
    return job


def keep_impact(session: Session, about: Revision, digest: str, found: Mapping[str, Any]) -> None:
    """Write down what the preview of a text found; a text saved meanwhile does not take it over."""
    about.impact, about.impact_digest = dict(found), digest
    session.flush()


def set_transition(session: Session, about: Revision, *, drafts: Follow, submitted: Follow, by: Actor) -> None:
    """Say which edition open lists of the base follow. Raises Conflict unless the revision is a draft."""
    _must_be(about, RevisionState.DRAFT)
    before = {"drafts": about.drafts, "submitted": about.submitted}
    about.drafts, about.submitted = drafts, submitted
    session.flush()
    after = {"drafts": drafts, "submitted": submitted}
    changes: dict[str, list[Any]] = {
        name: [before[name].label, after[name].label] for name in after if before[name] is not after[name]
    }
    if changes:
        record(session, by, Action.REVISION_DRAFT, subject(about), changes=changes)


def record_letters(session: Session, about: Revision, *, by: Actor) -> None:
    """Log that somebody took out the drafts of the letters, which name firms."""
    record(session, by, Action.REVISION_READ, subject(about), note="下载告知函草稿")


def submit(session: Session, about: Revision, *, by: Actor) -> None:
    """Hand a revision to a second person. Raises Conflict naming what is still missing."""
    _must_be(about, RevisionState.DRAFT)
    must_be_ready(session, about)
    about.submitted_by_name, about.submitted_at = by.name, clock.now()
    _move(session, about, RevisionState.SUBMITTED, Action.REVISION_SUBMIT, by)


def must_be_ready(session: Session, about: Revision) -> None:
    """Raise Conflict unless the text is in order, keeps all its cases, and its impact was previewed."""
    text = queries.newest(session, about.id)
    stands = queries.standing(session, about, text)
    lacking: list[Message] = list(stands.problems[:1])
    if stands.failed:
        lacking.append(tr("有 %(n)s 个算例与文本不符，请改正文本或算例。", n=len(stands.failed)))
    if about.impact is None or about.impact_digest != text.digest:
        lacking.append(tr("还没有按现在的文本测算影响。"))
    if lacking:
        raise Conflict(lacking[0])


def take_back(session: Session, about: Revision, *, by: Actor, note: str) -> None:
    """Make a draft of a submitted revision again, with the reason. Raises Conflict, Invalid (``note``)."""
    _must_be(about, RevisionState.SUBMITTED)
    if not note.strip():
        raise Invalid("note", tr("请写明退回的理由，起草人据此修改。"))
    about.decided_by_name, about.decided_at, about.decided_note = by.name, clock.now(), note.strip()
    _move(session, about, RevisionState.DRAFT, Action.REVISION_RETURN, by, note=about.decided_note)


def seal(session: Session, about: Revision, *, by: Actor, note: str) -> Edition:
    """Make the revision a sealed edition. Raises Refused for whoever wrote any of it, Conflict when it is not ready."""
    _must_be(about, RevisionState.SUBMITTED)
    if by.id in queries.writers(session, about.id):
        raise Refused(tr("封存须由没有参与起草的另一人办理。"))
    must_be_ready(session, about)
    text = queries.newest(session, about.id)
    edition = editions.issue(session, text.content, by=by)
    base = rulebooks.edition(session, about.base_id)
    editions.succeed(session, base, edition, drafts=about.drafts, submitted=about.submitted, by=by)
    about.edition_id = edition.id
    about.decided_by_name, about.decided_at, about.decided_note = by.name, clock.now(), note.strip()
    _move(session, about, RevisionState.SEALED, Action.REVISION_SEAL, by, note=about.decided_note)
    return edition


def drop(session: Session, about: Revision, *, by: Actor, note: str) -> None:
    """Give a revision up; its texts stay readable. Raises Conflict, Invalid (``note``)."""
    _must_be(about, RevisionState.DRAFT)
    if not note.strip():
        raise Invalid("note", tr("请写明放弃的理由。"))
    about.decided_by_name, about.decided_at, about.decided_note = by.name, clock.now(), note.strip()
    _move(session, about, RevisionState.DROPPED, Action.REVISION_DRAFT, by, note=about.decided_note)


def _must_be(about: Revision, state: RevisionState) -> None:
    if about.state is not state:
        raise Conflict(tr("这次修订的状态是“%(state)s”，不能这样办理。", state=Message(about.state.label)))


def _move(
    session: Session, about: Revision, state: RevisionState, action: Action, by: Actor, *, note: str = ""
) -> None:
    old, about.state = about.state, state
    session.flush()
    record(session, by, action, subject(about), changes={"state": [old, state]}, note=note)


def subject(about: Revision) -> Subject:
    """Return how the log names a revision."""
    return Subject("revision", about.id, f"{about.title}（{about.code}）")
