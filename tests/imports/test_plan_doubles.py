"""Two rows about one firm, one of them without a name: the same answer before and after the firm exists."""

from __future__ import annotations

from app.access.actor import Actor
from app.core.db import Database
from app.files.store import FileStore
from tests.factories.imports import outcomes, staged, table
from tests.support.people import People

CODE = "91440703MA0000001L"


def test_a_row_without_a_name_still_contradicts_the_row_of_its_code(
    app: object, database: Database, people: People
) -> None:
    importer: Actor = people.caseworker().as_actor()
    store: FileStore = app.extensions["yuqi_store"]  # type: ignore[attr-defined]
    content = table([("虚构甲公司", CODE, "1234.5", "2.58", "10"), ("", CODE, "", "2664.10", "")])
    batch = staged(database, store, content, by=importer)
    assert outcomes(database, batch)[1:] == ["review", "review"]
