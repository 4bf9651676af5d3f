"""The files behind the figures of a dossier, and the papers that are still missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.documents.format import file_size
from app.dossiers import checklists
from app.dossiers.context import EvidenceFile, PapersPart
from app.dossiers.history import Figures, Origin
from app.facts.keeping import name_of
from app.facts.models import Evidence
from app.files.models import StoredFile
from app.rulebooks.schema import Rulebook

NAMED = 6
"""How many figures are named beside a file before the rest is counted."""


@dataclass(slots=True)
class _Kept:
    file: StoredFile
    title: str
    figures: dict[str, int] = field(default_factory=dict)


def papers_part(session: Session, figures: Figures, rulebook: Rulebook) -> PapersPart:
    """Return evidence with hashes and the checklists it is held against."""
    files = tuple(_shown(no, kept) for no, kept in enumerate(_kept(session, figures), start=1))
    lists = checklists.checked(checklists.wanted(rulebook), files)
    return PapersPart(files, lists, checklists.missing(lists))


def _kept(session: Session, figures: Figures) -> Iterable[_Kept]:
    """Files attached to the claims, then the workbooks the claims were read from; each content once."""
    found: dict[str, _Kept] = {}
    by_claim = {origin.claim.id: origin for origin in figures.origins.values()}
    attached = session.scalars(
        select(Evidence).where(Evidence.claim_id.in_(by_claim)).options(joinedload(Evidence.file)).order_by(Evidence.id)
    )
    for one in attached:
        _add(found, one.file, one.title, by_claim[one.claim_id], figures)
    sheets = _workbooks(session, by_claim.values())
    for origin in sorted(by_claim.values(), key=lambda origin: _place(origin, figures)):
        file = sheets.get(_file_id(origin))
        if file is not None:
            _add(found, file, "数据来源表格", origin, figures)
    return found.values()


def _add(found: dict[str, _Kept], file: StoredFile, title: str, origin: Origin, figures: Figures) -> None:
    kept = found.setdefault(file.sha256, _Kept(file, title))
    kept.figures[name_of(origin.fact.key, origin.fact.year)] = _place(origin, figures)


def _place(origin: Origin, figures: Figures) -> int:
    return figures.numbers[origin.fact.key, origin.fact.year]


def _workbooks(session: Session, origins: Iterable[Origin]) -> Mapping[int, StoredFile]:
    ids = {_file_id(origin) for origin in origins} - {0}
    rows = session.scalars(select(StoredFile).where(StoredFile.id.in_(ids))) if ids else ()
    return {file.id: file for file in rows}


def _file_id(origin: Origin) -> int:
    number = origin.claim.reference.get("file")
    return number if isinstance(number, int) else 0


def _shown(no: int, kept: _Kept) -> EvidenceFile:
    names = sorted(kept.figures, key=lambda name: kept.figures[name])
    supports = names[:NAMED] + ([f"等共 {len(names)} 项"] if len(names) > NAMED else [])
    return EvidenceFile(
        no=no,
        title=kept.title,
        name=kept.file.name,
        size=file_size(kept.file.size),
        sha256=kept.file.sha256,
        supports=tuple(supports),
    )
