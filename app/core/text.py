"""User-visible text that can be written anywhere and is translated at the edge.

A message is kept as its Chinese msgid with parameters; the web layer looks it up in the gettext catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for a user: Chinese msgid with ``%(name)s`` places, and what goes into them."""

    msgid: str
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        return self.render(lambda msgid: msgid)

    def render(self, lookup: Callable[[str], str]) -> str:
        """Return the sentence in the language of ``lookup``; nested messages are rendered the same way."""
        text = lookup(self.msgid)
        if not self.params:
            return text
        filled = {
            name: value.render(lookup) if isinstance(value, Message) else value for name, value in self.params.items()
        }
        return text % filled


def tr(msgid: str, **params: object) -> Message:
    """Make a message; pybabel extracts the msgid."""
    return Message(msgid, MappingProxyType(params))


def N_(msgid: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a msgid for extraction without translating it (labels of enums and tables)."""
    return msgid


def message_to_json(message: Message) -> list[Any]:
    """Return ``[msgid, params]``; messages inside of messages are kept the same way."""
    return [message.msgid, {name: _plain(value) for name, value in message.params.items()}]


def message_from_json(kept: list[Any]) -> Message:
    """Read back what ``message_to_json`` wrote."""
    msgid, params = kept
    return Message(
        msgid, {name: message_from_json(value) if isinstance(value, list) else value for name, value in params.items()}
    )


def _plain(value: object) -> Any:
    if isinstance(value, Message):
        return message_to_json(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else str(value)
