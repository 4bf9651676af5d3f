"""What a receipt says: plain frozen values, put together once, stored as JSON, read back to be printed and shown.

Texts stand here as they are printed, so that page and PDF cannot disagree and an old receipt does not change when a
label does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote in the form and in how many fields; ``basis`` is the consent by which somebody wrote for the firm."""

    name: str
    fields: int
    basis: str


@dataclass(frozen=True, slots=True)
class PaperPart:
    """A document that goes with the answers, as it was called and valid when it was submitted."""

    no: int
    document: int
    title: str
    kind: str
    validity: str
    name: str
    size: str
    sha256: str
    supports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """One question and what the firm answers.

    ``said`` is the figure as it was read, without its unit; ``typed`` the firm's own words where they read otherwise;
    ``is_stale``: the reason explains nothing any more; ``before`` is what the round before said where this one says
    something else. ``papers`` are numbers of documents.
    """

    name: str
    calibre: str
    unit: str
    said: str
    typed: str
    held: str
    is_declaration: bool
    reason: str
    is_stale: bool
    reply: str
    staff: str
    before: str
    papers: tuple[int, ...]
    outcome: str


@dataclass(frozen=True, slots=True)
class SectionPart:
    """The questions of one section."""

    title: str
    answers: tuple[AnswerPart, ...]


@dataclass(frozen=True, slots=True)
class ReturnedPart:
    """One thing that was returned and how the next round answers it; ``answer`` is empty while there is none."""

    name: str
    reason: str
    clause: str
    example: str
    before: str
    answer: str
    reply: str
    papers: str


@dataclass(frozen=True, slots=True)
class RoundPart:
    """One round of the form as it stood: signed by whom, decided how."""

    number: int
    signed: str
    state: str
    decided: str
    note: str


@dataclass(frozen=True, slots=True)
class FormPart:
    """Which form of which firm: the edition it follows, with the policies by their document numbers."""

    firm: str
    credit_code: str
    town: str
    is_demo: bool
    title: str
    edition: str
    code: str
    policies: tuple[str, ...]
    is_checked: bool
    kind: str
    year: int
    intake: str


@dataclass(frozen=True, slots=True)
class SignedPart:
    """The round: its number, who signed what words and when; ``digest`` is that of everything that was submitted."""

    number: int
    signed_by: str
    submitted_at: datetime
    statement: str
    digest: str
    state: str
    decided_by: str
    decided_at: datetime | None
    due: str
    note: str


@dataclass(frozen=True, slots=True)
class ReceiptContext:
    """The whole receipt. ``address`` is what the QR leads to; ``issued_at`` the moment it was put together.

    ``returned`` is what was returned of this round, ``mended`` what had been returned of the round before.
    """

    number: str
    code: str
    address: str
    issued_at: datetime
    organ: str
    title: str
    occasion: str
    form: FormPart
    round: SignedPart
    authors: tuple[Author, ...]
    sections: tuple[SectionPart, ...]
    papers: tuple[PaperPart, ...]
    returned: tuple[ReturnedPart, ...]
    mended: tuple[ReturnedPart, ...]
    rounds: tuple[RoundPart, ...]
