"""What a dossier says: plain frozen values, put together once, stored as JSON, read back to be printed and shown.

Texts stand here as they are printed, so that the page and the PDF cannot disagree and an old dossier does not change
when a label does. Exact numbers stand beside them only where a drawing or an amount needs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Pair:
    """A name and what is written beside it."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Line:
    """One of the four lines of cultivation; ``pairs`` empty where the firm has nothing registered in it."""

    title: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class FirmPart:
    """Who the firm is. Phones and addresses of people are masked."""

    name: str
    is_demo: bool
    pairs: tuple[Pair, ...]
    contacts: tuple[Pair, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where one figure came from. ``no`` is the number it is cited by; ``place`` is file, sheet and cell or the
    answer; ``replaced`` says that the bureau holds another value by now."""

    no: int
    figure: str
    value: str
    raw: str
    place: str
    kind: str
    stated: str
    accepted: str
    replaced: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure in the history: as written, exact (None: unknown), and the number of its source (0: none)."""

    shown: str
    number: Decimal | None
    source: int


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One indicator over the years of the history."""

    label: str
    unit: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class HistoryGroup:
    """The indicators of one heading of the catalogue."""

    title: str
    rows: tuple[HistoryRow, ...]


@dataclass(frozen=True, slots=True)
class OtherFigure:
    """A figure without fiscal years: a date, a yes or no, a register."""

    label: str
    shown: str
    unit: str
    source: int


@dataclass(frozen=True, slots=True)
class ChartLine:
    """One line of a chart: a value for each year, None where it is not known."""

    name: str
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures to be drawn over the years of the history; without lines nothing is known and nothing is drawn."""

    id: str
    title: str
    unit: str
    lines: tuple[ChartLine, ...]


@dataclass(frozen=True, slots=True)
class FiguresPart:
    """The figures on which the firm was judged, with the source of each."""

    years: tuple[int, ...]
    groups: tuple[HistoryGroup, ...]
    others: tuple[OtherFigure, ...]
    charts: tuple[Chart, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class UsedFigure:
    """A figure that a finding rests on, with the number of its source (0: none)."""

    label: str
    shown: str
    origin: str
    source: int


@dataclass(frozen=True, slots=True)
class FindingPart:
    """One clause and how it came out. ``outcome`` is the stored value, ``outcome_label`` the word for it."""

    clause: str
    article: str
    text: str
    decides: bool
    outcome: str
    outcome_label: str
    required: str
    actual: str
    gap: str
    explanation: str
    used: tuple[UsedFigure, ...]
    missing: tuple[str, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScoreItem:
    """One row of the score."""

    id: str
    name: str
    points: str
    full: str
    band: str
    reason: str


@dataclass(frozen=True, slots=True)
class ScoreGroup:
    """One heading of the score; ``best`` says that only the best row counts."""

    name: str
    points: str
    full: str
    best: bool
    items: tuple[ScoreItem, ...]


@dataclass(frozen=True, slots=True)
class ScorePart:
    """The score as an interval; ``line`` is the first total that passes (None: the edition has no line)."""

    low: Decimal
    high: Decimal
    total: Decimal
    line: Decimal | None
    points: str
    required: str
    groups: tuple[ScoreGroup, ...]


@dataclass(frozen=True, slots=True)
class JudgementPart:
    """The verdict: the edition it follows, the day it speaks of, and every finding."""

    edition: str
    code: str
    policies: tuple[str, ...]
    notes: tuple[str, ...]
    as_of: date
    kind: str
    state: str
    state_label: str
    reason: str
    judged_at: datetime
    edition_digest: str
    sheet_digest: str
    findings: tuple[FindingPart, ...]
    score: ScorePart | None


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file behind the figures: its size as written, the SHA-256 of its bytes, and what it supports."""

    no: int
    title: str
    name: str
    size: str
    sha256: str
    supports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Material:
    """A paper that the policy asks for. ``state`` is attached, enclosed (a chapter of this dossier), missing or
    optional (not asked of everybody, and not there)."""

    code: str
    name: str
    state: str
    state_label: str
    note: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """The papers of one policy or fund; without materials the policy's list is not known."""

    title: str
    source: str
    note: str
    materials: tuple[Material, ...]


@dataclass(frozen=True, slots=True)
class PapersPart:
    """Evidence and checklists."""

    files: tuple[EvidenceFile, ...]
    checklists: tuple[Checklist, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionPart:
    """What was decided on the firm, on which frozen list. ``amount`` is in 万元, None where no policy states one."""

    list_id: int
    list_title: str
    list_digest: str
    frozen: str
    decision: str
    decided: str
    reason: str
    added: str
    rank: str
    amount: Decimal | None
    amount_figures: str
    amount_capital: str
    amount_source: str


@dataclass(frozen=True, slots=True)
class DossierContext:
    """The whole dossier. ``address`` is what the QR leads to; ``issued_at`` the moment it was put together."""

    number: str
    code: str
    address: str
    issued_at: datetime
    organ: str
    title: str
    firm: FirmPart
    decision: DecisionPart
    judgement: JudgementPart
    figures: FiguresPart
    papers: PapersPart
    declarations: tuple[str, ...]
    declaration_note: str
