"""Why the child gives a file back, with the place where it stopped."""

from __future__ import annotations


class RefusedError(Exception):
    """``code`` is wide, damaged, password, lost, more or twice; sheet, row and column say where, as far as is known."""

    def __init__(self, code: str, sheet: str = "", row: int = 0, column: int = 0) -> None:
        super().__init__(code)
        self.code, self.sheet, self.row, self.column = code, sheet, row, column
