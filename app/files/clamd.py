"""Asking clamd about bytes: INSTREAM over TCP or a socket of this machine. The protocol is these few lines."""

from __future__ import annotations

import re
import socket
import struct

PIECE = 256 * 1024
SECONDS = 60.0
_ADDRESS = re.compile(r"tcp://(?P<host>[A-Za-z0-9.\-]+|\[[0-9A-Fa-f:]+\]):(?P<port>[0-9]{1,5})|unix://(?P<path>/.+)")


class Unreachable(Exception):
    """The scanner did not say clean or infected; the text is for the log and for administrators."""


class TooLarge(Unreachable):
    """The scanner takes no file of this size (its ``StreamMaxLength``); asking again changes nothing."""


def is_address(text: str) -> bool:
    """Tell whether a setting names a scanner: ``tcp://127.0.0.1:3310`` or ``unix:///run/clamav/clamd.ctl``."""
    found = _ADDRESS.fullmatch(text)
    return found is not None and int(found["port"] or 1) < 65536


def scan(address: str, content: bytes, *, seconds: float = SECONDS) -> str:
    """Return the name of what was found, empty where the bytes are clean. Raises Unreachable."""
    with _connected(address, seconds) as line:
        try:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                line.sendall(struct.pack(">I", len(piece)) + piece)
            line.sendall(struct.pack(">I", 0))
        except OSError:
            pass  # it may have said why before it hung up
        answer = _answer(line)
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer[len("stream: ") : -len(" FOUND")]
    if "size limit exceeded" in answer:
        raise TooLarge(answer)
    raise Unreachable(answer or "no answer")


def version(address: str, *, seconds: float = 2.0) -> str:
    """Return what the scanner calls itself and its signatures. Raises Unreachable."""
    with _connected(address, seconds) as line:
        try:
            line.sendall(b"zVERSION\0")
        except OSError as error:
            raise Unreachable(str(error)) from error
        return _answer(line)


def _connected(address: str, seconds: float) -> socket.socket:
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise Unreachable(f"no address: {address}")
    try:
        if found["path"]:
            return _local(found["path"], seconds)
        return socket.create_connection((found["host"].strip("[]"), int(found["port"])), timeout=seconds)
    except OSError as error:
        raise Unreachable(str(error)) from error


def _local(path: str, seconds: float) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(seconds)
    try:
        line.connect(path)
    except OSError:
        line.close()
        raise
    return line


def _answer(line: socket.socket) -> str:
    received = b""
    try:
        while b"\0" not in received and len(received) < 4096 and (piece := line.recv(1024)):
            received += piece
    except OSError as error:
        raise Unreachable(str(error)) from error
    return received.partition(b"\0")[0].decode("utf-8", "replace").strip()
