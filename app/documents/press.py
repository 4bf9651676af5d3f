"""Printing in a child process: a document that grows without bound takes the child down, never the worker.

The template is filled here (cheap, and its faults are told at once); the child gets HTML and gives back a PDF. It is
kept between documents, so that fonts and libraries load once; it has no secrets in its environment and may open no
connection.
"""

from __future__ import annotations

import atexit
import os
import pickle
import selectors
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.core.errors import Conflict
from app.core.text import Message, tr
from app.documents.render import Imprint, Variant, html_of
from app.documents.sources import Sources
from app.documents.strict import DocumentFault

_ROOT = Path(__file__).resolve().parents[2]
_START = "import sys; sys.path.insert(0, sys.argv[1]); from app.documents.press_child import main; main()"
_LENGTH = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one document: seconds on the clock and of processor time, bytes of address space."""

    seconds: float = 120
    cpu_seconds: int = 90
    memory: int = 1024**3
    documents: int = 300
    """After so many documents the child is replaced; WeasyPrint grows by about 0.2 MB with each."""


class PrintingStopped(Conflict):
    """The child was stopped because the document took too long or too much memory."""


class Press:
    """One printing child. Calls from several threads wait for each other."""

    def __init__(self, limits: Limits | None = None, sources: Sources | None = None) -> None:
        self._limits = limits or Limits()
        self._sources = sources or Sources()
        self._child: subprocess.Popen[bytes] | None = None
        self._printed = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def pdf(
        self,
        template: str,
        context: Mapping[str, object],
        *,
        title: str,
        issued: datetime,
        number: str = "",
        author: str = "",
        lang: str = "zh-CN",
        variant: Variant = "pdf/ua-1",
        identifier: bytes | None = None,
    ) -> bytes:
        """As ``render.pdf``, within the limits. Raises ``PrintingStopped`` when they are passed."""
        imprint = Imprint(title, issued, number, author, lang)
        return self.print(html_of(template, context, imprint, sources=self._sources), variant, identifier)

    def print(self, html: str, variant: Variant = "pdf/ua-1", identifier: bytes | None = None) -> bytes:
        """Print filled HTML in the child."""
        with self._lock:
            if self._printed >= self._limits.documents:
                self.close()
            reply = self._ask((html, variant, identifier, self._sources, self._limits.cpu_seconds))
        if reply[0] == "pdf":
            content: bytes = reply[1]
            return content
        raise DocumentFault(Message(reply[1], reply[2]))

    def close(self) -> None:
        """Stop the child, if there is one."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child, self._printed = None, 0

    def _ask(self, request: tuple[object, ...]) -> tuple[Any, ...]:
        child = self._running()
        assert child.stdin is not None
        deadline = time.monotonic() + self._limits.seconds
        try:
            message = pickle.dumps(request)
            child.stdin.write(_LENGTH.pack(len(message)) + message)
            child.stdin.flush()
            length = _LENGTH.unpack(self._read(child, _LENGTH.size, deadline))[0]
            reply: tuple[Any, ...] = pickle.loads(self._read(child, length, deadline))  # noqa: S301 - our own child
        except TimeoutError:
            self.close()
            raise PrintingStopped(
                tr("文件在 %(seconds)s 秒内未能排完，已停止。请减少内容后重试。", seconds=f"{self._limits.seconds:g}")
            ) from None
        except (EOFError, BrokenPipeError):
            self.close()
            raise PrintingStopped(tr("文件排版超出内存或时间限制，已停止。请减少内容后重试。")) from None
        self._printed += 1
        return reply

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self.close()
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-I", "-c", _START, str(_ROOT), str(self._limits.memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=child_environment(),
                bufsize=0,
            )
        return self._child

    @staticmethod
    def _read(child: subprocess.Popen[bytes], length: int, deadline: float) -> bytes:
        assert child.stdout is not None
        content = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ)
            while len(content) < length:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise TimeoutError
                piece = os.read(child.stdout.fileno(), min(length - len(content), 1 << 20))
                if not piece:
                    raise EOFError
                content += piece
        return bytes(content)


def child_environment() -> dict[str, str]:
    """The environment of a child: what the interpreter needs, none of the settings and secrets."""
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "LD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ}


_shared: dict[int, Press] = {}
_sharing = threading.Lock()


def pdf_in_child(template: str, context: Mapping[str, object], **imprint: Any) -> bytes:
    """As ``Press.pdf`` on a press that this process keeps; what workers call."""
    with _sharing:
        press = _shared.get(os.getpid())
        if press is None:
            # a forked worker must not talk to its parent's child
            _shared.clear()
            press = _shared[os.getpid()] = Press()
            atexit.register(press.close)
    return press.pdf(template, context, **imprint)
