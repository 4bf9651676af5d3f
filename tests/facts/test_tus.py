"""What is announced of tus 1.0.0 is kept, as a stranger speaks it: core, creation, termination, checksum, expiry."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.access.roles import Role
from app.core import clock
from app.facts.models import Document, Transfer
from app.firms.models import Firm
from tests.facts.samples import PDF
from tests.support.people import People

BASE = "/portal/facts/documents/transfers"
PIECE = "application/offset+octet-stream"
NAME = f"filename {base64.b64encode('审计.pdf'.encode()).decode()}"


class Stranger:
    """A client that knows the protocol and nothing of ours but the session and its token."""

    def __init__(self, people: People, firm: Firm) -> None:
        browser = people.browser(people.make(Role.FIRM_FILLER, firm_id=firm.id))
        browser.get("/portal/facts/documents/")
        token = browser.page.select_one("input[name=csrf_token]")
        assert token is not None
        self.client, self.token = browser.client, str(token["value"])

    def __call__(self, method: str, url: str = BASE, body: bytes = b"", **headers: str) -> TestResponse:
        sent = {"Tus-Resumable": "1.0.0", "X-CSRFToken": self.token}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.open(url, method=method, data=body, headers=sent)
        assert answer.headers["Tus-Resumable"] == "1.0.0", "in every response"
        return answer

    def begin(self, content: bytes) -> str:
        answer = self("POST", Upload_Length=str(len(content)), Upload_Metadata=NAME)
        assert (answer.status_code, answer.data != b"") == (201, True)
        return answer.headers["Location"]

    def piece(self, url: str, offset: int, body: bytes, **headers: str) -> TestResponse:
        return self("PATCH", url, body, Upload_Offset=str(offset), Content_Type=PIECE, **headers)


@pytest.fixture
def tus(people: People, firm: Firm) -> Stranger:
    return Stranger(people, firm)


def _summed(name: str, content: bytes) -> str:
    return f"{name} {base64.b64encode(hashlib.new(name, content).digest()).decode()}"


def test_a_file_comes_whole_by_the_protocol_alone(session: Session, tus: Stranger) -> None:
    told: Mapping[str, str] = tus("OPTIONS").headers
    assert (told["Tus-Version"], told["Tus-Max-Size"]) == ("1.0.0", str(20 << 20))
    assert set(told["Tus-Extension"].split(",")) == {"creation", "termination", "checksum", "expiration"}
    assert set(told["Tus-Checksum-Algorithm"].split(",")) == {"sha1", "sha256"}
    url = tus.begin(PDF)
    head = tus("HEAD", url)
    assert (head.status_code, head.data) == (200, b"")
    assert [head.headers[name] for name in ("Upload-Offset", "Upload-Length", "Cache-Control")] == [
        "0", str(len(PDF)), "no-store",
    ]  # fmt: skip
    assert parsedate_to_datetime(head.headers["Upload-Expires"]) > clock.now() + timedelta(days=6)
    spoilt = tus.piece(url, 0, PDF[:10], Upload_Checksum=_summed("sha1", b"other"))
    assert spoilt.status_code == 460
    assert tus("HEAD", url).headers["Upload-Offset"] == "0", "a spoilt piece is thrown away"
    first = tus.piece(url, 0, PDF[:10], Upload_Checksum=_summed("sha1", PDF[:10]))
    assert (first.status_code, first.headers["Upload-Offset"], "Upload-Expires" in first.headers) == (204, "10", True)
    last = tus("POST", url, PDF[10:], Upload_Offset="10", Content_Type=PIECE, X_HTTP_Method_Override="PATCH",
               Upload_Checksum=_summed("sha256", PDF[10:]))  # fmt: skip
    assert (last.status_code, last.headers["Upload-Offset"], "Upload-Expires" in last.headers) == (
        204, str(len(PDF)), False,
    )  # fmt: skip
    assert tus("HEAD", url).headers["Upload-Offset"] == str(len(PDF))
    assert session.scalars(select(Document.title)).all() == ["审计.pdf"]


def test_what_is_not_the_protocol_is_refused_as_it_says(session: Session, tus: Stranger) -> None:
    url = tus.begin(PDF)
    sized = {"Upload_Length": str(len(PDF)), "Upload_Metadata": NAME}
    answers = [
        (412, tus("POST", **sized, Tus_Resumable="0.2.2")),
        (412, tus("HEAD", url, Tus_Resumable="0.2.2")),
        (413, tus("POST", Upload_Length=str((20 << 20) + 1), Upload_Metadata=NAME)),
        (400, tus("POST", Upload_Length="-1", Upload_Metadata=NAME)),
        (400, tus("POST", Upload_Defer_Length="1", Upload_Metadata=NAME)),
        (409, tus.piece(url, 5, PDF[5:])),
        (400, tus("PATCH", url, PDF, Content_Type=PIECE)),
        (415, tus("PATCH", url, PDF, Upload_Offset="0", Content_Type="application/pdf")),
        (400, tus.piece(url, 0, PDF, Upload_Checksum="md5 AAAA")),
        (400, tus.piece(url, 0, PDF, Upload_Checksum="sha1 ?")),
        (409, tus.piece(url, 0, PDF + b"more than was said")),
        (405, tus("POST", url, X_HTTP_Method_Override="PUT")),
        (404, tus("HEAD", f"{BASE}/999999")),
        (404, tus.piece(f"{BASE}/999999", 0, PDF)),
    ]
    assert [answer.status_code for _status, answer in answers] == [status for status, _answer in answers]
    assert answers[0][1].headers["Tus-Version"] == "1.0.0"
    assert "Upload-Offset" not in answers[-2][1].headers
    assert session.scalars(select(Transfer.received)).all() == [0], "nothing of it was kept"
    session.rollback()
    assert tus("DELETE", url).status_code == 204
    assert tus("HEAD", url).status_code == 404
    assert tus.piece(url, 0, PDF).status_code == 404
