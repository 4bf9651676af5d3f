"""The printing child: reads HTML, writes PDF, within limits, without a network."""

from __future__ import annotations

import gc
import os
import pickle
import resource
import struct
import sys
from typing import Any, BinaryIO

from app.documents.render import print_html
from app.documents.strict import DocumentFault

_LENGTH = struct.Struct(">Q")
_CLOSED = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "urllib.")


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith(_CLOSED):
        raise PermissionError(f"a document may not do this: {event}")


def _grant_cpu(seconds: int) -> None:
    """Allow ``seconds`` more processor time; the kernel ends the process when they are used up."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _answer(request: tuple[Any, ...]) -> tuple[Any, ...]:
    html, variant, identifier, sources, cpu_seconds = request
    _grant_cpu(cpu_seconds)
    try:
        return ("pdf", print_html(html, variant=variant, identifier=identifier, sources=sources))
    except DocumentFault as fault:
        return ("fault", fault.message.msgid, {name: str(value) for name, value in fault.message.params.items()})


def _serve(requests: BinaryIO, replies: BinaryIO) -> None:
    printed = 0
    while len(head := requests.read(_LENGTH.size)) == _LENGTH.size:
        request = pickle.loads(requests.read(_LENGTH.unpack(head)[0]))  # noqa: S301 - from our own parent
        reply = pickle.dumps(_answer(request))
        replies.write(_LENGTH.pack(len(reply)) + reply)
        replies.flush()
        # with the answer on its way: what one document leaves behind must not wait in the next one's memory
        gc.collect()
        printed += 1
        if printed == 1:
            # libraries, fonts and stylesheets stay; only what later documents leave has to be looked through
            gc.freeze()


def main() -> None:
    """Serve until the parent closes the pipe. ``argv``: root of the project, bytes of address space."""
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    replies = os.fdopen(os.dup(1), "wb")
    # whatever a library prints must not end up between the replies
    os.dup2(2, 1)
    sys.addaudithook(_refuse)
    # looking for cycles while boxes are being made finds none and takes a tenth of the time; see _serve
    gc.disable()
    _serve(sys.stdin.buffer, replies)
