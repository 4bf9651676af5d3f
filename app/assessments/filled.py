"""A form as it stands: every question with what is held, what was typed, what counts, and the judge's view (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from types import MappingProxyType
from typing import Any

from app.assessments.models import Part
from app.assessments.places import FieldPlace, Place, name_of
from app.assessments.questions import Question, questions
from app.assessments.sections import Section, seconds
from app.core.errors import Invalid
from app.core.text import Message, tr
from app.eligibility.engine.finding import Judgement
from app.eligibility.reach.probe import judged
from app.facts import display, keeping
from app.facts.catalogue import Indicator, Option
from app.facts.definitions import is_own
from app.facts.sheet import FactSheet, FactValue
from app.facts.shown import FactShown
from app.facts.values import Value
from app.facts.writing import how_to_write, in_money, summed, typed
from app.rulebooks.schema import Rulebook

SOURCE = "自评填写，未审核"
CONFIRMED = "yes"
NONE = "无"
FEW = 8
"""Options that are shown all at once; more are folded into a list."""


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in a field: the text as typed, its version, who saved it when.

    ``staff`` is the member of staff who wrote it for the firm; empty where the firm wrote it itself. ``revision`` is
    that of the form when it was written: what has the larger one was written later.
    """

    text: str
    version: int
    by: str
    at: datetime
    staff: str = ""
    revision: int = 0


Answers = Mapping[FieldPlace, Written]


@dataclass(frozen=True, slots=True)
class Attached:
    """A document beside an answer; ``trouble`` is a code as in the locker, ``sha256`` that of its content.

    ``kind`` is the word for it, days are written as 2026-05-01, empty where nothing is said.
    """

    id: int
    title: str
    name: str
    size: int
    sha256: str
    trouble: str
    kind: str = ""
    valid_from: str = ""
    valid_until: str = ""
    added_by: str = ""
    added_on: str = ""


Papers = Mapping[Place, Sequence[Attached]]


