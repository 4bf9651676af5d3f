"""Figures, their review, the locker, verdicts that are published, the calculator."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.eligibility.models import Verdict
from app.eligibility.publishing.models import Publication, PublicationWithdrawal
from app.facts.models import Claim, ClaimState, Document, Evidence, Fact, SourceKind
from app.files.models import StoredFile
from tests.architecture.world import World
from tests.fields.doors import Arranged, Door, Text, titled
from tests.fields.entrances import CASEWORKER, FILLER, REVIEWER, newest

DESCRIBED = frozenset(f"form {name}" for name in ("document", "file", "kind", "title", "valid_from", "valid_until"))
SEEN = frozenset({"form *", "form seen", "form next"})
TITLE = {"title": Text(Document.title, ("", "/portal/facts/documents/"), kept=titled)}
OFFICE = {"title": Text(Document.title, ("", "/office/firms/{firm}/documents"), kept=titled)}
CLAIM = ("", "/portal/facts/claims/{claim}")
PIECES = frozenset(
    f"header {name}"
    for name in ("Upload-Length", "Upload-Metadata", "Upload-Offset", "Tus-Resumable", "X-HTTP-Method-Override")
)
OWN_CLAIM, SAME_CLAIM = ("", "/portal/facts/claims/{claim_id}"), ("", "/office/facts/claims/{claim_id}")
LEANING = ("", "/office/dossiers/documents/{document_id}")
REVIEWED = {"reason": Text(Claim.review_note)}
ASKED = frozenset(
    f"query {name}" for name in ("after", "before", "state", "source", "origin", "town", "batch", "firm", "key",
                                 "conflicts", "run")
)  # fmt: skip


def unpublished(world: World, session: Session) -> Arranged:
    """A verdict of the firm that has accounts, judged by somebody else than who publishes it."""
    published = select(Publication.verdict_id)
    found = select(Verdict.id).where(Verdict.firm_id == newest(session, FILLER))
    some = session.scalars(found.where(Verdict.id.not_in(published)).order_by(Verdict.id.desc())).first()
    return {"verdict_id": some or session.scalars(found.order_by(Verdict.id.desc())).first()}


def published(world: World, session: Session) -> Arranged:
    found = select(Publication.id).join(Verdict, Verdict.id == Publication.verdict_id)
    mine = found.where(Verdict.firm_id == newest(session, FILLER)).order_by(Publication.id.desc())
    return {"publication_id": session.scalars(mine).first()}


def pending(world: World, session: Session) -> Arranged:
    """A claim that waits, of somebody else than who reviews it."""
    found = select(Claim.id).where(Claim.state == ClaimState.PENDING, Claim.firm_id == newest(session, FILLER))
    return {"claim_id": session.scalars(found.order_by(Claim.id)).first()}


def ticked(world: World, session: Session) -> Arranged:
    found = pending(world, session)
    return {**found, "data": {"id": str(found["claim_id"])}}


def disputed(world: World, session: Session) -> Arranged:
    """A claim that waits beside a figure that is held."""
    held = select(Claim.id).join(
        Fact, (Fact.firm_id == Claim.firm_id) & (Fact.key == Claim.key) & (Fact.year == Claim.year)
    )
    return {"claim_id": session.scalars(held.where(Claim.state == ClaimState.PENDING).order_by(Claim.id)).first()}


def open_list(world: World, session: Session) -> Arranged:
    """A list whose verdicts were all taken back, so that they may be published again."""
    session.add_all(
        PublicationWithdrawal(
            publication_id=one, reason="重新公布", withdrawn_by_name="演示", withdrawn_at=clock.now()
        )
        for one in session.scalars(select(Publication.id)).all()
    )  # fmt: skip
    return {"list_id": session.scalars(select(Verdict.list_id).where(Verdict.list_id.is_not(None))).first()}


def told(session: Session) -> dict[str, object]:
    """What the request before made."""
    return {
        "told": session.scalars(select(Publication.id).order_by(Publication.id.desc())).first(),
        "claim": session.scalars(select(Claim.id).order_by(Claim.id.desc())).first(),
        "firm": session.scalars(select(Document.firm_id).order_by(Document.id.desc())).first(),
    }


def batched(world: World, session: Session) -> Arranged:
    """Claims of an import that wait."""
    batch = session.scalars(select(Claim.batch_id).where(Claim.batch_id.is_not(None))).first()
    one = session.scalars(select(Claim).where(Claim.state == ClaimState.PENDING)).first()
    names = {column.key for column in Claim.__table__.columns} - {"id", "created_at"}
    taken = {name: getattr(one, name) for name in names}
    session.add(Claim(**{**taken, "batch_id": batch, "source_kind": SourceKind.IMPORT, "stated_by": None}))
    session.flush()
    return {"batch_id": batch}


DOORS = (
    Door("portal.facts.index", FILLER, {"q": Text()}, fixed=frozenset({"query show"})),
    Door("portal.facts.indicators", FILLER, {"q": Text()}),
    Door("portal.facts.state", FILLER,
         {"value": Text(Claim.raw), "source": Text(Claim.source_label, CLAIM),
          "note": Text(Claim.note, CLAIM)},
         {"value": "12", "source": "年报", "note": ""}, {"file": "证明.pdf"}, {"key": "sales_revenue", "year": "2025"},
         fixed=frozenset({"query key", "query year"}), tell=told),
    Door("portal.facts.add_evidence", FILLER, {"title": Text(Evidence.title, OWN_CLAIM, kept=titled)}, {},
         {"file": "证明.pdf"}, fixed=DESCRIBED | {"form document"}),
    Door("portal.facts.documents.create", FILLER, TITLE, {}, {"files": "证明.pdf"},
         fixed=DESCRIBED | {"form photo"}),
    Door("portal.facts.documents.edit", FILLER, TITLE, fixed=DESCRIBED),
    Door("portal.facts.documents.replace", FILLER, TITLE, {}, {"file": "证明.pdf"}, fixed=DESCRIBED),
    Door("portal.facts.documents.begin", FILLER, fixed=PIECES),
    Door("portal.facts.documents.append", FILLER, fixed=PIECES),
    Door("portal.facts.documents.transfer", FILLER, fixed=PIECES),
    Door("portal.eligibility.gap.calculate", FILLER, {"f-*": Text()},
         fixed=frozenset({"query day", "query edition", "query kind", "query carry", "query f-*", "form *",
                          "query *"})),
    Door("office.eligibility.publishing.publish", REVIEWER,
         {"note": Text(Publication.note, (FILLER, "/portal/eligibility/{told}"))}, arrange=unpublished, tell=told),
    Door("office.eligibility.publishing.publish_list", REVIEWER, {"note": Text(Publication.note)}, {"states": "met"},
         fixed=frozenset({"form states", "form with_stale"}), arrange=open_list),
    Door("office.eligibility.publishing.withdraw", REVIEWER,
         {"reason": Text(PublicationWithdrawal.reason, (FILLER, "/portal/eligibility/{publication_id}"))},
         arrange=published),
    Door("office.facts.index", REVIEWER, {"q": Text()}, fixed=ASKED),
    Door("office.facts.accept_chosen", REVIEWER, {"bulk_reason": Text(Claim.review_note)},
         fixed=frozenset({"form id", "form next", "form cN-reason"}), arrange=ticked),
    Door("office.facts.accept_batch", REVIEWER, REVIEWED, fixed=frozenset({"form seen"}), arrange=batched),
    Door("office.facts.accept", REVIEWER, REVIEWED, {"seen": "0"}, fixed=SEEN, arrange=pending),
    Door("office.facts.choose", REVIEWER, REVIEWED, {"seen": "0"}, fixed=SEEN | DESCRIBED,
         arrange=pending),
    Door("office.facts.keep", REVIEWER, {"reason": Text(shown=SAME_CLAIM)}, {"seen": "0", "reason": "以审计为准"},
         fixed=SEEN | DESCRIBED,
         arrange=disputed),
    Door("office.facts.reject", REVIEWER, REVIEWED, {"seen": "0", "reason": "不符"},
         fixed=SEEN | DESCRIBED, arrange=pending),
    Door("office.facts.state", CASEWORKER,
         {"value": Text(Claim.raw), "source": Text(Claim.source_label), "note": Text(Claim.note)},
         {"value": "12", "source": "年报", "note": ""}, {"file": "证明.pdf"}, {"key": "sales_revenue", "year": "2025"},
         fixed=frozenset({"query key", "query year", "form origin"})),
    Door("office.facts.firm", REVIEWER, {"q": Text()}, fixed=frozenset({"query known", "query show"})),
    Door("office.facts.indicators", CASEWORKER, {"q": Text()}),
    Door("office.facts.history", REVIEWER, query={"key": "sales_revenue", "year": "2025"},
         fixed=frozenset({"query key", "query year", "query known"})),
    Door("office.facts.export_figures", REVIEWER, fixed=frozenset({"query known"})),
    Door("office.facts.rules.index", REVIEWER, {"note": Text()},
         fixed=ASKED | {"query q", "query rule", "query percent", "form upper"}),
    Door("office.facts.documents.create", CASEWORKER, OFFICE, {}, {"file": "证明.pdf"}, fixed=DESCRIBED,
         tell=told),
    Door("office.facts.documents.edit", CASEWORKER, OFFICE, fixed=DESCRIBED, tell=told),
    Door("office.facts.documents.replace", CASEWORKER, OFFICE, {}, {"file": "证明.pdf"}, fixed=DESCRIBED, tell=told),
    Door("office.facts.documents.settle", REVIEWER, {"reason": Text(StoredFile.scan_note)},
         {"reason": "已另行查毒", "decision": "release"}, fixed=frozenset({"form decision"})),
    Door("office.facts.documents.withdraw", REVIEWER, {"why": Text(Document.withdrawn_why, LEANING)},
         {"why": "错"}),
    Door("office.facts.add_evidence", CASEWORKER, {"title": Text(Evidence.title, kept=titled)}, {},
         {"file": "证明.pdf"}, fixed=DESCRIBED | SEEN | {"form reason"}, arrange=pending),
)  # fmt: skip
