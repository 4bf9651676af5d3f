"""A form taken out as a workbook, written in as a person would, brought back and read by the job."""

from __future__ import annotations

import io

import openpyxl
from flask import Flask
from openpyxl.workbook import Workbook
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.assessments import queries
from app.assessments.offline import bringing
from app.assessments.offline import queries as offline
from app.assessments.offline import service as workbooks
from app.assessments.offline.differences import Kind
from app.assessments.offline.models import BroughtBack, ReturnState
from app.core.text import message_from_json
from app.jobs.models import Job
from tests.assessments.conftest import NOW


class Round:
    """Takes the form out, changes cells by the names of their fields, brings it back."""

    def __init__(self, session: Session, app: Flask, form_id: int) -> None:
        self.session, self.app, self.form_id = session, app, form_id

    def out(self, by: Actor) -> bytes:
        _form, content = workbooks.take_out(self.session, self.form_id, by=by)
        self.session.commit()
        return content

    def bring(self, content: bytes, by: Actor, name: str = "自评.xlsx") -> BroughtBack:
        store = self.app.extensions["yuqi_store"]
        made = bringing.bring_back(self.session, store, self.form_id, name=name, content=content, by=by)
        self.session.commit()
        return made

    def back(self, content: bytes, by: Actor, name: str = "自评.xlsx") -> BroughtBack:
        made = self.bring(content, by, name)
        self.work()
        self.session.refresh(made)
        self.session.commit()
        return made

    def work(self) -> None:
        """Run what waits, which was asked for in June."""
        self.session.execute(update(Job).values(run_after=NOW))
        self.session.commit()
        self.app.extensions["yuqi_worker"].run_pending()

    def refused(self, content: bytes, by: Actor, name: str = "自评.xlsx") -> str:
        """Why it was not read; the form has nothing of it."""
        made = self.back(content, by, name)
        assert (made.state, made.found, made.workbook_id) == (ReturnState.REFUSED, [], None)
        assert made.refusal is not None
        return str(message_from_json(made.refusal))

    def kinds(self, made: BroughtBack, by: Actor) -> dict[str, Kind]:
        form = queries.form(self.session, self.form_id, for_=by)
        return {one.field.name: one.kind for one in offline.compared(self.session, form, made, for_=by)}

    def take(self, made: BroughtBack, by: Actor, *names: str) -> tuple[int, list[str]]:
        form = queries.form(self.session, self.form_id, for_=by)
        versions = {one.field.name: one.version for one in offline.compared(self.session, form, made, for_=by)}
        chosen = {name: versions[name] for name in names}
        saved, late = workbooks.take_over(self.session, self.form_id, made.id, chosen, by=by)
        self.session.commit()
        return saved, [one.field.name for one in late]


def written(content: bytes, texts: dict[str, object]) -> bytes:
    """Write into the cells of fields as a person would, in whatever sheet they stand."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    titles = {"value": "填写", "confirm": "已核对无误（填“是”）", "reason": "说明原因", "reply": "答复退回意见"}
    left = dict(texts)
    for sheet in book.worksheets[1:]:
        columns = {cell.value: cell.column for cell in sheet[1]}
        for row in sheet.iter_rows(min_row=2):
            for name in [one for one in left if one.partition("-")[2] == row[0].value]:
                row[columns[titles[name.partition("-")[0]]] - 1].value = left.pop(name)  # type: ignore[assignment]
    assert not left, left
    return saved(book)


def saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
