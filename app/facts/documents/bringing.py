"""Files that a firm sends in one form: each is kept or refused for itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import current_app, request
from werkzeug.datastructures import FileStorage

from app.access.actor import Actor
from app.core.errors import Invalid
from app.core.text import Message, tr
from app.facts import locker
from app.facts.documents.forms import LockerForm, described
from app.facts.models import Document
from app.web.session import transaction


@dataclass(slots=True)
class Brought:
    """What became of the files: kept anew, there already, refused with the reason."""

    kept: list[Document] = field(default_factory=list)
    there: list[Document] = field(default_factory=list)
    refused: list[Message] = field(default_factory=list)

    @property
    def documents(self) -> Sequence[Document]:
        return [*self.kept, *self.there]


def bring(form: LockerForm, firm_id: int, *, by: Actor) -> Brought:
    """Keep every file that was sent, each in its own transaction. Raises Invalid (``files``) when there is none."""
    sent = _sent(form)
    if not sent:
        raise Invalid("files", tr("请选择要上传的文件。"))
    found = Brought()
    if len(sent) > 1:
        form.title.data = ""
    for one in sent:
        try:
            with transaction() as session:
                store = current_app.extensions["yuqi_store"]
                upload = described(form, one.filename or "", one.read())
                kept = locker.take(session, store, firm_id, upload, by=by)
            (found.kept if kept.is_new else found.there).append(kept.document)
        except Invalid as error:
            found.refused.append(error.message)
    return found


def is_sent(form: LockerForm) -> bool:
    """Tell whether any file came along."""
    return bool(_sent(form))


def _sent(form: LockerForm) -> Sequence[FileStorage]:
    return [one for name in ("files", "photo") for one in request.files.getlist(form[name].name) if one.filename]


def told(found: Brought) -> list[Message]:
    """Return what is to be said of the files that are in the locker now."""
    messages = [tr("“%(title)s”已在材料库中，没有重复存入。", title=one.title) for one in found.there]
    return [*told_new(found), *messages]


def told_new(found: Brought) -> list[Message]:
    """Return what is to be said of the files that were not in the locker before."""
    return [tr("已存入 %(n)s 份材料。", n=len(found.kept))] if found.kept else []
