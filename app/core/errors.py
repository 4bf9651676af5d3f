"""Errors of the domain. Each carries a sentence for the user that names the place and the remedy."""

from __future__ import annotations

from app.core.text import Message, tr


class DomainError(Exception):
    """Something the user asked for cannot be done; ``message`` says why and what to do."""

    def __init__(self, message: Message | str) -> None:
        self.message = message if isinstance(message, Message) else Message(message)
        super().__init__(str(self.message))


class NotFound(DomainError):
    """There is no such thing, or none that this person may know of."""

    def __init__(self, message: Message | str | None = None) -> None:
        super().__init__(message or tr("没有找到您要的内容，可能已被移走，或不在您的管理范围内。"))


class Refused(DomainError):
    """The person may not do this; the message gives the reason."""


class Conflict(DomainError):
    """The state of things does not allow this now (already decided, changed by somebody else)."""


class NotYet(Conflict):
    """What is asked for is under way; a job that meets this waits and tries again by itself."""


class Invalid(DomainError):
    """One field of the input is wrong.

    ``field`` is the name of the form field or the argument; it may be empty when the whole input is meant.
    """

    def __init__(self, field: str, message: Message | str) -> None:
        self.field = field
        super().__init__(message)
