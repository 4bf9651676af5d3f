"""Fifty people fill in forms, two in each, in the same field: how long a save takes, and that none is lost.

A save is timed twice: the round trip as the person has it, who shares the processor with forty-nine others, and the
server's own time from taking the request to having answered it, as it logs it (the figure of the issue is of that one).
YUQI_BENCH_SAVES says how many saves are made (10,000).
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median, quantiles
from threading import Barrier, Thread

from sqlalchemy import func, select

from app.assessments.models import Answer, AnswerText, Part
from app.core.db import Database
from app.rooms import load_models
from app.schema import migrate
from bench import forms
from bench.figure import Figure, Limit
from bench.measurements.firm_list import _server

FIRMS = 25
PACED = 20
"""Saves of each person at the pace of typing: one a second."""
FAST = int(os.environ.get("YUQI_BENCH_SAVES", "10000"))
TIMED = "%(m)s %(U)s %(D)s"
"""What the server logs of a request: method, path, microseconds."""
FORM = {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}


@dataclass
class Person:
    """Somebody at a form: the connection, the token, what was seen, how long each save took, what was said."""

    port: int
    login: str
    form: int
    cookie: str = ""
    token: str = ""
    seen: int = 0
    took: list[float] = field(default_factory=list)
    taken: int = 0
    clashes: int = 0
    page: int = 0

    def begin(self) -> None:
        """Sign in and open the section."""
        self.line = HTTPConnection("127.0.0.1", self.port, timeout=60)
        self._cookies: dict[str, str] = {}
        token = _token(self._ask("GET", "/sign-in")[1])
        sent = urllib.parse.urlencode({"csrf_token": token, "login": self.login, "password": forms.PASSWORD})
        self._ask("POST", "/sign-in", sent)
        text = self._ask("GET", f"/portal/assessments/{self.form}/sections/income")[1]
        self.token, self.page = _token(text), len(text.encode())

    def save(self, text: str) -> None:
        """Save a text; where the colleague was faster, look and save again, as a person would."""
        year = time.gmtime().tm_year - 1
        while True:
            sent = {"csrf_token": self.token, "name": f"value-{forms.KEY}-{year}", "text": text, "seen": self.seen}
            begun = time.perf_counter()
            status, body = self._ask("POST", f"/portal/assessments/{self.form}/answers", urllib.parse.urlencode(sent))
            self.took.append(time.perf_counter() - begun)
            if status != 200:
                raise RuntimeError(f"{status}: {body[:200]}")
            answer = json.loads(body)["fields"][0]
            self.seen = answer["version"]
            if answer["mine"]:
                self.taken += 1
                return
            self.clashes += 1

    def preview(self) -> float:
        """Return how long the preview took."""
        begun = time.perf_counter()
        status, _body = self._ask("GET", f"/portal/assessments/{self.form}/preview")
        if status != 200:
            raise RuntimeError(str(status))
        return time.perf_counter() - begun

    def _ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        try:
            self.line.request(method, path, body or None, {**FORM, "Cookie": cookie})
            answer = self.line.getresponse()
        except (ConnectionError, HTTPException):  # an idle line was closed; the same text again changes nothing
            self.line.close()
            self.line.request(method, path, body or None, {**FORM, "Cookie": cookie})
            answer = self.line.getresponse()
        text = answer.read().decode()
        for told in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = told.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        return answer.status, text


def measure() -> Iterator[Figure]:
    """Yield the time of a save and of a preview, the saves that were lost, the weight of a page."""
    load_models()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "YUQI_ENV": "development", "YUQI_DATA_DIR": folder, "DATABASE_URL": ""}
        database = Database(f"sqlite:///{Path(folder) / 'yuqi.db'}")
        migrate(database)
        made = forms.fill(database, FIRMS)
        log = Path(folder) / "requests.log"
        with _server(environment, "--access-logfile", str(log), "--access-logformat", TIMED) as port:
            people = [Person(port, login, form) for login, form in made]
            for one in people:
                one.begin()
            _together(people, _paced)
            paced = sorted(took for one in people for took in one.took)
            served = _served(log)
            previews = sorted(one.preview() for one in people for _ in range(4))
            begun = time.perf_counter()
            _together(people, _fast)
            rate = FAST / (time.perf_counter() - begun)
        lost = _lost(database, people)
        database.dispose()
    at_50 = f"{len(people)} people, a save a second each"
    yield Figure("autosave_p95_ms", quantiles(paced, n=20)[-1] * 1000, "ms", Limit("at_most", 50), at_50)
    yield Figure("autosave_server_p95_ms", quantiles(served, n=20)[-1], "ms", Limit("at_most", 50), at_50)
    yield Figure("autosave_median_ms", median(paced) * 1000, "ms", Limit("at_most", 50), at_50)
    yield Figure("autosave_lost", lost, "saves", Limit("at_most", 0), f"{sum(one.taken for one in people)} saves")
    yield Figure("autosave_saves_a_second", rate, "1/s", Limit("at_least", 50), "as fast as they can")
    yield Figure("preview_p95_ms", quantiles(previews, n=20)[-1] * 1000, "ms", Limit("at_most", 100), "one by one")
    yield Figure("form_page_kb", max(one.page for one in people) / 1000, "kB", Limit("at_most", 60))


def _served(log: Path) -> list[float]:
    """Return the server's own milliseconds of the saves so far."""
    lines = (line.split() for line in log.read_text().splitlines())
    return [int(took) / 1000 for method, path, took in lines if method == "POST" and path.endswith("/answers")]


def _together(people: list[Person], work: object) -> None:
    gate = Barrier(len(people))
    failed: list[BaseException] = []

    def run(one: Person) -> None:
        try:
            gate.wait()
            work(one)  # type: ignore[operator]
        except BaseException as error:  # told below, when all have ended
            failed.append(error)

    threads = [Thread(target=run, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def _paced(one: Person) -> None:
    time.sleep((hash(one.login) % 1000) / 1000)
    for number in range(PACED):
        begun = time.monotonic()
        one.save(f"{one.login} {number}")
        time.sleep(max(0.0, 1 - (time.monotonic() - begun)))


def _fast(one: Person) -> None:
    for number in range(FAST // (2 * FIRMS)):
        one.save(f"{one.login} fast {number}")


def _lost(database: Database, people: list[Person]) -> int:
    """Return how many saves that were answered as taken are not in the history, or did not count a version."""
    with database.session() as session:
        kept = session.scalar(select(func.count()).where(AnswerText.version.is_not(None))) or 0
        versions = session.scalar(select(func.sum(Answer.version)).where(Answer.part == Part.VALUE)) or 0
        refused = session.scalar(select(func.count()).where(AnswerText.version.is_(None))) or 0
    taken, clashes = sum(one.taken for one in people), sum(one.clashes for one in people)
    return abs(taken - kept) + abs(taken - versions) + abs(clashes - refused)


def _token(text: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    if found is None:
        raise RuntimeError("no form")
    return found.group(1)