@dataclass(frozen=True, slots=True)
class Line:
    """A question with its answer. ``held`` is the bureau's figure, ``before`` the figure of the year before.

    ``value`` is what was typed, None while it is blank or cannot be read; ``problem`` says why it cannot.
    """

    question: Question
    held: FactShown | None
    before: Value | None
    written: Mapping[Part, Written]
    value: Value | None
    problem: Message | None
    attached: Sequence[Attached] = ()

    def text(self, part: Part) -> str:
        """What was typed in a part; empty where nothing was."""
        found = self.written.get(part)
        return found.text if found is not None else ""

    def version(self, part: Part) -> int:
        """The version of a part; 0 where nothing was ever saved."""
        found = self.written.get(part)
        return found.version if found is not None else 0

    def name(self, part: str) -> str:
        """What the field of a part is called in the page."""
        return name_of(Part(part), self.question.key, self.question.year)

    @property
    def shown(self) -> str:
        """What the field of the figure shows: the answer, else what is held, never in a declaration."""
        return self.text(Part.VALUE) if Part.VALUE in self.written else self.prefilled

    @property
    def options(self) -> Sequence[str]:
        """What there is to choose from, in the order of the catalogue; empty where the answer is written."""
        indicator = self.question.indicator
        return ("是", "否") if indicator.kind == "bool" else tuple(option.value for option in indicator.options)

    @property
    def choice(self) -> str:
        """one or some: the answer is chosen from few options that are all shown; empty where it is written.

        What was written before among several and is none of the options stays in a field as it was typed.
        """
        indicator = self.question.indicator
        if not 0 < len(self.options) <= FEW or indicator.other:
            return ""
        if indicator.kind == "list":
            return "some" if {*self.shown.split("\n")} <= {*self.options, NONE, ""} else ""
        return "one" if indicator.kind in ("bool", "enum") else ""

    @property
    def columns(self) -> Sequence[Mapping[str, Any]]:
        """The columns of a register as a script shows them: label, kind and what there is to choose; else empty."""
        indicator = self.question.indicator
        levels = [option.value for option in indicator.levels]
        return [
            {"label": one.label, "kind": one.kind, **({"options": levels} if one.kind == "level" and levels else {})}
            for one in (indicator.fields if indicator.kind == "records" else ())
        ]

    @property
    def by_line(self) -> Message | None:
        """How a register is typed where there is no script."""
        return how_to_write(self.question.indicator)

    @property
    def prefilled(self) -> str:
        """What the field of the figure shows before anybody writes in it."""
        return display.as_input(self.question.indicator, self.held.value) if self.may_confirm and self.held else ""

    @property
    def may_confirm(self) -> bool:
        """Whether the bureau's figure only has to be confirmed."""
        return self.held is not None and not self.question.is_declaration

    @property
    def is_blank(self) -> bool:
        return not self.text(Part.VALUE).strip()

    @property
    def is_confirmed(self) -> bool:
        """Whether the firm says that what is held is right: by its tick, or by typing the same."""
        if not self.may_confirm or self.held is None:
            return False
        return self.value == self.held.value or (self.is_blank and self.text(Part.CONFIRM) == CONFIRMED)

    @property
    def differs(self) -> bool:
        """Whether the firm says something else than what is held."""
        return self.held is not None and self.value is not None and self.value != self.held.value

    @property
    def staff(self) -> str:
        """Who of the bureau wrote a part of it for the firm; empty where nobody did."""
        return "、".join(dict.fromkeys(one.staff for one in self.written.values() if one.staff and one.text.strip()))

    @property
    def counts(self) -> Value | None:
        """The value by which the form is judged: what was typed, else what is held."""
        if self.value is not None or self.held is None:
            return self.value
        return self.held.value

    @property
    def as_read(self) -> Message | None:
        """How the figure was read where it was typed as a sum or in another unit of money; None elsewhere."""
        indicator, text = self.question.indicator, self.text(Part.VALUE)
        if self.value is None:
            return None
        if in_money(indicator, text) is not None:
            return tr("按 %(value)s 计", value=display.with_unit(indicator, self.value))
        if summed(indicator, text) is not None:
            return tr("= %(value)s", value=display.with_unit(indicator, self.value))
        return None

    @property
    def is_done(self) -> bool:
        """Whether nothing more is asked here: answered, confirmed, or left open with a reason."""
        if self.problem is not None or (self.differs and not self.text(Part.REASON).strip()):
            return False
        if self.value is not None or self.is_confirmed:
            return True
        return not self.question.is_declaration and bool(self.text(Part.REASON).strip())


@dataclass(frozen=True, slots=True)
class SectionShown:
    """A section of the form with how far it is; ``minutes`` are those left, 0 where it is done.

    ``odd`` are the places where what was answered is still to be mended or explained: they are not done.
    """

    section: Section
    lines: Sequence[Line]
    minutes: int
    odd: frozenset[Place] = frozenset()

    @property
    def series(self) -> list[list[Line]]:
        """The lines, the years of one figure together."""
        return [list(lines) for _key, lines in groupby(self.lines, key=lambda line: line.question.key)]

    @property
    def done(self) -> int:
        return sum(line.is_done and line.question.place not in self.odd for line in self.lines)

    @property
    def scale(self) -> Sequence[Option]:
        """The options with what they mean, where all questions of the section share them; else empty."""
        shared = {line.question.indicator.options for line in self.lines}
        options = shared.pop() if len(shared) == 1 else ()
        return tuple(option for option in options if option.note)

    @property
    def state(self) -> str:
        """done, begun or open."""
        if self.done == len(self.lines):
            return "done"
        return "begun" if any(line.written for line in self.lines) else "open"


@dataclass(frozen=True, slots=True)
class Filled:
    """The whole form: its questions in order, the figures it is judged by, and the judgement."""

    rulebook: Rulebook
    as_of: date
    kind: str
    sheet: FactSheet
    judgement: Judgement
    lines: Sequence[Line]

    @property
    def sections(self) -> list[SectionShown]:
        found: dict[Section, list[Line]] = {}
        for line in self.lines:
            found.setdefault(line.question.section, []).append(line)
        return [SectionShown(section, lines, _minutes(lines)) for section, lines in found.items()]

    @property
    def papers(self) -> list[tuple[Attached, list[str]]]:
        """Every document that is attached, once, with the questions that it supports."""
        found: dict[int, tuple[Attached, list[str]]] = {}
        for line in self.lines:
            for one in line.attached:
                found.setdefault(one.id, (one, []))[1].append(line.question.name)
        return list(found.values())

    def line(self, place: Place) -> Line | None:
        """Return the line of a place, or None where the form does not ask for it."""
        return next((line for line in self.lines if line.question.place == place), None)


