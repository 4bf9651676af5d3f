"""Every night: make the reminders of the day, then send what waits, one by one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.jobs.worker import JobContext
from app.reminders import service
from app.reminders.channel import Channel
from app.reminders.models import Digest, DigestState, Reminder
from config import Settings

REMIND = "reminders.remind"
MOST_TRIES = 3


def remind(context: JobContext) -> Mapping[str, Any]:
    """Make and send; return how many reminders, people, unreached things, sent and failed digests."""
    settings: Settings = context.tools["settings"]
    with context.database.transaction() as session:
        made = service.remind(session, clock.today(), mails=bool(settings.notify_url))
    sent, failed = _send(context, Channel(settings.notify_url), settings.public_url) if settings.notify_url else (0, 0)
    return {
        "reminders": made.reminders,
        "people": made.people,
        "unreached": made.unreached,
        "sent": sent,
        "failed": failed,
    }


def tell_infected(context: JobContext) -> Mapping[str, Any]:
    """Tell at once what the night would tell: an infected file waits for no night. What was told is not told again."""
    return remind(context)


def _send(context: JobContext, channel: Channel, home: str) -> tuple[int, int]:
    """Send every waiting digest; each is settled in its own transaction, so that a stop loses nothing."""
    with context.database.session() as session:
        waiting = session.scalars(
            select(Digest.id).where(Digest.state == DigestState.WAITING).order_by(Digest.id)
        ).all()
    sent = failed = 0
    for number, digest_id in enumerate(waiting, start=1):
        with context.database.session() as session:
            digest = session.get_one(Digest, digest_id)
            new = [one for one in digest.reminders if one.sent_at is None]
            address, told, text = digest.address, [one.id for one in new], _text(new, home)
        why = channel.send(address, f"育企提醒：{len(told)} 项", text)
        with context.database.transaction() as session:
            state = _settle(session.get_one(Digest, digest_id), told, why)
        sent += state is DigestState.SENT
        failed += state is DigestState.FAILED
        context.report(number, len(waiting))
    return sent, failed


def _settle(digest: Digest, told: Collection[int], why: str) -> DigestState:
    """Keep what became of a digest; what was added while it went out keeps it waiting."""
    digest.tries += 1
    digest.outcome = why
    if why:
        digest.state = DigestState.FAILED if digest.tries >= MOST_TRIES else DigestState.WAITING
        return digest.state
    digest.sent_at = clock.now()
    for one in digest.reminders:
        if one.id in told:
            one.sent_at = digest.sent_at
    left = any(one.sent_at is None for one in digest.reminders)
    digest.state = DigestState.WAITING if left else DigestState.SENT
    return digest.state


def _text(reminders: Sequence[Reminder], home: str) -> str:
    """Return what is sent: no figures of the firm, only what falls due and when."""
    lines = [f"· {one.title}" for one in reminders]
    return "\n".join([*lines, "", f"详情请登录 {home}"])
