"""A filter as a sentence: 棠下镇，智能家电企业，2025 年规上 — each part with the name that takes it away."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.core.text import Message, tr
from app.firms.filtering import NOBODY, FirmFilter

Part = tuple[str, Message]


def parts(session: Session, wanted: FirmFilter) -> Sequence[Part]:
    """Return ``(name of the parameter, words)`` of every filter that is set."""
    found: list[Part | None] = [
        ("town", Message(wanted.town.label)) if wanted.town else None,
        ("cluster", tr("%(name)s企业", name=Message(wanted.cluster.label))) if wanted.cluster else None,
        ("chain", Message(wanted.chain_role.label)) if wanted.chain_role else None,
        ("roster", tr("%(year)s 年规上", year=wanted.roster_year)) if wanted.roster_year else None,
        ("caseworker", _caseworker(session, wanted.caseworker)) if wanted.caseworker is not None else None,
        ("status", tr("登记状态为%(name)s", name=Message(wanted.status.label))) if wanted.status else None,
        ("q", tr("含“%(text)s”", text=wanted.text)) if wanted.text else None,
    ]
    return [one for one in found if one is not None]


def described(session: Session, wanted: FirmFilter) -> str:
    """Return the sentence in Chinese, as the log and the head of a sheet keep it."""
    return "，".join(str(words) for _name, words in parts(session, wanted)) or str(tr("全部企业"))


def _caseworker(session: Session, chosen: int | str | None) -> Message:
    if chosen == NOBODY or not isinstance(chosen, int):
        return tr("未分派经办人")
    return tr("经办人%(name)s", name=accounts.names(session, [chosen]).get(chosen, str(chosen)))
