"""A workbook beside the form as it stands now: what is new, what clashes, what cannot be read (pure)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from app.assessments.filled import CONFIRMED, Answers, Written, reading
from app.assessments.models import Part
from app.assessments.offline.found import Found
from app.assessments.places import FieldPlace, field_of
from app.assessments.saving import LONGEST
from app.core.choices import Choice
from app.core.text import N_, Message, tr
from app.facts import keeping
from app.sheets.filled import plain


class Kind(Choice):
    """How a cell of the workbook stands to the form."""

    NEW = "new", N_("新填写")
    CHANGED = "changed", N_("有改动")
    CONFLICT = "conflict", N_("系统里同时有改动")
    UNREADABLE = "unreadable", N_("读不懂")
    CLEARED = "cleared", N_("表中已清空")
    GONE = "gone", N_("不再询问")
    DECLARED = "declared", N_("企业申明")


TAKEN_AT_FIRST = frozenset({Kind.NEW, Kind.CHANGED})
"""What is ticked beforehand: what nobody wrote over and what can be read."""
NEVER_TAKEN = frozenset({Kind.GONE, Kind.DECLARED})


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that would read otherwise. ``given`` is what was taken out, ``now`` what stands in the form, ``brought``
    what the workbook says; ``seen`` the version that was taken out. ``why`` is what is to be known before choosing."""

    field: FieldPlace
    place: str
    kind: Kind
    given: str
    seen: int
    now: Written | None
    brought: str
    why: Message | None = None

    @property
    def label(self) -> str:
        """The figure as a person calls it."""
        return keeping.name_of(self.field.key, self.field.year)

    @property
    def version(self) -> int:
        """The version that stands now; 0 where nothing was ever saved."""
        return self.now.version if self.now is not None else 0

    @property
    def may_be_taken(self) -> bool:
        if self.field.part is Part.CONFIRM and self.brought != CONFIRMED:
            return False
        return bool(self.brought.strip()) and len(self.brought) <= LONGEST and self.kind not in NEVER_TAKEN

    @property
    def is_taken_at_first(self) -> bool:
        return self.may_be_taken and self.kind in TAKEN_AT_FIRST


def differences(
    found: Sequence[Found],
    given: Mapping[str, tuple[str, int]],
    answers: Answers,
    is_of: Callable[[FieldPlace], bool],
    declared: Collection[str] = (),
) -> list[Difference]:
    """Return what differs, in the order of the workbook; ``is_of`` tells whether the edition has a field.

    What the form says already is no difference, whoever wrote it there. ``declared`` are the keys that who looks may
    not take over: staff declare nothing for a firm.
    """
    result = []
    for one in found:
        field = field_of(one.name)
        if field is not None and one.name in given:
            text, version = given[one.name]
            now = answers.get(field)
            kind, why = _kind(one, field, text, now, is_of=is_of(field))
            if kind is not None and field.key in declared:
                kind, why = Kind.DECLARED, tr("企业申明须由企业自己填写，不能代填；请企业在门户上传这份 Excel 后采用")
            if kind is not None:
                result.append(Difference(field, one.place, kind, text, version, now, one.text, why))
    return result


def _kind(
    one: Found, field: FieldPlace, given: str, now: Written | None, *, is_of: bool
) -> tuple[Kind | None, Message | None]:
    standing = plain(now.text) if now is not None else ""
    if one.error:
        why = tr("单元格 %(cell)s 是公式错误（%(code)s），请改成数值后重新上传", cell=one.place, code=one.error)
        return Kind.UNREADABLE, why
    if one.text == standing or not (one.text.strip() or standing.strip()):
        return None, None
    if not one.text.strip():
        return Kind.CLEARED, tr("不会清掉系统里的内容；确实要清空的，请在网页上删除")
    if not is_of:
        return Kind.GONE, tr("政策版本已更换，现在的表里没有这一项")
    problem = _problem(field, one)
    if standing != given:
        return Kind.CONFLICT, problem
    if problem is not None:
        return Kind.UNREADABLE, problem
    return (Kind.CHANGED if given.strip() else Kind.NEW), None


def _problem(field: FieldPlace, one: Found) -> Message | None:
    """Return why a text cannot be what is asked for, naming its cell."""
    if len(one.text) > LONGEST:
        return tr("单元格 %(cell)s 的内容超过 %(n)s 个字符，请缩短后重新上传", cell=one.place, n=LONGEST)
    if field.part is Part.CONFIRM and one.text != CONFIRMED:
        return tr("单元格 %(cell)s 只能填“是”或留空；数据有误的，请填在“填写”一格", cell=one.place)
    if field.part is not Part.VALUE:
        return None
    why = reading(field.place, one.text)[1]
    return tr("单元格 %(cell)s：%(why)s", cell=one.place, why=why) if why is not None else None
