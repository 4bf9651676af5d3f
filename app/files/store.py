"""Bytes on disk under their own hash: written whole or not at all, checked on reading."""

from __future__ import annotations

import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from app.core.digest import sha256_hex
from app.core.errors import NotFound, Refused
from app.core.text import tr
from app.files.parts import Parts
from app.files.rules import Rules


class FileStore:
    """A folder of files named by their SHA-256, and the rules for what people bring."""

    def __init__(self, root: Path, rules: Rules | None = None) -> None:
        self.root = root
        self.rules = rules or Rules()
        self.parts = Parts(root / "incoming")

    def put(self, content: bytes) -> str:
        """Keep ``content``; return its hash. The same content is kept once."""
        digest = sha256_hex(content)
        path = self._path(digest)
        if path.is_file():
            path.touch()  # wanted again: who removes what nobody names leaves it alone
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return digest

    def get(self, digest: str) -> bytes:
        """Return the content; refuse when it is gone or no longer what it was."""
        path = self._path(digest)
        if not path.is_file():
            raise NotFound(tr("文件内容缺失（校验值 %(digest)s…），请联系管理员从备份恢复。", digest=digest[:12]))
        content = path.read_bytes()
        if sha256_hex(content) != digest:
            raise Refused(tr("文件内容与登记的校验值 %(digest)s… 不符，已停止提供，请联系管理员。", digest=digest[:12]))
        return content

    def remove(self, digest: str) -> None:
        """Remove the content; the caller has seen that no row names it any more."""
        self._path(digest).unlink(missing_ok=True)

    def remove_unwanted(self, digest: str, *, since: timedelta) -> bool:
        """Remove content that no row names if nobody brought it again ``since`` then; return whether it is gone."""
        path = self._path(digest)
        if path.is_file() and time.time() - path.stat().st_mtime < since.total_seconds():
            return False
        path.unlink(missing_ok=True)
        return True

    def _path(self, digest: str) -> Path:
        return self.root / digest[:2] / digest[2:]
