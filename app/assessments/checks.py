"""What is looked at before a form is submitted: the same for the firm and for the reviewer (pure).

Nothing that is odd keeps a firm from submitting: it says why it is so. What cannot be read, what must be declared and
what cannot be at all has to be mended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from app.assessments.filled import Filled, Line, SectionShown, number
from app.assessments.models import Part
from app.assessments.places import Place, name_of
from app.core.choices import Choice
from app.core.text import N_, Message, tr
from app.facts import display
from app.facts.balances import imbalances
from app.facts.plausible import STAFF, implausible
from app.facts.swings import change, swings, times, unit_factor


class Weight(Choice):
    """What a fault asks for."""

    MEND = "mend", N_("须改正")
    EXPLAIN = "explain", N_("须说明原因")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something to mend or to explain at a place. ``field`` is the field that a link leads to.

    ``is_explained`` says that the firm has given its reason: then only the reviewer looks at it.
    """

    place: Place
    field: str
    section: str
    name: str
    weight: Weight
    message: Message
    is_explained: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it keeps the form from being submitted."""
        return not self.is_explained


def faults(filled: Filled) -> list[Fault]:
    """Return everything that is to be mended or explained, in the order of the form, explained ones too."""
    odd = _imbalances(filled)
    found: list[Fault] = []
    for line in filled.lines:
        found += _of_line(line)
        found += _of_size(line, filled)
        found += _of_papers(line)
        found += [_fault(line, weight, message) for weight, message in odd.get(line.question.place, ())]
    return found


def open_faults(filled: Filled) -> list[Fault]:
    """Return what keeps the form from being submitted."""
    return [one for one in faults(filled) if one.is_open]


def stale_reasons(filled: Filled) -> list[Line]:
    """Return the lines whose reason explains nothing any more: it was written before the answer, which needs none.

    The firm takes it away or says that it stays (``saving.affirm``); either way it keeps nobody from submitting.
    """
    needed = {fault.place for fault in faults(filled)}
    return [line for line in filled.lines if line.question.place not in needed and _outlived(line)]


def _outlived(line: Line) -> bool:
    reason = line.written.get(Part.REASON)
    if reason is None or not reason.text.strip() or (line.value is None and not line.is_confirmed):
        return False
    said = (line.written.get(part) for part in (Part.VALUE, Part.CONFIRM))
    return reason.revision < max((one.revision for one in said if one is not None), default=0)


def alike(found: list[Fault]) -> list[tuple[Message, list[Fault]]]:
    """Return the faults by what they say, in the order of the form: the same sentence is read once."""
    groups: dict[str, list[Fault]] = {}
    for one in found:
        groups.setdefault(str(one.message), []).append(one)
    return [(same[0].message, same) for same in groups.values()]


def sections(filled: Filled) -> list[SectionShown]:
    """Return the sections of the form; nothing counts as done in them that keeps the form from being submitted."""
    odd = frozenset(one.place for one in open_faults(filled))
    return [replace(one, odd=odd) for one in filled.sections]


def _of_line(line: Line) -> Iterator[Fault]:
    if line.problem is not None:
        yield _fault(line, Weight.MEND, line.problem)
        return
    if line.value is None and not line.is_confirmed:
        yield _blank(line)
        return
    if line.differs and line.held is not None:
        yield _fault(
            line, Weight.EXPLAIN,
            tr("与主管部门现有数据 %(held)s 不同，请写明原因",
               held=display.with_unit(line.question.indicator, line.held.value)),
        )  # fmt: skip
    odd = _beside_last_year(line)
    if odd is not None and not line.is_confirmed:
        yield _fault(line, Weight.EXPLAIN, odd)


def _of_size(line: Line, filled: Filled) -> Iterator[Fault]:
    """An amount that hardly any firm of this size has: the same mistake in every year stands out beside no other."""
    value, before, year = number(line.value), number(line.before), line.question.year
    if value is None or line.is_confirmed:
        return
    if before is not None and unit_factor(value, before, line.question.indicator) is not None:
        return  # it stands out beside last year's figure, and that is told
    known = [filled.sheet.get(key, year) or filled.sheet.get(key, filled.as_of.year - 1) for key in STAFF]
    staff = next((one.value for one in known if one is not None and isinstance(one.value, Decimal)), None)
    odd = implausible(value, line.question.indicator, staff)
    if odd is not None:
        yield _fault(line, Weight.EXPLAIN, odd)


def _of_papers(line: Line) -> Iterator[Fault]:
    """Evidence that was declared wrong supports nothing, and is changed; why it is out of date is to be said."""
    for paper in line.attached:
        if paper.trouble in ("withdrawn", "infected"):
            why = tr("佐证材料“%(title)s”已被认定有误，请去掉或换用其他材料", title=paper.title)
            yield _fault(line, Weight.MEND, why)
        elif paper.trouble == "replaced":
            why = tr("佐证材料“%(title)s”已有更新的版本，请去掉或换用其他材料", title=paper.title)
            yield _fault(line, Weight.MEND, why)
        elif paper.trouble == "expired" and not line.question.is_declaration:
            why = tr("佐证材料“%(title)s”已过有效期，请换用有效的，或写明原因", title=paper.title)
            yield _fault(line, Weight.EXPLAIN, why)


def _blank(line: Line) -> Fault:
    if line.question.is_declaration:
        return _fault(line, Weight.MEND, tr("须由企业逐项申明，不能留空"))
    if line.may_confirm:
        return _fault(line, Weight.MEND, tr("主管部门已有数据，请确认无误，或填写更正后的数据"))
    return _fault(line, Weight.EXPLAIN, tr("请填写；暂时不能提供的，请写明原因"))


def _beside_last_year(line: Line) -> Message | None:
    value, before, indicator = number(line.value), number(line.before), line.question.indicator
    if value is None or before is None:
        return None
    factor = unit_factor(value, before, indicator)
    if factor is not None:
        return tr(
            "约为上年 %(before)s 的 %(times)s，两年中很可能有一年单位填错；请改正填错的那一年，确实如此的请写明原因",
            before=display.with_unit(indicator, before),
            times=times(factor),
        )
    if not swings(value, before, indicator):
        return None
    return tr(
        "上年为 %(before)s，%(change)s，请写明原因",
        before=display.with_unit(indicator, before),
        change=change(value, before, indicator),
    )


def _imbalances(filled: Filled) -> dict[Place, list[tuple[Weight, Message]]]:
    """Return what does not go together, by the place it is told at; only where the firm has typed a figure."""
    by_year: dict[int | None, dict[str, Decimal]] = {}
    for line in filled.lines:
        if (value := number(line.counts)) is not None:
            by_year.setdefault(line.question.year, {})[line.question.key] = value
    typed = {line.question.place for line in filled.lines if line.value is not None}
    found: dict[Place, list[tuple[Weight, Message]]] = {}
    for year, figures in by_year.items():
        for odd in imbalances(figures):
            place = Place(odd.key, year)
            if place in typed:
                weight = Weight.MEND if odd.is_impossible else Weight.EXPLAIN
                found.setdefault(place, []).append((weight, odd.why))
    return found


def _fault(line: Line, weight: Weight, message: Message) -> Fault:
    question = line.question
    part = Part.REASON if weight is Weight.EXPLAIN and not line.is_blank else Part.VALUE
    explained = weight is Weight.EXPLAIN and bool(line.text(Part.REASON).strip())
    return Fault(
        question.place, name_of(part, question.key, question.year), question.section.code, question.name, weight,
        message, explained,
    )  # fmt: skip
