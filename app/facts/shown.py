"""Claims and facts as pages show them: plain, with label, unit and source, no ORM objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from app.core import clock
from app.core.text import Message, tr
from app.facts import display
from app.facts.catalogue import Indicator
from app.facts.keeping import Columns, Place, are_same, indicator_of, name_of, restored
from app.facts.models import Claim, ClaimState, Document, DocumentKind, Fact, SourceKind
from app.facts.trust import Source, source_of
from app.facts.values import Value
from app.files.models import QUARANTINED, ScanState


@dataclass(frozen=True, slots=True)
class FactShown:
    """An accepted figure: ``shown`` and ``unit`` for the eye, ``value`` typed, and who accepted what when."""

    id: int
    claim_id: int
    firm_id: int
    indicator: Indicator
    year: int | None
    value: Value
    columns: Columns
    shown: display.Text
    unit: str
    source_kind: SourceKind
    source_code: str
    source_label: str
    accepted_by_name: str
    accepted_at: datetime
    reason: str
    superseded_at: datetime | None

    @property
    def key(self) -> str:
        return self.indicator.key

    @property
    def label(self) -> str:
        return self.indicator.short

    @property
    def name(self) -> str:
        """What a person calls it: 销售收入 2025 年."""
        return name_of(self.key, self.year)

    @property
    def origin(self) -> Source:
        """Whose figure it is, with the trust it has."""
        return source_of(self.source_code, self.source_kind.value)

    @property
    def source(self) -> str:
        """Where it came from and who accepted it, in one line."""
        return source_text(self.source_label, self.source_kind, self.accepted_by_name, self.accepted_at)


@dataclass(frozen=True, slots=True)
class EvidenceShown:
    """A file that supports a claim; ``size`` in bytes. ``trouble`` is a code: withdrawn, replaced, expired, early."""

    id: int
    document_id: int
    kind: DocumentKind
    title: str
    name: str
    size: int
    sha256: str
    attached_by_name: str
    created_at: datetime
    valid_from: date | None
    valid_until: date | None
    withdrawn_why: str
    trouble: str


@dataclass(frozen=True, slots=True)
class ClaimShown:
    """A claim with what a reviewer needs beside it.

    ``current`` is the fact that now stands at its place, ``last_year`` the fact of the year before, ``rivals`` the
    other pending claims of its place. ``stated_by`` lets a page hide what its author may not do.
    """

    id: int
    firm_id: int
    firm_name: str
    indicator: Indicator
    year: int | None
    columns: Columns
    shown: display.Text
    unit: str
    raw: str
    source_kind: SourceKind
    source_code: str
    source_label: str
    reference: dict[str, Any]
    batch_id: int | None
    state: ClaimState
    note: str
    stated_by: int | None
    stated_by_name: str
    stated_at: datetime
    reviewed_by_name: str
    reviewed_at: datetime | None
    review_note: str
    current: FactShown | None = None
    last_year: FactShown | None = None
    rivals: Sequence[ClaimShown] = ()
    evidence: Sequence[EvidenceShown] = field(default_factory=tuple)

    @property
    def key(self) -> str:
        return self.indicator.key

    @property
    def label(self) -> str:
        return self.indicator.short

    @property
    def name(self) -> str:
        """What a person calls it: 销售收入 2025 年."""
        return name_of(self.key, self.year)

    @property
    def place(self) -> Place:
        return self.firm_id, self.key, self.year

    @property
    def origin(self) -> Source:
        """Whose figure it is, with the trust it has."""
        return source_of(self.source_code, self.source_kind.value)

    @property
    def source(self) -> str:
        """Where it came from, in one line."""
        return self.source_label or self.source_kind.label

    @property
    def own_note(self) -> str:
        """What the review says to the firm: why a claim came back; remarks on accepting stay in the bureau."""
        return self.review_note if self.state is ClaimState.REJECTED else ""

    @property
    def is_pending(self) -> bool:
        return self.state is ClaimState.PENDING

    @property
    def repeats_current(self) -> bool:
        """Whether it says what the bureau holds already."""
        return self.current is not None and are_same(self.columns, self.current.columns)

    @property
    def differing_rivals(self) -> Sequence[ClaimShown]:
        """The other pending claims of the same place that say something else."""
        return tuple(rival for rival in self.rivals if not are_same(rival.columns, self.columns))

    @property
    def needs_reason(self) -> bool:
        """Whether accepting it is a choice between two sources."""
        return bool(self.differing_rivals) or (self.current is not None and not self.repeats_current)

    @property
    def change(self) -> str:
        """How it differs from the year before, as a percentage with sign; empty where that says nothing."""
        before = self.last_year.columns[0] if self.last_year is not None else None
        now = self.columns[0]
        if now is None or not before or self.indicator.is_ratio:
            return ""
        return f"{(now - before) / abs(before) * 100:+.1f}%"

    @property
    def is_striking(self) -> bool:
        """Whether it differs from the year before by half or more: worth a second look, never a verdict."""
        before = self.last_year.columns[0] if self.last_year is not None else None
        now = self.columns[0]
        if now is None or not before:
            return False
        return abs(now - before) * 2 >= abs(before)


@dataclass(frozen=True, slots=True)
class Happening:
    """One step in the history of a figure, newest first on the page."""

    at: datetime
    who: str
    what: Message
    shown: display.Text
    unit: str
    claim_id: int
    source: str
    note: str = ""
    tone: str = ""


def source_text(label: str, kind: SourceKind, reviewer: str, accepted_at: datetime) -> str:
    """Return where a fact came from: 2025年度企业情况表.xlsx Sheet1!F12，王审核 2026-05-08 核定."""
    return f"{label or kind.label}，{reviewer} {_day_text(accepted_at)} 核定"


@lru_cache(maxsize=4096)
def _day_text(moment: datetime) -> str:
    """Facts accepted together share their moment: judging everybody asks for the same few again and again."""
    return clock.local(moment).date().isoformat()


def fact_shown(fact: Fact, source_kind: SourceKind, source_code: str, source_label: str) -> FactShown:
    """Return a fact as pages show it."""
    indicator = indicator_of(fact.key, fact.year)
    value = restored(indicator, fact.number, fact.value)
    return FactShown(
        id=fact.id,
        claim_id=fact.claim_id,
        firm_id=fact.firm_id,
        indicator=indicator,
        year=fact.year,
        value=value,
        columns=(fact.number, fact.value),
        shown=display.show(indicator, value),
        unit=display.unit_of(indicator),
        source_kind=source_kind,
        source_code=source_code,
        source_label=source_label,
        accepted_by_name=fact.accepted_by_name,
        accepted_at=fact.accepted_at,
        reason=fact.reason,
        superseded_at=fact.superseded_at,
    )


def claim_shown(
    claim: Claim,
    firm_name: str,
    *,
    current: FactShown | None = None,
    last_year: FactShown | None = None,
    rivals: Sequence[ClaimShown] = (),
    evidence: Sequence[EvidenceShown] = (),
) -> ClaimShown:
    """Return a claim as pages show it."""
    indicator = indicator_of(claim.key, claim.year)
    return ClaimShown(
        id=claim.id,
        firm_id=claim.firm_id,
        firm_name=firm_name,
        indicator=indicator,
        year=claim.year,
        columns=(claim.number, claim.value),
        shown=display.show_columns(indicator, claim.number, claim.value),
        unit=display.unit_of(indicator),
        raw=claim.raw,
        source_kind=claim.source_kind,
        source_code=claim.source,
        source_label=claim.source_label,
        reference=claim.reference,
        batch_id=claim.batch_id,
        state=claim.state,
        note=claim.note,
        stated_by=claim.stated_by,
        stated_by_name=claim.stated_by_name,
        stated_at=claim.stated_at,
        reviewed_by_name=claim.reviewed_by_name,
        reviewed_at=claim.reviewed_at,
        review_note=claim.review_note,
        current=current,
        last_year=last_year,
        rivals=rivals,
        evidence=evidence,
    )


def trouble_with(document: Document, today: date) -> str:
    """Return what is wrong with a document as a code, empty when nothing is: withdrawn, replaced, expired, early."""
    if document.withdrawn_at is not None:
        return "withdrawn"
    if document.replaced_by is not None:
        return "replaced"
    if document.valid_until is not None and document.valid_until < today:
        return "expired"
    return "early" if document.valid_from is not None and document.valid_from > today else ""


def standing(document: Document, today: date) -> str:
    """Return ``trouble_with`` a document, or what its file (which must be loaded) is: ``infected``, ``waiting``,
    ``oversize``, ``unasked``."""
    if document.file.scan is ScanState.INFECTED:
        return "infected"
    found = trouble_with(document, today)
    return found or (document.file.scan.value if document.file.scan in QUARANTINED else "")


def happenings(claims: Sequence[Claim], facts: Sequence[Fact]) -> list[Happening]:
    """Return everything that was said and decided about one figure, newest first."""
    by_claim, by_id = {fact.claim_id: fact for fact in facts}, {fact.id: fact for fact in facts}
    found: list[Happening] = []
    for claim in claims:
        indicator = indicator_of(claim.key, claim.year)
        shown = display.show_columns(indicator, claim.number, claim.value)
        unit, source = display.unit_of(indicator), claim.source_label or claim.source_kind.label

        def step(at: datetime, who: str, what: Message, note: str, tone: str, about: Claim = claim,
                 texts: tuple[display.Text, str, str] = (shown, unit, source)) -> None:  # fmt: skip
            found.append(Happening(at, who, what, texts[0], texts[1], about.id, texts[2], note, tone))

        step(claim.stated_at, claim.stated_by_name, tr("填报"), claim.note, "")
        if claim.reviewed_at is not None:
            what, tone = _reviewed(claim.state, claim.id in by_claim)
            step(claim.reviewed_at, claim.reviewed_by_name, what, claim.review_note, tone)
        fact = by_claim.get(claim.id)
        if fact is not None and fact.superseded_at is not None:
            newer = by_id.get(fact.superseded_by or 0)
            who = newer.accepted_by_name if newer is not None else ""
            step(fact.superseded_at, who, _replaced(newer), newer.reason if newer is not None else "", "mute")
    return sorted(found, key=lambda event: (event.at, event.claim_id), reverse=True)


def _replaced(newer: Fact | None) -> Message:
    if newer is None:
        return tr("被新的核定值取代")
    indicator = indicator_of(newer.key, newer.year)
    value = display.with_unit(indicator, restored(indicator, newer.number, newer.value))
    return tr("被新的核定值 %(value)s 取代", value=value)


def _reviewed(state: ClaimState, became_fact: bool) -> tuple[Message, str]:
    if state is ClaimState.ACCEPTED:
        return (tr("核定") if became_fact else tr("核定：与当时的核定值一致，予以确认")), "ok"
    return (tr("退回"), "bad") if state is ClaimState.REJECTED else (tr("撤回"), "mute")
