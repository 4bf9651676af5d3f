"""A nominated, invented firm on a frozen list, and the people around it."""

import io

import pytest
from pypdf import PdfReader

from app.core.text import tr
from app.documents.press import PrintingStopped
from app.dossiers import printing, rendering, service
from app.nominations.models import Nomination
from tests.factories import dossiers as make

PUBLIC = "http://yuqi.test"


def words(text):
    """Text without blanks: a PDF breaks lines where a page does not."""
    return "".join(text.split())


def text_of(content):
    """The whole text of a PDF."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def look_again(session):
    """Forget what was read, so that the session sees what others have written since."""
    session.rollback()
    session.expire_all()


def quietly(_step, _note):
    """Take a report of progress and do nothing."""


@pytest.fixture
def jam(monkeypatch):
    """Let the printing of one firm's dossiers be stopped, as it is when a document takes too long."""

    def stop(name):
        prints = printing.pdf

        def pdf(context):
            if context.firm.name == name:
                raise PrintingStopped(tr("文件在 %(seconds)s 秒内未能排完，已停止。请减少内容后重试。", seconds=120))
            return prints(context)

        monkeypatch.setattr(printing, "pdf", pdf)

    return stop


@pytest.fixture
def reviewer(people):
    return people.reviewer(name="陈立群")


@pytest.fixture
def nomination(session, reviewer, store):
    return make.make_nomination(session, make.make_demo_firm(session), reviewer=reviewer, store=store)


@pytest.fixture
def request_dossier(database, reviewer):
    """Ask for the dossier of a nomination as the reviewer; return it."""

    def ask(nomination, by=None):
        with database.transaction() as session:
            return service.request(
                session,
                session.get_one(Nomination, nomination.id),
                by=(by or reviewer).as_actor(),
                public_url=PUBLIC,
            )

    return ask


@pytest.fixture
def print_dossier(database, store):
    def render(dossier):
        return rendering.render(database, store, dossier.id, report=quietly)

    return render
