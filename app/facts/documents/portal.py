"""A firm's own locker in the portal: what it put there, how long it holds, what it supports."""

from __future__ import annotations

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from app.access.actions import Action
from app.core.errors import NotFound
from app.facts.documents import queries
from app.files import service as files
from app.web.downloads import attachment
from app.web.render import page
from app.web.session import read
from app.web.surfaces import actor, requires

door = Blueprint("documents", __name__, url_prefix="/documents")


@door.get("/")
@requires(Action.OWN_READ)
def index() -> ResponseReturnValue:
    firm_id = actor().firm_id
    if firm_id is None:
        raise NotFound
    return page(documents=queries.locker(read(), firm_id, for_=actor()))


@door.get("/<int:document_id>/file")
@requires(Action.OWN_READ)
def download(document_id: int) -> ResponseReturnValue:
    file = queries.document(read(), document_id, for_=actor()).file
    return attachment(file.name, file.media_type, files.content_of(current_app.extensions["yuqi_store"], file))
