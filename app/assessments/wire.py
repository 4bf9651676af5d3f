"""What the page of a form and the server say to each other while somebody types: plain data for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.assessments.checks import Fault
from app.assessments.filled import Answers, Filled, Line, SectionShown
from app.assessments.models import Part
from app.assessments.places import FieldPlace, field_of
from app.assessments.saving import Stands, Typed
from app.core import clock
from app.core.text import tr
from app.facts import display
from app.web.i18n import translate
from app.web.incoming import whole

MOST_AT_ONCE = 200
PARTS = (Part.VALUE, Part.CONFIRM, Part.REASON, Part.REPLY)


def typed_of(names: Iterable[str], texts: Iterable[str], seen: Iterable[str]) -> list[Typed]:
    """Return what a script sent: three lists of the same length. Fields that are none are left out."""
    found = []
    for name, text, version in list(zip(names, texts, seen, strict=False))[:MOST_AT_ONCE]:
        field = field_of(name)
        if field is not None:
            found.append(Typed(field, plain(text), whole(version) or 0))
    return found


def typed_on_page(lines: Iterable[Line], sent: Mapping[str, Sequence[str]]) -> list[Typed]:
    """Return what was changed on a page sent as a whole: fields whose text is not what stands there now.

    ``sent`` has every text that was sent under a name: of cards that were ticked each is a line of the answer.
    """
    found = []
    for line in lines:
        for part in PARTS:
            field = FieldPlace(line.question.key, line.question.year, part)
            if f"seen-{field.name}" not in sent:
                continue
            text, seen = plain("\n".join(sent.get(field.name, ()))), whole(sent[f"seen-{field.name}"][0]) or 0
            first = line.prefilled if part is Part.VALUE else ""
            now = line.shown if part is Part.VALUE else line.text(part)
            if not _reads(line, part, text, now) and not (seen == 0 and _reads(line, part, text, first)):
                found.append(Typed(field, text, seen))
    return found


def _reads(line: Line, part: Part, text: str, stands: str) -> bool:
    """Tell whether a text says what stands there; cards are sent in the order of the options, whatever stood there."""
    if part is Part.VALUE and line.choice == "some":
        return set(text.split("\n")) == set(plain(stands).split("\n"))
    return text == plain(stands)


def plain(text: str) -> str:
    """Return a text with one kind of line end: browsers send two signs where one was typed."""
    return text.replace("\r\n", "\n")


def stands(revision: int, fields: Iterable[Stands]) -> dict[str, Any]:
    """Return the answer to a save."""
    return {
        "revision": revision,
        "fields": [
            {**_field(one.field, one.text, one.version, one.by, one.at), "mine": one.is_mine,
             "problem": translate(one.problem) if one.problem is not None else ""}
            for one in fields
        ],
    }  # fmt: skip


def changed(revision: int, state: str, answers: Answers) -> dict[str, Any]:
    """Return what others changed."""
    return {
        "revision": revision,
        "state": state,
        "fields": [_field(field, one.text, one.version, one.by, one.at) for field, one in answers.items()],
    }


def doubts(filled: Filled, found: Iterable[Fault]) -> dict[str, list[str]]:
    """Return what is still to be mended or explained where something was typed, by the name of the figure's field."""
    typed = {line.question.place for line in filled.lines if not line.is_blank}
    told: dict[str, list[str]] = {}
    for fault in found:
        if fault.place in typed and fault.is_open:
            name = FieldPlace(fault.place.key, fault.place.year, Part.VALUE).name
            told.setdefault(name, []).append(translate(fault.message))
    return told


def standing(filled: Filled, sections: Iterable[SectionShown]) -> dict[str, Any]:
    """Return what the page says around the fields and what changes with every save: how far each section is, and by
    the name of the figure's field the year before and the amount as it was read."""
    return {
        "done": {one.section.code: _done(one) for one in sections},
        "before": {line.name("value"): _before(line) for line in filled.lines if line.before is not None},
        "read": {line.name("value"): translate(line.as_read) for line in filled.lines if line.as_read},
    }


def _done(section: SectionShown) -> str:
    return translate(tr("%(done)s / %(all)s 已完成", done=section.done, all=len(section.lines)))


def _before(line: Line) -> str:
    if line.before is None or line.question.is_declaration:
        return ""
    return translate(tr("上年 %(value)s", value=display.with_unit(line.question.indicator, line.before)))


def _field(field: FieldPlace, text: str, version: int, by: str, at: datetime) -> dict[str, Any]:
    return {"name": field.name, "text": text, "version": version, "by": by,
            "at": clock.local(at).strftime("%H:%M:%S")}  # fmt: skip
