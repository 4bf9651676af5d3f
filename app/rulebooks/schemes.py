"""Schemes: editions whose numbers an administrator states (base year, span, target), drawn up as a rulebook (pure).

A scheme holds parameters and the body of an edition with ``@name@`` where a parameter goes. Nothing has a default:
what the local document does not say is not invented. What is drawn up is a rulebook like any other, with all checks.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib import resources

from app.core.errors import Invalid, NotFound
from app.core.text import Message, tr
from app.facts import values
from app.facts.values import is_known_none
from app.rulebooks.loader import read_rulebook

_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing the administrator states: kind is code, text, date, year, whole, number or choice."""

    name: str
    label: str
    kind: str
    hint: str = ""
    optional: bool = False
    above: int | None = None
    below: int | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scheme:
    """Parameters, and the text of an edition in which they are put."""

    id: str
    title: str
    text: str
    parameters: tuple[Parameter, ...]
    body: str


def scheme_ids() -> tuple[str, ...]:
    """Return the ids of all schemes, sorted."""
    folder = resources.files("app.rulebooks").joinpath("schemes")
    return tuple(sorted(path.name.removesuffix(".toml") for path in folder.iterdir() if path.name.endswith(".toml")))


@lru_cache(maxsize=8)
def load_scheme(scheme_id: str) -> Scheme:
    """Return a scheme. Raises NotFound naming those there are."""
    if scheme_id not in scheme_ids():
        raise NotFound(tr("没有“%(id)s”这一方案，现有：%(known)s。", id=scheme_id, known="、".join(scheme_ids())))
    path = resources.files("app.rulebooks").joinpath(f"schemes/{scheme_id}.toml")
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    parameters = tuple(Parameter(**entry | {"choices": tuple(entry.get("choices", ()))}) for entry in data["parameter"])
    return Scheme(scheme_id, data["title"], data["text"], parameters, data["rulebook"]["body"])


def drawn_up(scheme: Scheme, stated: Mapping[str, str]) -> str:
    """Return the edition as TOML text with the stated parameters put in.

    Raises Invalid on the parameter that is missing, unknown or out of range, RulebookError when the whole is no
    rulebook.
    """
    known = {parameter.name for parameter in scheme.parameters}
    for name in stated:
        if name not in known:
            raise Invalid(
                name, tr("方案没有“%(name)s”这一参数，可填：%(known)s。", name=name, known="、".join(sorted(known)))
            )
    text = scheme.body.lstrip("\n")
    for parameter in scheme.parameters:
        text = text.replace(f"@{parameter.name}@", _written(parameter, stated.get(parameter.name, "").strip()))
    read_rulebook(text.encode(), scheme.id)
    return text


def _written(parameter: Parameter, raw: str) -> str:
    place = tr("参数“%(label)s”（%(name)s）", label=parameter.label, name=parameter.name)
    if not raw:
        raise Invalid(parameter.name, tr("%(place)s须填写。%(hint)s", place=place, hint=parameter.hint))
    try:
        return _WRITERS[parameter.kind](parameter, raw, place)
    except Invalid as error:
        raise Invalid(parameter.name, error.message) from None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(_parameter: Parameter, raw: str, place: Message) -> str:
    if any(sign < " " or sign == "@" for sign in raw):
        raise Invalid("", tr("%(place)s不得含换行或 @。", place=place))
    return _quoted(raw)


def _code(_parameter: Parameter, raw: str, place: Message) -> str:
    if not _CODE.match(raw):
        raise Invalid("", tr("%(place)s只能用小写字母、数字和短横线，以字母开头。", place=place))
    return _quoted(raw)


def _date(parameter: Parameter, raw: str, place: Message) -> str:
    if parameter.optional and is_known_none(raw):
        return '""'
    return values.read_date(raw, place).isoformat()


def _year(_parameter: Parameter, raw: str, place: Message) -> str:
    return str(values.read_year(raw, place))


def _number(parameter: Parameter, raw: str, place: Message) -> str:
    number = values.read_number(raw, place)
    low = parameter.above is not None and number <= parameter.above
    high = parameter.below is not None and number >= parameter.below
    if low or high:
        ends = [tr("大于 %(n)s", n=parameter.above)] if parameter.above is not None else []
        ends += [tr("小于 %(n)s", n=parameter.below)] if parameter.below is not None else []
        raise Invalid("", tr("%(place)s须%(range)s。", place=place, range="、".join(str(end) for end in ends)))
    return format(number.normalize() if number else Decimal(0), "f")


def _whole(_parameter: Parameter, raw: str, place: Message) -> str:
    number = values.read_number(raw, place)
    if number != number.to_integral_value() or number < 1:
        raise Invalid("", tr("%(place)s须是正整数。", place=place))
    return str(int(number))


def _choice(parameter: Parameter, raw: str, place: Message) -> str:
    if raw not in parameter.choices:
        raise Invalid("", tr("%(place)s只能填：%(choices)s。", place=place, choices="、".join(parameter.choices)))
    return _quoted(raw)


_WRITERS: dict[str, Callable[[Parameter, str, Message], str]] = {
    "text": _text,
    "code": _code,
    "date": _date,
    "year": _year,
    "number": _number,
    "whole": _whole,
    "choice": _choice,
}
