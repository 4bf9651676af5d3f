"""Reading revisions: the list, one with its newest text, how its text stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.errors import DomainError, NotFound
from app.core.text import Message, tr
from app.eligibility.engine.trial import tried
from app.revisions.models import Revision, RevisionState, RevisionText
from app.rulebooks import compare, loader
from app.rulebooks import queries as rulebooks
from app.rulebooks.cases import read_cases, texts_of
from app.rulebooks.models import Edition
from app.rulebooks.schema import Rulebook


@dataclass(frozen=True)
class Trial:
    """One worked case and where the text disagrees with it."""

    name: str
    wrong: Sequence[Message]


@dataclass(frozen=True)
class Standing:
    """How a text stands: the rulebook if it can be read, what is wrong, what to look at twice, its cases."""

    rulebook: Rulebook | None
    problems: Sequence[Message]
    warnings: Sequence[Message] = ()
    trials: Sequence[Trial] = ()
    rows: Sequence[compare.Row] = field(default_factory=tuple)

    @property
    def failed(self) -> list[Trial]:
        """The cases that the text contradicts."""
        return [one for one in self.trials if one.wrong]

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands against submitting the text but the preview of its impact."""
        return self.rulebook is not None and not self.problems and bool(self.trials) and not self.failed


def revisions(session: Session) -> Sequence[Revision]:
    """Return all revisions, those in preparation first, the newest first."""
    over = Revision.state.in_([RevisionState.SEALED, RevisionState.DROPPED])
    return session.scalars(select(Revision).order_by(over, Revision.id.desc())).all()


def revision(session: Session, revision_id: int, *, lock: bool = False) -> Revision:
    """Return one revision, or raise ``NotFound``."""
    statement = select(Revision).where(Revision.id == revision_id)
    found = session.scalars(statement.with_for_update() if lock else statement).first() if revision_id < 2**31 else None
    if found is None:
        raise NotFound
    return found


def newest(session: Session, revision_id: int) -> RevisionText:
    """Return the text that counts."""
    statement = select(RevisionText).where(RevisionText.revision_id == revision_id)
    return session.scalars(statement.order_by(RevisionText.id.desc()).limit(1)).one()


def history(session: Session, revision_id: int) -> Sequence[RevisionText]:
    """Return every text that was saved, the newest first."""
    statement = select(RevisionText).where(RevisionText.revision_id == revision_id)
    return session.scalars(statement.order_by(RevisionText.id.desc())).all()


def writers(session: Session, revision_id: int) -> set[int | None]:
    """Return who saved a text of it."""
    return set(session.scalars(select(RevisionText.saved_by).where(RevisionText.revision_id == revision_id)))


def is_taken(session: Session, code: str) -> bool:
    """Whether an edition or a revision in preparation bears the id already."""
    held = session.scalar(select(func.count()).select_from(Edition).where(Edition.code == code))
    alive = Revision.state.in_([RevisionState.DRAFT, RevisionState.SUBMITTED])
    under_way = session.scalar(select(func.count()).select_from(Revision).where(Revision.code == code, alive))
    return bool(held or under_way) or code in loader.edition_ids()


def cases_beside(session: Session, base: Edition) -> str:
    """Return the cases of an edition as one text: those of its folder, or of the revision that it came from."""
    made = session.scalars(select(Revision).where(Revision.edition_id == base.id)).first()
    if made is not None:
        return newest(session, made.id).cases
    texts = texts_of(loader.EDITIONS / base.code)
    return next(iter(texts.values()), "")


def standing(session: Session, about: Revision, text: RevisionText) -> Standing:
    """Read a text as the loader would, compare it with its base and try it on its cases."""
    try:
        rulebook = _read(about.code, text.content)
    except DomainError as error:
        return Standing(None, [error.message])
    base = rulebooks.rulebook_of(rulebooks.edition(session, about.base_id))
    rows = compare.compared(base, rulebook)
    problems = _against(about, rulebook, base)
    try:
        trials = _trials(about.code, text.content, text.cases)
    except DomainError as error:
        return Standing(rulebook, [*problems, error.message], _doubts(rows), (), rows)
    if not trials:
        problems.append(tr("没有算例。每条参与判定的条款至少要有恰好达标、差一点和缺资料的算例，才能封存。"))
    return Standing(rulebook, problems, _doubts(rows), trials, rows)


@lru_cache(maxsize=16)
def _read(code: str, content: str) -> Rulebook:
    return loader.read_rulebook(content.encode(), code)


@lru_cache(maxsize=16)
def _trials(code: str, content: str, cases: str) -> tuple[Trial, ...]:
    """A text is tried on its cases once, however often its page is opened."""
    rulebook = _read(code, content)
    return tuple(Trial(case.name, tried(rulebook, case)) for case in read_cases(cases, code))


def _against(about: Revision, rulebook: Rulebook, base: Rulebook) -> list[Message]:
    problems: list[Message] = []
    if rulebook.id != about.code:
        problems.append(tr("编号（id）是“%(id)s”，须与本次修订的编号“%(code)s”一致。", id=rulebook.id, code=about.code))
    if rulebook.programme != base.programme:
        problems.append(tr("类别（programme）须与原版“%(name)s”一致。", name=base.programme))
    begun: date | None = rulebook.effective_from
    if begun is None:
        problems.append(tr("须写明施行日期（effective_from）。"))
    elif base.effective_from is not None and begun < base.effective_from:
        problems.append(
            tr(
                "施行日期 %(day)s 早于原版的 %(old)s，请更正。",
                day=begun.isoformat(),
                old=base.effective_from.isoformat(),
            )
        )
    return problems


def _doubts(rows: Sequence[compare.Row]) -> list[Message]:
    """A test that changed under unchanged words is the mistake that nobody sees later."""
    doubts = []
    for row in rows:
        if row.state != "changed" or row.old is None or row.new is None or row.kind not in ("clause", "item"):
            continue
        lines = (*row.old.lines, *row.new.lines)
        changed = {what for what, parts in lines if any(differs for _text, differs in parts)}
        if "text" not in changed and changed & {"test", "bands", "applies"}:
            doubts.append(tr("%(id)s：判定方式改了而条款文字没有改，请核对两者是否一致。", id=row.id))
        elif "text" in changed and not changed & {"test", "bands", "applies", "exempt"}:
            doubts.append(tr("%(id)s：条款文字改了而判定方式没有改，请核对是否需要一并修改。", id=row.id))
    return doubts
