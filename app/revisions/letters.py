"""Whom a revision must be told to, and the drafts of the letters: one for each group, with its list of recipients.

The letters are official Chinese whatever language a person reads the pages in; somebody checks them before they go out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.access.actor import Actor
from app.facts.catalogue import load_catalogue
from app.firms import queries as firms
from app.nominations.models import ListState
from app.revisions import queries, transition
from app.revisions.models import Revision
from app.rulebooks.models import Follow
from app.rulebooks.schema import Rulebook

ORGAN = "江门市蓬江区科学技术局"
SIGN = "联系人：__________　电话：__________"
DATE = "　　年　月　日"
MOST_CHANGES = 30


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to one group: ``to`` are ``(firm or person, what is said to it alone)``; ``unnamed`` counts those whom
    the preview counted and did not name."""

    key: str
    title: str
    salutation: str
    paragraphs: Sequence[str]
    to: Sequence[tuple[str, str]]
    unnamed: int = 0


@dataclass
class _About:
    """What all letters of a revision say alike."""

    rulebook: Rulebook
    revision: Revision
    changes: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def opening(self) -> str:
        """Which policy, which document, from when."""
        book = self.rulebook
        day = book.effective_from.isoformat() if book.effective_from else "（施行日期未定义）"
        named = "、".join(f"《{one.name}》（{one.number}）" for one in book.policies)
        basis = f"政策依据：{named}。" if named else ""
        return f"《{book.title}》已修订，新版（{book.id}）自 {day} 起施行。{basis}修订依据：{self.revision.reason}"

    def told(self) -> Iterator[str]:
        """What changes, and what is newly asked for."""
        if self.changes:
            yield "主要变化："
            yield from (f"{number}. {one}" for number, one in enumerate(self.changes[:MOST_CHANGES], start=1))
        left = len(self.changes) - MOST_CHANGES
        if left > 0:
            yield f"其余 {left} 处变化见新版全文。"
        if self.asked:
            yield f"新版多需要的数据：{'、'.join(self.asked)}。请提前准备。"


CAUTION = "以上按测算当日已核定的数据得出，不是判定；正式结果以申报后的判定为准。数据有误的，请及时提出更正。"


def letters(session: Session, about: Revision, *, for_: Actor) -> list[Letter]:
    """Return the letters of a revision; none while its text cannot be read. Firms out of reach are not named."""
    stands = queries.standing(session, about, queries.newest(session, about.id))
    if stands.rulebook is None:
        return []
    impact = about.impact or {}
    catalogue = load_catalogue()
    common = _About(stands.rulebook, about, [], [catalogue.get(key).short for key in impact.get("asked", [])])
    for row in stands.rows:
        if row.kind == "clause" and row.state != "same":
            common.changes.append(_change(stands.rulebook, row.id, row.state))
    found = [*_of_impact(session, common, impact, for_), *_of_lists(session, common, for_)]
    return [one for one in found if one.to or one.unnamed]


def _change(rulebook: Rulebook, clause_id: str, state: str) -> str:
    said = {"added": "新增", "removed": "删去", "changed": "修改"}[state]
    clause = next((one for one in rulebook.clauses if one.id == clause_id), None)
    return f"{said} {clause_id}" if clause is None else f"{said}{clause.article}：{clause.text}"


def _of_impact(session: Session, common: _About, impact: dict[str, object], actor: Actor) -> Iterator[Letter]:
    """Yield the letters to firms that lose or gain by it, as the preview named them."""
    groups = (
        ("lost", "losses", "不再符合条件的企业", "按新版条件，贵单位目前不再符合。原版条件下已经作出的决定不变。"),
        ("gained", "gains", "新符合条件的企业", "按新版条件，贵单位目前符合，可以按申报通知申请。"),
    )
    for key, number, title, said in groups:
        rows: list[list[object]] = list(impact.get(key, []))  # type: ignore[call-overload]
        ids = [int(str(row[0])) for row in rows]
        hidden = firms.beyond(session, ids, actor)
        names = firms.names(session, [one for one in ids if one not in hidden])
        to = [(names[one], str(row[1])) for one, row in zip(ids, rows, strict=True) if one in names]
        unnamed = int(str(impact.get(number, 0))) - len(to)
        yield Letter(key, f"致{title}", "各有关企业：", [common.opening(), *common.told(), said, CAUTION], to, unnamed)


def _of_lists(session: Session, common: _About, actor: Actor) -> Iterator[Letter]:
    """Yield the letters to firms on lists that are not decided, and to those who draw the lists up."""
    about = common.revision
    for key, state, follow in (
        ("drafts", ListState.DRAFT, about.drafts),
        ("submitted", ListState.SUBMITTED, about.submitted),
    ):
        to = [(name, "") for _id, name in transition.firms_on(session, about.base_id, state, for_=actor)]
        said = (
            "贵单位所在的名单尚未锁定，新版施行后须按新版重新拟定；需要补充的数据请按通知提交。"
            if follow is Follow.NEW
            else "贵单位所在的名单继续按原版办完，不受新版影响。"
        )
        title = f"致{state.label}名单上的企业（{follow.label}）"
        told = common.told() if follow is Follow.NEW else ()
        yield Letter(key, title, "各有关企业：", [common.opening(), *told, said], to)
    people = transition.drawn_up_by(session, about.base_id)
    said = f"拟定中的名单{about.drafts.label}；待锁定的名单{about.submitted.label}；已锁定的名单内容冻结，不再改变。"
    yield Letter("inside", "致名单经办人（内部）", "各经办人：", [common.opening(), *common.told(), said], people)


def as_text(found: Sequence[Letter]) -> str:
    """Return all letters as one plain text."""
    parts = []
    for one in found:
        to = [f"  {number}. {name}{'：' + said if said else ''}" for number, (name, said) in enumerate(one.to, start=1)]
        more = [f"  另有 {one.unnamed} 家未列名"] if one.unnamed > 0 else []
        parts.append(
            "\n".join(
                (
                    f"【{one.title}】（草稿，经审核后发出）",
                    one.salutation,
                    *(f"    {line}" for line in one.paragraphs),
                    f"    {SIGN}",
                    f"{ORGAN}{DATE}",
                    "发送名单：",
                    *to,
                    *more,
                )
            )  # fmt: skip
        )
    return "\n\n----------------------------------------\n\n".join(parts) + "\n"
