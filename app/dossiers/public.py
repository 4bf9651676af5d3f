"""Is this paper genuine? Anybody may ask with the code on its cover; nothing beyond the cover is told."""

from __future__ import annotations

import re

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from app.assessments.receipts import queries as receipts
from app.core.digest import sha256_hex
from app.core.errors import Invalid
from app.core.text import tr
from app.dossiers import queries
from app.dossiers.forms import CodeForm, CompareForm
from app.dossiers.models import DossierState
from app.web.forms import attach
from app.web.render import page
from app.web.session import read
from app.web.surfaces import open_door

door = Blueprint("dossiers", __name__)
_CODE = re.compile(r"[0-9a-z]{1,40}")
_BLANKS = re.compile(r"[\s\u3000-]+")


@door.route("/verify", methods=["GET", "POST"])
@open_door
def start() -> ResponseReturnValue:
    form = CodeForm()
    if not form.sent_and_valid():
        return page(422 if form.errors else 200, form=form)
    code = _BLANKS.sub("", form.code.data).lower()
    if not _CODE.fullmatch(code):  # an address made of anything else would lead elsewhere
        attach(Invalid("code", tr("核验码只有小写字母和数字，请对照封面二维码下方重新输入。")), form)
        return page(422, form=form)
    return redirect(url_for("public.dossiers.verify", code=code))


@door.route("/verify/<code>", methods=["GET", "POST"])
@open_door
def verify(code: str) -> ResponseReturnValue:
    found = queries.by_code(read(), code[:60])
    receipt = receipts.by_code(read(), code[:60]) if found is None else None
    if found is None and receipt is None:
        return page(404, about=None, receipt=None, code=code[:60], form=None, same=None, states=DossierState)
    about = queries.verification(found) if found is not None else None
    told = receipts.verification(receipt) if receipt is not None else None
    sha256 = about.sha256 if about is not None else told.sha256 if told is not None else ""
    form, same = CompareForm(), None
    if sha256 and form.sent_and_valid():
        same = sha256_hex(form.file.data.read()) == sha256
    return page(
        422 if form.errors else 200, about=about, receipt=told, code=code, form=form, same=same, states=DossierState
    )  # fmt: skip
