"""Bring sealed editions into the database, and record who compared one with the official text."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actions import Action
from app.access.actor import Actor
from app.audit.changes import diff
from app.audit.service import Subject, record
from app.core import clock
from app.core.errors import Invalid
from app.core.text import tr
from app.rulebooks import loader
from app.rulebooks.models import UNDATED, Edition, Follow, Succession
from app.rulebooks.schema import Rulebook


def sync(session: Session, *, by: Actor) -> list[Edition]:
    """Copy every sealed edition that the database does not hold yet; return the new rows.

    Raises RulebookError (file, clause and remedy) when an edition is not in order; then nothing is copied.
    """
    held = set(session.execute(select(Edition.code, Edition.digest)))
    added = [_row(rulebook) for rulebook in loader.load_all() if (rulebook.id, rulebook.digest) not in held]
    session.add_all(added)
    session.flush()
    for edition in added:
        record(session, by, Action.EDITION_SYNC, _subject(edition), changes={"digest": [None, edition.digest]})
    return added


def issue(session: Session, text: str, *, by: Actor) -> Edition:
    """Put an edition that was drawn up here into the database, sealed. Raises Invalid when its id is taken."""
    rulebook = loader.read_rulebook(text.encode(), "rulebook.toml")
    held = session.scalar(select(Edition.id).where(Edition.code == rulebook.id).limit(1))
    if held is not None or rulebook.id in loader.edition_ids():
        raise Invalid("id", tr("规则版本编号“%(id)s”已经有了，已封存的不得改动，请另起编号。", id=rulebook.id))
    edition = _row(rulebook)
    session.add(edition)
    session.flush()
    record(session, by, Action.EDITION_SYNC, _subject(edition), changes={"digest": [None, edition.digest]})
    return edition


def succeed(session: Session, old: Edition, new: Edition, *, drafts: Follow, submitted: Follow, by: Actor) -> None:
    """Write down that an edition takes the place of another, and what open lists do; whoever seals it logs it."""
    session.add(Succession(old_id=old.id, new_id=new.id, drafts=drafts, submitted=submitted, made_by_name=by.name))
    session.flush()


def _row(rulebook: Rulebook) -> Edition:
    return Edition(
        code=rulebook.id,
        title=rulebook.title,
        programme=rulebook.programme,
        effective_from=rulebook.effective_from or UNDATED,
        effective_to=rulebook.effective_to,
        content=rulebook.content,
        digest=rulebook.digest,
        checked_on=rulebook.checked_on,
        checked_by=rulebook.checked_by,
    )


def record_check(
    session: Session, edition: Edition, *, by: Actor, checked_on: date, checked_by: str, note: str
) -> None:
    """Record that a person compared the edition with the official text. Raises Invalid with the field."""
    name = checked_by.strip()
    if not name:
        raise Invalid("checked_by", tr("请填写核对人姓名。"))
    if checked_on > clock.today():
        raise Invalid("checked_on", tr("核对日期 %(day)s 在今天之后，请更正。", day=checked_on))
    if not note.strip():
        raise Invalid("note", tr("请写明核对所用的官方文本（网址或文件名称）和核对结论。"))
    edition.checked_on, edition.checked_by, edition.check_note = checked_on, name, note.strip()
    record(session, by, Action.EDITION_CHECK, _subject(edition), changes=diff(edition), note=edition.check_note)


def _subject(edition: Edition) -> Subject:
    return Subject("edition", edition.id, f"{edition.title}（{edition.code}）")
