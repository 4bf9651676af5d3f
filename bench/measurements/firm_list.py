"""The firm list: 50 rows of 10,000 firms, against the constant page of the same server, one load after the other."""

from __future__ import annotations

import http.cookiejar
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from bench.figure import Figure, Limit

FIRMS = 10_000
SECONDS = 4.0
ROUNDS = 3
CLIENTS = 8
ROOT = Path(__file__).parent.parent.parent


def measure() -> Iterator[Figure]:
    """Yield the ratio of requests a second, median of three alternating rounds."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "YUQI_ENV": "development", "YUQI_DATA_DIR": folder, "DATABASE_URL": ""}
        subprocess.run([sys.executable, "-m", "bench.firms", str(FIRMS)], check=True, cwd=ROOT, env=environment)
        with _server(environment) as port:
            cookie = _sign_in(port)
            ratios = []
            for _ in range(ROUNDS):
                constant = _rate(port, "/healthz", "")
                ratios.append(_rate(port, "/office/firms/", cookie) / constant)
    yield Figure(
        "firm_list_rps", sorted(ratios)[ROUNDS // 2], "ratio", Limit("at_least", 0.2), "the same server's constant page"
    )


@contextmanager
def _server(environment: dict[str, str], *more: str) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = str(ROOT / "scripts" / "gunicorn.conf.py")  # the server as scripts/serve runs it
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        settings,
        "--keep-alive",
        "30",
        "-b",
        f"127.0.0.1:{port}",
        *more,
        "wsgi:app",
    ]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def _sign_in(port: int) -> str:
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    base = f"http://127.0.0.1:{port}"
    page = opener.open(f"{base}/sign-in").read().decode()
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise RuntimeError("no form to sign in")
    form = {"csrf_token": found.group(1), "login": "bench", "password": "bench-only-9137"}
    opener.open(f"{base}/sign-in", urllib.parse.urlencode(form).encode()).read()
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def _rate(port: int, path: str, cookie: str) -> float:
    """Requests a second over some seconds, from clients that keep their connections."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n" + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n"
    counts: list[int] = []
    end = time.monotonic() + SECONDS
    threads = [Thread(target=_client, args=(port, head.encode(), end, counts)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(counts) != CLIENTS:
        raise RuntimeError(f"{path}: a client failed")
    return sum(counts) / SECONDS


def _client(port: int, head: bytes, end: float, counts: list[int]) -> None:
    done = 0
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.monotonic() < end:
            line.sendall(head)
            _read_answer(line)
            done += 1
    counts.append(done)


def _read_answer(line: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = line.recv(65536)
        if not part:
            raise ConnectionError("closed")
        data += part
    header, _, body = data.partition(b"\r\n\r\n")
    if not header.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(header.split(b"\r\n", 1)[0].decode())
    found = re.search(rb"(?i)content-length: (\d+)", header)
    left = int(found.group(1)) - len(body) if found else 0
    while left > 0:
        left -= len(line.recv(65536))