def fill(
    rulebook: Rulebook,
    as_of: date,
    kind: str,
    held: Iterable[FactShown],
    answers: Answers,
    papers: Papers = MappingProxyType({}),
) -> Filled:
    """Return the form of an edition for a firm: what is asked follows from what is held and what was answered.

    Raises Invalid where a figure that is held is impossible.
    """
    facts = {Place(one.key, one.year): one for one in held if _is_of_the_day(one, as_of)}
    read = {field.place: reading(field.place, written.text) for field, written in answers.items()
            if field.part is Part.VALUE}  # fmt: skip
    held_sheet = FactSheet(FactValue(one.key, one.year, one.value, one.id, one.source) for one in facts.values())
    sheet = _with(held_sheet, read)
    judgement = judged(rulebook, sheet, as_of, kind)
    asked = questions(rulebook, judgement)
    by_place: dict[Place, dict[Part, Written]] = {}
    for field, written in answers.items():
        by_place.setdefault(field.place, {})[field.part] = _still(field, written, facts)
    lines = [
        Line(
            question,
            facts.get(question.place),
            _before(sheet, question),
            MappingProxyType(by_place.get(question.place, {})),
            *read.get(question.place, (None, None)),
            papers.get(question.place, ()),
        )
        for question in asked
    ]
    return Filled(rulebook, as_of, kind, sheet, judgement, lines)


def _still(field: FieldPlace, written: Written, held: Mapping[Place, FactShown]) -> Written:
    """Return what was written; a tick says nothing of a figure that the bureau took since."""
    if field.part is not Part.CONFIRM or field.place not in held or held[field.place].accepted_at <= written.at:
        return written
    return replace(written, text="")


def asked_of(rulebook: Rulebook, as_of: date, kind: str, sheet: FactSheet, answers: Answers) -> tuple[Question, ...]:
    """Return what an edition asks of a firm with these figures and answers."""
    return questions(rulebook, judged(rulebook, _with(sheet, _read(answers)), as_of, kind))


Read = Mapping[Place, tuple[Value | None, Message | None]]


def _read(answers: Answers) -> Read:
    return {
        field.place: reading(field.place, written.text)
        for field, written in answers.items()
        if field.part is Part.VALUE
    }


def _with(sheet: FactSheet, read: Read) -> FactSheet:
    """Return the sheet with what was typed over what is held."""
    typed_in = [
        FactValue(place.key, place.year, value, None, SOURCE)
        for place, (value, _problem) in read.items()
        if value is not None
    ]
    return sheet.changed(typed_in)


def reading(place: Place, text: str) -> tuple[Value | None, Message | None]:
    """Return what a text means at a place, or why it means nothing; a blank is neither."""
    if not text.strip():
        return None, None
    try:
        indicator = keeping.indicator_of(place.key, place.year)
        return keeping.checked(indicator, typed(indicator, text), place=f"『{indicator.short}』"), None
    except Invalid as error:
        return None, error.message


def indicator_at(place: Place) -> Indicator:
    """Return the indicator of a place."""
    return keeping.indicator_of(place.key, place.year)


def _is_of_the_day(one: FactShown, as_of: date) -> bool:
    return not is_own(one.key) and (one.year is None or one.year <= as_of.year)


def _before(sheet: FactSheet, question: Question) -> Value | None:
    """Return the figure of the year before, as answered or as held."""
    if question.year is None:
        return None
    found = sheet.get(question.key, question.year - 1)
    return found.value if found is not None else None


def _minutes(lines: Sequence[Line]) -> int:
    left = sum(seconds(line.question.indicator, is_held=line.may_confirm) for line in lines if not line.is_done)
    return -(-left // 60)


def number(value: Value | None) -> Decimal | None:
    """Return the value where it is a number."""
    return value if isinstance(value, Decimal) else None
