"""How much room a firm has in its locker: what it brought itself counts, what the bureau put there does not.

What was declared wrong or found infected has to be kept, takes none of the firm's room, and is bounded all the same:
all bytes of a firm together are at most twice its quota.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.core.text import tr
from app.documents.format import file_size
from app.facts.models import Document, Transfer
from app.files.models import StoredFile


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes used and bytes allowed."""

    used: int
    quota: int

    @property
    def left(self) -> int:
        return max(0, self.quota - self.used)


def room(session: Session, firm_id: int, *, quota: int) -> Room:
    """Return how much of its locker a firm uses, with what is on its way. One statement."""
    kept = (
        select(func.coalesce(func.sum(StoredFile.size), 0))
        .join(Document, Document.file_id == StoredFile.id)
        .where(Document.firm_id == firm_id, Document.by_firm, Document.withdrawn_at.is_(None))
    )
    coming = select(func.coalesce(func.sum(Transfer.size), 0)).where(
        Transfer.firm_id == firm_id, Transfer.finished_at.is_(None)
    )
    used = session.execute(select(kept.scalar_subquery(), coming.scalar_subquery())).one()
    return Room(int(used[0]) + int(used[1]), quota)


def must_fit(session: Session, firm_id: int, name: str, size: int, *, quota: int) -> None:
    """Refuse a file for which there is no room. Raises Invalid (``file``)."""
    found = room(session, firm_id, quota=quota)
    if size > found.left:
        raise Invalid(
            "file",
            tr(
                "材料库空间不够：“%(name)s”有 %(size)s，只剩 %(left)s（共 %(quota)s）。"
                "请删除没有用到的材料，或联系主管部门。",
                name=name, size=file_size(size), left=file_size(found.left), quota=file_size(found.quota),
            ),
        )  # fmt: skip
    whole = session.scalar(
        select(func.coalesce(func.sum(StoredFile.size), 0))
        .join(Document, Document.file_id == StoredFile.id)
        .where(Document.firm_id == firm_id, Document.by_firm, StoredFile.removed_at.is_(None))
    )
    if int(whole or 0) + size > 2 * quota:
        raise Invalid(
            "file",
            tr("停用和留存备查的材料太多（连同在用的共 %(used)s，上限 %(most)s），暂不能再存入，请联系主管部门。",
               used=file_size(int(whole or 0)), most=file_size(2 * quota)),
        )  # fmt: skip
